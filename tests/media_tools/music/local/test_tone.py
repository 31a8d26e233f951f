import numpy as np
import pytest

from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, filtered
from media_tools.music.local.genres import GENRES
from media_tools.music.local.tone import (
    CENTRES_HZ,
    KNOTS_HZ,
    TONES,
    bands_db,
    matched,
    middle_and_side,
    power_of,
    shaped,
)
from media_tools.seeds import stream

FOLK = TONES["folk"]
HEARD = (CENTRES_HZ > 75) & (CENTRES_HZ < 11_000)


def bright_and_narrow() -> Signal:
    """Four seconds of noise as bright as folk used to be, its lows at the sides."""
    noise = stream("tone").standard_normal((2, 4 * SAMPLE_RATE_HZ)).astype(np.float32)
    noise = np.float32(0.1) * filtered(noise, "lowpass", 900.0, order=1)
    middle = noise.mean(axis=0)
    return np.asarray(middle + np.float32(0.3) * (noise - middle), dtype=np.float32)


def levels(mix: Signal) -> tuple[np.ndarray, np.ndarray]:
    middle, side = middle_and_side(mix)
    return bands_db(power_of(middle)), bands_db(power_of(side))


@pytest.mark.parametrize("name", [genre.name for genre in GENRES])
def test_every_genre_states_a_tone_of_finished_records(name: str) -> None:
    tone = TONES[name]
    bands = (CENTRES_HZ > 95) & (CENTRES_HZ < 10_500)
    tilt = np.polyfit(np.log2(CENTRES_HZ[bands]), tone.spectrum_at(CENTRES_HZ[bands]), 1)[0]

    assert -3.6 < tilt < -2.6
    assert -7.0 <= tone.side_db <= -3.0
    assert 8.5 <= tone.peak_to_loudness_db <= 13.0


def test_mix_gets_the_tone_and_width_of_its_genre() -> None:
    mix = bright_and_narrow()
    matched(mix, FOLK)
    middle, side = levels(mix)

    off_db = 10 * np.log10(10 ** (middle / 10) + 10 ** (side / 10)) - FOLK.spectrum_at(CENTRES_HZ)
    assert np.ptp(off_db[HEARD]) < 4.5
    wide = (CENTRES_HZ > 300) & (CENTRES_HZ < 4000)
    assert (side - middle)[wide].mean() == pytest.approx(FOLK.side_db, abs=1.0)
    assert (side - middle)[CENTRES_HZ < 90].max() < -20.0


def test_an_artist_leans_from_the_tone_of_its_genre() -> None:
    plain = bright_and_narrow()
    matched(plain, FOLK)
    bright, wide = plain.copy(), plain.copy()
    matched(plain, FOLK)
    matched(bright, FOLK, tilt_db=4.0)
    matched(wide, FOLK, wider_db=2.0)

    rise = levels(bright)[0] - levels(plain)[0]
    assert rise[18] - rise[6] == pytest.approx(4.0 * 12 / 27, abs=0.6)
    wider = levels(wide)[1] - levels(plain)[1] - (levels(wide)[0] - levels(plain)[0])
    assert wider[14] == pytest.approx(2.0, abs=0.4)


def test_filter_delays_nothing() -> None:
    click = np.zeros(SAMPLE_RATE_HZ, dtype=np.float32)
    click[20_000] = 1.0

    heard = shaped(click, tuple(0.0 for _ in KNOTS_HZ))

    assert int(np.argmax(np.abs(heard))) == 20_000


def test_silence_stays_silent() -> None:
    silence = np.zeros((2, SAMPLE_RATE_HZ), dtype=np.float32)
    matched(silence, FOLK)

    assert not silence.any()
