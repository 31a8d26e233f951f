"""Pictures read without trusting them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from media_tools.errors import MediaInvalid

MAX_INPUT_PIXELS = 8000 * 8000


def open_rgb(source: Path, draft_px: int | None = None) -> Image.Image:
    """The file as an RGB picture, turned as its EXIF says.

    draft_px: a JPEG may be decoded smaller, but not below this side.
    Raises MediaInvalid if missing, broken or too large.
    """
    try:
        with Image.open(source) as opened:
            if opened.width * opened.height > MAX_INPUT_PIXELS:
                raise MediaInvalid(
                    source, f"{opened.width}x{opened.height} pixels are too many; shrink it first"
                )
            if draft_px:
                opened.draft("RGB", (draft_px, draft_px))
            return ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise MediaInvalid(source, "not a picture that can be read; make it again") from error
