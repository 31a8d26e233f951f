"""Compares a model's scores of its songs with the decisions of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.statistics import interval
from runs.models import Review

BINS = 10
# With fewer decided runs no figure is shown.
FEWEST = 10
# Limits of `skill` in words: the share of the base rate's error that a score removes.
LITTLE_WORTH, GOOD_WORTH = 0.05, 0.25


@dataclass(frozen=True)
class Bin:
    """Runs whose score lies in [low, high); the last bin includes its upper edge.

    interval: 95 % range of their approval rate from a uniform prior, shares of 1.
    """

    low: float
    high: float
    runs: int
    approved: int
    mean_score: float
    interval: tuple[float, float]

    @property
    def rate(self) -> float:
        return self.approved / self.runs

    @property
    def bar(self) -> dict[str, float]:
        """The 95 % range and the rate on an axis from 0 to 100."""
        low, high = self.interval
        return {"x": 100 * low, "width": 100 * (high - low), "rate": 100 * self.rate}

    @property
    def point(self) -> dict[str, float]:
        """Its place in a square of 100 by 100 with y downwards, as in SVG."""
        low, high = self.interval
        return {
            "x": 100 * self.mean_score,
            "y": 100 * (1 - self.rate),
            "top": 100 * (1 - high),
            "bottom": 100 * (1 - low),
        }


@dataclass(frozen=True)
class Calibration:
    """A model's scores compared with decisions."""

    model: str
    runs: int
    approved: int
    mean_score: float
    brier: float  # mean of (score - decision)^2; an approval is 1
    base: float  # the same if every score were the approval rate
    # Chance that an approved run scored higher than a rejected one, ties count half; None unless
    # there are both.
    order: float | None
    bins: list[Bin]

    @property
    def shown(self) -> bool:
        return self.runs >= FEWEST

    @property
    def rate(self) -> float:
        return self.approved / self.runs

    @property
    def curve(self) -> str:
        """The points of the bins as an SVG path."""
        points = [f"{part.point['x']:.2f} {part.point['y']:.2f}" for part in self.bins]
        return f"M{'L'.join(points)}"

    @property
    def skill(self) -> float | None:
        """The share of the base's error that the scores remove; below 0 they add to it.

        None if every run was decided alike, because then no score can tell them apart.
        """
        return 1 - self.brier / self.base if self.base else None

    @property
    def sentence(self) -> str:
        """What an operator should think of the scores."""
        if not self.shown:
            return f"{self.runs} of {FEWEST} decided runs; too few to tell."
        said = f"Says {self.mean_score:.0%} on average, people approve {self.rate:.0%}"
        if self.skill is None:
            return f"{said}: all were decided alike, so the scores cannot be tested."
        if self.skill >= GOOD_WORTH:
            return f"{said}: the scores tell good from bad."
        if self.skill >= LITTLE_WORTH:
            return f"{said}: a weak hint."
        if self.order is not None and self.order >= 0.7:
            return (
                f"{said}: of little worth as a chance, but higher scores are approved more often."
            )
        return f"{said}: of little worth."


def calibrations() -> list[Calibration]:
    """Return one calibration for each model with decided runs, most runs first."""
    rows = (
        Review.objects.standing()
        .by_people()
        .filter(run__reflection__isnull=False)
        .order_by("run__reflection__model")
        .values_list("run__reflection__model", "run__reflection__alignment", "decision")
    )
    by_model: dict[str, list[tuple[float, bool]]] = {}
    for model, score, decision in rows:
        by_model.setdefault(model, []).append((score, decision == Review.Decision.APPROVE))
    rated = [calibrate(model, pairs) for model, pairs in by_model.items()]
    return sorted(rated, key=lambda calibration: (-calibration.runs, calibration.model))


def calibrate(model: str, pairs: Sequence[tuple[float, bool]]) -> Calibration:
    """Compare scores with decisions.

    pairs: (score 0 to 1, approved) of each decided run; at least one.
    """
    runs, approved = len(pairs), sum(decision for _, decision in pairs)
    rate = approved / runs
    return Calibration(
        model=model,
        runs=runs,
        approved=approved,
        mean_score=sum(score for score, _ in pairs) / runs,
        brier=sum((score - decision) ** 2 for score, decision in pairs) / runs,
        base=rate * (1 - rate),
        order=_order(pairs),
        bins=_bins(pairs),
    )


def _bins(pairs: Sequence[tuple[float, bool]]) -> list[Bin]:
    """Return equally wide bins; those without runs are left out."""
    held: dict[int, list[tuple[float, bool]]] = {}
    for score, decision in pairs:
        held.setdefault(min(int(score * BINS + 1e-9), BINS - 1), []).append((score, decision))
    bins = []
    for index, inside in sorted(held.items()):
        runs, approved = len(inside), sum(decision for _, decision in inside)
        bins.append(
            Bin(
                low=index / BINS,
                high=(index + 1) / BINS,
                runs=runs,
                approved=approved,
                mean_score=sum(score for score, _ in inside) / runs,
                interval=interval((approved, runs - approved)),
            )
        )
    return bins


def _order(pairs: Sequence[tuple[float, bool]]) -> float | None:
    """Return the area under the ROC curve, from ranks (Mann and Whitney)."""
    approved = sum(decision for _, decision in pairs)
    rejected = len(pairs) - approved
    if not approved or not rejected:
        return None
    from scipy.stats import rankdata  # takes a second to load, and only this page needs it

    ranks = rankdata([score for score, _ in pairs])  # ties share their mean rank
    of_approved = sum(rank for rank, (_, decision) in zip(ranks, pairs, strict=True) if decision)
    return float(of_approved - approved * (approved + 1) / 2) / (approved * rejected)
