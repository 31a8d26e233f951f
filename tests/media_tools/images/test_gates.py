"""The cover gate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media_tools.findings import Severity, failures
from media_tools.images.gates import cover_findings, entropy_bits


def save_noise(path: Path, size: tuple[int, int], mode: str = "RGB") -> Path:
    pixels = np.random.default_rng(1).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize(size).convert(mode).save(path)
    return path


def codes(path: Path) -> set[str]:
    return {finding.code for finding in cover_findings(path)}


def test_a_good_cover_passes(tmp_path: Path) -> None:
    assert cover_findings(save_noise(tmp_path / "c.jpg", (3000, 3000))) == []


def test_a_smaller_cover_is_a_warning(tmp_path: Path) -> None:
    found = cover_findings(save_noise(tmp_path / "c.jpg", (1500, 1500)))

    assert [(finding.code, finding.severity) for finding in found] == [
        ("cover_small", Severity.WARN)
    ]


def test_a_tiny_cover_fails(tmp_path: Path) -> None:
    assert failures(cover_findings(save_noise(tmp_path / "c.jpg", (500, 500))))


@pytest.mark.parametrize(
    ("name", "size", "mode", "code"),
    [
        ("c.jpg", (1500, 1400), "RGB", "cover_shape"),
        ("c.jpg", (1400, 1400), "CMYK", "cover_mode"),
        ("c.jpg", (1400, 1400), "L", "cover_mode"),
        ("c.gif", (1400, 1400), "P", "cover_format"),
    ],
)
def test_wrong_forms_are_named(
    name: str, size: tuple[int, int], mode: str, code: str, tmp_path: Path
) -> None:
    assert code in codes(save_noise(tmp_path / name, size, mode))


def test_a_blank_cover_fails(tmp_path: Path) -> None:
    path = tmp_path / "c.png"
    Image.new("RGB", (1400, 1400), "#203040").save(path)

    assert "cover_blank" in codes(path)


def test_a_broken_cover_is_unreadable(tmp_path: Path) -> None:
    path = save_noise(tmp_path / "c.jpg", (1400, 1400))
    path.write_bytes(path.read_bytes()[:2000])

    assert codes(path) == {"cover_unreadable"}


def test_entropy_of_two_equal_halves_is_one_bit() -> None:
    image = Image.new("L", (10, 10))
    image.paste(255, (0, 0, 10, 5))

    assert entropy_bits(image) == pytest.approx(1.0)
