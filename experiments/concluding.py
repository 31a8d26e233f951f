"""Acts on verdicts: stops arms, concludes experiments, puts the winner to use.

The schedule calls it. For experiments that may not act by themselves it announces once what it
would do. Every action is an event with the counts, the figures, the rule and its version.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from experiments import promotion
from experiments.analysis import gather, stored_figures
from experiments.models import Experiment, ExperimentEvent, Variant
from experiments.rules import Evidence, Kind, Verdict, judge
from experiments.setup import ExperimentRefused, locked, note

logger = logging.getLogger(__name__)

ACTING = (Kind.STOP_ARM, Kind.USE, Kind.KEEP_CONTROL)
Event = ExperimentEvent.Kind


@dataclass(frozen=True)
class Action:
    """What was done. done is False in a dry run, or if the experiment only announces."""

    experiment: Experiment
    verdict: Verdict
    done: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "experiment": self.experiment.name,
            "verdict": self.verdict.kind.value,
            "sentence": self.verdict.sentence,
            "rule": self.verdict.rule,
            "done": self.done,
        }


def conclude_due(*, now: datetime, dry_run: bool = False) -> list[Action]:
    """Judge every running experiment once and act if its plan allows. Returns all verdicts.

    An experiment whose winner cannot be put to use goes on, with a line in the log.
    dry_run: writes nothing.
    """
    actions: list[Action] = []
    for experiment in Experiment.objects.running().order_by("pk"):
        try:
            actions += judge_and_act(experiment, now=now, dry_run=dry_run)
        except promotion.PromotionRefused:
            logger.exception("%s could not be concluded", experiment)
    return actions


def judge_and_act(experiment: Experiment, *, now: datetime, dry_run: bool = False) -> list[Action]:
    """Judge one experiment and act; after an arm is stopped the rest is judged at once."""
    if dry_run:
        return [Action(experiment, judge(gather(experiment)), done=False)]
    with transaction.atomic():
        experiment = locked(experiment)
        if experiment.status != Experiment.Status.RUNNING:
            return []
        return list(_act(experiment, now=now))


def _act(experiment: Experiment, *, now: datetime) -> Iterator[Action]:
    while True:
        evidence = gather(experiment)
        verdict = judge(evidence)
        if not experiment.acts_by_itself or verdict.kind not in ACTING:
            if verdict.kind in (*ACTING, Kind.NEEDS_PERSON):
                _announce(experiment, evidence, verdict, now=now)
            yield Action(experiment, verdict, done=False)
            return
        arm = _variant(evidence, verdict)
        if verdict.kind != Kind.STOP_ARM:
            _end(experiment, evidence, verdict, now=now)
            yield Action(experiment, verdict, done=True)
            return
        stop_arm(arm, reason=verdict.sentence, evidence=evidence, verdict=verdict, now=now)
        yield Action(experiment, verdict, done=True)


def conclude(
    experiment: Experiment, *, use: Variant | None, actor: User | None, now: datetime
) -> Experiment:
    """Conclude an experiment as a person decided.

    use: the arm to put to use; None leaves all as it is.
    Raises ExperimentRefused unless the experiment runs or is paused and has this arm.
    """
    with transaction.atomic():
        experiment = locked(experiment)
        if use is not None and use.experiment_id != experiment.pk:
            raise ExperimentRefused(f"{use} is no arm of {experiment}.")
        evidence = gather(experiment)
        verdict = judge(evidence)
        chosen = f"{use.name} is used" if use else "nothing was changed"
        sentence = f"Concluded by a person: {chosen}. The figures said: {verdict.sentence}"
        _finish(experiment, sentence, winner=use, now=now)
        figures = stored_figures(evidence, verdict) if evidence.live else {}
        note(experiment, Event.CONCLUDED, sentence, now=now, actor=actor, figures=figures)
        if use is not None:
            try:
                promotion.promote(experiment, use, actor=actor, now=now)
            except promotion.PromotionRefused as error:
                raise ExperimentRefused(str(error)) from error
    return experiment


def stop_arm(
    variant: Variant,
    *,
    reason: str,
    now: datetime,
    evidence: Evidence,
    verdict: Verdict,
) -> None:
    """Give an arm no further runs; the runs it has stay counted."""
    variant.stopped_at, variant.stopped_reason = now, reason[:300]
    variant.save(update_fields=["stopped_at", "stopped_reason"])
    note(
        variant.experiment,
        Event.ARM_STOPPED,
        reason,
        now=now,
        figures=stored_figures(evidence, verdict),
    )


def _end(experiment: Experiment, evidence: Evidence, verdict: Verdict, *, now: datetime) -> None:
    winner = _variant(evidence, verdict)
    _finish(experiment, verdict.sentence, winner=winner, now=now)
    figures = stored_figures(evidence, verdict)
    note(experiment, Event.CONCLUDED, verdict.sentence, now=now, figures=figures)
    if verdict.kind == Kind.USE:
        promotion.promote(experiment, winner, actor=None, now=now)


def _finish(
    experiment: Experiment, sentence: str, *, winner: Variant | None, now: datetime
) -> None:
    if experiment.status not in (Experiment.Status.RUNNING, Experiment.Status.PAUSED):
        raise ExperimentRefused(
            f"{experiment} is {experiment.status}; only a running or paused experiment ends."
        )
    experiment.status = Experiment.Status.CONCLUDED
    experiment.concluded_at, experiment.conclusion = now, sentence[:400]
    experiment.winner = winner
    experiment.save(update_fields=["status", "concluded_at", "conclusion", "winner"])


def _announce(
    experiment: Experiment, evidence: Evidence, verdict: Verdict, *, now: datetime
) -> None:
    """Announce once what should happen; the same message is not repeated at every look."""
    newest = experiment.events.filter(kind=Event.ANNOUNCED).first()
    figures = stored_figures(evidence, verdict)
    # Compared by rule and verdict: the sentence has figures that change at every look.
    said = newest and (newest.figures.get("rule"), newest.figures.get("verdict"))
    if said != (verdict.rule, verdict.kind.value):
        figures |= {"verdict": verdict.kind.value}
        note(experiment, Event.ANNOUNCED, verdict.sentence, now=now, figures=figures)


def _variant(evidence: Evidence, verdict: Verdict) -> Variant:
    assert verdict.arm is not None, "an acting verdict names its arm"
    return Variant.objects.select_related("experiment").get(pk=evidence.arms[verdict.arm].pk)
