"""Computes an experiment's figures from its assignments, for the rules and the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from experiments.models import ARMS, Assignment, Experiment, ExperimentEvent, Variant
from experiments.parameters import in_words
from experiments.rules import (
    EARLY_BAR,
    EARLY_RUNS,
    FINAL_BAR,
    SHOW_CHANCE_FROM,
    VERSION,
    Arm,
    Check,
    Evidence,
    Kind,
    Verdict,
    chance_in_words,
    checks,
    difference_inside,
    judge,
    pooled_difference,
)
from experiments.statistics import (
    chances_best,
    expected_losses,
    findable_points,
    interval,
    mean,
    ratio_p,
)

Outcome = Assignment.Outcome
# How a difference that findable_in_words names is found.
FOUND_HOW = (
    "Counted from a rate of 50%, a true difference of that size is found in 4 of 5 cases; smaller "
    "ones mostly end as “no clear difference”."
)


@dataclass(frozen=True)
class ArmRow:
    """One arm as the page shows it."""

    arm: Arm
    value: str
    interval: tuple[float, float]  # 95 % range of the approval rate, shares of 1
    chance: str  # to be the best; "" while too few runs are reviewed
    points: float | None  # difference from the control in points
    inside_points: float | None  # the same difference inside artists

    @property
    def bar(self) -> dict[str, float]:
        """The 95 % range and the rate on an axis from 0 to 100."""
        low, high = (100 * edge for edge in self.interval)
        rate = self.arm.approval_rate
        return {"x": low, "width": high - low, "rate": -1 if rate is None else 100 * rate}


@dataclass(frozen=True)
class Report:
    """Everything the page of an experiment shows."""

    verdict: Verdict
    arms: list[ArmRow]
    checks: list[Check]
    least: int
    planned: int | None
    days: int
    runs_left: int | None
    days_left: int | None  # at the pace so far; None if unknown
    cost_left: float | None
    chance_line: str
    next_step: str
    artists: list[tuple[str, list[str]]]

    @property
    def progress(self) -> int:
        """Percent of the planned runs that are reviewed."""
        return min(100, round(100 * self.least / self.planned)) if self.planned else 0


def gather(experiment: Experiment) -> Evidence:
    """Count an experiment's assignments, with three queries for any number of runs."""
    variants = list(Variant.objects.filter(experiment=experiment).order_by("pk"))
    rows = list(
        Assignment.objects.filter(experiment=experiment)
        .order_by("artist_id", "position")
        .values(
            "variant_id",
            "artist__name",
            "artist_id",
            "block",
            "outcome",
            "outcome_at",
            "exposed_at",
            "cost_usd",
            "rating",
            "probabilities",
        )
    )
    arms = tuple(_arm(variant, rows) for variant in variants)
    index_of = {variant.pk: index for index, variant in enumerate(variants)}
    return Evidence(
        arms=arms,
        planned=experiment.planned_runs_per_arm,
        error_margin=experiment.error_margin,
        cost_margin=experiment.cost_margin,
        review_days=len({timezone.localdate(row["outcome_at"]) for row in _decided(rows)}),
        ratio_p=_ratio_p(arms, rows, index_of),
        broken_blocks=_broken_blocks(rows, variants),
        artists=_by_artist(rows, index_of),
    )


def report(experiment: Experiment, *, now: datetime) -> Report:
    """Return the figures and the verdict; a concluded experiment keeps the verdict it ended on."""
    evidence = gather(experiment)
    verdict = judge(evidence)
    # Not judged again: an undone decision must not change what was concluded.
    if experiment.status == Experiment.Status.CONCLUDED and experiment.conclusion:
        verdict = Verdict(Kind.KEEP_CONTROL, experiment.conclusion, rule="concluded")
    if experiment.status == Experiment.Status.DRAFT and verdict.kind == Kind.TOO_EARLY:
        verdict = Verdict(Kind.TOO_EARLY, "Not started: nothing is tried yet.")
    comparable = len(evidence.arms) >= 2 and bool(evidence.live)
    shown = comparable and evidence.least >= SHOW_CHANCE_FROM
    runs_left = _runs_left(evidence) if experiment.status != "concluded" else None
    return Report(
        verdict=verdict,
        arms=[
            _row(experiment, evidence, index, shown=shown) for index in range(len(evidence.arms))
        ],
        checks=checks(evidence) if comparable else [],
        least=evidence.least,
        planned=evidence.planned,
        days=evidence.review_days,
        runs_left=runs_left,
        days_left=_days_left(experiment, evidence, runs_left, now=now),
        cost_left=_cost_left(evidence, runs_left),
        chance_line=_chance_line(evidence) if shown else "",
        next_step=_next_step(experiment, verdict),
        artists=_artist_rows(evidence),
    )


