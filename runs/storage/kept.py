"""How the places of files speak of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

ARTIFACTS = "artifacts"
# Signed files of bundles, so that a bundle made again has the same bytes (releasing/marking.py).
SIGNED = "signed"


@dataclass(frozen=True)
class Kept:
    """A file as a place has it. stored_at: last."""

    name: str
    bytes: int
    stored_at: datetime


@dataclass(frozen=True)
class StoredFile:
    """A complete file in the store."""

    relative: str
    sha256: str
    bytes: int


def artifact_name(sha256: str, suffix: str) -> str:
    """The name of an artifact's file: equal contents have one."""
    return f"{ARTIFACTS}/{sha256[:2]}/{sha256}{suffix.lower()}"


def digest_in(name: str) -> str:
    """The SHA-256 that an artifact's name tells; empty for other files."""
    path = PurePosixPath(name)
    return path.stem if path.parts[0] == ARTIFACTS else ""
