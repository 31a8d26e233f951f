"""How an experiment's chances moved as its reviews came in, and the chart of it.

Recomputed from the outcomes in the order of their reviews, by the code that judges; outcomes undone
since are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ai_artist.kit import charts
from experiments.models import Assignment, Experiment, Variant
from experiments.rules import SHOW_CHANCE_FROM, bar_at
from experiments.statistics import chances_best

MOST_POINTS = 60  # more could not be told apart and would be slow to compute
# Arms differ in their dashes too, because not everybody can tell the colours apart.
ARM_DASHES: tuple[tuple[int, ...], ...] = ((), (8, 3), (2, 3), (8, 3, 2, 3), (14, 4), (4, 8))


@dataclass(frozen=True)
class Point:
    """The chances after a number of reviewed runs in all arms together."""

    reviewed: int
    # of the arms then in the race, by variant; empty if one has too few runs
    chances: dict[int, float]
    bar: float | None  # chance that ends the experiment at this point; None: none does


def chances_over_time(experiment: Experiment) -> list[Point]:
    """Return at most MOST_POINTS points including the newest; the figures are those of the page."""
    variants = list(Variant.objects.filter(experiment=experiment).order_by("pk"))
    reviews = list(
        Assignment.objects.filter(experiment=experiment, outcome__in=Assignment.DECIDED)
        .order_by("outcome_at", "pk")
        .values_list("variant_id", "outcome", "outcome_at")
    )
    chosen = _spread(len(reviews))
    counts = {variant.pk: [0, 0] for variant in variants}
    points = []
    for number, (variant_id, outcome, at) in enumerate(reviews, start=1):
        counts[variant_id][outcome == Assignment.Outcome.REJECTED] += 1
        if number in chosen:
            live = [variant.pk for variant in variants if _in_race(variant, at)]
            points.append(_point(experiment, number, {pk: counts[pk] for pk in live}))
    return points


def chart(experiment: Experiment, points: Sequence[Point]) -> str:
    """Return Chart.js data of the points as JSON; "" if there is no chance to show."""
    if not any(point.chances for point in points):
        return ""
    variants = Variant.objects.filter(experiment=experiment).order_by("pk")
    lines = [
        charts.line(
            variant.name,
            charts.in_percent([point.chances.get(variant.pk) for point in points]),
            colour,
            borderDash=dash,
            tension=0,
        )
        for variant, colour, dash in zip(variants, charts.COLOURS, ARM_DASHES, strict=False)
    ]
    needed = charts.in_percent([point.bar for point in points])
    # 99.9 % lies on the upper edge, where Chart.js cuts lines off unless `clip` allows some pixels.
    bar: dict[str, Any] = {"borderDash": (2, 2), "stepped": True, "clip": 8}
    lines.append(charts.line("Needed to act", needed, charts.GREY, **bar))
    return charts.data([point.reviewed for point in points], lines)


def chart_options() -> str:
    """Return the chart's options as JSON: percent upwards, reviewed runs to the right."""
    return charts.percent_lines(across="Reviewed runs", upwards="Chance in %")


def _spread(reviews: int) -> set[int]:
    """Choose the reviews that get a point, counted from 1: all, or MOST_POINTS and the last."""
    if reviews <= MOST_POINTS:
        return set(range(1, reviews + 1))
    return {round(reviews * (number + 1) / MOST_POINTS) for number in range(MOST_POINTS)}


def _in_race(variant: Variant, at: datetime | None) -> bool:
    return variant.stopped_at is None or at is None or at < variant.stopped_at


def _point(experiment: Experiment, reviewed: int, counts: dict[int, list[int]]) -> Point:
    least = min((sum(arm) for arm in counts.values()), default=0)
    if len(counts) < 2 or least < SHOW_CHANCE_FROM:
        return Point(reviewed, {}, None)
    chances = chances_best([(approved, rejected) for approved, rejected in counts.values()])
    return Point(
        reviewed,
        dict(zip(counts, chances, strict=True)),
        bar_at(least, experiment.planned_runs_per_arm),
    )
