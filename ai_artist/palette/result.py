"""What the palette shows a line of."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page of the menu."""

    title: str
    link: str
    icon: str


@dataclass(frozen=True)
class Result:
    """A line of the palette.

    told: its kind and status in words. picture: a file shown instead of the icon. begins: that it
    counts as beginning with the words, whatever its title says.
    """

    title: str
    told: str
    link: str
    icon: str
    picture: uuid.UUID | None = None
    begins: bool = False
