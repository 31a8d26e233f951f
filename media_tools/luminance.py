"""How light sRGB colours are, and how far apart, as WCAG 2.2 defines it."""

from __future__ import annotations

from collections.abc import Sequence

WEIGHTS = (0.2126, 0.7152, 0.0722)


def _linear(part: float) -> float:
    """The light of a channel, both 0..1."""
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


# By the channel's 8-bit value.
LINEAR = tuple(_linear(value / 255) for value in range(256))


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0..255, of "#rrggbb"."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def luminance(rgb: Sequence[int]) -> float:
    """Relative luminance 0..1."""
    red, green, blue = (weight * LINEAR[value] for weight, value in zip(WEIGHTS, rgb, strict=True))
    return red + green + blue


def hex_luminance(colour: str) -> float:
    """Relative luminance 0..1 of "#rrggbb"."""
    return luminance(rgb_of(colour))


def contrast(first: float, second: float) -> float:
    """Contrast 1..21 of two luminances."""
    light, dark = max(first, second), min(first, second)
    return (light + 0.05) / (dark + 0.05)
