"""Decides what the figures of an experiment allow: evidence in, one verdict out. No database here.

Before the planned size only a near-certain lead ends an experiment; at the planned size a clear
lead does. With these bars, one of two equal arms is named a winner in about 5 % of experiments,
however often somebody looks (`python -m tests.benchmarks decisions`). Nothing acts by itself
unless every gate is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property, partial
from typing import Any

from ai_artist.kit.values import counted
from experiments.statistics import (
    Counts,
    chance_exceeds,
    chances_best,
    expected_losses,
    inside_difference,
    interval,
)

VERSION = "1"  # stored with every automatic action

SHOW_CHANCE_FROM = 10  # reviewed runs per arm
EARLY_RUNS = 20  # runs per arm from which EARLY_BAR applies
# Together these hold the chance to name one of two equal arms near 5 %.
EARLY_BAR = 0.999
FINAL_BAR = 0.98
# An arm with a smaller chance to be best is stopped, once it has this many runs.
DROP_BELOW = 0.01
DROP_FROM = 15
REVIEW_DAYS = 2  # all reviews of one bad day must not decide
# What the gates allow: p-value of the spread, difference of missing reviews, runs without the
# value, difference in the mix of artists, and its effect on the result.
RATIO_ALARM = 0.001
MISSING_POINTS = 0.10
UNEXPOSED_SHARE = 0.10
MIX_SHIFT = 0.10
MIX_POINTS = 0.03
GUARDRAIL_RUNS = 10
MOST_NOTES = 20  # in a race that close, many artists alone would turn it
GUARDRAIL_SURE = 0.95


@dataclass(frozen=True)
class Arm:
    """Counts of one variant."""

    name: str
    is_control: bool = False
    live: bool = True
    stopped_reason: str = ""
    runs: int = 0  # approved + rejected + failed + cancelled + open
    approved: int = 0
    rejected: int = 0
    failed: int = 0
    cancelled: int = 0
    unexposed: int = 0  # decided runs that never used the value
    cost: float = 0.0  # USD of all its runs
    rating: float | None = None  # mean of the ratings given, 1 to 5
    pk: int = 0
    value: Any = None

    @property
    def counts(self) -> Counts:
        return self.approved, self.rejected

    @property
    def decided(self) -> int:
        return self.approved + self.rejected

    @property
    def finished(self) -> int:
        return self.decided + self.failed

    @property
    def open(self) -> int:
        return self.runs - self.finished - self.cancelled

    @property
    def approval_rate(self) -> float | None:
        """The approved share of decided runs; None if there are none."""
        return self.approved / self.decided if self.decided else None

    @property
    def error_rate(self) -> float:
        return self.failed / self.finished if self.finished else 0.0

    @property
    def missing_share(self) -> float:
        """The share of its runs without a decision."""
        return 1 - self.decided / self.runs if self.runs else 0.0

    @property
    def cost_per_approved(self) -> float | None:
        """USD of all its runs per approved run; None without approvals."""
        return self.cost / self.approved if self.approved else None

    @property
    def share(self) -> str:
        return f"{self.approved} of {self.decided} approved"


@dataclass(frozen=True)
class Evidence:
    """Everything a verdict rests on."""

    arms: tuple[Arm, ...]
    planned: int = 50
    error_margin: float = 0.10
    cost_margin: float | None = 0.25
    review_days: int = REVIEW_DAYS  # days with decisions
    ratio_p: float = 1.0  # of the live arms' decided counts
    broken_blocks: int = 0  # blocks that lack an arm
    # counts in the order of `arms`
    artists: Mapping[str, tuple[Counts, ...]] = field(default_factory=dict)

    @property
    def live(self) -> list[int]:
        return [index for index, arm in enumerate(self.arms) if arm.live]

    @property
    def control(self) -> int:
        return next((index for index, arm in enumerate(self.arms) if arm.is_control), 0)

    @property
    def least(self) -> int:
        """Number of decided runs in the smallest live arm."""
        return min((self.arms[index].decided for index in self.live), default=0)

    @cached_property
    def chances(self) -> dict[int, float]:
        """Chance to be the best of the live arms, by arm."""
        return self._by_arm(chances_best([self.arms[index].counts for index in self.live]))

    @cached_property
    def losses(self) -> dict[int, float]:
        """Expected loss against the best live arm, by arm."""
        return self._by_arm(expected_losses([self.arms[index].counts for index in self.live]))

    @property
    def leader(self) -> int:
        return max(self.live, key=lambda index: self.chances[index])

    def _by_arm(self, figures: list[float]) -> dict[int, float]:
        return dict(zip(self.live, figures, strict=True))


class Kind(StrEnum):
    NOT_COMPARABLE = "not_comparable"
    TOO_EARLY = "too_early"
    KEEP_GOING = "keep_going"
    STOP_ARM = "stop_arm"
    USE = "use"
    KEEP_CONTROL = "keep_control"
    NEEDS_PERSON = "needs_person"


@dataclass(frozen=True)
class Check:
    """A condition that must hold before anything acts by itself."""

    name: str
    ok: bool
    message: str
    gate: bool = True  # False: for information only
    arm: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What to do next, and the rule that says so."""

    kind: Kind
    sentence: str  # the next step first
    arm: int | None = None
    rule: str = ""  # name of the rule


