from __future__ import annotations

from media_tools.luminance import hex_luminance
from media_tools.text.colours import vary

PALETTE = ("#10061f", "#5b1a8c", "#f2388f", "#ffd9ec")


def test_lifting_brightens_the_middle_only() -> None:
    lifted = vary(PALETTE, hue_shift=0.0, lift=0.3)
    lowered = vary(PALETTE, hue_shift=0.0, lift=-0.3)

    assert hex_luminance(lowered[1]) < hex_luminance(PALETTE[1]) < hex_luminance(lifted[1])
    assert lifted[0] == PALETTE[0]
    assert lifted[-1] == PALETTE[-1]
