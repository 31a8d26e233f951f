"""The words of a song."""

from __future__ import annotations

from typing import Any

from media_tools.findings import failures
from media_tools.text.base import SECTION_LINES, Lyrics, LyricsBrief, LyricsSection
from media_tools.text.checks import lyric_findings
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

# (kind, lines); the gate wants 16 lines, so the short form has them too.
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
    """Sections for a song of this length, at about 2.5 to 4 s a line."""
    if duration_s < 75:
        return SHORT_FORM
    return MIDDLE_FORM if duration_s < 130 else LONG_FORM


def form_of(brief: LyricsBrief) -> tuple[tuple[str, int], ...]:
    """The wished form, else one for the song's length."""
    if brief.form:
        return tuple((kind, SECTION_LINES[kind]) for kind in brief.form)
    return form_for(brief.concept.duration_s)


def syllables_for(tempo_bpm: int) -> tuple[int, int]:
    """Syllables a line: two bars of 4/4 hold more of them at a slow tempo."""
    if tempo_bpm < 85:
        return (7, 11)
    return (6, 10) if tempo_bpm < 125 else (5, 9)


def task(brief: LyricsBrief) -> Task[Lyrics]:
    """Ask for lyrics; what the quality gate would refuse goes back to the writer once.

    Headings and stage directions among the lines are left out, and sections of nothing else.
    """

    def read(data: dict[str, Any]) -> Lyrics:
        return Lyrics(
            sections=tuple(
                LyricsSection(kind=section["kind"], lines=lines)
                for section in data["sections"]
                if (lines := sung_lines(section["lines"]))
            ),
            explicit=data["explicit"],
            language=data["language"],
        )

    def complaints(data: dict[str, Any]) -> list[Complaint]:
        found = failures(lyric_findings(read(data)))
        # The lyrics step has its own gate and another try, so these need not be fatal here.
        return [Complaint(f"$.sections: {finding.message}", fatal=False) for finding in found]

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
