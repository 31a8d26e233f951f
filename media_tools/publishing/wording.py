"""Titles, descriptions and tags within the limits of a platform."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from media_tools.foreign import clean_text
from media_tools.publishing.base import Upload


def cut(text: str, limit: int, *, size: Callable[[str], int] = len) -> str:
    """`text` within a limit, ended by "…" where something had to go."""
    if size(text) <= limit:
        return text
    shorter = text[:limit]
    while shorter and size(f"{shorter}…") > limit:
        shorter = shorter[:-1]
    return f"{shorter.rstrip()}…" if limit else ""


def description_of(
    item: Upload, *, limit: int, mark: str = "", size: Callable[[str], int] = len
) -> str:
    """The item's description with the disclosure and, as its last line, our mark.

    A text that is too long is cut before these two, which never go.
    """
    words = clean_text(item.description).strip()
    end = f"\n\n{mark}" if mark else ""
    if size(words + end) > limit and item.disclosure:
        # Wherever it stood, it could be cut.
        words = words.replace(item.disclosure, "").strip()
        end = f"\n\n{item.disclosure}{end}"
    return cut(words, limit - size(end), size=size) + end


def carries(text: str, mark: str) -> bool:
    """Whether a text holds this mark, and not merely a longer one that begins like it."""
    return re.search(rf"(?<!\S){re.escape(mark)}(?!\S)", text) is not None


def tags_within(
    tags: Sequence[str], limit: int, *, cost: Callable[[str], int] = len
) -> tuple[str, ...]:
    """The first tags that fit together, without doubles. cost: what a tag takes of the limit."""
    kept: dict[str, str] = {}
    left = limit
    for tag in (" ".join(clean_text(tag).split()) for tag in tags):
        if not tag or tag.casefold() in kept:
            continue
        left -= cost(tag)
        if left < 0:
            break
        kept[tag.casefold()] = tag
    return tuple(kept.values())
