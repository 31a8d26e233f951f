"""What pages show of a run."""

from __future__ import annotations

from media_tools.findings import Finding, Severity
from runs.presentation import concept_of, found_marks


def test_pictures_are_told_without_the_colours_that_stand_beside_them() -> None:
    concept = {"visual_prompt": "wet streets, neon, colours #201613 #6e453a #d99566, no text"}

    assert concept_of(concept, blind=True) == [("Pictures", "wet streets, neon")]


def test_findings_with_a_place_are_marked_inside_the_track() -> None:
    places = [(None, None), (0.0, 2.5), (45.0, None), (99.0, 101.0)]
    findings = [Finding("a", Severity.WARN, "It is.", *place) for place in places]

    marks = found_marks(findings, 100.0)

    assert [(mark.place, mark.share) for mark in marks] == [(0.0, 2.5), (45.0, 0.0), (99.0, 2.0)]
    assert found_marks(findings, None) == ()
