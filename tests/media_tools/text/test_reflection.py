from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from media_tools.text.base import ConceptBrief, Persona, ReflectionBrief
from media_tools.text.lessons import wishes_of
from media_tools.text.offline import OfflineWriter
from media_tools.text.reflect import tempo_error_bpm
from tests.media_tools.text.conftest import song


def with_facts(brief: ReflectionBrief, **facts: Any) -> ReflectionBrief:
    return replace(brief, facts={**brief.facts, **facts})


def test_a_song_as_planned_is_close_to_one(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    notes = writer.reflection(reflection_brief)

    assert notes.alignment == pytest.approx(1.0)
    assert notes.problems == ()
    assert len(notes.strengths) >= 3
    assert notes.proposed_changes == ()


def test_the_text_says_who_wrote_it_and_cites_what_was_measured(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    text = writer.reflection(with_facts(reflection_brief, lufs=-15.2, crest_db=9.4)).text

    assert "offline writer" in text
    assert "-15.2 LUFS" in text
    assert "9.4 dB" in text
    assert "2100 Hz" in text
    assert 4 <= len([part for part in text.split(". ") if part]) <= 8


@pytest.mark.parametrize(
    ("facts", "loss"),
    [
        ({"lufs": -17.5}, 0.15),
        ({"true_peak_dbtp": -0.2}, 0.10),
        ({"key": "F# phrygian"}, 0.10),
        ({"lufs": -15.5}, 0.05),
    ],
)
def test_each_miss_costs_what_the_formula_says(
    writer: OfflineWriter, reflection_brief: ReflectionBrief, facts: dict[str, Any], loss: float
) -> None:
    notes = writer.reflection(with_facts(reflection_brief, **facts))

    assert notes.alignment == pytest.approx(1.0 - loss, abs=0.001)


def test_findings_and_length_cost_too(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    planned = reflection_brief.concept.duration_s
    brief = replace(
        with_facts(reflection_brief, duration_s=planned + 10.0),
        findings=("A silence of 3 s.", "Clipping."),
    )

    notes = writer.reflection(brief)

    assert notes.alignment == pytest.approx(1 - 0.10 - 0.16, abs=0.001)
    assert "A silence of 3 s" in notes.text
    assert any("shorter than" in lesson for lesson in notes.lessons)


def test_a_tempo_outside_the_range_proposes_a_wider_one(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    concept = replace(reflection_brief.concept, tempo_bpm=100)
    brief = with_facts(replace(reflection_brief, concept=concept), tempo_bpm=86.0)

    notes = writer.reflection(brief)

    change = next(c for c in notes.proposed_changes if c.field == "tempo_min_bpm")
    assert (change.old, change.new) == (90, 86)
    assert "Keep the tempo above 95 BPM." in notes.lessons


def test_half_and_double_tempo_count_as_right() -> None:
    assert tempo_error_bpm(87.0, 174) == 0
    assert tempo_error_bpm(140.0, 70) == 0
    assert tempo_error_bpm(100.0, 120) == 20


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("too_slow", "faster"),
        ("boring", "energy"),
        ("too_long", "shorter"),
        ("lyrics_weak", "word"),
    ],
)
def test_lessons_answer_the_latest_rejection(
    writer: OfflineWriter, reflection_brief: ReflectionBrief, reason: str, word: str
) -> None:
    brief = replace(reflection_brief, recent_decisions=(("rejected", reason, "not again"),))

    notes = writer.reflection(brief)

    assert word in notes.lessons[0]
    assert reason.replace("_", " ") in notes.text
    assert notes.alignment == pytest.approx(0.97)


def test_a_row_of_rejections_proposes_new_ground(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    brief = replace(reflection_brief, recent_decisions=(("rejected", "boring", ""),) * 4)

    changed = {change.field for change in writer.reflection(brief).proposed_changes}

    assert changed == {"themes", "style_notes"}
    assert changed <= {field.name for field in fields(Persona)}


def test_every_lesson_is_one_the_writer_can_obey(
    writer: OfflineWriter, reflection_brief: ReflectionBrief, concept_brief: ConceptBrief
) -> None:
    seen: set[str] = set()
    for seed, reason in enumerate(
        ("slow", "fast", "dark", "cheesy", "long", "short", "muddy", "harsh", "weak", "loud", "?")
    ):
        brief = replace(
            with_facts(reflection_brief, tempo_bpm=80.0, crest_db=5.0, duration_s=200.0),
            recent_decisions=(("rejected", reason, ""),),
            seed=seed,
        )
        lessons = writer.reflection(brief).lessons
        assert 1 <= len(lessons) <= 3
        assert all(wishes_of(lesson) for lesson in lessons), lessons
        seen.update(lessons)

    assert len(seen) >= 8


def test_known_lessons_are_not_given_again(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    brief = replace(reflection_brief, recent_decisions=(("rejected", "too slow", ""),))
    first = writer.reflection(brief).lessons

    again = writer.reflection(replace(brief, lessons=("Faster, please",))).lessons

    assert first == ("Make it faster.",)
    assert again == ()


def test_no_lesson_goes_against_one_in_force(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    brief = replace(reflection_brief, recent_decisions=(("rejected", "too slow", ""),))

    assert writer.reflection(replace(brief, lessons=("Make it slower",))).lessons == ()


def test_where_nothing_asks_for_one_no_lesson_is_made_up(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    unexplained = replace(reflection_brief, recent_decisions=(("rejected", "?", ""),))

    assert writer.reflection(reflection_brief).lessons == ()
    assert writer.reflection(unexplained).lessons == ()


def test_without_facts_the_notes_admit_it(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    brief = replace(reflection_brief, facts={}, lyrics=song(), recent_decisions=())

    notes = writer.reflection(brief)

    assert "LUFS" not in notes.text
    assert notes.text.count(".") >= 4
    assert 0 <= notes.alignment <= 1


def test_the_worst_song_is_not_below_zero(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    brief = replace(
        with_facts(
            reflection_brief,
            lufs=-30.0,
            true_peak_dbtp=1.0,
            tempo_bpm=20.0,
            duration_s=5.0,
            key="X",
        ),
        findings=tuple(f"Fault {n}" for n in range(9)),
        recent_decisions=(("rejected", "boring", ""),) * 5,
        lyrics=song(("verse", ("one", "orange"))),
    )

    assert writer.reflection(brief).alignment == 0.0


def test_the_same_brief_gives_the_same_notes(
    writer: OfflineWriter, reflection_brief: ReflectionBrief
) -> None:
    assert writer.reflection(reflection_brief) == writer.reflection(reflection_brief)
