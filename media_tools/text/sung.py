"""Extracts what is sung from a written line: removes headings, stage directions and Markdown.

Brackets never contain sung words. Parentheses and whole lines often do, "(ooh)" or "(come back)",
so those are removed only if every word in them is one of directions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from media_tools.text.bank.model import tokens

_PARTS = frozenset(
    tokens("""
    verse chorus prechorus postchorus refrain bridge intro outro hook interlude coda breakdown
    strophe couplet pont coro estribillo verso puente""")
)
_SOUNDS = frozenset(
    tokens("""
    guitar piano synth synths sax saxophone violin strings drum drums bass organ trumpet horns
    brass flute accordion harmonica beat band choir vocal vocals voice voices music""")
)
_ACTS = frozenset(
    tokens("""
    solo riff instrumental instrumentals lib libs adlib adlibs fade fades fading spoken speaking
    whispered whispering whispers softly hummed humming hums sighs laughs claps repeat repeats
    repeated crescendo acapella cappella bars""")
)
# These mean nothing alone; beside a part or a sound they make a sentence of it.
_SMALL = frozenset(tokens("a an and the of in to with by"))
_FILLERS = _SMALL | frozenset(
    tokens("""
    out as x times time twice final last first second third pre post ad up down drop drops break
    fill build buildup word one two three four ii iii iv key change lead background backing
    harmony harmonies slow slower fast faster soft loud quiet quietly loudly distorted long short
    continues continued playing plays only""")
)
_DIRECTIONS = _PARTS | _SOUNDS | _ACTS | _FILLERS
_ABOUT = frozenset(tokens("title tempo bpm key genre style"))  # what follows these is not sung

_BRACKETED = re.compile(r"\[[^\[\]]*\]|\{[^{}]*\}|【[^】]*】|［[^］]*］|<[^<>]{1,40}>")
_IN_PARENTHESES = re.compile(r"\(([^()]*)\)|（([^（）]*)）")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s")
_LIST_MARK = re.compile(r"\A(?:[-*+•>–—]\s+)+")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_LEFT_OVER = re.compile(r"[\[\]{}♪♫♬🎵🎶`]|\*{2,}|(?<!\w)_{2,}|_{2,}(?!\w)")
_LABEL = re.compile(r"\s*([^:：]{1,40}?)\s*[:：](?!\d)\s*")
_REPEATED_AT_END = re.compile(r"(?:^|\s+)[([]?(?:[x×]\s?\d{1,2}|\d{1,2}\s?[x×])[)\]]?\s*$", re.I)
_WORD = re.compile(r"[^\W_]+")


def sung_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the sung part of each line, without lines that have none."""
    return tuple(words for line in lines if (words := sung_words(line)))


def sung_words(line: str) -> str:
    """Return the sung part of a line on one line, or ""."""
    line = " ".join(line.split())
    if _MARKDOWN_HEADING.match(line):
        return ""
    line = _BRACKETED.sub(" ", _EMPHASIS.sub(_unmarked, _LIST_MARK.sub("", line)))
    line = _IN_PARENTHESES.sub(_without_direction, _LEFT_OVER.sub(" ", line))
    line = _REPEATED_AT_END.sub("", " ".join(line.split()))
    if label := _LABEL.match(line):
        if _ABOUT.issuperset(_words(label[1])):
            return ""
        if _names_a_part(label[1]):
            line = line[label.end() :]
    line = line.strip()
    return "" if _is_heading(line) or not _WORD.search(line) else line


def _unmarked(match: re.Match[str]) -> str:
    """Return emphasised words without marks; "*sighs softly*" is a direction, "*never*" is sung."""
    return "" if _is_direction(match[2]) else match[2]


def _without_direction(match: re.Match[str]) -> str:
    inside = match[1] or match[2] or ""
    label = _LABEL.match(inside)
    if label and _names_a_part(label[1]):
        inside = inside[label.end() :]
    beside = match.string[: match.start()] + match.string[match.end() :]
    echo = set(_words(inside)) <= set(_words(beside))  # "Killing me softly (softly)"
    return f"({inside})" if inside and (echo or not _is_direction(inside)) else " "


def _names_a_part(label: str) -> bool:
    """Whether the text before a colon is a heading or a way of singing."""
    return _is_direction(label) or _words(label) == ["lyrics"]


def _is_direction(text: str) -> bool:
    """Whether all words set apart from the sung text are directions."""
    words = set(_words(text))
    plain = not words & _SMALL
    telling = (
        words & _ACTS or (plain and words & (_PARTS | _SOUNDS)) or _REPEATED_AT_END.match(text)
    )
    return bool(telling) and all(word in _DIRECTIONS or word.isdigit() for word in words)


def _is_heading(text: str) -> bool:
    """Whether a whole bare line is a heading: "Verse 2", "Final chorus", "Guitar solo"."""
    words = set(_words(text))
    named = words & _PARTS or "instrumental" in words or (words & _ACTS and words & _SOUNDS)
    return bool(named) and not words & _SMALL and _is_direction(text)


def _words(text: str) -> list[str]:
    """Return lower-case words; "pre-chorus" and "ad-lib" are one each, "x2" gives "x" and "2"."""
    text = re.sub(r"middle (?:8|eight)", "bridge", text.lower().replace("×", "x"))
    text = re.sub(r"(?<=\w)-(?=\w)", "", text)
    return _WORD.findall(re.sub(r"\bx(?=\d)|(?<=\d)x\b", " x ", text))
