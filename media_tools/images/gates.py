"""Checks of a cover, and of a picture a provider painted for it, before a person sees them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.fft import dctn

from media_tools.errors import MediaInvalid
from media_tools.findings import Finding, Severity
from media_tools.images.reading import open_picture, open_rgb

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
# Some shops stop at 10 MB, some guides say 4 MB.
MAX_BYTES = 10_000_000
HEAVY_BYTES = 4_000_000
# Spotify and Apple ask not to enlarge; these steps are our own.
WARN_ENLARGEMENT = 1.5
MAX_ENLARGEMENT = 3.0
SHARP_PX = 1000
# Variance of the Laplacian (Pech-Pacheco 2000) at SHARP_PX: tens to thousands for drawn motifs,
# below three for any of them blurred by four pixels. Smooth gradients are as low: a warning only.
SOFT_VARIANCE = 3.0
HASH_PX = 32
HASH_SIDE = 8
# Bits of 64 in which two prints of the same picture may differ.
SAME_BITS = 6


def cover_findings(
    path: Path, *, min_px: int = MIN_PX, wanted_px: int = WANTED_PX
) -> list[Finding]:
    """What is wrong with a cover file; empty if nothing.

    Codes: cover_unreadable, cover_format, cover_mode, cover_shape, cover_small, cover_blank,
    cover_plain, cover_heavy. Sides in pixels.
    """
    try:
        with open_picture(path) as image:
            image.load()
            findings = _form_findings(image, min_px=min_px, wanted_px=wanted_px)
            grey = image.convert("L").resize((CHECK_PX, CHECK_PX), Image.Resampling.BOX)
    except MediaInvalid as error:
        return [Finding("cover_unreadable", Severity.FAIL, f"{path.name}: {error.cause}.")]
    return findings + _weight_findings(path.stat().st_size) + _content_findings(grey)


def art_findings(art: Path, *, wanted_px: int = WANTED_PX) -> list[Finding]:
    """What is wrong with a painted picture that shall become a cover of wanted_px a side.

    Codes: art_enlarged (its message tells size and factor), art_soft. Raises MediaInvalid.
    """
    picture = open_rgb(art)
    width, height = picture.size
    findings = []
    enlargement = wanted_px / min(width, height)
    if enlargement > WARN_ENLARGEMENT:
        findings.append(
            Finding(
                "art_enlarged",
                Severity.FAIL if enlargement > MAX_ENLARGEMENT else Severity.WARN,
                f"The painted picture has {width}x{height} px and is enlarged "
                f"{enlargement:.2f} times.",
            )
        )
    if (sharp := sharpness(picture)) < SOFT_VARIANCE:
        text = f"The painted picture is soft: sharpness {sharp:.1f}, wanted {SOFT_VARIANCE:g}."
        findings.append(Finding("art_soft", Severity.WARN, text))
    return findings


def sharpness(picture: Image.Image) -> float:
    """Variance of the Laplacian of the grey picture, its longer side at most SHARP_PX."""
    grey = picture.convert("L")
    grey.thumbnail((SHARP_PX, SHARP_PX), Image.Resampling.BOX)
    light = np.asarray(grey, dtype=np.float32)
    middle = light[1:-1, 1:-1]
    around = light[:-2, 1:-1] + light[2:, 1:-1] + light[1:-1, :-2] + light[1:-1, 2:]
    return float((around - 4 * middle).var())


def perceptual_hash(path: Path) -> str:
    """64 bits (16 hex digits) that survive scaling and JPEG: the signs of low frequencies.

    Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", DCT based.
    Raises MediaInvalid.
    """
    grey = open_rgb(path, draft_px=4 * HASH_PX).convert("L")
    small = np.asarray(grey.resize((HASH_PX, HASH_PX), Image.Resampling.BOX), dtype=np.float64)
    low = dctn(small, norm="ortho")[:HASH_SIDE, :HASH_SIDE].ravel()
    # The first is the mean light, which would move the median.
    bits = low > np.median(low[1:])
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def repeat_findings(own: str, earlier: Mapping[str, str]) -> list[Finding]:
    """Whether a cover looks like an earlier one: shops refuse the same cover on two releases.

    earlier: perceptual hashes by what the message shall call them. Code: cover_repeats.
    """
    return [
        Finding("cover_repeats", Severity.FAIL, f"It looks like the cover of {name}.")
        for name, other in sorted(earlier.items())
        if (int(own, 16) ^ int(other, 16)).bit_count() <= SAME_BITS
    ]


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


def _weight_findings(size_bytes: int) -> list[Finding]:
    if size_bytes <= HEAVY_BYTES:
        return []
    severity = Severity.FAIL if size_bytes > MAX_BYTES else Severity.WARN
    text = f"The file has {size_bytes / 1e6:.1f} MB; 4 MB suit every shop, 10 MB are the most."
    return [Finding("cover_heavy", severity, text)]


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
