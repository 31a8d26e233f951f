"""A music request in the words that text-driven providers understand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from media_tools.errors import ProviderRejected
from media_tools.music.base import MusicRequest

_HEADING = re.compile(r"\[([^\]]+)\]\s*\Z")
INSTRUMENTAL_MARK = "[Instrumental]"


@dataclass(frozen=True)
class SungPart:
    """A section of the lyrics. kind: as in Section. heading: as written, such as "Verse 1"."""

    kind: str
    heading: str
    lines: tuple[str, ...]


def style_words(request: MusicRequest, *, limit: int) -> str:
    """The style in at most `limit` characters: the prompt, then what it does not say yet.

    Cut between words, since half a word may be another word.
    """
    words = request.prompt.strip().rstrip(",")
    facts = (request.genre, request.mood, f"{request.tempo_bpm} BPM", request.key or "")
    said = words.lower()
    for fact in facts:
        if fact and fact.lower() not in said:
            words += f", {fact}" if words else fact
    return shortened(words, limit)


def shortened(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, cut after a whole word where there is one."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit + 1].rpartition(" ")[0] or text[:limit]
    return head.rstrip(" ,;")


def is_instrumental(request: MusicRequest) -> bool:
    return request.instrumental or not request.lyrics.strip()


def lyrics_within(request: MusicRequest, limit: int, *, provider: str) -> str:
    """The lyrics as they are. Raises ProviderRejected when they are longer than `limit`."""
    lyrics = request.lyrics.strip()
    if len(lyrics) > limit:
        raise ProviderRejected(
            provider,
            f"the lyrics have {len(lyrics)} characters; it takes {limit}",
            code="lyrics_too_long",
            action="shorten the lyrics of the run",
        )
    return lyrics


def sung_parts(lyrics: str) -> list[SungPart]:
    """The lyrics by their "[Heading]" lines; lines before the first heading are a verse."""
    parts: list[SungPart] = []
    heading, lines = "Verse", list[str]()

    def close() -> None:
        if lines:
            kind = re.sub(r"[^a-z]", "", heading.lower())
            parts.append(SungPart(kind, heading, tuple(lines)))
            lines.clear()

    for line in lyrics.splitlines():
        line = line.strip()
        if found := _HEADING.match(line):
            close()
            heading = found.group(1).strip()
        elif line:
            lines.append(line)
    close()
    return parts
