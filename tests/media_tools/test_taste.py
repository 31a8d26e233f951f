"""Candidates: the stated measures decide, and a taste among the better half."""

from __future__ import annotations

from media_tools.taste import Taste, choose

MEASURES = [{"leap": 1.0}, {"leap": 5.0}, {"leap": 3.0}, {"leap": 9.0}]


def test_without_a_taste_the_first_best_is_chosen() -> None:
    assert choose([1.0, 4.0, 4.0, 2.0], MEASURES, Taste()) == 1


def test_a_taste_chooses_among_the_better_half() -> None:
    assert choose([1.0, 4.0, 4.0, 2.0], MEASURES, Taste({"leap": -1.0})) == 2
    assert choose([1.0, 4.0, 4.0, 2.0], MEASURES, Taste({"leap": 1.0})) == 1


def test_a_single_candidate_is_chosen() -> None:
    assert choose([0.0], MEASURES[:1], Taste({"leap": 1.0})) == 0


def test_a_measure_of_another_version_counts_nothing() -> None:
    assert Taste({"leap": 2.0, "gone": 7.0}).liking({"leap": 1.5}) == 3.0
