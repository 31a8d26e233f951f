"""Asks for comments on a finished candidate."""

from __future__ import annotations

import re
from typing import Any

from media_tools import foreign
from media_tools.text.base import Persona, ProposedChange, ReflectionBrief, ReflectionNotes
from media_tools.text.lessons import same_key
from media_tools.text.prompts import (
    Complaint,
    Task,
    closed_object,
    instructions,
    word_list,
    words,
)
from media_tools.text.prompts.concept import persona_data
from media_tools.text.prompts.persona import KEY
from media_tools.text.reflect import reflect

_TEXT_FIELDS = ("backstory", "voice", "audience", "style_notes", "visual_style")
_LIST_FIELDS = ("themes", "keys")
_NUMBER_FIELDS = ("tempo_min_bpm", "tempo_max_bpm")
_PART_OF_FIELD = (
    dict.fromkeys(_TEXT_FIELDS, "text")
    | dict.fromkeys(_LIST_FIELDS, "items")
    | dict.fromkeys(_NUMBER_FIELDS, "number")
)

CHANGES_SCHEMA: dict[str, Any] = {
    "type": "array",
    "maxItems": 3,
    "items": closed_object(
        {
            "field": {"type": "string", "enum": list(_PART_OF_FIELD)},
            "text": {"type": ["string", "null"], "maxLength": 1500},
            "items": {
                "type": ["array", "null"],
                "items": words(60),
                "minItems": 1,
                "maxItems": 6,
            },
            "number": {"type": ["integer", "null"], "minimum": 40, "maximum": 220},
            "why": words(300),
        }
    ),
}

SCHEMA = closed_object(
    {
        "text": words(2000),
        "alignment": {"type": "number", "minimum": 0, "maximum": 1},
        "strengths": word_list(0, 5, maximum=300),
        "problems": word_list(0, 5, maximum=300),
        "proposed_changes": CHANGES_SCHEMA,
        "lessons": word_list(0, 3, maximum=200),
    }
)


def task(brief: ReflectionBrief) -> Task[ReflectionNotes]:
    """Ask for notes; a proposed change without a usable value is left out.

    If the model returns no alignment from 0 to 1, ours is used, computed from the measured facts.
    """
    known = {same_key(lesson) for lesson in brief.lessons}

    def mend(data: dict[str, Any]) -> dict[str, Any]:
        if (
            "alignment" not in data
            or foreign.finite(data["alignment"], low=0.0, high=1.0) is not None
        ):
            return data
        return data | {"alignment": reflect(brief).alignment}

    def complaints(data: dict[str, Any]) -> list[Complaint]:
        return [
            Complaint(f"$.proposed_changes: {change['field']} has no usable value", fatal=False)
            for change in data["proposed_changes"]
            if _new_value(change) is None
        ]

    def read(data: dict[str, Any]) -> ReflectionNotes:
        lessons = [text.strip() for text in data["lessons"]]
        return ReflectionNotes(
            text=data["text"].strip(),
            alignment=float(data["alignment"]),
            strengths=tuple(data["strengths"]),
            problems=tuple(data["problems"]),
            proposed_changes=changes_of(data["proposed_changes"], brief.persona),
            lessons=tuple(text for text in lessons if same_key(text) not in known),
        )

    return Task(
        purpose="reflection",
        instructions=instructions("reflection"),
        data={
            "persona": persona_data(brief.persona),
            "concept": brief.concept.as_json(),
            "lyrics": brief.lyrics.as_text(),
            "facts": dict(brief.facts),
            "findings": list(brief.findings),
            "recent_decisions": [
                {"decision": decision, "reasons": reasons, "comment": comment}
                for decision, reasons, comment in brief.recent_decisions
            ],
            "lessons": list(brief.lessons),
        },
        schema=SCHEMA,
        cap_tokens=4000,
        seed=brief.seed,
        complaints=complaints,
        read=read,
        mend=mend,
    )


def _new_value(change: dict[str, Any]) -> Any:
    """Return the value for the change's field; None if it is missing or cannot be used."""
    value = change[_PART_OF_FIELD[change["field"]]]
    if isinstance(value, str):
        return value.strip() or None
    if change["field"] == "keys" and value and not all(_is_key(key) for key in value):
        return None
    return value


def _is_key(text: str) -> bool:
    return re.search(KEY["pattern"], text) is not None


def changes_of(proposed: list[dict[str, Any]], persona: Persona) -> tuple[ProposedChange, ...]:
    """Return the changes in an answer that have a usable value and change something."""
    changes = []
    for change in proposed:
        old = getattr(persona, change["field"])
        old = list(old) if isinstance(old, tuple) else old
        new = _new_value(change)
        if new is not None and new != old:
            changes.append(ProposedChange(change["field"], old, new, change["why"]))
    return tuple(changes)
