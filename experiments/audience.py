"""Sums up how audiences liked each arm's runs; shown beside the decisions, never deciding.

Only approved runs are released, so plays per released run say more about the reviewers than about
the arm. Plays are therefore divided by the reviewed runs; a rejected one has no plays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max, QuerySet, Sum

from artists.models import PerformanceEntry
from experiments.models import Assignment, Experiment, Variant

PLAYS = ("streams", "views")


@dataclass(frozen=True)
class Audience:
    """Plays on one platform. per_run: of each arm, per reviewed run; None without such runs."""

    platform: str
    metric: str
    per_run: tuple[float | None, ...]


def audience_of(experiment: Experiment) -> list[Audience]:
    """Return plays by platform and metric, arms in the order of the page; empty if none are known.

    Figures suspected of bots are left out.
    """
    arms = list(
        Variant.objects.filter(experiment=experiment).order_by("pk").values_list("pk", flat=True)
    )
    decided = Assignment.objects.filter(experiment=experiment, outcome__in=Assignment.DECIDED)
    arm_of: dict[UUID, int] = dict(decided.values_list("run_id", "variant_id"))
    reviewed = Counter(arm_of.values())
    audiences = []
    for (platform, metric), plays in sorted(_plays(decided).items()):
        sums = Counter[int]()
        for run_id, value in plays.items():
            sums[arm_of[run_id]] += round(value)
        per_run = (sums[arm] / reviewed[arm] if reviewed[arm] else None for arm in arms)
        audiences.append(Audience(platform, metric, tuple(per_run)))
    return audiences


def _plays(runs: QuerySet[Assignment]) -> dict[tuple[str, str], Mapping[UUID, float]]:
    """Return plays by run, for each platform and metric, from the series that covers most runs.

    Two series of a platform count the same plays, so they are never added up. A series of totals
    holds the plays up to each of several days; other series hold the plays of each period.
    """
    figures = (
        PerformanceEntry.objects.audience()
        .filter(run_id__in=runs.values("run_id"), metric__in=PLAYS)
        .order_by()
        .values_list("series", "metric", "run_id")
        .annotate(summed=Sum("value"), newest=Max("value"))
    )
    by_series: dict[tuple[str, str, str], dict[UUID, float]] = defaultdict(dict)
    for series, metric, run_id, summed, newest in figures:
        platform, period, *_ = series.split("/")
        by_series[platform, metric, series][run_id] = newest if period == "total" else summed
    chosen: dict[tuple[str, str], Mapping[UUID, float]] = {}
    for platform, metric, series in sorted(by_series):
        plays = by_series[platform, metric, series]
        if len(plays) > len(chosen.get((platform, metric), {})):
            chosen[platform, metric] = plays
    return chosen
