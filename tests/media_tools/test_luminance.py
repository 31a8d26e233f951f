from __future__ import annotations

import pytest

from media_tools.luminance import contrast, hex_luminance


@pytest.mark.parametrize(
    ("colour", "ratio"), [("#000000", 21.0), ("#767676", 4.54), ("#ffffff", 1.0)]
)
def test_contrast_with_white_is_that_of_the_standard(colour: str, ratio: float) -> None:
    assert contrast(hex_luminance(colour), hex_luminance("#ffffff")) == pytest.approx(
        ratio, abs=0.01
    )
