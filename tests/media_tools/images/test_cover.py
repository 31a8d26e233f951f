"""Covers: right file, legible text, same seed same bytes."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw, JpegImagePlugin

from media_tools.files import sha256_of
from media_tools.fonts import TextNotDrawable
from media_tools.images.cover import (
    CoverRequest,
    CoverResult,
    render_cover,
    set_cover,
    srgb_profile,
)
from media_tools.images.families import FAMILIES
from media_tools.images.gates import cover_findings
from media_tools.images.shading import measured_contrast
from media_tools.images.thumbs import social_crops
from media_tools.images.typography import GENRE_FACES, LAYOUTS

Build = Callable[..., CoverRequest]
Drawn = tuple[Path, CoverResult]
SMALL_PX = 240

PALETTES = {
    "neon": ("#150a2e", "#5b1a8b", "#e0348b", "#ffb45e"),
    "pale": ("#c8c0b8", "#d8d2cc", "#e8e4df", "#f4f2ee"),
    "dark": ("#050505", "#101014", "#18181c"),
    "middle": ("#777777", "#7c7c7c", "#828282"),
}


def test_cover_is_an_srgb_jpeg_without_chroma_loss(cover: Path) -> None:
    with Image.open(cover) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (360, 360))
        assert JpegImagePlugin.get_sampling(image) == 0
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_a_cover_tells_machines_how_it_was_made(
    cover: Path, tmp_path: Path, request_for: Build
) -> None:
    set_cover(request_for(), cover, tmp_path / "painted.jpg")
    crops = social_crops(cover, tmp_path / "social")

    with Image.open(cover) as drawn, Image.open(tmp_path / "painted.jpg") as painted:
        assert b"digitalsourcetype/algorithmicMedia" in drawn.info["xmp"]
        assert b"digitalsourcetype/trainedAlgorithmicMedia" in painted.info["xmp"]
    with Image.open(crops["portrait"]) as crop:
        assert b"digitalsourcetype/algorithmicMedia" in crop.info["xmp"]


def test_profile_carries_no_clock() -> None:
    assert srgb_profile()[24:36] == bytes.fromhex("07d0 0001 0001 0000 0000 0000")


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[CoverRequest], Drawn]:
    """Render a small cover once for all tests that only look at it."""
    folder = tmp_path_factory.mktemp("painted")

    @functools.cache
    def paint(request: CoverRequest) -> Drawn:
        path = folder / f"{request.family}-{request.palette[0]}.jpg"
        return path, render_cover(request, path)

    return paint


@pytest.mark.parametrize("family", FAMILIES)
def test_same_request_gives_same_bytes(
    family: str,
    tmp_path: Path,
    request_for: Build,
    painted: Callable[[CoverRequest], Drawn],
) -> None:
    request = request_for(family=family, size_px=SMALL_PX)
    first, _ = painted(request)

    render_cover(request, tmp_path / "again.jpg")

    assert sha256_of(tmp_path / "again.jpg") == sha256_of(first)


def test_another_seed_gives_another_picture(tmp_path: Path, request_for: Build) -> None:
    render_cover(request_for(seed=1), tmp_path / "a.jpg")
    render_cover(request_for(seed=2), tmp_path / "b.jpg")

    assert (tmp_path / "a.jpg").read_bytes() != (tmp_path / "b.jpg").read_bytes()


def test_emoji_of_title_and_artist_are_left_out(tmp_path: Path, request_for: Build) -> None:
    render_cover(request_for(title="Neon Harbour", artist="Luna"), tmp_path / "a.jpg")
    decorated = request_for(title="🌃 Neon Harbour", artist="Luna 👩🏽‍🎤")
    render_cover(decorated, tmp_path / "b.jpg")

    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()


@pytest.mark.parametrize("palette", PALETTES.values(), ids=list(PALETTES))
@pytest.mark.parametrize("family", FAMILIES)
def test_text_contrast_holds_on_every_family(
    family: str,
    palette: tuple[str, ...],
    request_for: Build,
    painted: Callable[[CoverRequest], Drawn],
) -> None:
    path, result = painted(request_for(family=family, palette=palette, size_px=SMALL_PX))

    assert result.text_contrast >= 4.5
    assert result.family == family
    assert cover_findings(path, min_px=SMALL_PX, wanted_px=SMALL_PX) == []


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("title", "family"),
    [
        ("Go", "bauhaus"),
        ("The Long Way Back to the Quiet Shore", "bauhaus"),
        # Most letters have most of the picture behind them: one that is not flat.
        (
            "Every Window in This City Has a Different Name for Rain and for the Sea Below It",
            "silk",
        ),
        ("Donaudampfschifffahrtsgesellschaftskapitän", "bauhaus"),
    ],
)
def test_title_stays_legible_inside_the_margin(
    title: str, family: str, layout: str, tmp_path: Path, request_for: Build
) -> None:
    request = request_for(title=title, layout=layout, family=family, size_px=600)

    result = render_cover(request, tmp_path / "c.jpg")

    left, top, right, bottom = result.facts["title_box"]
    assert min(left, top) >= 0.05
    assert max(right, bottom) <= 0.95
    assert result.facts["cap_height_at_160_px"] >= 7.0
    assert result.text_contrast >= 4.5


@pytest.mark.parametrize("genre", [*GENRE_FACES, "polka"])
def test_ordinary_titles_read_at_thumbnail_size(
    genre: str, tmp_path: Path, request_for: Build
) -> None:
    # Of the pictures the one drawn soonest: the letters are as large on all of them.
    request = request_for(genre=genre, title="Night Ferry Home", family="bauhaus")

    result = render_cover(request, tmp_path / "c.jpg")

    assert result.facts["cap_height_at_160_px"] >= 9.5


def test_text_other_fonts_lack_is_set_in_the_fallback(tmp_path: Path, request_for: Build) -> None:
    result = render_cover(request_for(title="Ночь и नदी", artist="Артист"), tmp_path / "c.jpg")

    assert result.font == "noto-sans"


def test_text_no_font_draws_is_refused_and_nothing_written(
    tmp_path: Path, request_for: Build
) -> None:
    with pytest.raises(TextNotDrawable):
        render_cover(request_for(title="𒀀𒀁"), tmp_path / "c.jpg")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"title": " \n"},
        {"artist": ""},
        {"palette": ("red", "blue")},
        {"palette": ("#000000",)},
        {"size_px": 20},
        {"family": "photo"},
        {"layout": "sideways"},
    ],
)
def test_bad_requests_are_refused(
    change: dict[str, object], tmp_path: Path, request_for: Build
) -> None:
    with pytest.raises(ValueError, match=r"Cover|Palette"):
        render_cover(request_for(**change), tmp_path / "c.jpg")


def test_a_picture_half_dark_is_not_bleached_for_dark_text(
    tmp_path: Path, request_for: Build
) -> None:
    """The title stands on the bright half, but its shade would lie on the dark one as fog."""
    pixels = np.full((360, 360, 3), 20, np.uint8)
    pixels[:, :240] = 245
    Image.fromarray(pixels).save(tmp_path / "art.png")

    set_cover(
        request_for(title="Glass Harbour Lights", layout="top-left"),
        tmp_path / "art.png",
        tmp_path / "c.jpg",
    )

    with Image.open(tmp_path / "c.jpg") as finished:
        dark_half = np.asarray(finished.convert("L").crop((340, 0, 358, 100)), dtype=float)
    assert dark_half.mean() < 60


def test_measured_contrast_of_black_on_white_is_21() -> None:
    image, mask = Image.new("RGB", (200, 200), "white"), Image.new("L", (200, 200))
    box = (60, 80, 140, 120)
    ImageDraw.Draw(image).rectangle(box, fill="black")
    ImageDraw.Draw(mask).rectangle(box, fill=255)

    assert measured_contrast(image, mask, box) == pytest.approx(21, abs=0.01)


def test_measured_contrast_sees_the_worst_tenth() -> None:
    """White text on black, but a quarter of its surroundings is nearly white."""
    pixels = np.zeros((200, 200, 3), np.uint8)
    pixels[:, :100] = 230
    image, mask = Image.fromarray(pixels), Image.new("L", (200, 200))
    box = (90, 80, 140, 120)
    ImageDraw.Draw(image).rectangle(box, fill="white")
    ImageDraw.Draw(mask).rectangle(box, fill=255)

    assert measured_contrast(image, mask, box) < 1.5
