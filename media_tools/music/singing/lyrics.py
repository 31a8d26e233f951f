"""The words of a song as the voice reads them."""

from __future__ import annotations

import re
from typing import NamedTuple

from media_tools.music.local.form import section_kind

_HEADING = re.compile(r"^\s*\[(?P<kind>[^\]\d]*)[^\]]*\]\s*$")


_LINE_S = 2.4  # ten syllables at a lively pace, a held last one and a breath


class LyricSection(NamedTuple):
    """kind: of the form, such as "verse". first_line: index of its first line in the whole song."""

    kind: str
    first_line: int
    lines: tuple[str, ...]


def sections_of(lyrics: str) -> tuple[LyricSection, ...]:
    """The sections of a text with headings such as "[Verse 1]"; without headings it is one verse.

    Sections without lines are left out.
    """
    found: list[tuple[str, int, list[str]]] = [("verse", 0, [])]
    count = 0
    for line in lyrics.splitlines():
        if heading := _HEADING.match(line):
            found.append((section_kind(heading["kind"]), count, []))
        elif line.strip():
            found[-1][2].append(line.strip())
            count += 1
    return tuple(LyricSection(kind, first, tuple(lines)) for kind, first, lines in found if lines)


def singing_times_s(lyrics: str) -> dict[str, float]:
    """Seconds that the longest section of each kind needs to be sung."""
    times_s: dict[str, float] = {}
    for section in sections_of(lyrics):
        needed_s = _LINE_S * len(section.lines)
        times_s[section.kind] = max(needed_s, times_s.get(section.kind, 0.0))
    return times_s
