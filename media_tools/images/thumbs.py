"""Smaller and differently shaped pictures made from a cover."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from media_tools.files import atomic_output
from media_tools.images.cover import srgb_profile
from media_tools.images.reading import open_picture, open_rgb

JPEG_QUALITY = 88
SOCIAL_SIZES = {"square": (1080, 1080), "portrait": (1080, 1920), "landscape": (1200, 630)}
BACKDROP_PX = 120
BACKDROP_BLUR_PX = 5
BACKDROP_LIGHT = 0.62


def make_thumbnail(source: Path, output: Path, max_px: int) -> tuple[int, int]:
    """A JPEG whose longer side is at most `max_px` (never enlarged); returns its width and height.

    Raises MediaInvalid if the source is no picture that can be read.
    """
    if max_px < 16:
        raise ValueError(f"Thumbnail: {max_px} px is too small; ask for 16 or more.")
    image = open_rgb(source, draft_px=max_px)
    image.thumbnail((max_px, max_px), Image.Resampling.LANCZOS)
    _save(image, output)
    return image.size


def social_crops(source: Path, folder: Path) -> dict[str, Path]:
    """The picture for feeds: "square" 1080x1080, "portrait" 1080x1920, "landscape" 1200x630.

    Nothing is cut off: where the shape differs, the picture stands whole on a blurred copy of
    itself. Files are named by the source and the shape and keep its XMP, which tells how it was
    made. Raises MediaInvalid as above.
    """
    image = open_rgb(source, draft_px=2 * max(max(size) for size in SOCIAL_SIZES.values()))
    with open_picture(source) as opened:
        xmp = opened.info.get("xmp", b"")
    made: dict[str, Path] = {}
    for name, size in SOCIAL_SIZES.items():
        made[name] = folder / f"{source.stem}-{name}.jpg"
        _save(_extended(image, size), made[name], xmp=xmp)
    return made


def _extended(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    whole = ImageOps.contain(image, size, Image.Resampling.LANCZOS)
    if whole.size == size:
        return whole
    # Blurring a small copy costs nothing and looks the same.
    shorter = BACKDROP_PX / min(size)
    small_size = (round(size[0] * shorter), round(size[1] * shorter))
    small = ImageOps.fit(image, small_size, Image.Resampling.BOX)
    small = small.filter(ImageFilter.GaussianBlur(BACKDROP_BLUR_PX))
    backdrop = ImageEnhance.Brightness(small).enhance(BACKDROP_LIGHT)
    sheet = backdrop.resize(size, Image.Resampling.BICUBIC)
    sheet.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    return sheet


def _save(image: Image.Image, output: Path, *, xmp: bytes = b"") -> None:
    with atomic_output(output) as partial:
        image.save(partial, "JPEG", quality=JPEG_QUALITY, icc_profile=srgb_profile(), xmp=xmp)
