"""When words stand, and the picture track they become."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media_tools.images.typography import Face
from media_tools.music.base import Section
from media_tools.video.captions import Clock, Cue, Stage, highlight_color, lyric_cues
from media_tools.video.plan import Caption
from media_tools.video.text import TextStyle, letter
from media_tools.video.track import Track, write_track
from media_tools.video.typography import Manner, Typography, margin_px, set_verse

CLOCK = Clock((270, 480), 10, 300)
SUNG = Caption(10.0, 12.0, "one two three", (10.0, 10.5, 11.5))


INTER = Face("inter", 700, "as written")


def cues(*captions: Caption, clock: Clock = CLOCK) -> list[Cue]:
    return lyric_cues(captions, Stage(clock, Typography(INTER))).foot


def standing(track: Track, fps: int = 10) -> list[tuple[str, int]]:
    """The playlist as (file of the picture, frames)."""
    text = track.playlist.read_text(encoding="utf-8")
    found = re.findall(r"^file (\S+)\noption framerate \d+\nduration ([\d.]+)$", text, re.M)
    return [(name % 0, round(float(seconds) * fps)) for name, seconds in found]


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

    shown = list(cue.changes())

    assert [start for start, _ in shown] == [100, 105, 115]
    assert len({picture.tobytes() for _, picture in shown}) == 3


def test_words_sung_before_the_part_that_is_shown_are_skipped() -> None:
    part = SUNG.within(10.7, 20.0)
    assert part is not None

    (cue,) = cues(part)

    assert [start for start, _ in cue.changes()] == [0, 8]


@pytest.mark.parametrize(
    ("palette", "color"),
    [((), "#ffd54a"), (("#0b1026", "#7a5cff"), "#ffd54a"), (("#003300", "#40ff80"), "#40ff80")],
)
def test_the_highlight_is_of_the_palette_where_that_is_vivid(palette, color) -> None:
    assert highlight_color(palette) == color


@pytest.mark.parametrize("manner", [Manner.BUILT, Manner.WRITTEN, Manner.STACKED, Manner.SOLO])
def test_words_of_a_verse_come_exactly_at_their_times(manner: Manner, tmp_path: Path) -> None:
    stage = Stage(CLOCK, Typography(INTER, loud=manner), sections=[Section("chorus", 5, 20)])

    (cue,) = lyric_cues([SUNG], stage).middle
    track = write_track([cue], tmp_path, name="lyric", clock=CLOCK, centre=240)

    assert track is not None
    assert (cue.first, cue.at_once) == (100, True)
    inks = []
    at = 0
    for name, frames in standing(track):
        with Image.open(tmp_path / name) as picture:
            inks.append((at, int((np.asarray(picture)[..., 3] > 200).sum())))
        at += frames
    changed = [at for (at, ink), (_, before) in zip(inks[1:], inks, strict=False) if ink != before]
    assert {100, 105, 115} <= set(changed)


def test_loud_words_leave_the_middle_to_a_card() -> None:
    typography = Typography(INTER, Manner.BUILT, Manner.STACKED)
    chorus = [Section("chorus", 5, 20)]

    shown = lyric_cues([SUNG], Stage(CLOCK, typography, sections=chorus, taken=[(90, 110)]))

    assert (len(shown.foot), len(shown.middle)) == (1, 0)


def test_letters_stay_inside_the_safe_area() -> None:
    text = "Every window in this city has another name for rain"
    for manner in Manner:
        verse = set_verse(text, Typography(INTER), manner, size_px=80, room=(880, 600))
        if verse is None:
            continue
        margin = margin_px(verse.size_px)
        assert verse.size[0] - 2 * margin <= 880
        assert verse.size[1] - 2 * margin <= 600


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
    assert [starts[f"lyric-0-word{word}-0.tga"] for word in range(3)] == [100, 105, 115]


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
    assert [start for start, _ in cue.changes()] == [10, 11]
    assert sum(frames for _, frames in standing(track)) == CLOCK.frames + 1


def test_pictures_are_never_probed_by_their_content(tmp_path: Path) -> None:
    """Targa has no magic number; some pictures are taken for tracker music."""
    track = write_track(cues(SUNG), tmp_path, name="lyric", clock=CLOCK, centre=350)

    assert track is not None
    files = re.findall(r"^file (\S+)$", track.playlist.read_text(encoding="utf-8"), re.M)
    assert files and all(file.endswith("-%d.tga") for file in files)
