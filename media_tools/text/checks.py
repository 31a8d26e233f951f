"""Checks lyrics of any writer, and how many of their lines rhyme."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from media_tools.findings import Finding, Severity
from media_tools.text.artist_names import real_artists
from media_tools.text.bank.words import AVOID
from media_tools.text.base import Concept, Lyrics
from media_tools.text.phonemes import clean_words, near_rhymes

MAX_CLICHES = 3  # more than this in one song is a finding
MAX_REPEATED_SHARE = 0.25  # of the lines outside refrains
MIN_DISTINCT_SHARE = 0.3  # of all lines, including refrains
MAX_WORD_RUN = 4  # times the same word in a row
SHORT_LINE_WORDS = 2
MAX_SHORT_LINE_SHARE = 0.5
MAX_LINE_CHARS = 200


def _plain(line: str) -> str:
    return " ".join(clean_words(line))


def _whole(names: Iterable[str]) -> str:
    """Return a pattern for any of the names as whole words, longer names first."""
    ordered = sorted(names, key=len, reverse=True)
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)"


_CLICHE = re.compile(_whole(" ".join(clean_words(phrase)) for phrase in AVOID.cliches))
_EXPLICIT_WORD = re.compile(rf"(?:{'|'.join(AVOID.explicit)})(?:s|es|ed|er|ers|ing|in|y)?")


def explicit_words(text: str) -> list[str]:
    """Return the explicit words in a text, in lower case."""
    return [word for word in clean_words(text) if _EXPLICIT_WORD.fullmatch(word.rstrip("'"))]


def cliches(text: str) -> list[str]:
    """Return the worn phrases in a text."""
    return list(dict.fromkeys(_CLICHE.findall(_plain(text))))


def rhyming_share(lyrics: Lyrics) -> float:
    """Return the share of lines that rhyme, at least nearly, with another of their section.

    A repeated line is a refrain, not a rhyme. 0 for a song without lines.
    """
    rhyming = total = 0
    for section in lyrics.sections:
        lines = [(_plain(line), line) for line in section.lines]
        total += len(lines)
        rhyming += sum(
            any(words != others and near_rhymes(line, other) for others, other in lines)
            for words, line in lines
        )
    return rhyming / total if total else 0.0


def _finding(code: str, severity: Severity, message: str) -> Finding:
    return Finding(code=code, severity=severity, message=message)


def _form_findings(lyrics: Lyrics, lines: list[str], min_lines: int) -> list[Finding]:
    findings = []
    if len(lines) < min_lines:
        findings.append(
            _finding(
                "lyrics_too_few_lines",
                Severity.FAIL,
                f"Lyrics have {len(lines)} lines; {min_lines} are wanted.",
            )
        )
    if not any(section.kind == "chorus" and section.lines for section in lyrics.sections):
        findings.append(
            _finding("lyrics_no_chorus", Severity.FAIL, "Lyrics have no chorus to return to.")
        )
    empty = sum(not section.lines for section in lyrics.sections)
    if empty:
        findings.append(
            _finding("lyrics_empty_section", Severity.FAIL, f"{empty} section(s) have no lines.")
        )
    return findings


def _loop_findings(lyrics: Lyrics) -> list[Finding]:
    """Find lines or words that are repeated outside refrains."""
    findings = []
    own = [
        _plain(line)
        for section in lyrics.sections
        if section.kind not in ("chorus", "outro", "prechorus")
        for line in section.lines
    ]
    repeats = len(own) - len(set(own))
    if own and repeats / len(own) >= MAX_REPEATED_SHARE:
        findings.append(
            _finding(
                "lyrics_looping",
                Severity.FAIL,
                f"{repeats} of {len(own)} verse and bridge lines repeat an earlier one.",
            )
        )
    every = _every_line(lyrics)
    distinct = len(set(every))
    if every and distinct / len(every) < MIN_DISTINCT_SHARE:
        findings.append(
            _finding(
                "lyrics_looping",
                Severity.FAIL,
                f"Only {distinct} of {len(every)} lines are different.",
            )
        )
    for line in every:
        words = line.split()
        run = _longest_run(words)
        if run > MAX_WORD_RUN:
            findings.append(
                _finding(
                    "lyrics_looping_word",
                    Severity.FAIL,
                    f"One word {run} times in a row: {line!r}.",
                )
            )
            break
    return findings


def _every_line(lyrics: Lyrics) -> list[str]:
    return [_plain(line) for section in lyrics.sections for line in section.lines]


def repeated_share(lyrics: Lyrics) -> float:
    """Return the share of lines, including refrains, that repeat an earlier line."""
    every = _every_line(lyrics)
    return 1 - len(set(every)) / len(every) if every else 0.0


def _longest_run(words: list[str]) -> int:
    longest = run = 0
    for index, word in enumerate(words):
        run = run + 1 if index and word == words[index - 1] else 1
        longest = max(longest, run)
    return longest


def _line_findings(lines: list[str]) -> list[Finding]:
    findings = []
    short = sum(len(clean_words(line)) <= SHORT_LINE_WORDS for line in lines)
    if lines and short / len(lines) > MAX_SHORT_LINE_SHARE:
        findings.append(
            _finding(
                "lyrics_short_lines",
                Severity.WARN,
                f"{short} of {len(lines)} lines have {SHORT_LINE_WORDS} words or fewer.",
            )
        )
    blank = sum(not clean_words(line) for line in lines)
    if blank:
        findings.append(
            _finding("lyrics_blank_lines", Severity.FAIL, f"{blank} line(s) hold no word.")
        )
    long = [line for line in lines if len(line) > MAX_LINE_CHARS]
    if long:
        findings.append(
            _finding(
                "lyrics_long_line",
                Severity.WARN,
                f"{len(long)} line(s) are longer than {MAX_LINE_CHARS} characters.",
            )
        )
    return findings


def undrawable(text: str) -> str:
    """Return why covers and captions cannot show a text, or ""; emoji are ignored."""
    # Imported here: fonts load Pillow, which the panel and most commands do not need.
    from media_tools import fonts

    try:
        fonts.drawable(text)
    except fonts.TextNotDrawable as error:
        return str(error)
    return ""


def _glyph_findings(lines: list[str]) -> list[Finding]:
    """Find lines that no font can draw, before captions would fail on them in the video."""
    reasons = filter(None, map(undrawable, filter(str.strip, lines)))
    return [_finding("lyrics_undrawable", Severity.FAIL, why) for why in islice(reasons, 1)]


def _word_findings(lyrics: Lyrics, text: str) -> list[Finding]:
    findings = []
    worn = cliches(text)
    if len(worn) > MAX_CLICHES:
        findings.append(
            _finding("lyrics_cliches", Severity.WARN, f"Worn phrases: {', '.join(sorted(worn))}.")
        )
    rude = sorted(set(explicit_words(text)))
    if rude and not lyrics.explicit:
        findings.append(
            _finding(
                "lyrics_explicit_unflagged",
                Severity.FAIL,
                f"Explicit words without the explicit flag: {', '.join(rude)}.",
            )
        )
    elif rude:
        findings.append(
            _finding("lyrics_explicit", Severity.WARN, f"Explicit words: {', '.join(rude)}.")
        )
    if names := real_artists(text):
        findings.append(
            _finding(
                "lyrics_real_artist",
                Severity.FAIL,
                f"Lyrics name a real artist: {', '.join(names)}.",
            )
        )
    return findings


def concept_findings(concept: Concept) -> list[Finding]:
    """Return a warning if a concept's title, story or prompts name a real artist."""
    texts = (concept.title, concept.story, concept.hook, concept.music_prompt)
    named = real_artists("\n".join((*texts, concept.visual_prompt)))
    if not named:
        return []
    message = f"The concept names a real artist: {', '.join(named)}."
    # New lyrics do not change the concept.
    return [Finding("concept_real_artist", Severity.WARN, message, retryable=False)]


def lyric_findings(lyrics: Lyrics, *, min_lines: int = 16) -> list[Finding]:
    """Return what keeps lyrics from a reviewer (fail), or what a reviewer should know (warn)."""
    lines = [line for section in lyrics.sections for line in section.lines]
    if not any(clean_words(line) for line in lines):
        return [_finding("lyrics_empty", Severity.FAIL, "Lyrics hold no words.")]
    text = "\n".join(lines)
    return [
        *_form_findings(lyrics, lines, min_lines),
        *_loop_findings(lyrics),
        *_line_findings(lines),
        *_glyph_findings(lines),
        *_word_findings(lyrics, text),
    ]
