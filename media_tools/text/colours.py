"""Palettes: "#rrggbb" colours from dark to light."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

MIN_CONTRAST = 7.0  # WCAG 2.2 AAA for text, between the darkest and the lightest


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _hex(red: float, green: float, blue: float) -> str:
    return "#" + "".join(
        f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in (red, green, blue)
    )


def luminance(colour: str) -> float:
    """Relative luminance 0..1 (WCAG 2.2)."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _rgb(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio 1..21 (WCAG 2.2)."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def vary(palette: Sequence[str], *, hue_shift: float, lift: float) -> tuple[str, ...]:
    """The palette with its hues turned and its middle colours lifted, sorted dark to light.

    hue_shift: part of the colour circle, -0.5..0.5. lift: -1..1, below 0 darkens. The darkest and
    the lightest colour keep their lightness, and with it their contrast.
    """
    varied = []
    for index, colour in enumerate(palette):
        hue, light, colourfulness = colorsys.rgb_to_hls(*_rgb(colour))
        if 0 < index < len(palette) - 1:
            light = light + lift * (1 - light) if lift > 0 else light * (1 + lift)
        varied.append(_hex(*colorsys.hls_to_rgb((hue + hue_shift) % 1.0, light, colourfulness)))
    return tuple(sorted(varied, key=luminance))
