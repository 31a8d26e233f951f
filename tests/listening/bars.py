"""How alike are the bars of a track? `python tests/listening/bars.py GENRE_SEED.wav ...`

Needs an environment of its own: pip install essentia librosa soundfile. Files: `manage.py
compose_track --genre folk --seed 1 --seconds 75 --output folk_1.wav`.

A beat tracker nobody here wrote finds the beats, four make a bar, and a bar is its mel spectrum on
16 steps (40 bands up to 11 kHz, dB). Prints for each file the median distance of a bar to the bar
nearest to it, and the median of each genre. People's tracks: 4.9 to 5.1 dB.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import essentia.standard
import librosa
import numpy as np
import soundfile
from numpy.typing import NDArray

_RATE_HZ = 44_100
_SPECTRA_HZ = 22_050
_HOP = 256  # 12 ms
_BARS = 5  # fewer say nothing


def nearest_bar_db(file: Path) -> float:
    """Return the distance between bars, or NaN if the tracker hears too few beats."""
    sound, rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
    if rate_hz != _RATE_HZ:
        raise SystemExit(f"{file}: {rate_hz} Hz; the beat tracker needs {_RATE_HZ}.")
    mono = sound.mean(axis=1)
    _, beats, *_ = essentia.standard.RhythmExtractor2013(method="degara")(mono)
    if len(beats) < 4 * _BARS:
        return float("nan")
    low = librosa.resample(mono, orig_sr=_RATE_HZ, target_sr=_SPECTRA_HZ)
    mel = librosa.feature.melspectrogram(y=low, sr=_SPECTRA_HZ, n_mels=40, hop_length=_HOP)
    level = librosa.power_to_db(mel + 1e-8)
    bars = np.array([_steps(level, beats[at : at + 5]) for at in range(0, len(beats) - 4, 4)])
    apart = np.sqrt(((bars[:, None] - bars[None]) ** 2).mean(axis=2))
    np.fill_diagonal(apart, np.inf)
    return float(np.median(apart.min(axis=1)))


def _steps(level: NDArray[np.float32], beats: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean spectra of the sixteen steps between five beats, one after the other."""
    times = [np.linspace(start, end, 4, endpoint=False) for start, end in pairwise(beats)]
    frames = np.append(np.concatenate(times), beats[-1]) * _SPECTRA_HZ / _HOP
    edges = frames.astype(int).clip(0, level.shape[1] - 1)
    steps = [level[:, start : max(start + 1, end)].mean(axis=1) for start, end in pairwise(edges)]
    return np.concatenate(steps)


def main(files: list[Path]) -> None:
    found: dict[str, list[float]] = defaultdict(list)
    for file in files:
        found[file.stem.rpartition("_")[0]].append(nearest_bar_db(file))
        print(f"{file.stem}: {found[file.stem.rpartition('_')[0]][-1]:.1f} dB")
    for genre, distances in sorted(found.items()):
        print(f"{genre}: {np.nanmedian(distances):.1f} dB, median of {len(distances)}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
