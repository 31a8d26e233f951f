"""Computes an experiment's figures from its assignments, for the rules and the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from ai_artist.kit.caching import kept
from ai_artist.kit.portions import in_portions
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
BLOCKS_AT_ONCE = 500
STANDINGS = 8


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
        return progress_of(self.least, self.planned)


@dataclass(frozen=True)
class Standing:
    """Where a running experiment stands, in the words of its page."""

    sentence: str
    least: int
    planned: int
    chance_line: str

    @property
    def progress(self) -> int:
        return progress_of(self.least, self.planned)


def progress_of(least: int, planned: int | None) -> int:
    """Percent of the planned runs that are reviewed."""
    return min(100, round(100 * least / planned)) if planned else 0


def gather(experiment: Experiment) -> Evidence:
    """Count an experiment's assignments, with a fixed number of queries for any number of runs."""
    variants = list(Variant.objects.filter(experiment=experiment).order_by("pk"))
    own = Assignment.objects.filter(experiment=experiment).order_by()
    decided = own.filter(outcome__in=Assignment.DECIDED)
    arms = _arms(variants, own)
    index_of = {variant.pk: index for index, variant in enumerate(variants)}
    days = decided.annotate(day=TruncDate("outcome_at")).values("day").distinct()
    return Evidence(
        arms=arms,
        planned=experiment.planned_runs_per_arm,
        error_margin=experiment.error_margin,
        cost_margin=experiment.cost_margin,
        review_days=days.count(),
        ratio_p=_ratio_p(arms, decided, index_of),
        broken_blocks=_broken_blocks(own, variants),
        artists=_by_artist(decided, index_of),
    )


def standings(*, until_sweep: bool = False) -> list[tuple[Experiment, Standing]]:
    """Where the running experiments that began first stand, perhaps some minutes ago.

    The sweep keeps it up to date, so that no page has to work it out.
    """
    running = list(Experiment.objects.running().order_by("started_at", "pk")[:STANDINGS])
    if not running:
        return []
    known = kept(
        "standings",
        lambda: {experiment.pk: _standing(experiment) for experiment in running},
        until_sweep=until_sweep,
        however_quick=True,
    )
    return [
        # One that was started or resumed since then is not among them.
        (one, known.get(one.pk) or kept(f"standing-{one.pk}", partial(_standing, one)))
        for one in running
    ]


def _standing(experiment: Experiment) -> Standing:
    evidence = gather(experiment)
    shown = len(evidence.arms) >= 2 and bool(evidence.live) and evidence.least >= SHOW_CHANCE_FROM
    return Standing(
        sentence=judge(evidence).sentence,
        least=evidence.least,
        planned=evidence.planned,
        chance_line=_chance_line(evidence) if shown else "",
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
    return (
        "only a difference close to 50 points"
        if points is None
        else f"a difference of {points} points or more"
    )


def plan_in_words(planned: int, arms: int) -> str:
    """Say what size of difference a plan can find; read before the start."""
    runs = planned * max(arms, ARMS[0])
    found = findable_in_words(planned)
    return f"With {planned} runs per arm ({runs} in all) an experiment finds {found}. {FOUND_HOW}"


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

Assignments = QuerySet[Assignment, Assignment]


def _arms(variants: Sequence[Variant], own: Assignments) -> tuple[Arm, ...]:
    rows = own.values("variant_id", "outcome").annotate(
        runs=Count("pk"),
        unexposed=Count("pk", filter=Q(exposed_at=None)),
        cost=Sum("cost_usd"),
        rated=Count("rating"),
        ratings=Sum("rating"),
    )
    counts = {(row["variant_id"], row["outcome"]): row for row in rows}
    return tuple(
        _arm(variant, {outcome: row for (pk, outcome), row in counts.items() if pk == variant.pk})
        for variant in variants
    )


def _arm(variant: Variant, by_outcome: Mapping[str, Mapping[str, Any]]) -> Arm:
    def total(figure: str, *outcomes: str) -> Any:
        rows = [by_outcome[name] for name in outcomes or by_outcome if name in by_outcome]
        return sum(row[figure] or 0 for row in rows)

    rated = total("rated")
    return Arm(
        name=variant.name,
        is_control=variant.is_control,
        live=variant.stopped_at is None,
        stopped_reason=variant.stopped_reason,
        runs=total("runs"),
        approved=total("runs", Outcome.APPROVED),
        rejected=total("runs", Outcome.REJECTED),
        failed=total("runs", Outcome.FAILED),
        cancelled=total("runs", Outcome.CANCELLED),
        unexposed=total("unexposed", *Assignment.DECIDED),
        cost=float(total("cost")),
        rating=total("ratings") / rated if rated else None,
        pk=variant.pk,
        value=variant.value,
    )


def _ratio_p(arms: tuple[Arm, ...], decided: Assignments, index_of: Mapping[int, int]) -> float:
    """Test the live arms' decided runs against the sum of the chances stored with them."""
    expected = [0.0] * len(arms)
    # While the same arms are in the race, all runs have the same chances.
    for row in decided.values("probabilities").annotate(runs=Count("pk")):
        for variant_id, chance in row["probabilities"].items():
            expected[index_of[int(variant_id)]] += chance * row["runs"]
    live = [index for index, arm in enumerate(arms) if arm.live]
    return ratio_p([arms[index].decided for index in live], [expected[index] for index in live])


def _broken_blocks(own: Assignments, variants: Iterable[Variant]) -> int:
    """Count the blocks that were left although an arm that is still in the race was missing."""
    live = {variant.pk for variant in variants if variant.stopped_at is None}
    later = own.filter(artist=OuterRef("artist"), block__gt=OuterRef("block"))
    lacking = (
        own.values("artist_id", "block")
        .annotate(given=Count("pk", filter=Q(variant__in=live)), newest=Max("position"))
        .filter(Exists(later), given__lt=len(live))
    )
    last: dict[tuple[int, int], int] = {
        (row["artist_id"], row["newest"]): row["block"] for row in lacking
    }
    broken = 0
    for some in in_portions(last.items(), BLOCKS_AT_ONCE):
        broken += _broken_among(own, dict(some), {str(pk) for pk in live})
    return broken


def _broken_among(own: Assignments, last: Mapping[tuple[int, int], int], live: set[str]) -> int:
    """Count the broken blocks among some that lack a live arm. last: artist and newest position."""
    artists = {artist for artist, _ in last}
    blocks = set(last.values())
    rows = own.filter(artist__in=artists, block__in=blocks).values_list(
        "artist_id", "block", "position", "variant_id", "probabilities"
    )
    given: dict[tuple[int, int], set[str]] = defaultdict(set)
    wanted: dict[tuple[int, int], set[str]] = {}
    for artist, block, position, variant, probabilities in rows:
        given[artist, block].add(str(variant))
        if last.get((artist, position)) == block:
            wanted[artist, block] = set(probabilities) & live
    return sum(bool(arms - given[place]) for place, arms in wanted.items())


def _by_artist(
    decided: Assignments, index_of: Mapping[int, int]
) -> dict[str, tuple[tuple[int, int], ...]]:
    counts: dict[str, list[list[int]]] = {}
    rows = decided.values_list("artist__name", "variant_id", "outcome").annotate(Count("pk"))
    for artist, variant_id, outcome, runs in rows:
        of_artist = counts.setdefault(artist, [[0, 0] for _ in index_of])
        of_artist[index_of[variant_id]][outcome == Outcome.REJECTED] += runs
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