def bar_at(runs: int, planned: int) -> float | None:
    """Return the chance to be best that ends an experiment with `runs` decided runs per arm.

    None if no chance ends it yet.
    """
    if runs >= planned:
        return FINAL_BAR
    return EARLY_BAR if runs >= EARLY_RUNS else None


def judge(evidence: Evidence) -> Verdict:
    """Return the verdict on the evidence; arms to stop are looked for first."""
    arms, live = evidence.arms, evidence.live
    if len(arms) < 2:
        return Verdict(Kind.NOT_COMPARABLE, "Not comparable: it needs at least two variants.")
    if stop := _stop_harmful(evidence) or _stop_weakest(evidence):
        return stop
    control = arms[evidence.control]
    if live == [evidence.control]:
        sentence = f"Keep {control.name}: every other arm was stopped."
        return Verdict(Kind.KEEP_CONTROL, sentence, evidence.control, "others_stopped")
    if evidence.least < SHOW_CHANCE_FROM:
        return Verdict(
            Kind.TOO_EARLY,
            f"Keep going: too early to tell, {evidence.least} of {EARLY_RUNS} reviewed runs "
            "per arm.",
        )
    return _judge_planned(evidence)


def _judge_planned(evidence: Evidence) -> Verdict:
    least, planned, leader = evidence.least, evidence.planned, evidence.leader
    arm, control = evidence.arms[leader], evidence.arms[evidence.control]
    bar = bar_at(least, planned)
    progress = f"{least} of {planned} runs per arm reviewed"
    if bar is not None and evidence.chances[leader] >= bar:
        early = least < planned
        rule = "early_bar" if early else "final_bar"
        wins = "wins early" if early else "wins"
        after = f" after {least} of {planned} runs per arm" if early else ""
        if leader == evidence.control:
            kept = f"Keep {arm.name}: it {wins} with {arm.share}{after}."
            return _gated(evidence, Verdict(Kind.KEEP_CONTROL, kept, leader, rule))
        used = (
            f"Use {arm.name}: it {wins} with {arm.share} against {control.approved} of "
            f"{control.decided} for {control.name}{after}; {loss_in_words(evidence.losses[leader])}"
        )
        return _gated(evidence, Verdict(Kind.USE, used, leader, rule))
    if least >= planned:
        sentence = f"Keep {control.name}: no clear difference after {least} runs per arm."
        verdict = Verdict(Kind.KEEP_CONTROL, sentence, evidence.control, "no_difference")
        return _gated(evidence, verdict)
    return Verdict(
        Kind.KEEP_GOING, f"Keep going: {arm.name} is ahead with {arm.share}, {progress}.", leader
    )


def _gated(evidence: Evidence, verdict: Verdict) -> Verdict:
    """Return the verdict itself if every gate is open, or else a call for a person."""
    closed = [
        check.message
        for check in checks(evidence)
        if check.gate and not check.ok and check.arm in (None, verdict.arm)
    ]
    if not closed:
        return verdict
    # Only time is missing, so no person needs to look.
    if closed == [_days(evidence).message]:
        return Verdict(Kind.KEEP_GOING, f"Keep going: {closed[0]}", verdict.arm)
    finding = verdict.sentence.rstrip(".")
    return Verdict(
        Kind.NEEDS_PERSON,
        f"Needs a person: {' '.join(closed)} The figures say: {finding}.",
        verdict.arm,
        verdict.rule,
    )


# --- Stopping arms ---


def _stop_harmful(evidence: Evidence) -> Verdict | None:
    """Stop the first live arm that surely fails more often, or costs more, than allowed."""
    control = evidence.arms[evidence.control]
    for index in evidence.live:
        arm = evidence.arms[index]
        # The control is what runs without an experiment: stopping it would protect nobody.
        if arm.is_control or min(arm.finished, control.finished) < GUARDRAIL_RUNS:
            continue
        failures, usual = (arm.failed, arm.decided), (control.failed, control.decided)
        sure = chance_exceeds(failures, usual, margin=evidence.error_margin)
        if sure >= GUARDRAIL_SURE:
            why = (
                f"{arm.failed} of {arm.finished} runs failed against {control.failed} of "
                f"{control.finished} for {control.name}"
            )
            return Verdict(Kind.STOP_ARM, f"Stop {arm.name}: {why}.", index, "error_guardrail")
        if _surely_dearer(arm, control, evidence.cost_margin):
            why = (
                f"an approved run costs {_dollars(arm)} against {_dollars(control)} for "
                f"{control.name}"
            )
            return Verdict(Kind.STOP_ARM, f"Stop {arm.name}: {why}.", index, "cost_guardrail")
    return None


