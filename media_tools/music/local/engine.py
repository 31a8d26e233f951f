"""The local provider: composes, plays and mixes a track on this machine, without keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from media_tools.errors import ProviderRejected
from media_tools.files import atomic_output
from media_tools.music.base import MusicProvider, MusicRequest, MusicTrack, Section
from media_tools.music.local.compose import Choice, Order, compose_best
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, gain_of
from media_tools.music.local.genres import GENRE_BY_NAME, Genre, genre_for
from media_tools.music.local.midi import write_midi
from media_tools.music.local.render import STEM_GAIN_DB, render
from media_tools.music.local.score import Score
from media_tools.music.local.sound import ArtistSound, sound_of
from media_tools.music.local.soundfont import SoundFont
from media_tools.music.local.theory import Key, parse_key
from media_tools.provenance import Provenance
from media_tools.seeds import derive_seed, stream

TEMPO_LIMITS_BPM = (40, 220)
DURATION_LIMITS_S = (4.0, 600.0)
LICENCE = "Apache-2.0; FluidR3 GM samples (MIT)"
_WRITE_FRAMES = 1 << 16


class LocalMusic(MusicProvider):
    """The embedded composer and synthesizer. soundfont: the sf3 or sf2 file of its samples."""

    name = "local"
    model = "composer-1"
    resubmit_safe = True

    def __init__(self, soundfont: Path) -> None:
        self.soundfont = soundfont

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        """The id of the work; nothing is done before collect. Raises ProviderRejected."""
        order_of(request)
        return f"local-{derive_seed(self.model, idempotency_key, request):016x}"

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack:
        """Compose, play, mix and write mix.wav, score.mid and the stems into workdir.

        Raises ProviderRejected when the request cannot be played, ToolMissing without a SoundFont.
        """
        order = order_of(request)
        font = SoundFont(self.soundfont)
        choice = compose_best(order)
        score = choice.score
        stems: dict[str, Path] = {}

        def keep(name: str, signal: Signal) -> None:
            stems[name] = workdir / f"stem-{name}.flac"
            _write(stems[name], signal, subtype="PCM_16", gain=gain_of(STEM_GAIN_DB))

        mix = render(
            score, order.sound, order.genre, font, seed=order.seed % (1 << 32), on_stem=keep
        )
        audio, midi = workdir / "mix.wav", workdir / "score.mid"
        _write(audio, mix, subtype="PCM_24")
        write_midi(score, order.sound, request.title, midi)
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
                licence=LICENCE,
                generator="algorithm",
                prompt=request.prompt,
                seed=request.seed,
            ),
            midi=midi,
            stems=stems,
            facts=_facts(choice, order),
        )


def order_of(request: MusicRequest) -> Order:
    """The request in the composer's terms. Raises ProviderRejected when it cannot be played."""
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
    sound = sound_of(request.artist_sound, genre)
    return Order(
        genre=genre,
        key=_key(request, genre, sound),
        tempo_bpm=float(request.tempo_bpm),
        duration_s=request.duration_s,
        lyric_form=request.lyric_form,
        sound=sound,
        seed=request.seed,
    )


def _key(request: MusicRequest, genre: Genre, sound: ArtistSound) -> Key:
    """The key asked for, or one of the genre's by the artist's taste."""
    if request.key is None:
        rng = stream("key", request.seed, genre.name)
        return parse_key(sound.favourite("key", genre.default_keys, rng))
    try:
        return parse_key(request.key)
    except ValueError as error:
        raise ProviderRejected(
            LocalMusic.name, str(error), action="change the key of the concept"
        ) from error


def _sections(score: Score, duration_s: float) -> tuple[Section, ...]:
    """The form in seconds; the last section ends with the file."""
    ends = [score.seconds(section.end) for section in score.form[:-1]] + [duration_s]
    return tuple(
        Section(section.kind, score.seconds(section.start), end_s)
        for section, end_s in zip(score.form, ends, strict=True)
    )


def _facts(choice: Choice, order: Order) -> dict[str, Any]:
    """What a reviewer or a test may want to know of the composition; JSON values only."""
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
    """Write a stereo signal in blocks, to a temporary name first."""
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
            compression_level=0.0 if is_flac else None,
        ) as file,
    ):
        for start in range(0, signal.shape[1], _WRITE_FRAMES):
            block = signal[:, start : start + _WRITE_FRAMES].T * np.float32(gain)
            file.write(block)
