"""Colours: WCAG contrast and a ramp that keeps its order."""

from __future__ import annotations

import numpy as np
import pytest

from media_tools.images.palette import Palette, contrast_ratio, luminance

GREYS = ("#777777", "#7c7c7c", "#828282")


def light_of(colour: tuple[int, int, int]) -> float:
    return float(luminance(np.array(colour, dtype=np.uint8)))


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast_ratio(light_of((0, 0, 0)), light_of((255, 255, 255))) == pytest.approx(21)


def test_contrast_of_the_wcag_grey() -> None:
    """#767676 on white is the textbook 4.54:1."""
    assert contrast_ratio(light_of((0x76,) * 3), 1.0) == pytest.approx(4.54, abs=0.01)


def test_colours_are_sorted_dark_to_light() -> None:
    palette = Palette.from_hex(("#ffb45e", "#150a2e", "#e0348b"))

    assert palette.colours[0] == (0x15, 0x0A, 0x2E)
    assert palette.colours[-1] == (0xFF, 0xB4, 0x5E)


@pytest.mark.parametrize("names", [GREYS, ("#ffffff", "#fefefe"), ("#000000", "#010101")])
def test_ink_and_paper_contrast_whatever_the_palette(names: tuple[str, ...]) -> None:
    palette = Palette.from_hex(names)

    assert contrast_ratio(light_of(palette.ink), light_of(palette.paper)) > 10


def test_ramp_rises_in_lightness() -> None:
    palette = Palette.from_hex(("#0d1b2a", "#1b4965", "#62b6cb", "#f4e9cd"))

    light = luminance(palette.ramp(np.linspace(0, 1, 50, dtype=np.float32)))

    assert np.all(np.diff(light) >= 0)


def test_accent_is_the_most_colourful() -> None:
    assert Palette.from_hex((*GREYS, "#d01030")).accent == (0xD0, 0x10, 0x30)