def _surely_dearer(arm: Arm, control: Arm, margin: float | None) -> bool:
    """Whether an arm costs more than allowed even in the most favourable case.

    The cost of a run is nearly fixed, but the number of approved runs is uncertain. So the arm is
    taken at the upper end of its rate's 95 % interval, the control at the lower end.
    """
    if margin is None or min(arm.decided, control.decided) < EARLY_RUNS:
        return False
    at_best = arm.cost / arm.decided / interval(arm.counts)[1]
    at_worst = control.cost / control.decided / interval(control.counts)[0]
    return at_best > (1 + margin) * at_worst


def _stop_weakest(evidence: Evidence) -> Verdict | None:
    """Stop the weakest arm if it is surely not the best; two arms stay, one of them the control."""
    if len(evidence.live) < 3:
        return None
    candidates = [
        index
        for index in evidence.live
        if not evidence.arms[index].is_control and evidence.arms[index].decided >= DROP_FROM
    ]
    weakest = min(candidates, key=lambda index: evidence.chances[index], default=None)
    if weakest is None or evidence.chances[weakest] >= DROP_BELOW:
        return None
    arm = evidence.arms[weakest]
    sentence = f"Stop {arm.name}: with {arm.share} its chance to be the best is under 1%."
    return Verdict(Kind.STOP_ARM, sentence, weakest, "racing")


# --- Gates ---


def checks(evidence: Evidence) -> list[Check]:
    """Return the experiment's health: every gate, then what is only good to know."""
    health = [
        _days(evidence),
        _ratio(evidence),
        _blocks(evidence),
        _missing(evidence),
        _mix(evidence),
    ]
    control = evidence.arms[evidence.control]
    for index in evidence.live:
        arm = evidence.arms[index]
        health.append(_exposure(arm))
        if not arm.is_control:
            health += [
                _errors(index, arm, control, evidence.error_margin),
                _cost(index, arm, control, evidence.cost_margin),
            ]
    return [*health, *_notes(evidence)]


def _days(evidence: Evidence) -> Check:
    days = evidence.review_days
    return Check(
        "Review days",
        days >= REVIEW_DAYS,
        f"Reviewed on {days} {'day' if days == 1 else 'days'}; a verdict needs {REVIEW_DAYS}, "
        "since one bad day is one event.",
    )


def _ratio(evidence: Evidence) -> Check:
    if evidence.ratio_p >= RATIO_ALARM:
        return Check("Ratio of the arms", True, "The reviewed runs are spread as planned.")
    counts = ", ".join(f"{arm.name} {arm.decided}" for arm in evidence.arms if arm.live)
    return Check(
        "Ratio of the arms",
        False,
        f"The reviewed runs are not spread as planned ({counts}): find out where runs get lost.",
    )


def _blocks(evidence: Evidence) -> Check:
    if not evidence.broken_blocks:
        return Check("Blocks", True, "Every finished block holds each arm once.")
    return Check(
        "Blocks",
        False,
        f"{counted(evidence.broken_blocks, 'block')} without an arm: look at the assignments.",
    )


def _missing(evidence: Evidence) -> Check:
    shares = {arm.name: arm.missing_share for arm in evidence.arms if arm.live}
    ok = max(shares.values()) - min(shares.values()) <= MISSING_POINTS
    listed = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    what = "Runs without a decision differ too much between the arms" if not ok else "Undecided"
    return Check("Missing reviews", ok, f"{what}: {listed}.")


def _mix(evidence: Evidence) -> Check:
    """Whether the arms got the same artists, if that matters.

    A shift of the mix is harmless while the pooled difference agrees with the one inside artists.
    """
    worst, control = 0.0, evidence.control
    for index in evidence.live:
        if index == control or not evidence.artists:
            continue
        shift = _mix_shift(evidence, index)
        if shift <= MIX_SHIFT:
            continue
        pooled, inside = pooled_difference(evidence, index), difference_inside(evidence, index)
        if inside is None or abs(pooled - inside) > MIX_POINTS:
            worst = max(worst, shift)
    if not worst:
        return Check("Mix of artists", True, "The arms have the same artists.")
    return Check(
        "Mix of artists",
        False,
        f"{worst:.0%} of the runs would have to change places for the arms to have the same "
        "artists: believe the difference inside artists, not the pooled one.",
    )


