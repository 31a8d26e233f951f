from __future__ import annotations

import pytest

from media_tools.text.colours import contrast, luminance, vary

PALETTE = ("#10061f", "#5b1a8c", "#f2388f", "#ffd9ec")


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


def test_lifting_brightens_the_middle_only() -> None:
    lifted = vary(PALETTE, hue_shift=0.0, lift=0.3)
    lowered = vary(PALETTE, hue_shift=0.0, lift=-0.3)

    assert luminance(lowered[1]) < luminance(PALETTE[1]) < luminance(lifted[1])
    assert lifted[0] == PALETTE[0]
    assert lifted[-1] == PALETTE[-1]
