"""Every package has its line in docs/dependencies.md."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
NAME = re.compile(r"^([A-Za-z0-9_.-]+)", re.MULTILINE)


def required() -> set[str]:
    names: set[str] = set()
    for path in ROOT.glob("requirements*.txt"):
        lines = [line for line in path.read_text().splitlines() if not line.startswith(("#", "-r"))]
        names |= {match.lower() for match in NAME.findall("\n".join(lines))}
    return names


def explained() -> dict[str, list[str]]:
    """The table's cells by package name."""
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if match := re.fullmatch(r"`([^`]+)`", cells[0]):
            rows[match.group(1).lower()] = cells[1:]
    return rows


def test_every_required_package_is_explained_and_no_other() -> None:
    assert set(explained()) == required()


def test_every_package_has_a_licence_and_a_reason() -> None:
    assert all(len(cells) == 2 and all(cells) for cells in explained().values())
