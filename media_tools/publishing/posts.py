"""Announcements in the words of a messenger, within its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser

from media_tools.errors import ProviderRejected
from media_tools.publishing.base import Post

_NO_LETTERS = re.compile(r"\W+")
_BREAKS = ("p", "br", "div", "li")


def hashtag(tag: str) -> str:
    """A tag in one word: "synth pop" is #SynthPop. "" if nothing is left of it."""
    words = [word for word in _NO_LETTERS.split(tag) if word]
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    return f"#{joined}" if joined and not joined.isdigit() else ""


def announcement(
    provider: str, item: Post, *, limit: int, size: Callable[[str], int], tags: Sequence[str] = ()
) -> str:
    """The text, the address, and the tags if there is room for all of them.

    Raises ProviderRejected if the text alone is too long: cut, it could lose what says that AI made
    the music.
    """
    plain = f"{item.text.strip()}\n\n{item.address}"
    tagged = f"{plain}\n\n{' '.join(tags)}" if tags else plain
    if size(tagged) <= limit:
        return tagged
    if size(plain) <= limit:
        return plain
    raise ProviderRejected(
        provider,
        f"the announcement has {size(plain)} characters; {limit} are possible",
        code="too_long",
        action="shorten the channel's text",
    )


def says(shown: str, item: Post) -> bool:
    """Whether a post says what ours does, whatever became of its white space."""
    return " ".join(item.text.split()) in " ".join(shown.split())


def plain_text(html: str) -> str:
    """The text of a post that a server has put into HTML."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.found)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _BREAKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        self.found.append(data)
