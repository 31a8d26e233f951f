"""The composition plan ElevenLabs Music takes in place of a prompt: sections, lengths, lines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from media_tools.errors import ProviderRejected
from media_tools.music.base import MusicRequest, Section
from media_tools.music.wording import shortened, style_words, sung_parts

LENGTH_LIMITS_MS = (3_000, 600_000)
_CHUNK_LIMITS_MS = (3_000, 120_000)
_MAX_CHUNKS = 30
_MAX_LINES = 30
_MAX_LINE_CHARACTERS = 200
_STYLES = 7
_LATER_STYLES = 2
_STYLE_CHARACTERS = 100
_STYLE_TEXT_CHARACTERS = 2_000

# 12 to 30 s for four to eight lines.
_MS_PER_LINE = 3_500
_FASTEST_MS_PER_LINE = 1_500
_SHORTEST_SUNG_MS = 12_000
_EDGE_LIMITS_MS = (4_000, 20_000)
_INTRO_SHARE = 0.4


@dataclass(frozen=True)
class PlannedPart:
    """A section of the plan. kind: as in Section; an intro or outro has no lines."""

    kind: str
    heading: str
    lines: tuple[str, ...]
    duration_ms: int


@dataclass(frozen=True)
class CompositionPlan:
    """styles: of the whole song, the most telling first."""

    styles: tuple[str, ...]
    parts: tuple[PlannedPart, ...]

    @property
    def duration_ms(self) -> int:
        return sum(part.duration_ms for part in self.parts)

    def as_chunks(self) -> dict[str, Any]:
        """For music_v2 and later."""
        return {
            "chunks": [
                {
                    "text": "\n".join((f"[{part.heading}]", *part.lines)),
                    "duration_ms": part.duration_ms,
                    "positive_styles": list(self.styles if index == 0 else self._later(part)),
                    "negative_styles": [],
                    "context_adherence": "high",
                }
                for index, part in enumerate(self.parts)
            ]
        }

    def as_v1(self) -> dict[str, Any]:
        """For music_v1."""
        return {
            "positive_global_styles": list(self.styles),
            "negative_global_styles": [],
            "sections": [
                {
                    "section_name": part.heading,
                    "positive_local_styles": [] if part.lines else ["instrumental"],
                    "negative_local_styles": [],
                    "duration_ms": part.duration_ms,
                    "lines": list(part.lines),
                }
                for part in self.parts
            ],
        }

    def sections(self, duration_s: float) -> tuple[Section, ...]:
        """The plan stretched to the song's real length: lengths are wishes to the provider."""
        scale = duration_s / self.duration_ms
        found, start_ms = [], 0
        for part in self.parts:
            end_ms = start_ms + part.duration_ms
            found.append(Section(part.kind, start_ms * scale, end_ms * scale))
            start_ms = end_ms
        return tuple(found)

    def _later(self, part: PlannedPart) -> tuple[str, ...]:
        return self.styles[:_LATER_STYLES] if part.lines else ("instrumental",)


def composition_plan(request: MusicRequest, *, provider: str) -> CompositionPlan:
    """A plan of the lyrics' sections, with an intro and an outro where the length leaves room.

    Raises ProviderRejected when the lyrics have too many sections or need more than ten minutes.
    """
    parts = [
        PlannedPart(
            part.kind, part.heading, lines, max(_SHORTEST_SUNG_MS, _MS_PER_LINE * len(lines))
        )
        for part in sung_parts(request.lyrics)
        for lines in _in_chunks(part.lines)
    ]
    shortest, longest = LENGTH_LIMITS_MS
    wanted_ms = min(longest, max(shortest, round(request.duration_s * 1000)))
    parts = _fitted(parts, wanted_ms)
    styles = [
        shortened(style, _STYLE_CHARACTERS)
        for style in re.split(r"[,;]", style_words(request, limit=_STYLE_TEXT_CHARACTERS))
    ]
    plan = CompositionPlan(tuple(filter(None, styles))[:_STYLES], tuple(parts))
    if len(plan.parts) > _MAX_CHUNKS or plan.duration_ms > longest:
        raise ProviderRejected(
            provider,
            f"the lyrics have {len(plan.parts)} sections and need {plan.duration_ms / 60_000:.1f} "
            f"min; it takes {_MAX_CHUNKS} sections and {longest // 60_000} min",
            code="lyrics_too_long",
            action="shorten the lyrics of the run",
        )
    return plan


def _in_chunks(lines: Sequence[str]) -> list[tuple[str, ...]]:
    """Lines as a plan takes them; brackets and braces would be read as directions."""
    clean = [re.sub(r"[\[\]{}]", "", line) for line in lines]
    short = [piece for line in clean for piece in textwrap.wrap(line, _MAX_LINE_CHARACTERS)]
    return [tuple(short[at : at + _MAX_LINES]) for at in range(0, len(short), _MAX_LINES)]


def _fitted(parts: list[PlannedPart], wanted_ms: int) -> list[PlannedPart]:
    sung_ms = sum(part.duration_ms for part in parts)
    spare_ms = wanted_ms - sung_ms
    shortest_edge, longest_edge = _EDGE_LIMITS_MS
    if spare_ms < shortest_edge:
        return [
            _with_length(part, part.duration_ms * min(1.0, wanted_ms / sung_ms)) for part in parts
        ]
    intro_ms = min(longest_edge, max(shortest_edge, int(spare_ms * _INTRO_SHARE)))
    outro_ms = min(longest_edge, spare_ms - intro_ms)
    if outro_ms < shortest_edge:
        outro_ms = 0
    stretch = (wanted_ms - intro_ms - outro_ms) / sung_ms
    fitted = [
        PlannedPart("intro", "Intro", (), intro_ms),
        *(_with_length(part, part.duration_ms * stretch) for part in parts),
    ]
    return [*fitted, PlannedPart("outro", "Outro", (), outro_ms)] if outro_ms else fitted


def _with_length(part: PlannedPart, duration_ms: float) -> PlannedPart:
    shortest, longest = _CHUNK_LIMITS_MS
    floor = max(shortest, _FASTEST_MS_PER_LINE * len(part.lines))
    return replace(part, duration_ms=min(longest, max(floor, round(duration_ms))))
