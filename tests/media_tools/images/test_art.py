"""The words of a picture request, and what a painted picture is held against."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from media_tools.errors import JobRefused, MediaInvalid, ProviderRejected
from media_tools.findings import Severity
from media_tools.images.art import ArtRequest, check_prompt, checked_picture, picture_prompt
from media_tools.images.cover import CoverRequest, render_cover, set_cover
from media_tools.images.gates import (
    art_findings,
    cover_findings,
    perceptual_hash,
    repeat_findings,
)
from tests.contract_servers import media

Build = Callable[..., CoverRequest]

WISH = ArtRequest(
    prompt="a lighthouse in fog", style="35 mm film", palette=("#101020", "#e0e0f0"), seed=3
)


@pytest.fixture
def art(tmp_path: Path) -> Path:
    path = tmp_path / "art.png"
    path.write_bytes(media.image(".png", width=400, height=300))
    return path


def saved(path: Path, size: tuple[int, int]) -> Path:
    path.write_bytes(media.image(".png", width=size[0], height=size[1]))
    return path


def test_prompt_names_motif_style_colours_and_forbids_text() -> None:
    words = picture_prompt(WISH)

    assert words.startswith("a lighthouse in fog. Style: 35 mm film. Colours: #101020, #e0e0f0.")
    assert "No text" in words
    assert "no logos" in words


def test_rules_survive_a_long_prompt() -> None:
    long = ArtRequest(prompt="fog " * 900, style="", palette=("#101020",), seed=1)
    words = picture_prompt(long, limit=1000)

    assert len(words) <= 1000
    assert words.endswith("no real person's likeness.")


@pytest.mark.parametrize("prompt", ["in the style of Taylor Swift", "a Spotify playlist cover"])
def test_prompt_with_a_known_name_is_not_sent(prompt: str) -> None:
    with pytest.raises(ProviderRejected, match="take the name out") as caught:
        check_prompt("openai", ArtRequest(prompt, "", (), 1))

    assert caught.value.code == "content_policy"


def test_ordinary_prompt_passes() -> None:
    assert check_prompt("openai", WISH) is None


@pytest.mark.parametrize(("suffix", "kind"), [(".jpg", "image/jpeg"), (".webp", "image/webp")])
def test_picture_gets_its_true_suffix(tmp_path: Path, suffix: str, kind: str) -> None:
    path = tmp_path / "art.png"
    path.write_bytes(media.image(suffix))

    picture = checked_picture("openai", path)

    assert (picture.path, picture.media_type) == (tmp_path / f"art{suffix}", kind)
    assert (picture.width, picture.height) == (256, 256)


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a" + bytes(60),
        b"words and more words, which are no picture at all" * 2,
        media.image(".png")[:3000],
        media.image(".png", width=64, height=64),
    ],
    ids=["gif", "text", "cut off", "tiny"],
)
def test_unusable_picture_is_refused_and_removed(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "art.png"
    path.write_bytes(data)

    with pytest.raises(JobRefused, match="pays, anew"):
        checked_picture("openai", path)
    assert not path.exists()


def test_text_is_set_on_the_given_picture(tmp_path: Path, art: Path, request_for: Build) -> None:
    result = set_cover(request_for(), art, tmp_path / "cover.jpg")

    assert result.family == "art"
    assert result.text_contrast >= 4.5
    assert result.facts["art_px"] == [400, 300]
    assert cover_findings(tmp_path / "cover.jpg", min_px=360, wanted_px=360) == []


def test_given_picture_is_seen_on_the_cover(tmp_path: Path, art: Path, request_for: Build) -> None:
    set_cover(request_for(layout="band"), art, tmp_path / "cover.jpg")

    with Image.open(tmp_path / "cover.jpg") as cover, Image.open(art) as picture:
        square = picture.convert("RGB").crop((50, 0, 350, 300)).resize((36, 36))
        small = cover.resize((36, 36))
    upper = [
        abs(a - b)
        for x in range(4, 32)
        for y in range(4, 18)
        for a, b in zip(small.getpixel((x, y)), square.getpixel((x, y)), strict=True)
    ]
    assert sum(upper) / len(upper) < 25


@pytest.mark.parametrize("seed", range(6))
def test_text_stays_legible_on_any_picture(
    tmp_path: Path, art: Path, request_for: Build, seed: int
) -> None:
    assert set_cover(request_for(seed=seed), art, tmp_path / "c.jpg").text_contrast >= 4.5


def test_same_picture_and_request_give_same_bytes(
    tmp_path: Path, art: Path, request_for: Build
) -> None:
    set_cover(request_for(), art, tmp_path / "a.jpg")
    set_cover(request_for(), art, tmp_path / "b.jpg")

    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()


def test_cover_has_300_dpi_and_no_other_metadata(
    tmp_path: Path, art: Path, request_for: Build
) -> None:
    set_cover(request_for(), art, tmp_path / "cover.jpg")

    with Image.open(tmp_path / "cover.jpg") as cover:
        assert cover.info["dpi"] == (300, 300)
        assert not cover.getexif()
        assert "comment" not in cover.info


def test_missing_title_is_refused(tmp_path: Path, art: Path, request_for: Build) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        set_cover(request_for(title=" "), art, tmp_path / "cover.jpg")


def test_picture_that_cannot_be_read_is_refused(tmp_path: Path, request_for: Build) -> None:
    (tmp_path / "art.png").write_bytes(b"nothing")

    with pytest.raises(MediaInvalid):
        set_cover(request_for(), tmp_path / "art.png", tmp_path / "cover.jpg")


@pytest.mark.parametrize(
    ("side_px", "severity"), [(500, None), (498, Severity.WARN), (248, Severity.FAIL)]
)
def test_enlargement_is_judged(tmp_path: Path, side_px: int, severity: Severity | None) -> None:
    # A quarter of the real sizes: 1.5 times is a warning from there on, 3 times the end.
    path = saved(tmp_path / "a.png", (2 * side_px, side_px))
    found = [f for f in art_findings(path, wanted_px=750) if f.code == "art_enlarged"]

    assert [finding.severity for finding in found] == ([severity] if severity else [])
    if found:
        assert f"{2 * side_px}x{side_px} px" in found[0].message


def test_soft_picture_is_a_warning(tmp_path: Path, art: Path) -> None:
    with Image.open(art) as picture:
        picture.convert("RGB").filter(ImageFilter.GaussianBlur(6)).save(tmp_path / "soft.png")

    codes = {finding.code for finding in art_findings(tmp_path / "soft.png", wanted_px=300)}

    assert codes == {"art_soft"}
    assert art_findings(art, wanted_px=300) == []


def test_heavy_file_is_judged(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1500, 1500, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "warn.png")
    Image.fromarray(np.tile(noise, (2, 1, 1))).save(tmp_path / "fail.png")

    found = {
        name: [f.severity for f in cover_findings(tmp_path / name) if f.code == "cover_heavy"]
        for name in ("warn.png", "fail.png")
    }

    assert found == {"warn.png": [Severity.WARN], "fail.png": [Severity.FAIL]}


def test_same_picture_is_known_again_after_scaling_and_jpeg(
    tmp_path: Path, request_for: Build
) -> None:
    render_cover(request_for(), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as cover:
        cover.resize((900, 900)).save(tmp_path / "b.jpg", quality=40)

    earlier = {"run 7": perceptual_hash(tmp_path / "a.jpg")}
    found = repeat_findings(perceptual_hash(tmp_path / "b.jpg"), earlier)

    assert [(f.code, f.severity) for f in found] == [("cover_repeats", Severity.FAIL)]
    assert "run 7" in found[0].message


def test_other_seed_of_the_same_design_is_no_repeat(tmp_path: Path, request_for: Build) -> None:
    hashes = {}
    for seed in range(4):
        render_cover(request_for(family="retro_sun", seed=seed), tmp_path / "c.jpg")
        hashes[str(seed)] = perceptual_hash(tmp_path / "c.jpg")

    for seed, own in hashes.items():
        earlier = {name: value for name, value in hashes.items() if name != seed}
        assert repeat_findings(own, earlier) == []
