"""Master the mix with its spoken tag, measure the result, encode it, time the words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from media_tools.audio.analysis import analyze
from media_tools.audio.encode import Tags, encode_mp3
from media_tools.audio.figures import AudioAnalysis
from media_tools.audio.fingerprint import fingerprint
from media_tools.audio.gates import audio_findings, duplicate_findings
from media_tools.audio.io import packed
from media_tools.audio.master import master
from media_tools.audio.peaks import spectrogram, waveform_peaks
from media_tools.findings import failures
from media_tools.music.base import Section
from media_tools.music.intake import LONGEST_S, SHORTEST_S
from media_tools.provenance import Provenance, made_from
from media_tools.text.lrc import time_lyrics, time_sung_lyrics, to_lrc
from runs.errors import GateFailed
from runs.models import Artifact, Run, RunEvent
from runs.outputs import MasterOutput, MusicOutput
from runs.steps import duplicates, recordings
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.steps.tag import spoken_tag
from runs.storage import NewArtifact, StepResult

# The arrangement ends where the music does, some seconds around the wish.
LENGTH_TOLERANCE_S = 10.0
FOREIGN_LENGTH_S = (SHORTEST_S, LONGEST_S)


@dataclass(frozen=True)
class Mastered(StepResult[MasterOutput]):
    """fingerprint: of the sound, for the index of near-duplicates; too large for the output."""

    fingerprint: bytes = b""


def perform(context: StepContext) -> Mastered:
    music = context.output(MusicOutput)
    # Packed at the end: what measures it reads WAV faster.
    wav, mp3 = context.workdir / "master.wav", context.workdir / "master.mp3"
    picture, words = context.workdir / "spectrogram.jpg", context.workdir / "lyrics.lrc"

    tag = spoken_tag(context)
    master(tag.mix if tag.mix else context.file(Artifact.Kind.MIX), wav)
    context.report(0.4)
    analysis = analyze(wav, tempo_prior_bpm=music.tempo_bpm, workdir=context.workdir)
    heard = fingerprint(wav, workdir=context.workdir)
    findings = [
        *audio_findings(analysis, wanted_duration_s=wanted_length_s(music.provider)),
        *duplicate_findings(heard, duplicates.alike(context.run, heard)),
        *recordings.findings_of(context, music, analysis),
    ]
    if failed := failures(findings):
        # Another take of paid music is a person's decision.
        free = music.free_to_repeat
        raise GateFailed(
            [replace(one, retryable=one.retryable and free) for one in failed], redo_from="music"
        )
    context.report(0.6)
    encode_mp3(wav, mp3, tags_of(context, analysis))
    spectrogram(wav, picture, workdir=context.workdir)
    # A provider that tells no sections: the words are spread over the whole track.
    sections = music.sections or [Section("verse", 0.0, analysis.duration_s)]
    lines = (
        time_sung_lyrics(context.lyrics, music.words)
        if music.words
        else time_lyrics(context.lyrics, sections)
    )
    words.write_text(
        to_lrc(
            lines,
            title=context.concept.title,
            artist=context.run.artist.name,
            length_s=analysis.duration_s,
        ),
        encoding="utf-8",
    )
    made_by = Provenance(provider="local", model="mastering-1", licence="operator")
    # The master is the music and the voice in it: their terms are its own.
    heard_in_it = [new.provenance for new in tag.artifacts]
    sound = made_from(made_by, context.provenance_of(Artifact.Kind.MIX), *heard_in_it)
    return Mastered(
        output=MasterOutput(
            analysis=analysis,
            peaks=tuple(waveform_peaks(wav, workdir=context.workdir)),
            lines=lines,
            findings=tuple(findings),
            tag=tag.place,
        ),
        fingerprint=heard,
        fields={
            "duration_s": analysis.duration_s,
            "lufs": analysis.integrated_lufs,
            "true_peak_dbtp": analysis.true_peak_dbtp,
            "tempo_bpm": music.tempo_bpm or analysis.tempo_bpm,
        },
        artifacts=(
            audio(packed(wav), Artifact.Kind.MASTER, "audio/flac", analysis, sound),
            audio(mp3, Artifact.Kind.MP3, "audio/mpeg", analysis, sound),
            NewArtifact(
                path=picture,
                kind=Artifact.Kind.SPECTROGRAM,
                media_type="image/jpeg",
                provenance=made_by,
                width=1200,
                height=300,
            ),
            NewArtifact(
                path=words,
                kind=Artifact.Kind.TIMED_LYRICS,
                media_type="text/plain",
                provenance=made_by,
            ),
            *tag.artifacts,
        ),
    )


def wanted_length_s(provider: str) -> tuple[float, float]:
    """Shortest and longest track that passes; only the local engine keeps a wish closely."""
    shortest_s, longest_s = settings.TRACK_LENGTH_S
    if provider != "local":
        return FOREIGN_LENGTH_S
    return shortest_s - LENGTH_TOLERANCE_S, longest_s + LENGTH_TOLERANCE_S


def audio(
    path: Path, kind: str, media_type: str, analysis: AudioAnalysis, made_by: Provenance
) -> NewArtifact:
    return NewArtifact(
        path=path,
        kind=kind,
        media_type=media_type,
        provenance=made_by,
        duration_s=analysis.duration_s,
        lufs=analysis.integrated_lufs,
    )


def tags_of(context: StepContext, analysis: AudioAnalysis) -> Tags:
    """What the file says of itself; the release's copy carries the cover as well."""
    concept, music = context.concept, context.output(MusicOutput)
    return Tags(
        title=concept.title,
        artist=context.run.artist.name,
        genre=context.persona.genre,
        bpm=music.tempo_bpm or analysis.tempo_bpm,
        key=concept.key,
        # Of words that nobody sings, a player would show a text that is not to be heard.
        lyrics="" if music.vocals == "none" else context.lyrics.as_text(),
    )


def save(run: Run, result: Mastered) -> None:
    """Remember what the track sounds like, and tell why a tag is missing."""
    if missing := result.output.tag.missing:
        message = f"master: no spoken tag. {missing}"
        RunEvent.objects.log(run.pk, RunEvent.Kind.FALLBACK, message, now=timezone.now())
    duplicates.remember(run, result.fingerprint)


STEP = StepDefinition(perform, save)
