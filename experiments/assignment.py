"""Which variant a run uses, and what came of it.

Permuted blocks within each artist: every block of an artist's runs holds each variant once, in an
order seeded by the experiment, the artist and the block. So the arms never differ by more than one
run within an artist, whatever the artists' own approval rates are.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from artists.models import Artist
from experiments.models import Assignment, Experiment, Variant


def assign(*, run_id: UUID, artist: Artist, now: datetime, enabled: bool) -> dict[str, Any]:
    """Choose the run's variant in every running experiment; gives {parameter: value}.

    A run that has variants keeps them, also when experiments were switched off or concluded
    since. enabled: whether new ones may be given.
    """
    if not enabled:
        return parameters_of(run_id)
    with transaction.atomic():
        # Locked in one order by all, so that positions are taken one after the other.
        running = list(Experiment.objects.running().order_by("pk").select_for_update(no_key=True))
        if running and not Assignment.objects.filter(run_id=run_id).exists():
            for experiment in running:
                _assign_one(experiment, run_id=run_id, artist=artist, now=now)
        return parameters_of(run_id)


def parameters_of(run_id: UUID) -> dict[str, Any]:
    """The values chosen for a run, by parameter; empty outside experiments."""
    chosen = Assignment.objects.filter(run_id=run_id).order_by("experiment_id")
    return dict(chosen.values_list("experiment__parameter", "variant__value"))


def mark_exposed(*, run_id: UUID, parameter: str, now: datetime) -> None:
    """Note that a step really used the parameter's value; the first time counts."""
    Assignment.objects.filter(
        run_id=run_id, experiment__parameter=parameter, exposed_at=None
    ).update(exposed_at=now)


def record_outcome(*, run_id: UUID, outcome: str | None, cost_usd: Decimal | None = None) -> None:
    """Store what became of the run: approved, rejected or failed; None or "" clears it (undo).

    cost_usd: what the run cost in all; None leaves the stored cost.
    """
    outcome = outcome or ""
    if outcome and outcome not in Assignment.Outcome.values:
        raise ValueError(
            f"{outcome!r} is no outcome of a run; known: {', '.join(Assignment.Outcome.values)}"
        )
    values: dict[str, Any] = {"outcome": outcome}
    if cost_usd is not None:
        values["cost_usd"] = cost_usd
    Assignment.objects.filter(run_id=run_id).update(**values)


def order_of_block(
    *, salt: str, experiment_id: int, artist_id: int, block: int, arms: int
) -> list[int]:
    """The order of the arms (0 .. arms - 1) in one block of one artist: a seeded shuffle."""

    def rank(arm: int) -> bytes:
        text = f"{salt}/{experiment_id}/{artist_id}/{block}/{arm}"
        return hashlib.sha256(text.encode()).digest()

    return sorted(range(arms), key=rank)


def _assign_one(experiment: Experiment, *, run_id: UUID, artist: Artist, now: datetime) -> None:
    variants = list(Variant.objects.filter(experiment=experiment).order_by("pk"))
    newest = Assignment.objects.filter(experiment=experiment, artist=artist).aggregate(
        position=Max("position")
    )["position"]
    position = 0 if newest is None else newest + 1
    block, place = divmod(position, len(variants))
    order = order_of_block(
        salt=experiment.salt,
        experiment_id=experiment.pk,
        artist_id=artist.pk,
        block=block,
        arms=len(variants),
    )
    Assignment.objects.create(
        experiment=experiment,
        variant=variants[order[place]],
        artist=artist,
        run_id=run_id,
        position=position,
        probability=1 / len(variants),
        assigned_at=now,
    )
