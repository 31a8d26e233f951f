"""Asks for another profile for a rejected artist."""

from __future__ import annotations

from typing import Any

from media_tools.text.base import EvolutionBrief, ProposedChange
from media_tools.text.prompts import Complaint, Task, closed_object, instructions
from media_tools.text.prompts.concept import persona_data
from media_tools.text.prompts.reflection import CHANGES_SCHEMA, changes_of

SCHEMA = closed_object({"changes": CHANGES_SCHEMA | {"minItems": 1, "maxItems": 4}})


def task(brief: EvolutionBrief) -> Task[tuple[ProposedChange, ...]]:
    """Ask for changes; one that repeats an earlier trial, or changes nothing, is left out."""

    def fresh(data: dict[str, Any]) -> tuple[ProposedChange, ...]:
        changes = changes_of(data["changes"], brief.persona)
        return tuple(change for change in changes if (change.field, change.new) not in brief.tried)

    def complaints(data: dict[str, Any]) -> list[Complaint]:
        changes = {change.field: change.new for change in fresh(data)}
        if not changes:
            return [Complaint("$.changes: nothing is changed that was not tried already")]
        low = changes.get("tempo_min_bpm", brief.persona.tempo_min_bpm)
        high = changes.get("tempo_max_bpm", brief.persona.tempo_max_bpm)
        if low > high:
            return [Complaint("$.changes: tempo_min_bpm is above tempo_max_bpm")]
        return []

    return Task(
        purpose="evolution",
        instructions=instructions("evolution"),
        data={
            "persona": persona_data(brief.persona),
            "decisions": {"approved": brief.approved, "rejected": brief.rejected},
            "reasons": dict(brief.reasons),
            "comments": list(brief.comments),
            "approved_bpm": list(brief.approved_bpm),
            "rejected_bpm": list(brief.rejected_bpm),
            "lessons": list(brief.lessons),
            "findings": list(brief.findings),
            "proposals": [vars(change) for change in brief.proposals],
            "tried": [{"field": field, "new": new} for field, new in brief.tried],
        },
        schema=SCHEMA,
        cap_tokens=3000,
        seed=brief.seed,
        complaints=complaints,
        read=fresh,
    )
