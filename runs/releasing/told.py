"""How much of a work AI made, as shops are told.

They ask for generative AI. Whether an algorithm counts is not settled: it does, unless the operator
sets AI_ARTIST_DISCLOSE_ALGORITHMS_AS_AI to no. metadata.json tells the maker either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

ALGORITHM = "algorithm"
NOT_THERE = {"extent": "none", "made_by": "", "tools": ""}


def told_extent(made: Mapping[str, str]) -> str:
    """Extent of a contribution as shops are told: none, partial, full or undeclared."""
    if made["made_by"] == ALGORITHM and not settings.DISCLOSE_ALGORITHMS_AS_AI:
        return "none"
    return made["extent"]


def parts_of(disclosure: Mapping[str, Any], *, instrumental: bool) -> dict[str, dict[str, str]]:
    """The contributions to a track. An instrumental has no words, whatever was written for it."""
    parts: dict[str, dict[str, str]] = dict(disclosure["contributions"])
    return parts | {"lyrics": NOT_THERE} if instrumental else parts
