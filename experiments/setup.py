"""Writes plans, starts and pauses experiments; keeps the history of what happened to them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from ai_artist.kit.values import counted
from artists.models import Artist
from experiments.models import ARMS, Experiment, ExperimentEvent, Variant
from experiments.parameters import ValueRefused, checked

Status = Experiment.Status

EXAMPLE_NAME = "Music prompt prefix"


class ExperimentRefused(Exception):
    """The experiment cannot get that status; the message says what to do."""


@dataclass(frozen=True)
class Arm:
    name: str
    value: Any


@dataclass(frozen=True)
class Plan:
    """What a person decides before an experiment starts.

    arms: the first is the control. artists: whose songs; empty: a genre's or all.
    fields: the experiment's own columns by name.
    """

    parameter: str
    arms: tuple[Arm, ...]
    artists: tuple[Artist, ...]
    fields: Mapping[str, Any]


def new_salt() -> str:
    """Return a salt, so that a new experiment has its own order of variants."""
    return secrets.token_hex(8)


def write_draft(plan: Plan, *, experiment: Experiment | None, now: datetime) -> Experiment:
    """Create a draft from a plan, or write the plan into an existing draft.

    Raises ExperimentRefused if it has started, its name is taken, or its arms could not start.
    """
    try:
        with transaction.atomic():
            draft = Experiment(created_at=now) if experiment is None else locked(experiment)
            if draft.status != Status.DRAFT:
                raise ExperimentRefused(
                    f"{draft} is {draft.status}; its plan cannot change any more."
                )
            draft.parameter = plan.parameter
            for name, value in plan.fields.items():
                setattr(draft, name, value)
            draft.save()
            draft.artists.set(plan.artists)
            draft.variants.all().delete()
            Variant.objects.bulk_create(
                Variant(experiment=draft, name=arm.name, value=arm.value, is_control=number == 0)
                for number, arm in enumerate(plan.arms)
            )
            _require_variants(draft)
    except IntegrityError as error:
        raise ExperimentRefused(
            "There is an experiment of this name, or two arms have the same name."
        ) from error
    return draft


def rival_of(parameter: str, artists: Collection[Artist], genre: str) -> Experiment | None:
    """Return a running experiment that keeps one on these artists from starting."""
    rivals = Experiment.objects.running().touching(artists, genre)
    return rivals.filter(parameter=parameter).first()


def start(experiment: Experiment, now: datetime, actor: User | None = None) -> Experiment:
    """Start a draft, or resume a paused experiment.

    Raises ExperimentRefused unless it has two to six different variants that fit its parameter, one
    of them the control, and nothing else runs on the parameter for the same artists.
    """
    with transaction.atomic():
        # Locks every experiment on the parameter, in one order: two starts wait for each other.
        same = Experiment.objects.filter(parameter=experiment.parameter).order_by("pk")
        list(same.select_for_update(no_key=True).values_list("pk"))
        experiment = locked(experiment)
        if experiment.status not in (Status.DRAFT, Status.PAUSED):
            raise ExperimentRefused(
                f"{experiment} is {experiment.status}; only a draft or a paused experiment starts."
            )
        _require_variants(experiment)
        if rival := rival_of(experiment.parameter, experiment.artists.all(), experiment.genre):
            raise ExperimentRefused(
                f"{experiment} cannot start: {rival} is running on "
                f"{experiment.get_parameter_display().lower()}; pause or conclude that one first."
            )
        resumed = experiment.status == Status.PAUSED
        experiment.status = Status.RUNNING
        experiment.started_at = experiment.started_at or now
        experiment.save(update_fields=["status", "started_at"])
        kind = ExperimentEvent.Kind.RESUMED if resumed else ExperimentEvent.Kind.STARTED
        note(experiment, kind, "Resumed." if resumed else _plan(experiment), now=now, actor=actor)
    return experiment


def pause(experiment: Experiment, now: datetime, actor: User | None = None) -> Experiment:
    """Give new runs no variant until the experiment is started again; assigned variants stay."""
    with transaction.atomic():
        experiment = locked(experiment)
        if experiment.status != Status.RUNNING:
            raise ExperimentRefused(
                f"{experiment} is {experiment.status}; only a running experiment is paused."
            )
        experiment.status = Status.PAUSED
        experiment.save(update_fields=["status"])
        note(experiment, ExperimentEvent.Kind.PAUSED, "Paused.", now=now, actor=actor)
    return experiment


def seed_example(now: datetime) -> Experiment:
    """Create the example experiment, and start it unless its parameter is taken.

    If there is one with this name already, returns it unchanged.
    """
    with transaction.atomic():
        experiment, created = Experiment.objects.get_or_create(
            name=EXAMPLE_NAME,
            defaults={
                "question": (
                    "Do people approve more tracks when the music prompt asks for a warm, wide "
                    "analogue sound first?"
                ),
                "parameter": Experiment.Parameter.MUSIC_PROMPT_PREFIX,
                "salt": new_salt(),
                "created_at": now,
            },
        )
        if not created:
            return experiment
        Variant.objects.create(experiment=experiment, name="No prefix", value=None, is_control=True)
        Variant.objects.create(
            experiment=experiment, name="Warm analogue", value="warm analogue, wide stereo"
        )
        if Experiment.objects.running().filter(parameter=experiment.parameter).exists():
            return experiment
        return start(experiment, now)


def locked(experiment: Experiment) -> Experiment:
    """Lock the experiment until the transaction ends, and return its present row."""
    return Experiment.objects.select_for_update(no_key=True).get(pk=experiment.pk)


def note(
    experiment: Experiment,
    kind: str,
    message: str,
    *,
    now: datetime,
    actor: User | None = None,
    figures: dict[str, Any] | None = None,
) -> ExperimentEvent:
    """Write an event into the experiment's history. actor None: the schedule."""
    return ExperimentEvent.objects.create(
        experiment=experiment,
        at=now,
        kind=kind,
        message=message[:500],
        figures=figures or {},
        actor=actor,
    )


def _plan(experiment: Experiment) -> str:
    """Describe the plan, which cannot change after the start."""
    cost = experiment.cost_margin
    return (
        f"Started: {experiment.planned_runs_per_arm} runs per arm; error margin "
        f"{experiment.error_margin:.0%}, cost margin "
        f"{'none' if cost is None else format(cost, '.0%')}."
    )


def _require_variants(experiment: Experiment) -> None:
    variants = list(experiment.variants.all())
    fewest, most = ARMS
    if not fewest <= len(variants) <= most:
        raise ExperimentRefused(
            f"{experiment} has {counted(len(variants), 'variant')}; it needs {fewest} to {most}."
        )
    if not any(variant.is_control for variant in variants):
        raise ExperimentRefused(
            f"{experiment} has no control; mark the variant that is in use today as control."
        )
    values = set()
    for variant in variants:
        try:
            value = checked(experiment.parameter, variant.value)
        except ValueRefused as error:
            raise ExperimentRefused(
                f"{variant.name} does not fit {experiment.get_parameter_display().lower()}: {error}"
            ) from error
        if value != variant.value:
            variant.value = value
            variant.save(update_fields=["value"])
        values.add(json.dumps(value, sort_keys=True))
    if len(values) < len(variants):
        raise ExperimentRefused(
            f"{experiment} has variants with the same value; give each its own."
        )
