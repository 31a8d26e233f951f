import numpy as np
import pytest
import scipy.signal

from media_tools.music.singing.measure import onset_errors_s
from tests.media_tools.music.singing.pitch import pitch_errors_cents, track_pitch

RATE_HZ = 24_000


def saw(hz: float, seconds: float) -> np.ndarray:
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (0.3 * scipy.signal.sawtooth(2 * np.pi * hz * time)).astype(np.float32)


@pytest.mark.parametrize("hz", [98.0, 220.0, 523.25])
def test_pitch_of_a_saw_is_read_within_a_few_cents(hz: float) -> None:
    found, _ = track_pitch(saw(hz, 0.3))

    middle = found[20:40]
    assert np.abs(1200 * np.log2(middle / hz)).max() < 4.0


def test_a_formant_that_ripples_the_wave_does_not_bend_the_pitch() -> None:
    time = np.arange(int(0.3 * RATE_HZ)) / RATE_HZ
    strengths = 0.02 + np.exp(-(((np.arange(1, 40) * 130.0 - 2400.0) / 250.0) ** 2))
    strengths[0] = 1.0
    wave = sum(
        strength * np.sin(2 * np.pi * 130.0 * number * time)
        for number, strength in enumerate(strengths, 1)
    )

    found, _ = track_pitch((0.05 * wave).astype(np.float32))

    assert np.abs(1200 * np.log2(found[20:40] / 130.0)).max() < 10.0


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(1).standard_normal(RATE_HZ // 4).astype(np.float32) * 0.1

    assert np.mean(track_pitch(noise)[1] < 0.15) < 0.1


def test_a_note_sung_flat_is_found_out() -> None:
    times = np.linspace(0.0, 0.3, 25)
    errors = pitch_errors_cents(saw(220.0 * 2 ** (-30 / 1200), 0.3), times, np.full(25, 220.0))

    assert np.median(errors) == pytest.approx(-30.0, abs=3.0)


@pytest.mark.parametrize("late_s", [-0.03, 0.0, 0.04])
def test_a_late_vowel_is_found_out(late_s: float) -> None:
    hiss = np.random.default_rng(1).standard_normal(RATE_HZ).astype(np.float32) * 0.03
    hiss = scipy.signal.sosfilt(
        scipy.signal.butter(4, 4000, "high", fs=RATE_HZ, output="sos"), hiss
    )
    begins = int((0.5 + late_s) * RATE_HZ)
    signal = hiss.astype(np.float32)
    signal[begins:] = saw(220.0, 1.0)[: RATE_HZ - begins]

    assert onset_errors_s(signal, [0.5])[0] == pytest.approx(late_s, abs=0.012)
