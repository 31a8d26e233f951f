"""Content Credentials of providers' files, which decoding would lose."""

from __future__ import annotations

import glob
import mmap
import shutil
from pathlib import Path

from media_tools.files import atomic_output
from media_tools.media_types import SNIFF_BYTES, sniff

# Type of a C2PA manifest store, in the box that describes it (JUMBF, ISO 19566-5): the same bytes
# in every container.
_STORE = b"jumdc2pa\x00\x11\x00\x10"


def holds_credentials(path: Path) -> bool:
    """Whether a file holds Content Credentials, whole or broken."""
    if not path.stat().st_size:
        return False  # nothing to map
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(_STORE) >= 0


def keep_source(raw: Path, made: Path) -> None:
    """Keep a provider's file that holds credentials, as it came, beside what was made of it."""
    for earlier in _kept_beside(made):
        earlier.unlink()
    if holds_credentials(raw):
        with raw.open("rb") as source:
            media = sniff(source.read(SNIFF_BYTES))
        kept = made.with_name(f"{made.stem}.source{media.suffix if media else raw.suffix}")
        with atomic_output(kept) as partial:
            shutil.copyfile(raw, partial)


def kept_source(made: Path) -> Path | None:
    """The provider's file that keep_source left beside this one."""
    return next(iter(_kept_beside(made)), None)


def _kept_beside(made: Path) -> list[Path]:
    return sorted(made.parent.glob(f"{glob.escape(made.stem)}.source.*"))
