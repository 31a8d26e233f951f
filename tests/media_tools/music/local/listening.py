"""What a listener would notice of a track, measured: the pitch set and the artist's sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.fft
import soundfile
from numpy.typing import NDArray

from media_tools.audio.analysis import analyze
from media_tools.audio.figures import AudioAnalysis
from media_tools.audio.fingerprint import bit_error, fingerprint_of
from media_tools.audio.master import master
from media_tools.audio.tempo import onset_strength
from media_tools.music.base import MusicRequest, MusicTrack
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal
from media_tools.music.local.engine import LocalMusic
from media_tools.music.local.genre import Genre
from media_tools.music.local.theory import Key, parse_key
from tests.media_tools.audio.signals import Meter, ffmpeg_meter

from .conftest import SOUNDFONT

Doubles = NDArray[np.float64]

# The artists of a genre's songs, in order.
ARTISTS = ("Neon Fox", "Neon Fox", "Neon Fox", "Paper Moth", "Paper Moth")

_TONAL_FRAME = 16_384  # 0.37 s: chords are resolved from 100 Hz on, below a bass plays alone
_TONAL_HZ = (40.0, 1500.0)
_QUIET = 0.01  # of the loudest partial of a frame
_FRAME = 4096
_BANDS = 24


def chroma(sound: Signal) -> Doubles:
    """Amplitude of the partials by pitch class, C first, of a mono sound."""
    weights = np.zeros(12)
    for spectra in _frames(sound, _TONAL_FRAME):
        inner = spectra[:, 1:-1]
        left, right = spectra[:, :-2], spectra[:, 2:]
        loud = inner > _QUIET * spectra.max(axis=1, keepdims=True)
        rows, bins = np.nonzero((inner > left) & (inner >= right) & loud)
        logs = [np.log(part[rows, bins] + 1e-12) for part in (left, inner, right)]
        # The top of the parabola through a peak and its neighbours.
        shift = 0.5 * (logs[0] - logs[2]) / (logs[0] - 2.0 * logs[1] + logs[2] - 1e-12)
        hz = (bins + 1 + np.clip(shift, -0.5, 0.5)) * SAMPLE_RATE_HZ / _TONAL_FRAME
        audible = (hz > _TONAL_HZ[0]) & (hz < _TONAL_HZ[1])
        classes = np.rint(69 + 12 * np.log2(hz[audible] / 440.0)).astype(int) % 12
        weights += np.bincount(classes, inner[rows, bins][audible], 12)
    return weights


def place_of(key: Key, weights: Doubles) -> int:
    """Rank of the key's pitch set among its twelve transpositions; 1 is the one heard."""
    shares = [sum(weights[(pc + move) % 12] for pc in key.pcs) for move in range(12)]
    return 1 + sum(share > shares[0] for share in shares[1:])


def sound_of_track(mix: Signal, tempo_bpm: float) -> Doubles:
    """What an artist's tracks have in common, 88 figures in four groups of equal weight.

    Spectrum: mean level of 24 mel bands against their mean. Width: level of the channels'
    difference in each band. Motion: spread of the bands' levels over time. Groove: share of the
    onset strength on each of the sixteen steps of a bar.
    """
    middle, side = (mix[0] + mix[1]) / 2, (mix[0] - mix[1]) / 2
    powers = [
        np.concatenate([spectra**2 @ _mel().T for spectra in _frames(part, _FRAME)])
        for part in (middle, side)
    ]
    spectrum = 10 * np.log10(powers[0].mean(axis=0) + 1e-9)
    width = 10 * np.log10((powers[1].mean(axis=0) + 1e-9) / (sum(powers).mean(axis=0) + 1e-9))
    motion = np.std(10 * np.log10(powers[0] + 1e-6), axis=0)
    onsets, rate = onset_strength(mix.T, SAMPLE_RATE_HZ)
    steps = (np.arange(len(onsets)) / rate * tempo_bpm / 15.0).astype(int) % 16
    groove = np.bincount(steps, onsets, 16) / onsets.sum()
    return np.concatenate([spectrum - spectrum.mean(), width, motion, groove])


_GROUPS = np.repeat([_BANDS, _BANDS, _BANDS, 16], [_BANDS, _BANDS, _BANDS, 16])


