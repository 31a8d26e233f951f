"""Does the arrangement live? Rhythms, registers, velocities, endings and how alike bars are."""

from __future__ import annotations

import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ai_artist.benchmarks.measuring import Result
from media_tools.music.base import MusicRequest
from media_tools.music.local.compose import compose_best
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal
from media_tools.music.local.engine import order_of
from media_tools.music.local.genre import Genre
from media_tools.music.local.genres import GENRES
from media_tools.music.local.render import render
from media_tools.music.local.score import BEATS_PER_BAR, Score
from media_tools.music.local.soundfont import SoundFont

TRACKS = 4
DURATION_S = 75.0
PARTS = ("arp", "bass", "chords", "lead", "kick")
MELODIC = ("lead", "counter", "arp", "bass", "chords")
FEWEST_BARS = 4
FEWEST_NOTES = 12  # fewer do not tell how a part is played

Doubles = NDArray[np.float64]

_STEPS = 16
_FRAME = 2048
_HOP = 512
_BANDS = 40
_FLOOR_DB = 80.0  # under the loudest band


@dataclass(frozen=True)
class Song:
    """What was measured on one track."""

    rhythms: dict[str, int]  # by part, how many bars differ in their rhythm
    registers: dict[str, float]  # by part, semitones between its lowest and its highest section
    velocity_spread: float  # the least of the melodic parts
    bar_distance_db: float  # from a bar to the one most like it, the median
    ending: str
    cpu_s: float


def arrangement(soundfont: str) -> Result:
    """Four songs of each genre, by four artists, without mastering."""
    font = SoundFont(Path(soundfont))
    figures: dict[str, float] = {}
    endings: Counter[str] = Counter()
    for genre in GENRES:
        songs = [measured(request, font) for request in requests_of(genre)]
        endings.update(song.ending for song in songs)
        figures |= _figures(genre.name, songs)
    return Result(
        "arrangement", figures, {f"ending {name}": count for name, count in endings.items()}
    )


def requests_of(genre: Genre) -> list[MusicRequest]:
    low, high = genre.tempo_bpm
    return [
        MusicRequest(
            title="Arrangement",
            genre=genre.name,
            prompt="",
            mood="",
            duration_s=DURATION_S,
            tempo_bpm=low + (high - low) * seed // TRACKS,
            key=None,
            lyrics="",
            lyric_form=(),
            instrumental=True,
            artist_sound=f"artist {seed}",
            seed=seed,
        )
        for seed in range(1, TRACKS + 1)
    ]


def measured(request: MusicRequest, font: SoundFont) -> Song:
    started = time.process_time()
    order = order_of(request)
    score = compose_best(order).score
    mix = render(score, order.sound, order.genre, font, seed=order.seed)
    cpu_s = time.process_time() - started
    return Song(
        rhythms={
            part: rhythms_of(score, part)
            for part in PARTS
            if len(steps_by_bar(score, part)) >= FEWEST_BARS
        },
        registers={part: registers_of(score, part) for part in MELODIC if score.parts.get(part)},
        velocity_spread=min(velocity_spreads(score)),
        bar_distance_db=bar_distance_db(mix, score),
        ending=score.choices.get("ending", "held"),
        cpu_s=cpu_s,
    )


def _figures(name: str, songs: Sequence[Song]) -> dict[str, float]:
    figures = {
        "bar distance, dB": statistics.median(song.bar_distance_db for song in songs),
        "velocity spread": statistics.median(song.velocity_spread for song in songs),
        "CPU s": statistics.median(song.cpu_s for song in songs),
    }
    for part in PARTS:
        if counts := [song.rhythms[part] for song in songs if part in song.rhythms]:
            figures[f"{part} rhythms, fewest"] = min(counts)
    for part in MELODIC:
        if spans := [song.registers[part] for song in songs if part in song.registers]:
            figures[f"{part} register, semitones"] = statistics.median(spans)
    return {f"{name}: {figure}": round(value, 3) for figure, value in figures.items()}


def rhythms_of(score: Score, part: str) -> int:
    """Different sets of sixteenths on which a part starts notes, over its bars."""
    return len({frozenset(steps) for steps in steps_by_bar(score, part).values()})


def steps_by_bar(score: Score, part: str) -> dict[int, set[int]]:
    """The sixteenths on which a part starts notes, by bar."""
    bars: dict[int, set[int]] = defaultdict(set)
    for note in score.parts.get(part, ()):
        # A strummed chord starts with its first string, and hands are a little late.
        bar, step = divmod(round(note.start * 4 - 0.1), _STEPS)
        bars[bar].add(step)
    return bars


def registers_of(score: Score, part: str) -> float:
    """Semitones between the medians of the section a part plays lowest and that highest."""
    medians = [
        statistics.median(pitches)
        for section in score.form
        if (
            pitches := [
                note.pitch
                for note in score.parts[part]
                if section.start - 0.1 <= note.start < section.end - 0.1
            ]
        )
    ]
    return max(medians) - min(medians)


def velocity_spreads(score: Score) -> Iterator[float]:
    """The standard deviation of the velocities of each melodic part."""
    for part in MELODIC:
        notes = score.parts.get(part, ())
        if len(notes) >= FEWEST_NOTES:
            yield float(np.std([note.velocity for note in notes]))


def bar_distance_db(mix: Signal, score: Score) -> float:
    """The median distance of a bar to the one most like it.

    A bar is the level in dB of 40 mel bands on its sixteen steps; a distance is the root of the
    mean square of the differences.
    """
    levels = _mel_db(mix.mean(axis=0))
    beats = np.arange(0, score.beats, 1 / 4)
    edges = [round(score.seconds(beat) * SAMPLE_RATE_HZ / _HOP) for beat in (*beats, score.beats)]
    steps = np.array([levels[a : max(a + 1, b)].mean(axis=0) for a, b in pairwise(edges)])
    bars = steps.reshape(-1, _STEPS * _BANDS)
    assert len(bars) == score.beats / BEATS_PER_BAR
    distances = np.sqrt(((bars[:, None] - bars[None]) ** 2).mean(axis=2))
    np.fill_diagonal(distances, np.inf)
    return float(np.median(distances.min(axis=1)))


def _mel_db(sound: Signal) -> Doubles:
    """Levels of mel bands, one row a frame, from 0 to half of 22.05 kHz as in common tools."""
    window = np.hanning(_FRAME)
    hz = scipy.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ)
    top = 2595.0 * np.log10(1.0 + 11_025.0 / 700.0)
    edges = 700.0 * (10.0 ** (np.linspace(0.0, top, _BANDS + 2) / 2595.0) - 1.0)
    bands = np.array(
        [
            np.interp(hz, edges[i : i + 3], [0, 1, 0], left=0, right=0) / (edges[i + 2] - edges[i])
            for i in range(_BANDS)
        ]
    )
    padded = np.pad(sound, _FRAME // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    power = np.concatenate(
        [
            np.abs(scipy.fft.rfft(frames[start : start + 256] * window, axis=1)) ** 2 @ bands.T
            for start in range(0, len(frames), 256)
        ]
    )
    levels = 10.0 * np.log10(power + 1e-12)
    return np.asarray(np.maximum(levels, levels.max() - _FLOOR_DB))
