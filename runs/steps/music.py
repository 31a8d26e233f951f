"""Have the track made: submit once, then collect without holding a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from artists import profiles
from experiments.models import Experiment, Ranking
from media_tools.audio.io import packed
from media_tools.music.base import MusicProvider, MusicRequest, MusicTrack
from media_tools.music.brief import read_brief
from runs.errors import ProfileUnfit
from runs.models import Artifact
from runs.outputs import MusicOutput
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.steps.jobs import have_made
from runs.steps.sources import source_of
from runs.storage import NewArtifact, StepResult

Parameter = Experiment.Parameter


def perform(context: StepContext) -> StepResult[MusicOutput]:
    artist = context.run.artist
    if faults := profiles.faults(artist, ["preferred_music"]):
        raise ProfileUnfit(artist.name, faults)
    provider = context.engines.music(artist.preferred_music)
    request = music_request(context, provider)
    track = have_made(context, provider, request, purpose="music", unit_name="track")
    note_exposure(context, request)
    return StepResult(
        output=MusicOutput(
            prompt=request.prompt,
            provider=provider.name,
            free_to_repeat=provider.resubmit_safe,
            tempo_bpm=track.tempo_bpm,
            key=track.key,
            duration_s=track.duration_s,
            sections=track.sections,
            words=track.words,
            vocals=vocals_of(provider, request, track),
            brief=request.brief,
            breaches=track.breaches,
            unheard=track.unheard,
            facts=track.facts,
        ),
        artifacts=tuple(files_of(track)),
    )


def music_request(context: StepContext, provider: MusicProvider) -> MusicRequest:
    """What the concept asks of the music provider."""
    concept, lyrics, artist = context.concept, context.lyrics, context.run.artist
    # What an artist is weighs more than one song's idea, and what was learnt most.
    brief = read_brief(concept.music_prompt, context.persona.style_notes, *context.lessons())
    return MusicRequest(
        title=concept.title,
        genre=context.persona.genre,
        prompt=concept.music_prompt,
        mood=concept.mood,
        duration_s=concept.duration_s,
        tempo_bpm=concept.tempo_bpm,
        key=concept.key,
        lyrics=lyrics.as_text(),
        lyric_form=lyrics.form,
        instrumental=brief.instrumental or not is_to_sing(context, provider),
        artist_sound=artist.sound_identity,
        seed=context.seed("music"),
        brief=brief,
        taste=context.taste(Ranking.Subject.MUSIC),
    )


def is_to_sing(context: StepContext, provider: MusicProvider) -> bool:
    """Tell whether the lyrics are to be sung: as set for the run, else as the artist does.

    The local voice is switched on for each artist; a provider that sings is chosen for it.
    """
    if wish := context.parameters.get(Parameter.SINGING):
        return provider.sings and wish == "sung"
    return provider.sings and (provider.name != "local" or context.run.artist.sings)


def vocals_of(provider: MusicProvider, request: MusicRequest, track: MusicTrack) -> str:
    """What a release has to say of the singing: "none", "synthetic" or "undeclared".

    The local engine tells whether its voice really sang. Of a file that came without words about
    its vocals nobody here can tell whose they are.
    """
    if provider.name == "import":
        return "undeclared"
    sung = not request.instrumental and (provider.name != "local" or "sung" in track.facts)
    return "synthetic" if sung else "none"


def note_exposure(context: StepContext, request: MusicRequest) -> None:
    """What of an experiment reached the music: a writer may have left a wish out."""
    prefix = context.parameters.get(Parameter.MUSIC_PROMPT_PREFIX, "")
    if prefix.strip(" ,").lower() in request.prompt.lower():
        context.used(Parameter.MUSIC_PROMPT_PREFIX)
    wish = context.parameters.get(Parameter.SINGING)
    if wish is None or request.instrumental == (wish == "instrumental"):
        context.used(Parameter.SINGING)
    tempo = context.parameters.get(Parameter.TEMPO_RANGE)
    if tempo is None or tempo[0] <= request.tempo_bpm <= tempo[1]:
        context.used(Parameter.TEMPO_RANGE)


def files_of(track: MusicTrack) -> Iterator[NewArtifact]:
    """The track's files as artifacts, further takes included."""

    def new(kind: str, path: Path, media_type: str, **more: Any) -> NewArtifact:
        return NewArtifact(
            path=path, kind=kind, media_type=media_type, provenance=track.provenance, **more
        )

    mix = packed(track.audio)
    yield new(Artifact.Kind.MIX, mix, "audio/flac", duration_s=track.duration_s)
    yield from source_of(track.audio, "music", track.provenance)
    if track.midi:
        yield new(Artifact.Kind.SCORE, track.midi, "audio/midi")
    for name, path in sorted(track.stems.items()):
        yield new(Artifact.Kind.STEM, path, "audio/flac", name=name, duration_s=track.duration_s)
    for number, take in enumerate(track.takes, start=2):
        yield new(
            Artifact.Kind.TAKE,
            packed(take.audio),
            "audio/flac",
            name=f"take {number}",
            duration_s=take.duration_s,
            lufs=take.lufs,
        )


STEP = StepDefinition(perform)
