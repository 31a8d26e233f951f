"""Plans a track: which sections, in which order, how many bars each."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from media_tools.music.local.score import BEATS_PER_BAR

KINDS = ("intro", "verse", "prechorus", "chorus", "bridge", "break", "drop", "outro")
_SYNONYMS = {"hook": "chorus", "refrain": "chorus", "interlude": "break", "breakdown": "break"}

# The usual length of each kind of section, and how many bars it may have.
_USUAL_S = {
    "intro": 8.0,
    "verse": 18.0,
    "prechorus": 9.0,
    "chorus": 17.0,
    "bridge": 10.0,
    "break": 9.0,
    "drop": 18.0,
    "outro": 8.0,
}
_BARS = (2, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_EDGE_BARS = (1, 2, 3, 4, 5, 6, 8, 12, 16, 24)
_SHORTEST_S = 5.5
TAIL_S = 2.5  # the last chord rings after the written bars
TOLERANCE_S = 8.0
PRODUCT_RANGE_S = (60.0, 120.0)


@dataclass(frozen=True)
class PlannedSection:
    """One section: its kind, and its length in bars."""

    kind: str
    bars: int


def section_kind(word: str) -> str:
    """Return a lyric form's word as a kind of section; unknown words count as verses."""
    plain = word.strip().lower().replace("-", "").replace(" ", "").replace("_", "")
    plain = _SYNONYMS.get(plain, plain)
    return plain if plain in KINDS else "verse"


def with_edges(lyric_form: tuple[str, ...]) -> tuple[str, ...]:
    """Return a lyric form as kinds of sections, with an intro before and an outro after."""
    kinds = [section_kind(word) for word in lyric_form]
    if kinds[0] != "intro":
        kinds.insert(0, "intro")
    if kinds[-1] != "outro":
        kinds.append("outro")
    return tuple(kinds)


def plan_form(
    kinds: tuple[str, ...],
    *,
    tempo_bpm: float,
    duration_s: float,
    sung_s: Mapping[str, float] = MappingProxyType({}),
) -> tuple[PlannedSection, ...]:
    """Choose bars for each section so that the track lasts about duration_s, including the tail.

    sung_s: seconds that the words of a kind of section need. All sections of a kind get the same
    length. A form too long for the duration loses sections: first bridges, breaks and pre-choruses,
    then repeats, from the end; the intro is removed last.
    """
    return _planned(kinds, tempo_bpm, duration_s, tuple(sorted(sung_s.items())))


# The candidates of one song share few forms, and choosing the bars is slow.
@functools.lru_cache(maxsize=64)
def _planned(
    kinds: tuple[str, ...],
    tempo_bpm: float,
    duration_s: float,
    sung: tuple[tuple[str, float], ...],
) -> tuple[PlannedSection, ...]:
    sung_s = dict(sung)
    bar_s = BEATS_PER_BAR * 60.0 / tempo_bpm
    while True:
        lengths = _best_lengths(kinds, sung_s, bar_s=bar_s, duration_s=duration_s - TAIL_S)
        total_s = sum(lengths[kind] for kind in kinds) * bar_s + TAIL_S
        shorter = _without_one(kinds)
        if total_s <= duration_s + TOLERANCE_S or shorter == kinds:
            break
        kinds = shorter
    sections = [PlannedSection(kind, lengths[kind]) for kind in kinds]
    return tuple(_within_range(sections, bar_s, duration_s))


def _within_range(
    sections: list[PlannedSection], bar_s: float, duration_s: float
) -> list[PlannedSection]:
    """Lengthen or shorten the last section, so that the track stays near its duration.

    A duration within the product's range also keeps the track within it: the bars alone reach the
    shortest length, because a silent tail is cut off.
    """
    shortest_s = duration_s - TOLERANCE_S - TAIL_S
    longest_s = duration_s + TOLERANCE_S - TAIL_S
    if PRODUCT_RANGE_S[0] <= duration_s <= PRODUCT_RANGE_S[1]:
        shortest_s = max(shortest_s, PRODUCT_RANGE_S[0])
        longest_s = min(longest_s, PRODUCT_RANGE_S[1] - TAIL_S)
    bars = sum(section.bars for section in sections)
    wanted = max(bars, math.ceil(shortest_s / bar_s - 1e-9))
    wanted = max(len(sections), min(wanted, math.floor(longest_s / bar_s + 1e-9)))
    # If the last section is too short to lose bars, another one loses them.
    for index in range(len(sections) - 1, -1, -1):
        kept = max(1, sections[index].bars + wanted - bars)
        bars += kept - sections[index].bars
        sections[index] = replace(sections[index], bars=kept)
    return sections


def _best_lengths(
    kinds: tuple[str, ...], sung_s: Mapping[str, float], *, bar_s: float, duration_s: float
) -> dict[str, int]:
    """Return the bars by kind with the least cost, among those near the usual proportions."""
    distinct = tuple(dict.fromkeys(kinds))
    counts = [kinds.count(kind) for kind in distinct]
    scale = duration_s / sum(_USUAL_S[kind] for kind in kinds)
    # The last bar of a track is one held chord, over which nothing is sung.
    held_s = {kinds[-1]: bar_s} if kinds[-1] in sung_s else {}
    needed_s = {kind: sung_s.get(kind, 0.0) + held_s.get(kind, 0.0) for kind in distinct}
    options = [_options(kind, bar_s, _USUAL_S[kind] * scale, needed_s[kind]) for kind in distinct]
    best: tuple[float, tuple[tuple[int, float], ...]] | None = None
    for choice in itertools.product(*options):
        cost = sum(cost for _, cost in choice)
        if best is not None and cost >= best[0]:
            continue  # the length could only add to it
        total_s = bar_s * sum(bars * n for (bars, _), n in zip(choice, counts, strict=True))
        off_s = abs(total_s - duration_s)
        # Up to two seconds off is as good as exact; beyond that, the error weighs most.
        cost += 0.15 * max(0.0, off_s - 2.0)
        cost += 4.0 * (total_s > duration_s + TOLERANCE_S)  # a track this long would lose a section
        if best is None or cost < best[0] - 1e-12:
            best = (cost, choice)
    assert best is not None
    return {kind: bars for kind, (bars, _) in zip(distinct, best[1], strict=True)}


def _options(kind: str, bar_s: float, wanted_s: float, sung_s: float) -> list[tuple[int, float]]:
    """Return the few lengths nearest to the wanted one, each with its cost."""
    edge = kind in ("intro", "outro")
    costs = []
    for bars in _EDGE_BARS if edge else _BARS:
        cost = math.log2(bars * bar_s / wanted_s) ** 2 * (0.5 if edge else 1.0)
        cost += 0.0 if bars % 4 == 0 else 0.25 if bars % 2 == 0 else 0.5
        if bars * bar_s < max(sung_s, 0.0 if edge else _SHORTEST_S):
            cost += 3.0
        costs.append((bars, cost))
    brief = [(1, 2.0), (2, 1.0)] if edge and not sung_s else []
    return sorted(costs, key=lambda option: option[1])[:4] + brief


def _without_one(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the form without its least important section, or unchanged if none can go."""
    for index in range(len(kinds) - 1, -1, -1):
        if kinds[index] in ("bridge", "break", "prechorus"):
            return kinds[:index] + kinds[index + 1 :]
    for index in range(len(kinds) - 1, -1, -1):
        if kinds.count(kinds[index]) > 1:
            return kinds[:index] + kinds[index + 1 :]
    return kinds[1:] if kinds[0] == "intro" and len(kinds) > 2 else kinds
