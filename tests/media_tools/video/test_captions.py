"""When words stand, and the picture track they become."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from media_tools.video.captions import Clock, Cue, card_cues, highlight_color, lyric_cues
from media_tools.video.plan import Caption
from media_tools.video.text import TextStyle, letter
from media_tools.video.track import Track, write_track

CLOCK = Clock((270, 480), 10, 300)
SUNG = Caption(10.0, 12.0, "one two three", (10.0, 10.5, 11.5))


def cues(*captions: Caption, clock: Clock = CLOCK) -> list[Cue]:
    return lyric_cues(captions, clock=clock, font="inter")


def standing(track: Track, fps: int = 10) -> list[tuple[str, int]]:
    """The playlist as (picture, frames)."""
    text = track.playlist.read_text(encoding="utf-8")
    found = re.findall(r"^file (\S+)\noption framerate \d+\nduration ([\d.]+)$", text, re.M)
    return [(name, round(float(seconds) * fps)) for name, seconds in found]


def test_a_caption_ends_where_the_next_begins() -> None:
    first, second = cues(Caption(3.0, 9.0, "late"), Caption(1.0, 4.0, "early"))

    assert (first.first, first.last, second.first, second.last) == (10, 30, 30, 90)


def test_sung_words_appear_before_the_first_is_sung() -> None:
    (cue,) = cues(SUNG)

    assert (cue.first, cue.word_frames) == (97, (100, 105, 115))


def test_sung_words_do_not_push_the_line_before_away() -> None:
    before, cue = cues(Caption(8.0, 9.9, "before"), SUNG)

    assert (before.last, cue.first) == (99, 99)


def test_a_line_whose_emoji_were_dropped_is_not_highlighted() -> None:
    (cue,) = cues(Caption(1.0, 3.0, "one 🎉 two", (1.0, 1.5, 2.0)))

    assert cue.word_frames == ()


def test_each_word_is_highlighted_from_its_time_on() -> None:
    (cue,) = cues(SUNG)

    shown = list(cue.highlights())

    assert [start for start, _ in shown] == [100, 105, 115]
    assert len({picture.tobytes() for _, picture in shown}) == 3


def test_words_sung_before_the_part_that_is_shown_are_skipped() -> None:
    part = SUNG.within(10.7, 20.0)
    assert part is not None

    (cue,) = cues(part)

    assert [start for start, _ in cue.highlights()] == [0, 8]


@pytest.mark.parametrize(
    ("palette", "color"),
    [((), "#ffd54a"), (("#0b1026", "#7a5cff"), "#ffd54a"), (("#003300", "#40ff80"), "#40ff80")],
)
def test_the_highlight_is_of_the_palette_where_that_is_vivid(palette, color) -> None:
    assert highlight_color(palette) == color


def test_the_title_card_comes_back_at_the_end() -> None:
    opening, closing = card_cues("Midnight", "Nova", clock=CLOCK, font="inter")

    assert (opening.first, opening.last) == (0, 45)
    assert (closing.first, closing.last) == (265, 300)


def test_a_short_video_has_one_card() -> None:
    brief = Clock((270, 480), 10, 100)

    assert len(card_cues("Midnight", "Nova", clock=brief, font="inter")) == 1


def test_a_track_covers_every_frame_once(tmp_path: Path) -> None:
    drawn = cues(Caption(1.0, 4.0, "first"), SUNG, Caption(25.0, 29.0, "last"))

    track = write_track(drawn, tmp_path, name="lyric", clock=CLOCK, centre=350)

    assert track is not None
    pictures = standing(track)
    assert sum(frames for _, frames in pictures) == CLOCK.frames + 1
    sizes = {Image.open(tmp_path / name).size for name, _ in pictures}
    assert len(sizes) == 1


def test_fades_go_up_and_down_the_same_steps(tmp_path: Path) -> None:
    track = write_track(
        cues(Caption(1.0, 4.0, "words")), tmp_path, name="lyric", clock=CLOCK, centre=350
    )

    assert track is not None
    names = [name for name, _ in standing(track)][1:-1]
    assert len(names) == 7 and names == names[::-1]


def test_a_highlight_begins_with_its_word(tmp_path: Path) -> None:
    track = write_track(cues(SUNG), tmp_path, name="lyric", clock=CLOCK, centre=350)

    assert track is not None
    pictures = standing(track)
    starts = {}
    at = 0
    for name, frames in pictures:
        starts.setdefault(name, at)
        at += frames
    assert [starts[f"lyric-0-word{word}.tga"] for word in range(3)] == [100, 105, 115]


def test_neighbouring_captions_share_one_stretch(tmp_path: Path) -> None:
    near = [Caption(1.0 + n, 1.9 + n, "words") for n in range(5)]
    drawn = cues(*near, Caption(20.0, 22.0, "far"))

    track = write_track(drawn, tmp_path, name="lyric", clock=CLOCK, centre=350)

    assert track is not None
    assert track.spans_s == ((pytest.approx(0.95), pytest.approx(5.85)), (19.95, 21.95))


def test_words_come_in_order_however_fast(tmp_path: Path) -> None:
    drawing = letter("a b c d", TextStyle(size_px=20), max_width_px=200, max_height_px=100)
    cue = Cue(drawing, 10, 20, (10, 10, 11, 25), "#ff0000")

    track = write_track([cue], tmp_path, name="lyric", clock=CLOCK, centre=350)

    assert track is not None
    assert [start for start, _ in cue.highlights()] == [10, 11]
    assert sum(frames for _, frames in standing(track)) == CLOCK.frames + 1
