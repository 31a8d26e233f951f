import numpy as np
import pytest

from media_tools.music.singing.vocoder import HOP, Timbre, sound, timbre
from media_tools.music.singing.voice import BINS, Spectra
from media_tools.seeds import stream
from tests.media_tools.music.singing.pitch import track_pitch

FRAMES = 60
QUIET = np.full((BINS, FRAMES), -12.0, dtype=np.float32)
FLAT = np.zeros((BINS, FRAMES), dtype=np.float32)


def tone(**changes: object) -> Timbre:
    """A pitched sound with a formant at 1 kHz, no noise."""
    bump = -8.0 * (np.abs(np.arange(BINS) - 50.0) / 100.0)
    spectra = Spectra(
        np.repeat(bump[:, np.newaxis], FRAMES, axis=1).astype(np.float32), FLAT, QUIET, QUIET, FLAT
    )
    values: dict[str, object] = {
        "voiced": np.ones(FRAMES, dtype=np.float32),
        "held": np.zeros(FRAMES, dtype=bool),
        "gain": np.ones(FRAMES),
    }
    return timbre(spectra, np.arange(FRAMES, dtype=float), **{**values, **changes})  # type: ignore[arg-type]


def centroid_hz(signal: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(signal)) ** 2
    return float((power * np.fft.rfftfreq(len(signal), 1 / 24_000)).sum() / power.sum())


def test_the_pitch_asked_for_is_heard() -> None:
    signal = sound(tone(), np.full(FRAMES, 220.0), stream("test"))

    found, aperiodic = track_pitch(signal)
    assert len(signal) == FRAMES * HOP
    assert np.median(found[aperiodic < 0.1]) == pytest.approx(220.0, rel=0.001)


def test_formants_move_without_the_pitch() -> None:
    plain = sound(tone(), np.full(FRAMES, 220.0), stream("test"))
    bright = sound(tone(formant=1.2), np.full(FRAMES, 220.0), stream("test"))

    assert centroid_hz(bright) > 1.1 * centroid_hz(plain)
    assert np.median(track_pitch(bright)[0][30:90]) == pytest.approx(220.0, rel=0.001)


def test_silence_is_silent() -> None:
    signal = sound(tone(gain=np.zeros(FRAMES)), np.full(FRAMES, 220.0), stream("test"))

    assert float(np.abs(signal).max()) < 1e-4


def test_unvoiced_frames_have_no_pulses() -> None:
    muted = tone(voiced=np.zeros(FRAMES, dtype=np.float32))

    assert float(np.abs(sound(muted, np.full(FRAMES, 220.0), stream("test"))).max()) < 1e-3


def test_same_stream_same_samples() -> None:
    first, second = (sound(tone(), np.full(FRAMES, 220.0), stream("test")) for _ in range(2))

    assert np.array_equal(first, second)
