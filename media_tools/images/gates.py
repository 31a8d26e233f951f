"""Checks of a cover before a person sees it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from media_tools.findings import Finding, Severity

# What stores ask of front covers: square RGB JPEG or PNG, 3000 px; under 1400 px is refused.
WANTED_PX = 3000
MIN_PX = 1400
FORMATS = ("JPEG", "PNG")
CHECK_PX = 256
# Shannon entropy of 8-bit grey levels: 0 for one flat colour, about 7 for a photograph.
BLANK_BITS = 1.0
POOR_BITS = 2.5
# Spread of grey levels below which nothing is seen at a glance.
BLANK_SPREAD = 3.0


def cover_findings(
    path: Path, *, min_px: int = MIN_PX, wanted_px: int = WANTED_PX
) -> list[Finding]:
    """What is wrong with a cover file; empty if nothing.

    Codes: cover_unreadable, cover_format, cover_mode, cover_shape, cover_small, cover_blank,
    cover_plain. Sides in pixels.
    """
    try:
        with Image.open(path) as image:
            image.load()
            findings = _form_findings(image, min_px=min_px, wanted_px=wanted_px)
            grey = image.convert("L").resize((CHECK_PX, CHECK_PX), Image.Resampling.BOX)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        return [
            Finding("cover_unreadable", Severity.FAIL, f"{path.name} cannot be decoded: {error}.")
        ]
    return findings + _content_findings(grey)


def entropy_bits(grey: Image.Image) -> float:
    """Shannon entropy of an 8-bit grey picture's histogram, in bits, 0..8."""
    counts = np.array(grey.histogram(), dtype=np.float64)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def _form_findings(image: Image.Image, *, min_px: int, wanted_px: int) -> list[Finding]:
    findings = []
    width, height = image.size
    if image.format not in FORMATS:
        findings.append(
            Finding("cover_format", Severity.FAIL, f"Format {image.format}; stores take JPEG, PNG.")
        )
    if image.mode != "RGB":
        findings.append(
            Finding("cover_mode", Severity.FAIL, f"Colour mode {image.mode}; it must be RGB.")
        )
    if width != height:
        findings.append(
            Finding("cover_shape", Severity.FAIL, f"{width}x{height} px is not a square.")
        )
    shorter = min(width, height)
    if shorter < wanted_px:
        severity = Severity.FAIL if shorter < min_px else Severity.WARN
        findings.append(
            Finding("cover_small", severity, f"{width}x{height} px; {wanted_px} px are wanted.")
        )
    return findings


def _content_findings(grey: Image.Image) -> list[Finding]:
    bits = entropy_bits(grey)
    spread = float(np.asarray(grey, dtype=np.float32).std())
    if bits < BLANK_BITS or spread < BLANK_SPREAD:
        text = f"The picture is blank: entropy {bits:.1f} bits, spread {spread:.1f} of 255."
        return [Finding("cover_blank", Severity.FAIL, text)]
    if bits < POOR_BITS:
        text = f"The picture is very plain: entropy {bits:.1f} bits."
        return [Finding("cover_plain", Severity.WARN, text)]
    return []
