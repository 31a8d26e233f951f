"""Pictures read without trusting them: the one place that opens picture files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from media_tools.errors import MediaInvalid

MAX_INPUT_PIXELS = 8000 * 8000
# What cameras and image models write. Pillow knows 40 others, each a decoder of its own faults, and
# some of them (EPS) start other programs.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


@contextmanager
def open_picture(source: Path, data: bytes | None = None) -> Iterator[Image.Image]:
    """A picture file, or its bytes if they are at hand; decode it inside the block.

    Raises MediaInvalid if it is missing, broken, too large or none of FORMATS.
    """
    try:
        with Image.open(source if data is None else BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_INPUT_PIXELS:
                size = f"{picture.width}x{picture.height}"
                raise MediaInvalid(source, f"{size} pixels are too many; shrink it first")
            yield picture
    except MediaInvalid:
        raise
    except Image.DecompressionBombError as error:
        raise MediaInvalid(source, f"too many pixels; shrink it first ({error})") from error
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise MediaInvalid(source, f"not a picture that can be read ({known})") from error
    except Exception as error:  # Pillow raises whatever a broken file leads it to
        raise MediaInvalid(source, "not a picture that can be read; make it again") from error


def open_rgb(source: Path, draft_px: int | None = None) -> Image.Image:
    """The file as an RGB picture, turned as its EXIF says; the first one of an animation.

    What is transparent becomes white. draft_px: a JPEG may be decoded smaller, but not below this
    side. Raises MediaInvalid as open_picture does.
    """
    with open_picture(source) as picture:
        if draft_px:
            picture.draft("RGB", (draft_px, draft_px))
        return _as_rgb(ImageOps.exif_transpose(picture))


def _as_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey; Pillow's conversion cuts all to white
        grey = (np.asarray(picture) // 257).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    if picture.has_transparency_data:
        whole = picture.convert("RGBA")
        white = Image.new("RGBA", whole.size, "white")
        return Image.alpha_composite(white, whole).convert("RGB")
    return picture.convert("RGB")
