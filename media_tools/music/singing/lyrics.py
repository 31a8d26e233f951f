"""Prepares the words of a song for the voice."""

from __future__ import annotations

import re
from typing import NamedTuple

from media_tools.music.local.form import section_kind

_HEADING = re.compile(r"^\s*\[(?P<kind>[^\]\d]*)[^\]]*\]\s*$")


_LINE_S = 2.4  # ten syllables at a lively pace, a held last one and a breath


class LyricSection(NamedTuple):
    """A section of lyrics."""

    kind: str  # of the form, such as "verse"
    first_line: int  # index in the whole song
    lines: tuple[str, ...]


def sections_of(lyrics: str) -> tuple[LyricSection, ...]:
    """Return the sections of a text with headings such as "[Verse 1]"; without any, one verse.

    Sections without lines are left out.
    """
    sections: list[tuple[str, int, list[str]]] = [("verse", 0, [])]
    count = 0
    for line in lyrics.splitlines():
        if heading := _HEADING.match(line):
            sections.append((section_kind(heading["kind"]), count, []))
        elif line.strip():
            sections[-1][2].append(line.strip())
            count += 1
    return tuple(
        LyricSection(kind, first, tuple(lines)) for kind, first, lines in sections if lines
    )


def singing_times_s(lyrics: str) -> dict[str, float]:
    """Return the seconds that the longest section of each kind needs to be sung."""
    times_s: dict[str, float] = {}
    for section in sections_of(lyrics):
        needed_s = _LINE_S * len(section.lines)
        times_s[section.kind] = max(needed_s, times_s.get(section.kind, 0.0))
    return times_s