def distances(sounds: Sequence[Doubles], artists: Sequence[str]) -> tuple[list[float], list[float]]:
    """Distances of pairs of one artist and of pairs of two, each figure in its own spread."""
    table = np.array(sounds)
    table = (table - table.mean(axis=0)) / (table.std(axis=0) + 1e-9) / np.sqrt(_GROUPS)
    within: list[float] = []
    between: list[float] = []
    for one, other in combinations(range(len(table)), 2):
        distance = float(np.linalg.norm(table[one] - table[other]))
        (within if artists[one] == artists[other] else between).append(distance)
    return within, between


def _frames(sound: Signal, size: int) -> Iterator[NDArray[np.float32]]:
    """Magnitudes of Hann frames that overlap by half, some hundreds at a time."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, size)[:: size // 2]
    window = np.hanning(size).astype(np.float32)
    for start in range(0, len(frames), 128):
        yield np.abs(scipy.fft.rfft(frames[start : start + 128] * window, axis=1))


def _mel() -> Doubles:
    """Triangular bands from 40 Hz to 16 kHz for frames of _FRAME."""
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (40.0, 16_000.0))
    edges = 700.0 * (10.0 ** (np.linspace(low, high, _BANDS + 2) / 2595.0) - 1.0)
    hz = scipy.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ)
    return np.array(
        [np.interp(hz, edges[i : i + 3], [0, 1, 0], left=0, right=0) for i in range(_BANDS)]
    )


class Likeness(NamedTuple):
    """What tells a finished track from others."""

    fingerprint: bytes
    sound: Doubles


@dataclass(frozen=True)
class Heard:
    """What one finished track sounds like. partials: by pitch class, sections in a lifted key
    moved back."""

    request: MusicRequest
    meter: Meter
    analysis: AudioAnalysis
    key: Key
    partials: Doubles
    fingerprint: bytes
    sound: Doubles


def requests_of(genre: Genre, duration_s: float) -> list[MusicRequest]:
    """Orders for songs of one genre by ARTISTS, at tempos through the genre's whole range."""
    low, high = genre.tempo_bpm
    return [
        MusicRequest(
            title="Night Drive",
            genre=genre.name,
            prompt="",
            mood="",
            duration_s=duration_s,
            tempo_bpm=low + (high - low) * seed // len(ARTISTS),
            key=None,
            lyrics="",
            lyric_form=(),
            instrumental=True,
            artist_sound=artist,
            seed=seed,
        )
        for seed, artist in enumerate(ARTISTS, 1)
    ]


def hear(request: MusicRequest, folder: Path) -> Heard:
    """Make the track, master it, and measure both."""
    track, finished = _finished(request, folder)
    return Heard(
        request,
        ffmpeg_meter(finished),
        analyze(finished, request.tempo_bpm),
        parse_key(track.key),
        _partials(track),
        *_likeness(finished, request),
    )


def recognise(request: MusicRequest, folder: Path) -> Likeness:
    """Make the track, master it, and measure only what tells it from others."""
    return _likeness(_finished(request, folder)[1], request)


def _finished(request: MusicRequest, folder: Path) -> tuple[MusicTrack, Path]:
    track = LocalMusic(SOUNDFONT).collect("local-1", request, folder)
    finished = folder / "master.wav"
    master(track.audio, finished)
    return track, finished


def _likeness(finished: Path, request: MusicRequest) -> Likeness:
    samples, _ = soundfile.read(finished, dtype="float32")
    return Likeness(
        fingerprint_of(samples, SAMPLE_RATE_HZ), sound_of_track(samples.T, request.tempo_bpm)
    )


def least_bit_error(tracks: Sequence[Heard | Likeness]) -> float:
    """Bit error between the fingerprints of the two tracks most alike; unrelated ones have 0.5."""
    pairs = combinations([track.fingerprint for track in tracks], 2)
    return min(bit_error(one, other) for one, other in pairs)


def _partials(track: MusicTrack) -> Doubles:
    """The partials of the mix without the drums."""
    stems = [path for name, path in track.stems.items() if name not in ("drums", "fx")]
    total = sum(soundfile.read(path, dtype="float32")[0] for path in stems)
    tuned = np.asarray(total, dtype=np.float32).mean(axis=1)
    partials = np.zeros(12)
    for plan, section in zip(track.facts["form"], track.sections, strict=True):
        first, last = (int(time * SAMPLE_RATE_HZ) for time in (section.start_s, section.end_s))
        lift = parse_key(plan["key"]).tonic - parse_key(track.key).tonic
        partials += np.roll(chroma(tuned[first:last]), -lift)
    return partials
