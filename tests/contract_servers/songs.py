"""Songs for the music servers to hand out: little real tunes, each number another one."""

from __future__ import annotations

import functools
import io
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from media_tools.ffmpeg import run_ffmpeg

RATE = 44_100
_BEAT_S = 0.5
_SCALE = (0, 2, 3, 5, 7, 8, 10, 12)


@functools.lru_cache(maxsize=32)
def song(number: int, duration_s: float, suffix: str = ".mp3") -> bytes:
    """A plucked melody over a bass at 120 BPM in stereo; suffix: .mp3, .wav, .flac ..."""
    draw = np.random.default_rng(number)
    mix = np.zeros((round(duration_s * RATE), 2), dtype=np.float32)
    root_hz = 110.0 * 2 ** (number % 12 / 12)
    bass_degree = 0
    for step in range(int(duration_s / (_BEAT_S / 2))):
        start = round(step * _BEAT_S / 2 * RATE)
        degree = int(draw.choice(_SCALE))
        if step % 8 == 0:
            bass_degree = int(draw.choice(_SCALE[:5]))
        _add(mix, start, _pluck(root_hz * 4 * 2 ** (degree / 12), 0.4), pan=0.35 + 0.3 * (step % 2))
        if step % 2 == 0:
            _add(mix, start, _pluck(root_hz * 2 ** (bass_degree / 12), 0.6), pan=0.5)
    with tempfile.TemporaryDirectory() as folder:
        wav, made = Path(folder) / "tune.wav", Path(folder) / f"song{suffix}"
        soundfile.write(wav, mix, RATE, subtype="PCM_16")
        arguments = ["-i", str(wav), "-threads", "1", "-bitexact", "-y", str(made)]
        run_ffmpeg(arguments, timeout_s=60, what="song")
        return made.read_bytes()


def silent_wav(duration_s: int, rate: int = 8_000) -> bytes:
    """A file of this length that costs next to nothing; of RATE, nothing has to convert it."""
    file = io.BytesIO()
    samples = np.zeros(duration_s * rate, dtype=np.int16)
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_U8")
    return file.getvalue()


def _pluck(frequency_hz: float, length_s: float) -> np.ndarray:
    time_s = np.arange(round(length_s * RATE), dtype=np.float32) / RATE
    phase = 2 * np.pi * frequency_hz * time_s
    tone = np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.2 * np.sin(3 * phase)
    fade = np.minimum(1.0, np.minimum(time_s / 0.004, (length_s - time_s) / 0.02))
    return (0.2 * tone * np.exp(-5 * time_s) * fade).astype(np.float32)


def _add(mix: np.ndarray, start: int, note: np.ndarray, *, pan: float) -> None:
    room = min(len(note), len(mix) - start)
    mix[start : start + room, 0] += note[:room] * (1 - pan)
    mix[start : start + room, 1] += note[:room] * pan
