"""Compares runs that were given a lesson with earlier runs.

This is a comparison of before and after, not an experiment: artists, models and reviewers change
meanwhile, and a lesson usually follows a bad period, after which results improve anyway.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Min

from ai_artist.kit.values import counted
from artists.models import Lesson
from experiments.rules import SHOW_CHANCE_FROM, chance_in_words
from experiments.statistics import Counts, chance_exceeds, difference_interval
from runs.models import LessonUse, Review

# Runs before a lesson that are compared, for each artist that was given it.
RUNS_BEFORE = 30


@dataclass(frozen=True)
class Effect:
    """Decisions before and after a lesson.

    Chance and interval (of the difference in points) are hidden below 10 decided runs on a side.
    """

    before: Counts  # (approved, rejected) of the same artists
    after: Counts  # (approved, rejected)
    outcomes: Counter[str]  # runs by LessonUse.Outcome

    @property
    def shown(self) -> bool:
        return min(sum(self.before), sum(self.after)) >= SHOW_CHANCE_FROM

    @property
    def counts_line(self) -> str:
        """The raw counts."""
        before, after = (f"{counts[0]} of {sum(counts)}" for counts in (self.before, self.after))
        return f"With the lesson {after} approved; before it {before}, of the same artists."

    @property
    def chance_line(self) -> str:
        """The chance that approval is higher with the lesson, and by how many points."""
        if not self.shown:
            return f"A chance is shown from {SHOW_CHANCE_FROM} decided runs on each side on."
        low, high = difference_interval(self.after, self.before)
        chance = chance_in_words(chance_exceeds(self.after, self.before, margin=0.0))
        return (
            f"Chance that more is approved with it: {chance}. The difference is between "
            f"{100 * low:+.0f} and {100 * high:+.0f} points (95%)."
        )

    @property
    def obeyed_line(self) -> str:
        """How often songs followed the lesson, if that could be measured."""
        obeyed = self.outcomes[LessonUse.Outcome.OBEYED]
        measured = obeyed + self.outcomes[LessonUse.Outcome.BROKEN]
        given = sum(self.outcomes.values())
        if not given:
            return "No run was given it yet."
        if not measured:
            return f"Given to {counted(given, 'run')}; whether they followed it cannot be measured."
        return f"Followed in {obeyed} of {measured} measured runs; given to {given}."


def effect_of(lesson: Lesson) -> Effect:
    """Count a lesson's runs and, for each artist that got it, the last runs before it."""
    uses = LessonUse.objects.filter(lesson=lesson)
    after = _counts(
        Review.objects.standing()
        .by_people()
        .filter(run__in=uses.values("run"))
        .values_list("decision", flat=True)
    )
    firsts = uses.order_by().values_list("run__artist").annotate(first=Min("run__created_at"))
    before: Counter[str] = Counter()
    for artist_id, first in firsts:
        earlier = (
            Review.objects.standing()
            .by_people()
            .filter(run__artist=artist_id, run__created_at__lt=first)
        )
        newest = earlier.order_by("-run__created_at", "-run_id")
        before.update(newest.values_list("decision", flat=True)[:RUNS_BEFORE])
    outcomes = Counter(uses.order_by().values_list("outcome", flat=True))
    return Effect(before=_pair(before), after=after, outcomes=outcomes)


def _counts(decisions: Iterable[str]) -> Counts:
    return _pair(Counter(decisions))


def _pair(counts: Counter[str]) -> Counts:
    return counts[Review.Decision.APPROVE], counts[Review.Decision.REJECT]
