"""The offline rules that propose another profile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from media_tools.text.base import EvolutionBrief, Persona, PersonaBrief, ProposedChange
from media_tools.text.evolve import evolve
from media_tools.text.offline import OfflineWriter
from media_tools.text.prompts import evolution


@pytest.fixture
def persona() -> Persona:
    found = OfflineWriter().persona(PersonaBrief("synthwave", frozenset(), seed=4))
    return replace(found, tempo_min_bpm=96, tempo_max_bpm=112)


def brief_of(persona: Persona, **values: Any) -> EvolutionBrief:
    given: dict[str, Any] = {
        "persona": persona,
        "approved": 3,
        "rejected": 12,
        "reasons": (),
        "comments": (),
        "approved_bpm": (),
        "rejected_bpm": (),
        "lessons": (),
        "findings": (),
        "proposals": (),
        "tried": (),
        "seed": 1,
    }
    return EvolutionBrief(**(given | values))


def changes(persona: Persona, **values: Any) -> dict[str, ProposedChange]:
    return {change.field: change for change in evolve(brief_of(persona, **values))}


def test_the_tempo_moves_to_what_people_approve(persona: Persona) -> None:
    found = changes(persona, approved_bpm=(88, 90, 92), rejected_bpm=(108, 110))

    assert (found["tempo_min_bpm"].new, found["tempo_max_bpm"].new) == (82, 98)
    assert found["tempo_min_bpm"].why == "Approved songs have 90 BPM, rejected ones 109."


def test_a_lesson_moves_the_tempo(persona: Persona) -> None:
    found = changes(persona, lessons=("Keep the tempo below 100 BPM.",))

    assert (found["tempo_min_bpm"].new, found["tempo_max_bpm"].new) == (83, 99)


@pytest.mark.parametrize(
    ("code", "field"),
    [("visuals_unfit", "visual_style"), ("audio_fault", "style_notes"), ("lyric_cliche", "themes")],
)
def test_reasons_of_rejection_choose_the_field(persona: Persona, code: str, field: str) -> None:
    first = evolve(brief_of(persona, reasons=((code, 7),)))[0]

    assert first.field == field
    assert first.why.startswith("7 rejections")


def test_open_proposals_of_reflections_come_first(persona: Persona) -> None:
    proposal = ProposedChange("voice", persona.voice, "A whisper.", "Twelve reflections say so.")

    assert evolve(brief_of(persona, proposals=(proposal,)))[0] == proposal


def test_what_was_tried_in_vain_does_not_come_again(persona: Persona) -> None:
    tried: list[tuple[str, Any]] = []
    for _ in range(3):
        found = evolve(brief_of(persona, tried=tuple(tried)))
        assert found
        new = [(change.field, change.new) for change in found]
        assert not [one for one in new if one in tried]
        tried += new


def test_three_changes_at_most_and_the_same_for_the_same_seed(persona: Persona) -> None:
    brief = brief_of(persona, reasons=(("too_similar", 5), ("visuals_unfit", 4)))

    assert evolve(brief) == evolve(brief)
    assert len(evolve(brief)) == 3


# --- The language model's task ---


def answer(**values: Any) -> dict[str, Any]:
    change = {"field": "voice", "text": None, "items": None, "number": None, "why": "Because."}
    return {"changes": [change | values]}


def test_a_usable_answer_is_read(persona: Persona) -> None:
    task = evolution.task(brief_of(persona))

    data = answer(text="A whisper.")

    assert task.complaints(data) == []
    assert task.read(data) == (ProposedChange("voice", persona.voice, "A whisper.", "Because."),)


@pytest.mark.parametrize(
    ("values", "tried", "complaint"),
    [
        ({"text": "A whisper."}, (("voice", "A whisper."),), "nothing is changed"),
        ({"field": "tempo_min_bpm", "number": 150}, (), "above tempo_max_bpm"),
        ({}, (), "nothing is changed"),
    ],
)
def test_an_answer_that_cannot_be_tried_is_sent_back(
    persona: Persona, values: dict[str, Any], tried: tuple[tuple[str, Any], ...], complaint: str
) -> None:
    task = evolution.task(brief_of(persona, tried=tried))

    (found,) = task.complaints(answer(**values))

    assert complaint in found.text
    assert found.fatal
