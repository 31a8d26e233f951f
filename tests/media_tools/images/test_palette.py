"""The ramp of a cover keeps its order, and its ends their contrast."""

from __future__ import annotations

import numpy as np
import pytest

from media_tools.images.palette import Palette, luminances
from media_tools.luminance import contrast, luminance

GREYS = ("#777777", "#7c7c7c", "#828282")


def test_pixels_are_as_light_as_their_colours() -> None:
    colours = [(0x76,) * 3, (255, 0, 0), (0, 128, 255)]

    light = luminances(np.array(colours, dtype=np.uint8))

    assert light == pytest.approx([luminance(colour) for colour in colours], abs=1e-6)


def test_colours_are_sorted_dark_to_light() -> None:
    palette = Palette.from_hex(("#ffb45e", "#150a2e", "#e0348b"))

    assert palette.colours[0] == (0x15, 0x0A, 0x2E)
    assert palette.colours[-1] == (0xFF, 0xB4, 0x5E)


@pytest.mark.parametrize("names", [GREYS, ("#ffffff", "#fefefe"), ("#000000", "#010101")])
def test_ink_and_paper_contrast_whatever_the_palette(names: tuple[str, ...]) -> None:
    palette = Palette.from_hex(names)

    assert contrast(luminance(palette.ink), luminance(palette.paper)) > 10


def test_ramp_rises_in_lightness() -> None:
    palette = Palette.from_hex(("#0d1b2a", "#1b4965", "#62b6cb", "#f4e9cd"))

    light = luminances(palette.ramp(np.linspace(0, 1, 50, dtype=np.float32)))

    assert np.all(np.diff(light) >= 0)


def test_accent_is_the_most_colourful() -> None:
    assert Palette.from_hex((*GREYS, "#d01030")).accent == (0xD0, 0x10, 0x30)
