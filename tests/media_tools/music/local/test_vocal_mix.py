import numpy as np
import pytest

from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, filtered, frames_of
from media_tools.music.local.levels import loudness_db
from media_tools.music.local.score import Score
from media_tools.music.local.vocal_mix import OVER_BAND_DB, add_vocals
from media_tools.seeds import stream

SUNG = slice(SAMPLE_RATE_HZ, 3 * SAMPLE_RATE_HZ)
REST = slice(4 * SAMPLE_RATE_HZ, 6 * SAMPLE_RATE_HZ)


def noise(name: str, seconds: float = 16.0) -> Signal:
    shape = (2, frames_of(seconds))
    return (0.1 * stream(name).standard_normal(shape)).astype(np.float32)


@pytest.fixture
def vocals() -> Signal:
    """A voice that sounds from 1 to 3 s."""
    voice = np.zeros_like(noise("voice"))
    voice[:, SUNG] = 0.02 * noise("voice")[:, SUNG]
    return voice


def test_voice_stands_over_the_band_while_it_sounds(score: Score, vocals: Signal) -> None:
    band = noise("band")
    add_vocals(band, vocals, score)
    alone = noise("band")[:, SUNG]

    over_db = loudness_db(vocals[:, SUNG]) - loudness_db(alone)
    assert over_db == pytest.approx(OVER_BAND_DB, abs=0.5)


def test_band_makes_room_for_words_and_only_then(score: Score, vocals: Signal) -> None:
    band = noise("band")
    wet = add_vocals(band, vocals, score)
    left_db = loudness_db(filtered(band - vocals - wet, "bandpass", 1500.0, 2500.0)[:, SUNG])
    plain_db = loudness_db(filtered(noise("band"), "bandpass", 1500.0, 2500.0)[:, SUNG])

    assert left_db < plain_db - 3.0
    late = slice(10 * SAMPLE_RATE_HZ, None)
    assert np.allclose(band[:, late], noise("band")[:, late], atol=1e-4)


def test_slap_and_plate_follow_the_voice(score: Score, vocals: Signal) -> None:
    wet = add_vocals(noise("band"), vocals, score)

    assert np.abs(wet[:, :SAMPLE_RATE_HZ]).max() < 1e-6
    assert loudness_db(wet[:, SUNG]) < loudness_db(vocals[:, SUNG]) - 6.0
    assert np.abs(wet[:, 3 * SAMPLE_RATE_HZ : frames_of(3.2)]).max() > 1e-3
    assert np.abs(wet[:, frames_of(5.0) :]).max() < 1e-4
