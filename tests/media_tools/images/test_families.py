"""Families of pictures: chosen by genre and words, drawn at any size."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from media_tools.images.families import FAMILIES, Canvas, choose_family
from media_tools.images.fields import bands, fractal_noise, resized
from media_tools.images.palette import Palette
from media_tools.images.typography import LAYOUTS

PALETTE = Palette.from_hex(("#0d1b2a", "#1b4965", "#62b6cb", "#f4e9cd"))


@pytest.mark.parametrize("name", FAMILIES)
def test_picture_has_the_size_and_is_not_flat(name: str) -> None:
    image = FAMILIES[name].render(Canvas(200, PALETTE, 3))

    assert (image.size, image.mode) == ((200, 200), "RGB")
    assert np.asarray(image.convert("L"), dtype=float).std() > 5


@pytest.mark.parametrize("name", FAMILIES)
def test_picture_is_the_same_at_other_sizes(name: str) -> None:
    small, large = (
        np.asarray(
            FAMILIES[name].render(Canvas(size, PALETTE, 5)).resize((40, 40), Image.Resampling.BOX),
            dtype=float,
        )
        for size in (320, 640)
    )

    assert np.abs(small - large).mean() < 6


def test_a_field_enlarged_in_strips_is_the_field_enlarged_whole() -> None:
    field = fractal_noise(np.random.default_rng(1), 90, cells=3)

    strips = [resized(field, 700, band) for band in bands(700)]

    assert len(strips) > 2
    assert np.allclose(np.vstack(strips), resized(field, 700), atol=1e-6)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
def test_layouts_of_a_family_exist(family: object) -> None:
    assert set(family.layouts) <= set(LAYOUTS)  # type: ignore[attr-defined]


def test_genre_steers_the_family() -> None:
    chosen = Counter(choose_family("folk", "", seed).name for seed in range(300))

    own = sum(count for name, count in chosen.items() if "folk" in FAMILIES[name].genres)
    assert own > 240
    assert len(chosen) >= 5


def test_style_words_outweigh_the_genre() -> None:
    chosen = Counter(
        choose_family("folk", "Neon retro sunset, chrome", seed).name for seed in range(200)
    )

    assert chosen.most_common(1)[0][0] == "retro_sun"


def test_genre_names_are_read_in_any_spelling() -> None:
    assert [choose_family("Drum and Bass", "", seed).name for seed in range(20)] == [
        choose_family("drum_and_bass", "", seed).name for seed in range(20)
    ]
