"""Asks for the words of a song."""

from __future__ import annotations

from typing import Any

from media_tools import fonts
from media_tools.findings import failures
from media_tools.text.base import SECTION_LINES, Lyrics, LyricsBrief, LyricsSection
from media_tools.text.checks import lyric_findings, undrawable
from media_tools.text.prompts import (
    Complaint,
    Task,
    closed_object,
    instructions,
    word_list,
)
from media_tools.text.prompts.concept import persona_data
from media_tools.text.sung import sung_lines

KINDS = ("verse", "prechorus", "chorus", "bridge", "outro")

# (kind, lines); the quality gate wants 16 lines, so even the short form has 16.
SHORT_FORM = (("verse", 4), ("chorus", 4), ("verse", 4), ("chorus", 4))
MIDDLE_FORM = (*SHORT_FORM, ("bridge", 4), ("chorus", 4))
LONG_FORM = (
    ("verse", 4),
    ("prechorus", 2),
    ("chorus", 4),
    ("verse", 4),
    ("prechorus", 2),
    ("chorus", 4),
    ("bridge", 4),
    ("chorus", 4),
    ("outro", 2),
)

SCHEMA = closed_object(
    {
        "sections": {
            "type": "array",
            "minItems": 3,
            "maxItems": 14,
            "items": closed_object(
                {
                    "kind": {"type": "string", "enum": list(KINDS)},
                    "lines": word_list(1, 12, maximum=160),
                }
            ),
        },
        "explicit": {"type": "boolean"},
        "language": {"type": "string", "pattern": "^[a-z]{2}$"},
    }
)


def form_for(duration_s: int) -> tuple[tuple[str, int], ...]:
    """Return the sections for a song of this length, at about 2.5 to 4 s per line."""
    if duration_s < 75:
        return SHORT_FORM
    return MIDDLE_FORM if duration_s < 130 else LONG_FORM


def form_of(brief: LyricsBrief) -> tuple[tuple[str, int], ...]:
    """Return the wished form, or else one for the song's length."""
    if brief.form:
        return tuple((kind, SECTION_LINES[kind]) for kind in brief.form)
    return form_for(brief.concept.duration_s)


def syllables_for(tempo_bpm: int) -> tuple[int, int]:
    """Return the syllables per line: two bars of 4/4 have room for more at a slow tempo."""
    if tempo_bpm < 85:
        return (7, 11)
    return (6, 10) if tempo_bpm < 125 else (5, 9)


def task(brief: LyricsBrief) -> Task[Lyrics]:
    """Ask for lyrics; what the quality gate would refuse goes back to the writer once.

    Headings and stage directions among the lines are removed, as are sections of nothing else and
    emoji that no font has.
    """

    def read(data: dict[str, Any]) -> Lyrics:
        return Lyrics(
            sections=tuple(
                LyricsSection(kind=section["kind"], lines=tuple(map(_shown, lines)))
                for section in data["sections"]
                if (lines := sung_lines(section["lines"]))
            ),
            explicit=data["explicit"],
            language=data["language"],
        )

    def complaints(data: dict[str, Any]) -> list[Complaint]:
        findings = failures(lyric_findings(read(data)))
        # The lyrics step has its own gate and another try, so these need not be fatal here.
        return [Complaint(f"$.sections: {finding.message}", fatal=False) for finding in findings]

    concept = brief.concept
    low, high = syllables_for(concept.tempo_bpm)
    return Task(
        purpose="lyrics",
        instructions=instructions("lyrics"),
        data={
            "persona": persona_data(brief.persona),
            "concept": concept.as_json(),
            "lessons": list(brief.lessons),
            "form": [{"kind": kind, "lines": lines} for kind, lines in form_of(brief)],
            "syllables_per_line": f"{low} to {high}",
            "variation": brief.seed % 100_000,
        },
        schema=SCHEMA,
        cap_tokens=6000,
        seed=brief.seed,
        complaints=complaints,
        read=read,
    )


def _shown(line: str) -> str:
    """Return the line as captions show it; one that no font draws is kept and complained about."""
    return line if undrawable(line) else fonts.drawable(line)
