"""Where the data files of the product lie: word banks, pronunciations, the starter roster."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def read_toml(*parts: str) -> dict[str, Any]:
    """Read `assets/PARTS.toml`. Raises OSError or tomllib.TOMLDecodeError."""
    with ASSETS.joinpath(*parts).with_suffix(".toml").open("rb") as file:
        return tomllib.load(file)


def read_folder(*parts: str) -> list[dict[str, Any]]:
    """Read every TOML file of a folder of `assets/`, ordered by their `position`."""
    folder = ASSETS.joinpath(*parts)
    tables = [read_toml(*parts, file.stem) for file in folder.glob("*.toml")]
    return sorted(tables, key=lambda table: int(table.pop("position")))
