"""What a song is about, drawn where no words are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from media_tools.images.cover import MIN_CONTRAST, CoverRequest, render_cover
from media_tools.images.families import FAMILIES, Canvas
from media_tools.images.motif import MOTIFS, choose_motif, motif_mark
from media_tools.images.palette import Palette
from media_tools.images.placing import motif_places, set_text
from media_tools.images.typography import LAYOUTS

PALETTE = ("#0b0620", "#3a1663", "#d2347f", "#ffd39b")
SIDE, SMALL = 400, 240
REQUEST = CoverRequest("Pass the Brass Bell", "Tidal Archive", "ambient", PALETTE, "fog", 3, SIDE)


@pytest.mark.parametrize("name", MOTIFS)
def test_a_motif_fills_its_square_and_is_still_seen_small(name: str) -> None:
    large, small = (np.asarray(motif_mark(name, side)) / 255 for side in (96, 16))

    assert 0.04 < large.mean() < 0.6
    assert small.max() > 0.5
    left, top, right, bottom = Image.fromarray(np.uint8(large * 255)).getbbox() or (0, 0, 0, 0)
    assert max(right - left, bottom - top) > 72


def test_motifs_differ() -> None:
    marks = {name: np.asarray(motif_mark(name, 48)).astype(float) for name in MOTIFS}
    names = sorted(marks)
    apart = [
        np.abs(marks[one] - marks[other]).mean()
        for index, one in enumerate(names)
        for other in names[:index]
    ]
    assert min(apart) > 12


def test_a_word_means_one_motif() -> None:
    uses = Counter(word for motif in MOTIFS.values() for word in motif.words)
    assert [word for word, count in uses.items() if count > 1] == []


@pytest.mark.parametrize(
    ("texts", "motif"),
    [
        (("Pass the Brass Bell", "a key in the sea"), "bell"),
        (("Nothing Left", "I lost the keys"), "key"),
        (("Catch the Bike Lock",), "key"),
        (("Bell and Bells on the Sea Wave",), "wave"),
        (("Something", "we hummed"), ""),
        ((), ""),
    ],
)
def test_the_title_says_it_before_the_hook(texts: tuple[str, ...], motif: str) -> None:
    assert choose_motif(texts) == motif


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_motif_has_a_place_and_never_on_words(layout: str) -> None:
    canvas = Canvas(SIDE, Palette.from_hex(PALETTE), 3)
    for title in ("Bell", "The Lemonade Jug Goes Back", "Lighthouse " * 8):
        setting = set_text(title, "A", "folk", layout=LAYOUTS[layout], canvas=canvas)
        boxes = [block.box for group in setting.groups for block in group]

        for left, top, right, bottom in motif_places(setting, SIDE):
            assert left >= 0 and top >= 0 and right <= SIDE and bottom <= SIDE
            assert all(
                right <= box[0] or box[2] <= left or bottom <= box[1] or box[3] <= top
                for box in boxes
            )
    setting = set_text("Bell", "A", "folk", layout=LAYOUTS[layout], canvas=canvas)
    assert motif_places(setting, SIDE)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_cover_with_a_motif_is_the_same_beside_it(family: str, tmp_path: Path) -> None:
    plain = replace(REQUEST, family=family, size_px=SMALL)
    without = render_cover(plain, tmp_path / "plain.jpg")
    made = render_cover(replace(plain, motif="bell"), tmp_path / "motif.jpg")

    assert made.text_contrast == without.text_contrast >= MIN_CONTRAST
    assert replace(made, facts={**made.facts, "motif": ""}) == replace(
        without, facts={**without.facts, "motif": ""}
    )
    changed = ImageChops.difference(
        Image.open(tmp_path / "plain.jpg"), Image.open(tmp_path / "motif.jpg")
    )
    # A motif takes 0.08 of the side; JPEG works on blocks of eight pixels, which adds to it.
    box = changed.convert("L").point([0] * 24 + [255] * 232).getbbox()
    assert ("motif" in made.facts) == (box is not None)
    if box:
        assert max(box[2] - box[0], box[3] - box[1]) <= 0.12 * SMALL


def test_a_motif_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no motif"):
        render_cover(replace(REQUEST, motif="spaceship"), tmp_path / "cover.jpg")
