"""Times lyrics on a track's sections, and writes them as LRC or SubRip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from media_tools.music.base import Section, TimedWord
from media_tools.text.base import Lyrics, LyricsSection

MIN_LINE_S = 1.2  # a shorter line cannot be read
MAX_LINE_S = 7.0  # a line is not shown longer, whatever the pause after it
LEAD_IN_S = 0.25  # from the section's first beat to its first line
GAP_S = 0.05  # between two lines
CLEAR_AFTER_S = 2.0  # after a pause longer than this the display is emptied

_SILENT_KINDS = frozenset({"intro", "outro"})


@dataclass(frozen=True)
class TimedLine:
    """One line of lyrics with its place in the track, in seconds. section: of the lyrics."""

    start_s: float
    end_s: float
    text: str
    section: str


def _matches(wanted: Sequence[str], given: Sequence[str]) -> dict[int, int]:
    """Return the longest common subsequence: place in `wanted` -> place in `given`."""
    rows, columns = len(wanted), len(given)
    length = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            if wanted[i] == given[j]:
                length[i][j] = 1 + length[i + 1][j + 1]
            else:
                length[i][j] = max(length[i + 1][j], length[i][j + 1])
    matches: dict[int, int] = {}
    i = j = 0
    while i < rows and j < columns:
        if wanted[i] == given[j] and length[i][j] == 1 + length[i + 1][j + 1]:
            matches[i] = j
            i, j = i + 1, j + 1
        elif length[i + 1][j] >= length[i][j + 1]:
            i += 1
        else:
            j += 1
    return matches


def section_places(lyric_kinds: Sequence[str], track: Sequence[Section]) -> list[int]:
    """Return the index of the track's section for each section of the lyrics, never going back.

    Sections of the same kind are matched first. The others go to unused vocal sections between
    their neighbours, or share a neighbour's section if there is none.
    """
    matched = _matches(lyric_kinds, [section.kind for section in track])
    vocal = [i for i, section in enumerate(track) if section.kind not in _SILENT_KINDS]
    usable = vocal or list(range(len(track)))
    places: list[int] = []
    index = 0
    while index < len(lyric_kinds):
        if index in matched:
            places.append(matched[index])
            index += 1
            continue
        stop = index
        while stop < len(lyric_kinds) and stop not in matched:
            stop += 1
        after = places[-1] if places else -1
        before = matched[stop] if stop in matched else len(track)
        free = [i for i in usable if after < i < before]
        run = stop - index
        if free:
            places.extend(free[at * len(free) // run] for at in range(run))
        else:
            places.extend([after if after >= 0 else min(before, len(track) - 1)] * run)
        index = stop
    return places


@dataclass(frozen=True)
class _Span:
    """Lines that share one part of the track."""

    start_s: float
    end_s: float
    lines: tuple[tuple[str, str], ...]  # (section kind, text)


def _spans(sections: Sequence[LyricsSection], track: Sequence[Section]) -> list[_Span]:
    places = section_places([section.kind for section in sections], track)
    grouped: dict[int, list[tuple[str, str]]] = {}
    for section, place in zip(sections, places, strict=True):
        grouped.setdefault(place, []).extend((section.kind, line) for line in section.lines)
    order = sorted(grouped)
    spans: list[_Span] = []
    for at, place in enumerate(order):
        lines = tuple(grouped[place])
        start, end = track[place].start_s, track[place].end_s
        needed = LEAD_IN_S + len(lines) * MIN_LINE_S
        if end - start < needed:
            # Too short to read: use time in which nobody sings, first after the section, then
            # before it.
            is_last = at + 1 == len(order)
            latest = track[-1].end_s if is_last else track[order[at + 1]].start_s
            end = min(max(latest, end), start + needed)
            earliest = spans[-1].end_s if spans else track[0].start_s
            start = max(min(earliest, start), end - needed)
        spans.append(_Span(start, end, lines))
    return spans


def _timed(span: _Span) -> list[TimedLine]:
    length = max(span.end_s - span.start_s, 0.0)
    lead = min(LEAD_IN_S, length * 0.05)
    step = (length - lead) / len(span.lines)
    timed = []
    for number, (kind, text) in enumerate(span.lines):
        start = span.start_s + lead + number * step
        end = start + min(step - min(GAP_S, step * 0.05), MAX_LINE_S)
        timed.append(TimedLine(round(start, 3), round(end, 3), text, kind))
    return timed


def time_lyrics(lyrics: Lyrics, sections: Sequence[Section]) -> tuple[TimedLine, ...]:
    """Return every line of the lyrics with its time, in order and without overlap.

    sections: the track's, in order of time. Empty if the track has no sections or the lyrics have
    no lines. Lines of a section are spread evenly over the matching section of the track; they last
    at least MIN_LINE_S if the track has the time.
    """
    sung = [section for section in lyrics.sections if section.lines]
    track = [section for section in sections if section.end_s > section.start_s]
    if not sung or not track:
        return ()
    return tuple(line for span in _spans(sung, track) if span.lines for line in _timed(span))


def time_sung_lyrics(lyrics: Lyrics, words: Sequence[TimedWord]) -> tuple[TimedLine, ...]:
    """Return the lines that were sung, each from its first word to the end of its last.

    words: of the track, each with the index of its line. A line is shown for at least MIN_LINE_S if
    the next one leaves the time.
    """
    lines = [(section.kind, line) for section in lyrics.sections for line in section.lines]
    sung: dict[int, list[TimedWord]] = {}
    for word in words:
        sung.setdefault(word.line, []).append(word)
    order = sorted(sung, key=lambda number: sung[number][0].start_s)
    timed = []
    for place, number in enumerate(order):
        start, end = sung[number][0].start_s, sung[number][-1].end_s
        following = sung[order[place + 1]][0].start_s if place + 1 < len(order) else float("inf")
        end = min(max(end, start + MIN_LINE_S), following)
        kind, text = lines[number]
        timed.append(TimedLine(start, round(end, 3), text, kind))
    return tuple(timed)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lrc_time(seconds: float) -> str:
    hundredths = round(seconds * 100)
    return f"{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def to_lrc(lines: Sequence[TimedLine], *, title: str, artist: str, length_s: float) -> str:
    """Return an LRC file: tags, then "[mm:ss.xx]text"; an empty text clears the display."""
    whole = round(length_s)
    parts = [
        f"[ti:{_one_line(title).replace(']', ')')}]",
        f"[ar:{_one_line(artist).replace(']', ')')}]",
        f"[length:{whole // 60:02d}:{whole % 60:02d}]",
    ]
    for number, line in enumerate(lines):
        parts.append(f"[{_lrc_time(line.start_s)}]{_one_line(line.text)}")
        following = lines[number + 1].start_s if number + 1 < len(lines) else length_s
        if following - line.end_s > CLEAR_AFTER_S or number + 1 == len(lines):
            parts.append(f"[{_lrc_time(line.end_s)}]")
    return "\n".join(parts) + "\n"


def _srt_time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d},{rest % 1000:03d}"


def to_srt(lines: Sequence[TimedLine]) -> str:
    """Return a SubRip file of the lines."""
    return "\n".join(
        f"{number}\n{_srt_time(line.start_s)} --> {_srt_time(line.end_s)}\n{_one_line(line.text)}\n"
        for number, line in enumerate(lines, start=1)
    )
