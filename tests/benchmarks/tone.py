"""Tone, width, peaks and transitions of finished tracks, by genre, against what is wanted."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import scipy.fft
import soundfile

from ai_artist.benchmarks.measuring import Result
from media_tools.audio.master import master
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal
from media_tools.music.local.engine import LocalMusic
from media_tools.music.local.genre import Genre
from media_tools.music.local.genres import GENRES
from media_tools.music.local.tone import (
    CENTRES_HZ,
    TONES,
    Doubles,
    bands_db,
    middle_and_side,
    power_of,
)
from tests.media_tools.music.local.listening import SOUNDFONT, requests_of

DURATION_S = 75.0
SEEDS = 2
_TILT = slice(5, 26)  # 100 Hz to 10 kHz
_FRAME, _HOP = 4096, 512
_WINDOW_S = 4.0
_MEL_BANDS = 40


def tone() -> Result:
    """Two minutes of each genre, by two artists; figures are means of both tracks."""
    figures: dict[str, float] = {}
    for genre in GENRES:
        tracks = [heard for _, heard in zip(range(SEEDS), _heard(genre), strict=False)]
        figures |= {
            f"{genre.name}_{name}": round(float(np.mean([track[name] for track in tracks])), 2)
            for name in tracks[0]
        }
    return Result("tone", figures)


def _heard(genre: Genre) -> Iterator[dict[str, float]]:
    for request in requests_of(genre, DURATION_S)[2:]:
        with tempfile.TemporaryDirectory() as folder:
            start_s = time.process_time()
            track = LocalMusic(SOUNDFONT).collect("tone", request, Path(folder))
            level = master(track.audio, Path(folder, "master.wav"))
            cpu_s = time.process_time() - start_s
            samples, _ = soundfile.read(Path(folder, "master.wav"), dtype="float32")
        yield measured(samples.T, genre.name) | {
            "lufs": level.integrated_lufs,
            "peak_to_loudness_db": level.true_peak_dbtp - level.integrated_lufs,
            "cpu_s_per_120_s": cpu_s * 120 / track.duration_s,
        }


def measured(mix: Signal, genre: str) -> dict[str, float]:
    """Return what the mix measures. off_*: dB above the genre's target, levels aligned."""
    middle, side = middle_and_side(np.ascontiguousarray(mix))
    powers = power_of(middle), power_of(side)
    levels_db = bands_db(powers[0] + powers[1])
    wanted_db = TONES[genre].spectrum_at(CENTRES_HZ)
    # Aligned by loudness, that is mostly by the middle of the spectrum.
    off_db = levels_db - wanted_db
    off_db -= np.median(off_db[5:26])
    return {
        "tilt_db_per_octave": float(np.polyfit(np.log2(CENTRES_HZ[_TILT]), levels_db[_TILT], 1)[0]),
        "off_90_hz_db": _near(off_db, 90.0),
        "off_5_khz_db": _near(off_db, 5000.0),
        "off_10_khz_db": _near(off_db, 10_000.0),
        "side_300_hz_to_4_khz_db": _ratio_db(powers, 300.0, 4000.0),
        "side_below_100_hz_db": _ratio_db(powers, 30.0, 100.0),
        "timbre_step": timbre_step(middle),
    }


def _near(levels_db: Doubles, hz: float) -> float:
    """Return the mean of the three third-octave bands around a frequency."""
    middle = int(np.argmin(np.abs(np.log2(CENTRES_HZ / hz))))
    return float(levels_db[middle - 1 : middle + 2].mean())


def _ratio_db(powers: tuple[Doubles, Doubles], low_hz: float, high_hz: float) -> float:
    hz = np.linspace(0.0, SAMPLE_RATE_HZ / 2, len(powers[0]))
    middle, side = (power[(hz >= low_hz) & (hz < high_hz)].sum() for power in powers)
    return float(10.0 * np.log10(side / middle + 1e-9))


def timbre_step(row: Signal) -> float:
    """Return the mean change of twelve cepstral coefficients between windows of four seconds.

    The coefficients are those of librosa at 22,050 Hz with 40 mel bands, without the first.
    """
    frames = np.lib.stride_tricks.sliding_window_view(row, _FRAME)[::_HOP]
    window = (np.hanning(_FRAME) / 2.0).astype(np.float32)
    mel = _mel()
    levels = np.concatenate(
        [
            10.0 * np.log10(np.abs(scipy.fft.rfft(frames[i : i + 256] * window)) ** 2 @ mel + 1e-8)
            for i in range(0, len(frames), 256)
        ]
    )
    levels = np.maximum(levels, levels.max() - 80.0)
    cepstra = scipy.fft.dct(levels, type=2, norm="ortho", axis=1)[:, 1:13]
    size = int(_WINDOW_S * SAMPLE_RATE_HZ / _HOP)
    count = len(cepstra) // size
    means = cepstra[: count * size].reshape(count, size, -1).mean(axis=1)
    return float(np.linalg.norm(np.diff(means, axis=0), axis=1).mean())


def _mel() -> Doubles:
    """Return Slaney's mel bands up to 11 kHz, of unit area, shape (bins, bands)."""

    def hz_of(mel: Doubles) -> Doubles:
        return np.where(mel < 15.0, mel * 200.0 / 3.0, 1000.0 * 6.4 ** ((mel - 15.0) / 27.0))

    top = 15.0 + 27.0 * np.log(11.025) / np.log(6.4)
    edges = hz_of(np.linspace(0.0, top, _MEL_BANDS + 2))
    hz = scipy.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ)
    bands = [
        np.interp(hz, edges[i : i + 3], [0.0, 2.0 / (edges[i + 2] - edges[i]), 0.0], 0.0, 0.0)
        for i in range(_MEL_BANDS)
    ]
    return np.array(bands).T
