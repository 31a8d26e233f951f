from collections.abc import Iterator

import numpy as np
import pytest

from media_tools.music.local.dsp import SAMPLE_RATE_HZ
from media_tools.music.local.genre import VocalStyle
from media_tools.music.local.levels import loudness_db
from media_tools.music.local.render import frames_in
from media_tools.music.local.score import Score
from media_tools.music.singing import voice as neural
from media_tools.music.singing.singer import singer_of
from media_tools.music.singing.vocals import LEVEL_DB, Vocals, sing
from media_tools.music.singing.voice import Reader

PLAIN = VocalStyle()
LYRICS = "[Chorus]\nCarry me home tonight\n"


@pytest.fixture(scope="module", autouse=True)
def one_reader(reader: Reader) -> Iterator[None]:
    """The dictionary is read once, not for each song."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neural, "load_reader", lambda: reader)
        yield


def sung(
    score: Score, lyrics: str = LYRICS, seed: int = 1, style: VocalStyle = PLAIN
) -> Vocals | None:
    return sing(
        score,
        lyrics,
        singer_of("Neon Fox"),
        style,
        swing=(0.5, 0.25),
        seed=seed,
        frames=frames_in(score),
    )


@pytest.fixture(scope="module")
def vocals(score: Score) -> Vocals:
    found = sung(score)
    assert found is not None
    return found


def test_vocals_are_stereo_as_long_as_the_track_at_their_level(
    score: Score, vocals: Vocals
) -> None:
    assert vocals.signal.shape == (2, frames_in(score))
    assert loudness_db(vocals.signal) == pytest.approx(LEVEL_DB, abs=0.1)
    assert not np.array_equal(vocals.signal[0], vocals.signal[1])


def test_words_are_timed_in_order_on_the_notes(score: Score, vocals: Vocals) -> None:
    assert [word.text for word in vocals.words] == ["Carry", "me", "home", "tonight"]
    starts = {round(score.seconds(note.start), 3) for note in vocals.notes}
    assert all(word.start_s in starts and word.end_s > word.start_s for word in vocals.words)
    assert all(word.line == 0 for word in vocals.words)


def test_there_is_silence_where_nothing_is_sung(vocals: Vocals) -> None:
    after = int((vocals.words[-1].end_s + 0.3) * SAMPLE_RATE_HZ)

    assert float(np.abs(vocals.signal[:, after:]).max()) < 0.003


def test_sung_lines_and_sections_are_told(score: Score, vocals: Vocals) -> None:
    assert (vocals.lines_sung, vocals.lines) == (1, 1)
    assert vocals.sung_sections == (score.form[0],)


def test_same_seed_same_samples(score: Score, vocals: Vocals) -> None:
    again = sung(score)

    assert again is not None
    assert np.array_equal(again.signal, vocals.signal)


def test_other_seed_is_another_take(score: Score, vocals: Vocals) -> None:
    other = sung(score, seed=2)

    assert other is not None
    assert not np.array_equal(other.signal, vocals.signal)


@pytest.mark.parametrize("lyrics", ["", "[Verse 1]\n", "[Verse 1]\n… !\n"])
def test_nothing_to_sing_is_no_error(score: Score, lyrics: str) -> None:
    assert sung(score, lyrics) is None


def test_calls_are_heard_between_lines_and_leave_words_and_notes_alone(score: Score) -> None:
    lyrics = "[Chorus]\nCarry me home\nCarry me home\n"
    style = VocalStyle(calls=("hey",), duet=True)
    # A seed whose only gap is answered.
    plain, full = sung(score, lyrics), sung(score, lyrics, style=style)

    assert plain is not None
    assert full is not None
    assert (full.words, full.notes) == (plain.words, plain.notes)
    gap = slice(*(int(time_s * SAMPLE_RATE_HZ) for time_s in _gap_s(plain)))
    levels = [float(np.abs(one.signal[:, gap]).max()) for one in (plain, full)]
    assert levels[0] < 0.003 < 0.02 < levels[1]


def _gap_s(vocals: Vocals) -> tuple[float, float]:
    """Return where nobody sings between the first line and the second."""
    lines = [[word for word in vocals.words if word.line == line] for line in (0, 1)]
    return lines[0][-1].end_s + 0.35, lines[1][0].start_s - 0.35
