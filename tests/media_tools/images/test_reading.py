"""Pictures that strangers send."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import media_tools
from media_tools.errors import MediaInvalid
from media_tools.images.reading import MAX_INPUT_PIXELS, open_picture, open_rgb

RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(mode: str = "RGB") -> Image.Image:
    """80x40, red on the left, blue on the right."""
    picture = Image.new("RGB", (80, 40), RED)
    picture.paste(BLUE, (40, 0, 80, 40))
    return picture.convert(mode)


def png_header(width: int, height: int) -> bytes:
    """A PNG that tells a size and has hardly any pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100)))


def cmyk(path: Path) -> None:
    halves("CMYK").save(path, "JPEG", quality=95)


def turned(path: Path) -> None:
    """Stored on its side, as phones do: EXIF says to turn it by a quarter."""
    exif = Image.Exif()
    exif[0x0112] = 6
    halves().transpose(Image.Transpose.ROTATE_90).save(path, "JPEG", quality=95, exif=exif)


def animated(path: Path) -> None:
    halves().save(path, "GIF", save_all=True, append_images=[Image.new("RGB", (80, 40), "white")])


def paletted(path: Path) -> None:
    halves().quantize(4).save(path, "PNG")


def webp(path: Path) -> None:
    halves().save(path, "WEBP", lossless=True)


@pytest.mark.parametrize("write", [cmyk, turned, animated, paletted, webp])
def test_every_kind_shows_its_colors_upright(write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "picture"
    write(path)

    picture = open_rgb(path)

    assert (picture.mode, picture.size) == ("RGB", (80, 40))
    assert picture.getpixel((10, 20)) == pytest.approx(RED, abs=12)
    assert picture.getpixel((70, 20)) == pytest.approx(BLUE, abs=12)


def test_sixteen_bits_of_grey_keep_their_shades(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    shades = np.linspace(0, 65_535, 256, dtype=np.uint16)
    Image.fromarray(np.tile(shades, (8, 1))).save(path)

    grey = np.asarray(open_rgb(path))[0, :, 0]

    assert np.abs(grey.astype(int) - np.arange(256)).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_becomes_white(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).convert(mode).save(path)

    assert open_rgb(path).getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("size", [(9000, 9000), (30_000, 30_000), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_undecoded(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(*size))
    assert size[0] * size[1] > MAX_INPUT_PIXELS

    with pytest.raises(MediaInvalid, match="too many"):
        open_rgb(path)


@pytest.mark.parametrize("format", ["TIFF", "BMP", "EPS", "PPM", "TGA", "PDF"])
def test_formats_nobody_paints_in_are_not_opened(format: str, tmp_path: Path) -> None:
    path = tmp_path / "cover.png"
    halves().save(path, format)

    with pytest.raises(MediaInvalid, match="JPEG, PNG"):
        open_rgb(path)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_truncated_picture_is_refused(format: str, share: float, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path, format)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    with pytest.raises(MediaInvalid, match="not a picture"):
        open_rgb(path)


def test_bytes_at_hand_are_read_instead_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    halves().save(path)

    with open_picture(tmp_path / "named.png", path.read_bytes()) as picture:
        assert (picture.format, picture.size) == ("PNG", (80, 40))


def test_no_other_module_opens_pictures() -> None:
    root = Path(media_tools.__file__).parents[1]
    packages = ("media_tools", "trends", "artists", "experiments", "runs", "ai_artist")
    modules = (path for package in packages for path in (root / package).rglob("*.py"))

    openers = [path.name for path in modules if "Image.open(" in path.read_text(encoding="utf-8")]

    assert openers == ["reading.py"]
