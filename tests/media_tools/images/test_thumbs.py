"""Thumbnails and social shapes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from media_tools.errors import MediaInvalid
from media_tools.images.thumbs import make_thumbnail, social_crops


def test_thumbnail_fits_the_limit(cover: Path, tmp_path: Path) -> None:
    assert make_thumbnail(cover, tmp_path / "t.jpg", 160) == (160, 160)
    with Image.open(tmp_path / "t.jpg") as image:
        assert image.size == (160, 160)


def test_small_pictures_are_not_enlarged(cover: Path, tmp_path: Path) -> None:
    assert make_thumbnail(cover, tmp_path / "t.jpg", 2000) == (360, 360)


def test_social_shapes_have_their_sizes(cover: Path, tmp_path: Path) -> None:
    made = social_crops(cover, tmp_path / "social")

    sizes = {}
    for name, path in made.items():
        with Image.open(path) as image:
            sizes[name] = image.size
    assert sizes == {"square": (1080, 1080), "portrait": (1080, 1920), "landscape": (1200, 630)}


def test_portrait_shows_the_whole_cover(tmp_path: Path) -> None:
    """A bright frame at the border of the cover is still there in the middle of the portrait."""
    source = tmp_path / "framed.png"
    framed = Image.new("RGB", (400, 400), "white")
    framed.paste((0, 0, 0), (20, 20, 380, 380))
    framed.save(source)

    portrait = social_crops(source, tmp_path)["portrait"]

    with Image.open(portrait) as image:
        assert image.getpixel((8, 960)) > (240, 240, 240)
        assert image.getpixel((540, 428)) > (240, 240, 240)


@pytest.mark.parametrize("content", [b"", b"<html>not a picture</html>"])
def test_what_is_no_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    source = tmp_path / "fake.jpg"
    source.write_bytes(content)

    with pytest.raises(MediaInvalid, match=r"fake\.jpg"):
        make_thumbnail(source, tmp_path / "t.jpg", 160)
    assert not (tmp_path / "t.jpg").exists()


def test_truncated_jpeg_is_refused(cover: Path, tmp_path: Path) -> None:
    cover.write_bytes(cover.read_bytes()[:4000])

    with pytest.raises(MediaInvalid):
        social_crops(cover, tmp_path)