def history(experiment: Experiment) -> list[ExperimentEvent]:
    """Return what happened to the experiment, newest first."""
    return list(experiment.events.select_related("actor"))


def findable_in_words(planned: int) -> str:
    """Return the smallest difference that so many runs per arm can find; FOUND_HOW goes with it."""
    points = findable_points(planned, bar=FINAL_BAR)
    return "only a difference close to 50 points" if points is None else f"{points} points or more"


def plan_in_words(planned: int, arms: int) -> str:
    """Say what size of difference a plan can find; read before the start."""
    runs = planned * max(arms, ARMS[0])
    found = findable_in_words(planned)
    return f"With {planned} runs per arm ({runs} in all) it finds {found}. {FOUND_HOW}"


def figures_of_counts(arms: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the figures for plain counts, as `analyze_counts` prints them.

    arms: name, approved, rejected of each. Rates are shares of 1.
    """
    named = [(str(arm["name"]), (int(arm["approved"]), int(arm["rejected"]))) for arm in arms]
    counts = [count for _, count in named]
    chances, losses = chances_best(counts), expected_losses(counts)
    return {
        "arms": [
            {
                "name": name,
                "chance_best": chance,
                "expected_loss": loss,
                "interval": list(interval(count)),
                "mean": mean(count),
            }
            for (name, count), chance, loss in zip(named, chances, losses, strict=True)
        ],
        "srm_p": ratio_p([sum(count) for count in counts]),
    }


def stored_figures(evidence: Evidence, verdict: Verdict) -> dict[str, Any]:
    """Return counts and figures as they are stored with an automatic action."""
    return {
        "version": VERSION,
        "rule": verdict.rule,
        "arms": [
            {
                "name": arm.name,
                "live": arm.live,
                "approved": arm.approved,
                "rejected": arm.rejected,
                "failed": arm.failed,
                "open": arm.open,
                "cost_usd": round(arm.cost, 4),
                "chance_best": round(evidence.chances.get(index, 0.0), 6),
                "expected_loss": round(evidence.losses.get(index, 0.0), 6),
            }
            for index, arm in enumerate(evidence.arms)
        ],
        "planned": evidence.planned,
        "review_days": evidence.review_days,
        "ratio_p": round(evidence.ratio_p, 6),
    }


# --- Counting ---

Row = Mapping[str, Any]


def _decided(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["outcome"] in Assignment.DECIDED]


def _arm(variant: Variant, rows: Iterable[Row]) -> Arm:
    own = [row for row in rows if row["variant_id"] == variant.pk]
    ratings = [row["rating"] for row in own if row["rating"] is not None]

    def ended(outcome: str) -> int:
        return sum(row["outcome"] == outcome for row in own)

    return Arm(
        name=variant.name,
        is_control=variant.is_control,
        live=variant.stopped_at is None,
        stopped_reason=variant.stopped_reason,
        runs=len(own),
        approved=ended(Outcome.APPROVED),
        rejected=ended(Outcome.REJECTED),
        failed=ended(Outcome.FAILED),
        cancelled=ended(Outcome.CANCELLED),
        unexposed=sum(row["exposed_at"] is None for row in _decided(own)),
        cost=float(sum(row["cost_usd"] for row in own)),
        rating=sum(ratings) / len(ratings) if ratings else None,
        pk=variant.pk,
        value=variant.value,
    )


def _ratio_p(arms: tuple[Arm, ...], rows: Iterable[Row], index_of: Mapping[int, int]) -> float:
    """Test the live arms' decided runs against the sum of the chances stored with them."""
    expected = [0.0] * len(arms)
    for row in _decided(rows):
        for variant_id, chance in row["probabilities"].items():
            expected[index_of[int(variant_id)]] += chance
    live = [index for index, arm in enumerate(arms) if arm.live]
    return ratio_p([arms[index].decided for index in live], [expected[index] for index in live])


def _broken_blocks(rows: Iterable[Row], variants: Iterable[Variant]) -> int:
    """Count the blocks that were left although an arm that is still in the race was missing."""
    live = {str(variant.pk) for variant in variants if variant.stopped_at is None}
    blocks: dict[int, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        blocks[row["artist_id"]][row["block"]].append(row)
    broken = 0
    for of_artist in blocks.values():
        for number, block in of_artist.items():
            wanted = set(block[-1]["probabilities"]) & live
            given = {str(row["variant_id"]) for row in block}
            broken += number < max(of_artist) and bool(wanted - given)
    return broken


def _by_artist(
    rows: Iterable[Row], index_of: Mapping[int, int]
) -> dict[str, tuple[tuple[int, int], ...]]:
    counts: dict[str, list[list[int]]] = {}
    for row in _decided(rows):
        of_artist = counts.setdefault(row["artist__name"], [[0, 0] for _ in index_of])
        of_artist[index_of[row["variant_id"]]][row["outcome"] == Outcome.REJECTED] += 1
    return {
        artist: tuple((approved, rejected) for approved, rejected in arms)
        for artist, arms in sorted(counts.items())
    }


def _row(experiment: Experiment, evidence: Evidence, index: int, *, shown: bool) -> ArmRow:
    arm = evidence.arms[index]
    compared = not arm.is_control and arm.decided and evidence.arms[evidence.control].decided
    inside = difference_inside(evidence, index) if compared else None
    chance = evidence.chances.get(index) if shown else None
    return ArmRow(
        arm=arm,
        value=in_words(experiment.parameter, arm.value),
        interval=interval(arm.counts),
        chance="" if chance is None else chance_in_words(chance),
        points=100 * pooled_difference(evidence, index) if compared else None,
        inside_points=None if inside is None else 100 * inside,
    )


def _chance_line(evidence: Evidence) -> str:
    """Say the leader's chance and the bar it must reach."""
    leader = evidence.leader
    text = (
        f"Chance that {evidence.arms[leader].name} is best: "
        f"{chance_in_words(evidence.chances[leader])}"
    )
    if evidence.least >= evidence.planned:
        return f"{text} (acts at {FINAL_BAR:.0%})."
    early = f"{EARLY_BAR:.1%} now" if evidence.least >= EARLY_RUNS else f"{EARLY_BAR:.1%}"
    since = "" if evidence.least >= EARLY_RUNS else f" from {EARLY_RUNS} runs per arm"
    return f"{text} (acts at {early}{since}, at {FINAL_BAR:.0%} at {evidence.planned} runs)."


def _next_step(experiment: Experiment, verdict: Verdict) -> str:
    if experiment.status == Experiment.Status.DRAFT:
        return "Start it when arms and plan are right: both are fixed from then on."
    if experiment.status == Experiment.Status.PAUSED:
        return "It is paused: new runs get no arm."
    if experiment.status == Experiment.Status.CONCLUDED:
        return ""
    acting = {Kind.USE, Kind.KEEP_CONTROL, Kind.STOP_ARM}
    if verdict.kind in acting:
        if experiment.acts_by_itself:
            return "The schedule does this at its next look, within the hour."
        return "Acting by itself is off: conclude it here."
    if verdict.kind == Kind.NEEDS_PERSON:
        return "Nothing happens by itself: conclude it here when you have looked."
    return "Nothing to do: runs are made and reviewed as usual."


def _runs_left(evidence: Evidence) -> int:
    return sum(max(0, evidence.planned - evidence.arms[index].decided) for index in evidence.live)


def _days_left(
    experiment: Experiment, evidence: Evidence, runs_left: int | None, *, now: datetime
) -> int | None:
    decided = sum(arm.decided for arm in evidence.arms)
    if runs_left is None or not decided or experiment.started_at is None:
        return None
    days = max(1.0, (now - experiment.started_at).total_seconds() / 86400)
    return round(runs_left * days / decided)


def _cost_left(evidence: Evidence, runs_left: int | None) -> float | None:
    decided = sum(arm.decided for arm in evidence.arms)
    if runs_left is None or not decided:
        return None
    return runs_left * sum(arm.cost for arm in evidence.arms) / decided


def _artist_rows(evidence: Evidence) -> list[tuple[str, list[str]]]:
    return [
        (
            artist,
            [
                f"{approved} of {approved + rejected}" if approved + rejected else "–"
                for approved, rejected in counts
            ],
        )
        for artist, counts in evidence.artists.items()
    ]
