import numpy as np
import pytest

from media_tools.music.local import effects
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, add_at, filtered
from media_tools.music.local.textures import texture
from media_tools.seeds import stream

from .conftest import correlation


def noise(seconds: float, level: float = 0.1) -> Signal:
    frames = round(seconds * SAMPLE_RATE_HZ)
    return (level * stream("noise").standard_normal((2, frames))).astype(np.float32)


def sine(hz: float, seconds: float = 1.0, level: float = 0.5) -> Signal:
    time = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    row = (level * np.sin(2 * np.pi * hz * time)).astype(np.float32)
    return np.stack([row, row])


def rms_db(signal: Signal) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(signal.astype(np.float64) ** 2)) + 1e-12))


def test_filter_in_blocks_has_no_seams() -> None:
    long = sine(100.0, 4.0)
    result = filtered(long, "highpass", 1000.0)
    assert np.abs(np.diff(result[0, 1000:])).max() < 0.01
    assert rms_db(result[:, 1000:]) < rms_db(long) - 35


def test_reverb_rings_on_and_dies_away() -> None:
    click = np.zeros((2, 3 * SAMPLE_RATE_HZ), dtype=np.float32)
    click[:, 100] = 1.0
    wet = effects.reverb(click, 1.5)
    early, late = wet[:, 2000:12000], wet[:, 2 * SAMPLE_RATE_HZ :]
    assert rms_db(early) > rms_db(late) + 30
    assert np.abs(wet[:, :900]).max() < 1e-6


def test_reverb_is_the_same_in_blocks_as_at_once() -> None:
    source = noise(6.0)
    wet = effects.reverb(source, 0.6)
    response = effects._room(0.6)
    whole = np.convolve(source[0, -50_000:], response[0])
    shift = round(0.02 * SAMPLE_RATE_HZ)
    assert np.allclose(wet[0, -1000:], whole[50_000 - 1000 - shift : 50_000 - shift], atol=1e-4)


def test_echoes_come_at_the_delay_and_get_weaker() -> None:
    click = np.zeros((2, SAMPLE_RATE_HZ), dtype=np.float32)
    click[:, 0] = 1.0
    wet = effects.echoes(click, 0.2, 0.5)
    step = round(0.2 * SAMPLE_RATE_HZ)
    peaks = [float(np.abs(wet[0, k * step : k * step + 50]).max()) for k in (1, 2, 3)]
    assert peaks[1] == pytest.approx(peaks[0] / 2, rel=1e-3)
    assert peaks[2] == pytest.approx(peaks[0] / 4, rel=1e-3)
    assert np.abs(wet[:, : step - 1]).max() == 0.0


def test_chorus_makes_the_sides_differ() -> None:
    wide = effects.chorus(sine(440.0), 0.4)
    assert correlation(wide[0], wide[1]) < 0.999


def test_compressor_holds_loud_and_leaves_quiet() -> None:
    loud, quiet = sine(200.0, level=1.0), sine(200.0, level=0.05)
    settings = {"threshold_db": -12.0, "ratio": 4.0}
    half = SAMPLE_RATE_HZ // 2
    assert rms_db(effects.compressed(loud, **settings)[:, half:]) < rms_db(loud) - 7
    assert np.allclose(effects.compressed(quiet, **settings), quiet)


def test_duck_is_down_at_the_kick_and_back_in_time() -> None:
    curve = effects.duck_curve([0.5], SAMPLE_RATE_HZ, recover_s=0.2)
    assert curve[: SAMPLE_RATE_HZ // 2 - 1].min() == 1.0
    assert curve[SAMPLE_RATE_HZ // 2] == 0.0
    assert curve[round(0.75 * SAMPLE_RATE_HZ)] == 1.0


def test_sweep_opens_the_filter_and_leaves_the_rest() -> None:
    before = noise(4.0)
    after = before.copy()
    start, end = SAMPLE_RATE_HZ, 3 * SAMPLE_RATE_HZ
    effects.swept(after, start, end, 300.0, 12_000.0)
    assert np.array_equal(after[:, :start], before[:, :start])
    assert np.array_equal(after[:, end:], before[:, end:])
    tenth = (end - start) // 10
    assert rms_db(after[:, start : start + tenth]) < rms_db(after[:, end - tenth : end]) - 8


def test_doubling_widens_and_vanishes_in_mono() -> None:
    row = noise(1.0)[0]
    side = effects.doubled(row)
    left, right = row + side, row - side

    assert rms_db(left - right) > rms_db(left + right) - 6
    assert np.allclose(left + right, 2 * row, atol=1e-6)
    assert abs(correlation(row, side)) < 0.1


def test_peaks_are_rounded_off_and_the_rest_is_left() -> None:
    signal = sine(100.0, level=0.9)
    before = signal.copy()
    effects.clipped(signal, 0.6)

    assert 0.55 < np.abs(signal).max() <= 0.6
    quiet = np.abs(before) < 0.39
    assert np.array_equal(signal[quiet], before[quiet])


def test_tape_dulls_highs_and_keeps_the_length() -> None:
    assert effects.tape(noise(1.0)).shape == noise(1.0).shape
    assert rms_db(effects.tape(sine(15_000.0))) < rms_db(sine(15_000.0)) - 4


def test_sound_past_the_end_is_cut() -> None:
    target = np.zeros((2, 10), dtype=np.float32)
    add_at(target, np.ones((2, 8), dtype=np.float32), 6, 0.5)
    assert target[0].tolist() == [0] * 6 + [0.5] * 4
    add_at(target, np.ones((2, 8), dtype=np.float32), 20)
    assert target.sum() == 4.0


@pytest.mark.parametrize("kind", ["riser", "downlifter", "impact", "reverse", "vinyl"])
def test_textures_have_their_length_and_are_finite(kind: str) -> None:
    sound = texture(kind, 1.5, seed=3)
    assert sound.shape == (2, round(1.5 * SAMPLE_RATE_HZ))
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() > 1e-3


def test_riser_rises_and_downlifter_falls() -> None:
    half = SAMPLE_RATE_HZ
    riser, fall = texture("riser", 2.0, 1), texture("downlifter", 2.0, 1)
    assert rms_db(riser[:, half:]) > rms_db(riser[:, :half]) + 6
    assert rms_db(fall[:, :half]) > rms_db(fall[:, half:]) + 6


def test_air_swells_and_is_still_at_its_ends() -> None:
    air = texture("air", 20.0, 1)
    levels = [rms_db(part) for part in np.array_split(air, 40, axis=1)]

    assert max(levels[4:-4]) - min(levels[4:-4]) > 3.0
    assert max(levels[0], levels[-1]) < max(levels) - 6.0


def test_amplifier_adds_overtones_within_its_cabinet() -> None:
    tone = sine(440.0)
    driven = effects.amplified(tone, 5.0)
    overtones = filtered(driven, "bandpass", 1200.0, 3500.0)

    assert rms_db(overtones) > rms_db(driven) - 20
    assert rms_db(filtered(driven, "highpass", 9000.0)) < rms_db(driven) - 30


def test_room_rings_after_the_drums() -> None:
    hit = np.zeros((2, SAMPLE_RATE_HZ), dtype=np.float32)
    hit[:, 100:2000] = noise(1.0, 0.3)[:, 100:2000]
    heard = effects.with_room(hit, 0.5)

    assert rms_db(heard[:, 5000:10_000]) > -50
    assert rms_db(heard[:, 100:2000]) == pytest.approx(rms_db(hit[:, 100:2000]), abs=2.0)
