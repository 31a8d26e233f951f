"""The local provider: composes, plays and mixes a track on this machine, without keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from media_tools.audio.io import FLAC_LEVEL
from media_tools.errors import ProviderRejected
from media_tools.files import atomic_output
from media_tools.genres import genre_for
from media_tools.music.base import MusicProvider, MusicRequest, MusicTrack, Section
from media_tools.music.local.compose import Choice, compose_best
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, gain_of
from media_tools.music.local.genre import Genre
from media_tools.music.local.genres import GENRE_BY_NAME
from media_tools.music.local.midi import write_midi
from media_tools.music.local.obeying import breaches_of, sound_for, unheard
from media_tools.music.local.order import Order
from media_tools.music.local.render import STEM_GAIN_DB, frames_in, render
from media_tools.music.local.score import Note, Score
from media_tools.music.local.sound import ArtistSound, sound_of
from media_tools.music.local.soundfont import SoundFont
from media_tools.music.local.theory import Key, parse_key
from media_tools.music.local.vocal_mix import OVER_BAND_DB
from media_tools.music.singing.lyrics import singing_times_s
from media_tools.music.singing.singer import Singer, singer_of
from media_tools.music.singing.vocals import Vocals, sing
from media_tools.provenance import Provenance
from media_tools.seeds import derive_seed, stream

TEMPO_LIMITS_BPM = (40, 220)
DURATION_LIMITS_S = (4.0, 600.0)
LICENCE = "Apache-2.0; FluidR3 GM samples (MIT)"
VOICE_LICENCE = "hibari voice, distilled from Kokoro-82M (Apache-2.0)"
_WRITE_FRAMES = 1 << 16


class LocalMusic(MusicProvider):
    """The embedded composer and synthesizer. soundfont: the sf3 or sf2 file of its samples."""

    name = "local"
    model = "composer-1"
    resubmit_safe = True
    sings = True

    def __init__(self, soundfont: Path) -> None:
        self.soundfont = soundfont

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        """Return an id for the work, which collect does. Raises ProviderRejected."""
        order_of(request)
        return f"local-{derive_seed(self.model, idempotency_key, request):016x}"

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack:
        """Compose, play, mix and write mix.wav, score.mid and the stems into workdir.

        Sings the lyrics unless an instrumental is wanted.
        Raises ProviderRejected if the request cannot be played, ToolMissing without a SoundFont, or
        without the voice's packages if it must sing.
        """
        order = order_of(request)
        font = SoundFont(self.soundfont)
        choice = compose_best(order)
        singer = singer_of(request.artist_sound)
        vocals = None if request.instrumental else _sung(request, order, choice.score, singer)
        score = _without_lead(choice.score, vocals) if vocals else choice.score
        stems: dict[str, Path] = {}

        def keep(name: str, signal: Signal) -> None:
            stems[name] = workdir / f"stem-{name}.flac"
            _write(stems[name], signal, subtype="PCM_16", gain=gain_of(STEM_GAIN_DB))

        mix = render(
            score,
            order.sound,
            order.genre,
            font,
            seed=order.seed % (1 << 32),
            on_stem=keep,
            vocals=vocals.signal if vocals else None,
        )
        audio, midi = workdir / "mix.wav", workdir / "score.mid"
        _write(audio, mix, subtype="PCM_24")
        write_midi(score, order.sound, request.title, midi, vocals.notes if vocals else ())
        duration_s = mix.shape[1] / SAMPLE_RATE_HZ
        return MusicTrack(
            audio=audio,
            duration_s=duration_s,
            tempo_bpm=float(request.tempo_bpm),
            key=order.key.name,
            sections=_sections(score, duration_s),
            provenance=Provenance(
                provider=self.name,
                model=self.model,
                licence=f"{LICENCE}; {VOICE_LICENCE}" if vocals else LICENCE,
                # The voice is a neural network; everything else is composed and synthesized by
                # rule.
                generator="ai" if vocals else "algorithm",
                prompt=request.prompt,
                seed=request.seed,
            ),
            midi=midi,
            stems=stems,
            facts=_facts(replace(choice, score=score), order) | _vocal_facts(vocals, singer),
            words=vocals.words if vocals else (),
            breaches=breaches_of(score, order.sound, order.brief),
            unheard=unheard(score, order.sound, order.brief),
        )


def order_of(request: MusicRequest) -> Order:
    """Translate a request for the composer. Raises ProviderRejected if it cannot be played."""
    low, high = TEMPO_LIMITS_BPM
    if not low <= request.tempo_bpm <= high:
        raise ProviderRejected(
            LocalMusic.name,
            f"tempo {request.tempo_bpm} BPM is outside {low} to {high}",
            action="change the tempo of the concept",
        )
    shortest, longest = DURATION_LIMITS_S
    if not shortest <= request.duration_s <= longest:
        raise ProviderRejected(
            LocalMusic.name,
            f"duration {request.duration_s} s is outside {shortest:.0f} to {longest:.0f}",
            action="change the duration of the concept",
        )
    genre = GENRE_BY_NAME[genre_for(request.genre, hint=request.prompt)]
    sound = sound_for(sound_of(request.artist_sound, genre), genre, request.brief)
    return Order(
        genre=genre,
        key=_key(request, genre, sound),
        tempo_bpm=float(request.tempo_bpm),
        duration_s=request.duration_s,
        lyric_form=request.lyric_form,
        sound=sound,
        seed=request.seed,
        sung_s={} if request.instrumental else singing_times_s(request.lyrics),
        brief=request.brief,
        taste=request.taste,
    )


def _key(request: MusicRequest, genre: Genre, sound: ArtistSound) -> Key:
    """Return the requested key, or one of the genre's by the artist's taste."""
    if request.key is None:
        rng = stream("key", request.seed, genre.name)
        return parse_key(sound.favourite("key", genre.default_keys, rng))
    try:
        return parse_key(request.key)
    except ValueError as error:
        raise ProviderRejected(
            LocalMusic.name, str(error), action="change the key of the concept"
        ) from error


def _sung(request: MusicRequest, order: Order, score: Score, singer: Singer) -> Vocals | None:
    """Return the vocals of the lyrics; None if there is nothing to sing."""
    return sing(
        score,
        request.lyrics,
        singer,
        order.genre.vocal,
        swing=(order.sound.swing, order.genre.swing_step),
        seed=order.seed,
        frames=frames_in(score),
    )


def _without_lead(score: Score, vocals: Vocals) -> Score:
    """Return the score with the hook left to the voice, and replies only where the voice rests."""
    sung = [(note.start, note.start + note.length) for note in vocals.notes]

    def is_free(note: Note) -> bool:
        return all(note.start + note.length <= start or note.start >= end for start, end in sung)

    def is_outside(note: Note) -> bool:
        return not any(
            section.start - 0.25 <= note.start < section.end for section in vocals.sung_sections
        )

    kept = {"lead": is_outside, "counter": is_free}
    parts = {
        part: tuple(note for note in notes if part not in kept or kept[part](note))
        for part, notes in score.parts.items()
    }
    return replace(score, parts={part: notes for part, notes in parts.items() if notes})


def _vocal_facts(vocals: Vocals | None, singer: Singer) -> dict[str, Any]:
    """Return what was sung, and by whom; empty for an instrumental."""
    if vocals is None:
        return {}
    return {
        "sung": True,
        "singer": singer.as_json(),
        "lines_sung": vocals.lines_sung,
        "lines_not_sung": vocals.lines - vocals.lines_sung,
        "vocals_over_band_db": OVER_BAND_DB,
    }


def _sections(score: Score, duration_s: float) -> tuple[Section, ...]:
    """Return the form in seconds; the last section ends with the file."""
    ends = [score.seconds(section.end) for section in score.form[:-1]] + [duration_s]
    return tuple(
        Section(section.kind, score.seconds(section.start), end_s)
        for section, end_s in zip(score.form, ends, strict=True)
    )


def _facts(choice: Choice, order: Order) -> dict[str, Any]:
    """Return facts about the composition for reviewers and tests; JSON values only."""
    score = choice.score
    return {
        "genre": order.genre.name,
        "form": [{"kind": s.kind, "bars": s.bars, "key": s.key.name} for s in score.form],
        "progressions": dict(score.progressions),
        "chords": [
            {"start_s": round(score.seconds(span.start), 3), "chord": span.chord.name}
            for span in score.chords
        ],
        "instruments": dict(order.sound.patches),
        "artist_sound": order.sound.as_json(),
        "patterns": dict(score.choices),
        "notes": {part: len(notes) for part, notes in score.parts.items()},
        "features": choice.features.as_json(),
        "candidate_penalties": list(choice.penalties),
        "stem_gain_db": STEM_GAIN_DB,
    }


def _write(path: Path, signal: Signal, *, subtype: str, gain: float = 1.0) -> None:
    """Write a stereo signal in blocks, under a temporary name first."""
    is_flac = path.suffix == ".flac"
    with (
        atomic_output(path) as partial,
        soundfile.SoundFile(
            partial,
            "w",
            SAMPLE_RATE_HZ,
            2,
            subtype=subtype,
            format="FLAC" if is_flac else "WAV",
            compression_level=FLAC_LEVEL if is_flac else None,
        ) as file,
    ):
        for start in range(0, signal.shape[1], _WRITE_FRAMES):
            block = signal[:, start : start + _WRITE_FRAMES].T * np.float32(gain)
            file.write(block)
