"""What a mark says of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOFTWARE = "AI Artist Platform"
# Our assertion in Content Credentials: how each part of the work was made.
DISCLOSURE_LABEL = "ai-artist-platform.disclosure"


@dataclass(frozen=True)
class Source:
    """A file that holds Content Credentials of its own, and is part of this one."""

    path: Path
    title: str


@dataclass(frozen=True)
class Mark:
    """How one file was made.

    source_type: IPTC's address for it. statement: the disclosure in plain words. parts: by the name
    of each contribution to this file, how it was made. isrc: of a recording.
    """

    title: str
    source_type: str
    statement: str
    parts: Mapping[str, Mapping[str, Any]]
    sources: tuple[Source, ...] = ()
    isrc: str = ""
