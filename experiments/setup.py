"""Starting, pausing and concluding experiments."""

from __future__ import annotations

import json
import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from experiments.models import Experiment, Variant

Status = Experiment.Status

EXAMPLE_NAME = "Music prompt prefix"


class ExperimentRefused(Exception):
    """The experiment cannot be moved to that status; the message says what to do."""


def new_salt() -> str:
    """A salt for a new experiment: the order of its variants is then its own."""
    return secrets.token_hex(8)


def start(experiment: Experiment, now: datetime) -> Experiment:
    """Start a draft, or go on with a paused experiment.

    Raises ExperimentRefused unless it has two or more different variants, one of them the control,
    and no other experiment on its parameter is running.
    """
    with transaction.atomic():
        experiment = _locked(experiment)
        if experiment.status not in (Status.DRAFT, Status.PAUSED):
            raise ExperimentRefused(
                f"{experiment} is {experiment.status}; only a draft or a paused experiment starts."
            )
        _require_variants(experiment)
        rival = Experiment.objects.running().filter(parameter=experiment.parameter).first()
        if rival:
            raise ExperimentRefused(_rival_message(experiment, str(rival)))
        experiment.status = Status.RUNNING
        experiment.started_at = experiment.started_at or now
        try:
            with transaction.atomic():
                experiment.save(update_fields=["status", "started_at"])
        except IntegrityError as error:
            # Another one was started between the check and the write.
            raise ExperimentRefused(_rival_message(experiment, "another one")) from error
    return experiment


def pause(experiment: Experiment, now: datetime) -> Experiment:
    """New runs get no variant until it is started again; what was assigned stays."""
    return _move(experiment, from_statuses=(Status.RUNNING,), to_status=Status.PAUSED)


def conclude(experiment: Experiment, now: datetime) -> Experiment:
    """End it for good."""
    return _move(
        experiment,
        from_statuses=(Status.RUNNING, Status.PAUSED),
        to_status=Status.CONCLUDED,
        concluded_at=now,
    )


def seed_example(now: datetime) -> Experiment:
    """The example experiment, made once and started unless its parameter is taken.

    An existing one of the name is given back as it is.
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
        Variant.objects.create(experiment=experiment, name="No prefix", value="", is_control=True)
        Variant.objects.create(
            experiment=experiment, name="Warm analogue", value="warm analogue, wide stereo,"
        )
        if Experiment.objects.running().filter(parameter=experiment.parameter).exists():
            return experiment
        return start(experiment, now)


def _locked(experiment: Experiment) -> Experiment:
    return Experiment.objects.select_for_update(no_key=True).get(pk=experiment.pk)


def _move(
    experiment: Experiment,
    *,
    from_statuses: tuple[str, ...],
    to_status: str,
    concluded_at: datetime | None = None,
) -> Experiment:
    with transaction.atomic():
        experiment = _locked(experiment)
        if experiment.status not in from_statuses:
            raise ExperimentRefused(
                f"{experiment} is {experiment.status} and cannot become {to_status}; "
                f"it must be {' or '.join(from_statuses)}."
            )
        experiment.status = to_status
        experiment.concluded_at = concluded_at
        experiment.save(update_fields=["status", "concluded_at"])
    return experiment


def _require_variants(experiment: Experiment) -> None:
    variants = list(experiment.variants.all())
    if len(variants) < 2:
        raise ExperimentRefused(
            f"{experiment} has {len(variants)} variant(s); add variants until it has at least two."
        )
    if not any(variant.is_control for variant in variants):
        raise ExperimentRefused(
            f"{experiment} has no control; mark the variant that is in use today as control."
        )
    values = {json.dumps(variant.value, sort_keys=True) for variant in variants}
    if len(values) < len(variants):
        raise ExperimentRefused(
            f"{experiment} has variants with the same value; give each its own."
        )


def _rival_message(experiment: Experiment, rival: str) -> str:
    return (
        f"{experiment} cannot start: {rival} is running on "
        f"{experiment.get_parameter_display().lower()}; pause or conclude that one first."
    )