def _mix_shift(evidence: Evidence, index: int) -> float:
    """Half the summed difference of two arms' shares of artists: 0 same mix, 1 no artist shared."""
    rows = [
        (sum(counts[index]), sum(counts[evidence.control])) for counts in evidence.artists.values()
    ]
    arm_total, control_total = (max(1, sum(column)) for column in zip(*rows, strict=True))
    return 0.5 * sum(
        (
            abs(arm_runs / arm_total - control_runs / control_total)
            for arm_runs, control_runs in rows
        ),
        0.0,
    )


def pooled_difference(evidence: Evidence, index: int) -> float:
    """Return an arm's approval rate minus the control's, from -1 to 1; no decision counts as 0."""
    control = evidence.arms[evidence.control]
    return (evidence.arms[index].approval_rate or 0.0) - (control.approval_rate or 0.0)


def difference_inside(evidence: Evidence, index: int) -> float | None:
    """Return the difference inside artists; None if no artist has decided runs in both arms."""
    return inside_difference(
        (counts[index], counts[evidence.control]) for counts in evidence.artists.values()
    )


def _exposure(arm: Arm) -> Check:
    ok = arm.unexposed <= UNEXPOSED_SHARE * arm.decided
    used = f"{arm.decided - arm.unexposed} of {arm.decided} reviewed runs of {arm.name} used it"
    text = f"{used}." if ok else f"Only {used}: see which engine ignores the parameter."
    return Check("Really used", ok, text)


def _errors(index: int, arm: Arm, control: Arm, margin: float) -> Check:
    ok = arm.error_rate <= control.error_rate + margin
    text = f"{arm.failed} of {arm.finished} runs of {arm.name} failed"
    usual = f"{control.failed} of {control.finished} of {control.name}"
    return Check("Errors", ok, f"{text}, {usual}{'' if ok else ': too many more'}.", arm=index)


def _cost(index: int, arm: Arm, control: Arm, margin: float | None) -> Check:
    if margin is None:
        return Check("Cost", True, "Cost does not count here.", arm=index)
    own, usual = arm.cost_per_approved, control.cost_per_approved
    if own is None or usual is None:
        ok = arm.cost <= (1 + margin) * control.cost or own is not None
    else:
        ok = own <= (1 + margin) * usual
    text = f"An approved run of {arm.name} costs {_dollars(arm)}, of {control.name} "
    return Check(
        "Cost", ok, f"{text}{_dollars(control)}{'' if ok else ': too much more'}.", arm=index
    )


def _notes(evidence: Evidence) -> list[Check]:
    """Name the artists with so much weight that a person should look at them first."""
    notes = []
    total = sum(arm.decided for arm in evidence.arms)
    for artist, counts in evidence.artists.items():
        if len(evidence.artists) > 1 and 2 * sum(map(sum, counts)) > total:
            notes.append(
                Check("One artist", False, f"{artist} has over half of the runs.", gate=False)
            )
    if len(evidence.artists) > 1 and evidence.least >= SHOW_CHANCE_FROM:
        leader = evidence.leader
        leads = cache(partial(_leader_without, evidence))  # many artists have the same counts
        for artist, counts in evidence.artists.items():
            if leads(counts) != leader:
                text = f"Without {artist}, {evidence.arms[leader].name} would not lead."
                notes.append(Check("One artist", False, text, gate=False))
    return notes[:MOST_NOTES]


def _leader_without(evidence: Evidence, counts: tuple[Counts, ...]) -> int:
    """Return the index of the arm that would lead without an artist's counts."""
    rest = [
        (arm.approved - approved, arm.rejected - rejected)
        for arm, (approved, rejected) in zip(evidence.arms, counts, strict=True)
    ]
    chances = evidence._by_arm(chances_best([rest[index] for index in evidence.live]))
    return max(chances, key=lambda index: chances[index])


# --- Words ---


def loss_in_words(loss: float) -> str:
    """Say what a wrong choice costs: "if that is wrong, about 1 approval in 300 runs is lost."."""
    if loss < 1 / 5000:
        return "if that is wrong, less than 1 approval in 5,000 runs is lost."
    runs = 1 / loss
    rounded = round(runs, 0 if runs < 30 else -1 if runs < 1000 else -2)
    return f"if that is wrong, about 1 approval in {rounded:,.0f} runs is lost."


def chance_in_words(chance: float) -> str:
    """Return a chance in whole percent, never as a certainty."""
    if chance > 0.99:
        return "over 99%"
    return "under 1%" if chance < 0.01 else f"{chance:.0%}"


def _dollars(arm: Arm) -> str:
    cost = arm.cost_per_approved
    return "nothing approved" if cost is None else f"${cost:.2f}"
