"""What pages show of a run."""

from __future__ import annotations

from runs.presentation import concept_of


def test_pictures_are_told_without_the_colours_that_stand_beside_them() -> None:
    concept = {"visual_prompt": "wet streets, neon, colours #201613 #6e453a #d99566, no text"}

    assert concept_of(concept, blind=True) == [("Pictures", "wet streets, neon")]
