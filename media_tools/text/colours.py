"""Palettes: "#rrggbb" colours from dark to light."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

from media_tools.luminance import hex_luminance, rgb_of

MIN_CONTRAST = 7.0  # WCAG 2.2 AAA for text, between the darkest and the lightest


def _hex(red: float, green: float, blue: float) -> str:
    return "#" + "".join(
        f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in (red, green, blue)
    )


def vary(palette: Sequence[str], *, hue_shift: float, lift: float) -> tuple[str, ...]:
    """Return the palette with hues turned and middle colours lightened, sorted dark to light.

    hue_shift: part of the colour circle, -0.5..0.5. lift: -1..1, below 0 darkens. The darkest and
    the lightest colour keep their lightness, and so their contrast.
    """
    varied = []
    for index, colour in enumerate(palette):
        hue, light, colourfulness = colorsys.rgb_to_hls(*(part / 255 for part in rgb_of(colour)))
        if 0 < index < len(palette) - 1:
            light = light + lift * (1 - light) if lift > 0 else light * (1 + lift)
        varied.append(_hex(*colorsys.hls_to_rgb((hue + hue_shift) % 1.0, light, colourfulness)))
    return tuple(sorted(varied, key=hex_luminance))
