"""Small tracks made for the tests, and ffmpeg's meter to compare with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from media_tools.audio.io import Samples
from media_tools.ffmpeg import run_ffmpeg
from media_tools.seeds import stream

RATE = 44_100


def sine(
    duration_s: float, *, amplitude: float = 0.25, hz: float = 997.0, rate: int = RATE
) -> Samples:
    """(n, 2) samples of one tone on both channels."""
    wave = amplitude * np.sin(2 * np.pi * hz * np.arange(round(duration_s * rate)) / rate)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def noise(duration_s: float, *, amplitude: float = 0.1, rate: int = RATE, seed: int = 1) -> Samples:
    """(n, 2) samples of unrelated noise on both channels."""
    draws = stream("noise", seed).standard_normal((round(duration_s * rate), 2))
    return (amplitude * draws).astype(np.float32)


def track(
    duration_s: float, *, bpm: float = 120.0, rate: int = RATE, seed: int = 1, level: float = 0.4
) -> Samples:
    """A beat, a melody of random notes and hats: dynamic enough to need a limiter."""
    random = stream("track", seed)
    frames = round(duration_s * rate)
    time_s = np.arange(frames) / rate
    beat_s = 60 / bpm
    since_beat = time_s % beat_s
    mix = np.zeros((frames, 2))
    mix += (np.exp(-since_beat * 14) * np.sin(2 * np.pi * 55 * since_beat))[:, None]
    since_hat = time_s % (beat_s / 2)
    mix += 0.1 * np.exp(-since_hat * 60)[:, None] * random.standard_normal((frames, 2))
    notes = random.choice([220.0, 261.6, 293.7, 329.6, 392.0, 440.0, 523.3], 1 + frames)
    place = (time_s / (beat_s / 2)).astype(int)
    phase = 2 * np.pi * np.cumsum(notes[place]) / rate
    tone = sum(np.sin(phase * harmonic) / harmonic for harmonic in range(1, 6))
    swell = 0.3 * np.exp(-since_hat * 3)
    pan = random.uniform(0.3, 0.7, 1 + frames)[place]
    mix += (tone * swell)[:, None] * np.stack([pan, 1 - pan], axis=1)
    return (level * mix).astype(np.float32)


def write(path: Path, samples: Samples, rate: int = RATE, subtype: str = "FLOAT") -> Path:
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


@dataclass(frozen=True)
class Meter:
    lufs: float
    range_lu: float
    true_peak_dbtp: float


def ffmpeg_meter(path: Path, *, dualmono: bool = False) -> Meter:
    """What ffmpeg's ebur128 filter measures, to one decimal."""
    wanted = f"ebur128=peak=true:dualmono={'true' if dualmono else 'false'}"
    arguments = ["-i", str(path), "-af", wanted, "-f", "null", "-"]
    log = run_ffmpeg(arguments, timeout_s=60, what=path.name).log
    summary = log[log.rindex("Summary:") :]

    def figure(pattern: str) -> float:
        found = re.search(pattern, summary)
        assert found is not None, summary
        return float(found.group(1))

    return Meter(
        lufs=figure(r"I:\s+(\S+) LUFS"),
        range_lu=figure(r"LRA:\s+(\S+) LU"),
        true_peak_dbtp=figure(r"Peak:\s+(\S+) dBFS"),
    )
