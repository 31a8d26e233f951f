"""What models are asked, and how their answers become texts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from media_tools.text.base import (
    CONCEPT_SCHEMA,
    Concept,
    ConceptBrief,
    LyricsBrief,
    Persona,
    PersonaBrief,
    ReflectionBrief,
)
from media_tools.text.offline import OfflineWriter
from media_tools.text.prompts import Task, concept, lyrics, persona, reflection


def concept_answer(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Last  Tram Home",
        "theme": "leaving late",
        "mood": "tender",
        "story": "A night driver ends the last round.",
        "hook": "take the last tram home",
        "keywords": ["tram", "rain", "lamp", "tram"],
        "music_style": "warm synths, slow drums.",
        "tempo_bpm": 96,
        "key": "A minor",
        "duration_s": 80,
        "visual_prompt": "an empty tram at night",
        "palette": ["#ffffff", "#101020", "#8844aa"],
        "lessons_applied": [2, 2],
        "follows_trend": False,
        **changes,
    }


def fatal(task: Task[Any], data: dict[str, Any]) -> list[str]:
    return [complaint.text for complaint in task.complaints(data) if complaint.fatal]


def test_every_message_names_json_and_holds_the_schema(concept_brief: ConceptBrief) -> None:
    system, user = concept.task(concept_brief).messages

    assert system["role"] == "system" and "JSON" in system["content"]
    assert '"music_style"' in user["content"]


# Persona


def persona_answer(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Ada  Vell",
        "backstory": "She repairs pianos.",
        "voice": "low",
        "themes": ["tides", "repair", "tides"],
        "audience": "walkers",
        "style_notes": "felt piano",
        "visual_style": "grey light",
        "tempo_min_bpm": 110,
        "tempo_max_bpm": 90,
        "keys": ["A minor", "C major"],
        **changes,
    }


def test_persona_is_read_and_tidied() -> None:
    made = persona.task(PersonaBrief("folk", frozenset(), 1)).read(persona_answer())

    assert made.name == "Ada Vell" and made.genre == "folk"
    assert (made.tempo_min_bpm, made.tempo_max_bpm) == (90, 110)
    assert made.themes == ("tides", "repair")


@pytest.mark.parametrize("name", ["Mira Halden", "Taylor Swift"])
def test_taken_and_real_names_are_refused(name: str) -> None:
    task = persona.task(PersonaBrief("folk", frozenset({"mira halden"}), 1))

    assert fatal(task, persona_answer(name=name))


def test_only_some_of_many_taken_names_are_sent_and_all_are_checked() -> None:
    taken = frozenset(f"artist {n}" for n in range(5000))
    task = persona.task(PersonaBrief("folk", taken, 1))

    assert len(task.data["names_taken"]) == persona.NAMES_SHOWN
    assert task.data == persona.task(PersonaBrief("folk", taken, 1)).data
    assert fatal(task, persona_answer(name="Artist 4999"))


# Concept


@pytest.fixture
def with_lessons(concept_brief: ConceptBrief) -> ConceptBrief:
    return replace(
        concept_brief,
        lessons=("Keep it short.", "No rain."),
        trend="night trains",
        music_prompt_prefix="lo-fi, ",
        recent_titles=("Harbour Light",),
    )


def test_concept_is_read_in_the_stored_shape(with_lessons: ConceptBrief) -> None:
    made = concept.task(with_lessons).read(concept_answer())

    jsonschema.validate(made.as_json(), CONCEPT_SCHEMA)
    assert made.title == "Last Tram Home"
    assert made.music_prompt == "lo-fi, warm synths, slow drums, 96 BPM, A minor"
    assert made.palette == ("#101020", "#8844aa", "#ffffff")
    assert made.lessons_applied == ("No rain.",)
    assert made.keywords == ("tram", "rain", "lamp")


@pytest.mark.parametrize(("follows", "trend"), [(True, "night trains"), (False, None)])
def test_trend_is_named_only_when_followed(
    follows: bool, trend: str | None, with_lessons: ConceptBrief
) -> None:
    assert concept.task(with_lessons).read(concept_answer(follows_trend=follows)).trend == trend


def test_length_outside_the_limits_is_asked_again_then_moved(with_lessons: ConceptBrief) -> None:
    task = concept.task(with_lessons)
    data = concept_answer(duration_s=400)

    assert task.complaints(data) and not fatal(task, data)
    assert task.read(data).duration_s == with_lessons.duration_s[1]


@pytest.mark.parametrize("title", ["harbour light", "A Song for Taylor Swift"])
def test_used_title_and_real_artist_are_refused(title: str, with_lessons: ConceptBrief) -> None:
    assert fatal(concept.task(with_lessons), concept_answer(title=title))


def test_lesson_numbers_are_bounded_by_the_schema(with_lessons: ConceptBrief) -> None:
    schema = concept.task(with_lessons).schema

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(concept_answer(lessons_applied=[3]), schema)


# Lyrics


@pytest.mark.parametrize("duration_s", [30, 74, 75, 129, 130, 240])
def test_form_has_enough_lines_for_the_gate(duration_s: int) -> None:
    form = lyrics.form_for(duration_s)

    assert sum(lines for _, lines in form) >= 16
    assert {kind for kind, _ in form} <= set(lyrics.KINDS)


def test_slow_songs_get_longer_lines() -> None:
    assert lyrics.syllables_for(70) > lyrics.syllables_for(100) > lyrics.syllables_for(140)


def test_lyrics_the_gate_would_refuse_are_complained_about(
    concept_brief: ConceptBrief, writer: OfflineWriter
) -> None:
    brief = LyricsBrief(writer.concept(concept_brief), concept_brief.persona, (), seed=1)
    section = {"kind": "verse", "lines": ["the same old line again"] * 4}
    data = {"sections": [section] * 4, "explicit": False, "language": "en"}

    assert any("chorus" in complaint.text for complaint in lyrics.task(brief).complaints(data))


# Reflection


@pytest.fixture
def reflection_task(persona: Persona, concept: Concept, writer: OfflineWriter) -> Task[Any]:
    words = writer.lyrics(LyricsBrief(concept, persona, (), seed=1))
    return reflection.task(
        ReflectionBrief(
            concept, persona, words, {"lufs": -14.0}, (), (), ("Keep it short.",), seed=1
        )
    )


def change(field: str, **value: Any) -> dict[str, Any]:
    return {"field": field, "text": None, "items": None, "number": None, "why": "because", **value}


def notes(*changes: dict[str, Any], lessons: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "text": "Fine.",
        "alignment": 1,
        "strengths": [],
        "problems": [],
        "proposed_changes": list(changes),
        "lessons": list(lessons),
    }


def test_changes_carry_the_old_value(reflection_task: Task[Any], persona: Persona) -> None:
    data = notes(change("voice", text="warmer"), change("themes", items=["tides"]))

    made = reflection_task.read(data).proposed_changes

    assert [(c.field, c.old, c.new) for c in made] == [
        ("voice", persona.voice, "warmer"),
        ("themes", list(persona.themes), ["tides"]),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        change("voice", number=5),
        change("voice", text="  "),
        change("tempo_min_bpm", text="90"),
        change("keys", items=["H sharp"]),
    ],
)
def test_changes_without_a_usable_value_are_left_out(
    bad: dict[str, Any], reflection_task: Task[Any]
) -> None:
    assert reflection_task.complaints(notes(bad))
    assert reflection_task.read(notes(bad)).proposed_changes == ()


def test_change_to_the_same_value_is_none(reflection_task: Task[Any], persona: Persona) -> None:
    data = notes(change("tempo_min_bpm", number=persona.tempo_min_bpm))

    assert reflection_task.read(data).proposed_changes == ()


def test_known_lessons_are_not_learnt_twice(reflection_task: Task[Any]) -> None:
    made = reflection_task.read(notes(lessons=("keep it short", "More brass.")))

    assert made.lessons == ("More brass.",)


def test_a_wished_form_is_asked_for_and_written(lyrics_brief: LyricsBrief) -> None:
    form = ("verse", "chorus", "verse", "prechorus", "chorus")
    wished = replace(lyrics_brief, form=form)

    asked = lyrics.task(wished).data["form"]

    assert tuple((part["kind"], part["lines"]) for part in asked) == tuple(
        (kind, 2 if kind == "prechorus" else 4) for kind in form
    )
    assert OfflineWriter().lyrics(wished).form == form
