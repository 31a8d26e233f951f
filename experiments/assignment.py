"""Chooses which variant a run uses, and stores what became of the run.

Permuted blocks within each artist: every block of an artist's runs holds each arm once, in an order
seeded by the experiment, the artist and the block. So within an artist the arms never differ by
more than one run, whatever the artists' approval rates are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max

from artists.models import Artist
from experiments.models import Assignment, Experiment, Variant
from experiments.promotion import in_force


@dataclass(frozen=True)
class Place:
    """Where a run stands: the number of its arm, its block, and the chance of every live arm."""

    arm: int
    block: int
    chances: dict[int, float]


def assign(*, run_id: UUID, artist: Artist, now: datetime, enabled: bool) -> dict[str, Any]:
    """Choose the run's variant in every running experiment. Returns {parameter: value}.

    A run keeps the variants it has, even if experiments were switched off or concluded since.
    enabled: whether it may get new ones.
    """
    if not enabled:
        return parameters_of(run_id)
    with transaction.atomic():
        # Everybody locks in the same order, so that two claims never wait for each other.
        running = Experiment.objects.running().touching([artist])
        locked = list(running.order_by("pk").select_for_update(no_key=True))
        # A retried run keeps its variants, even if other experiments have started since.
        if locked and not Assignment.objects.filter(run_id=run_id).exists():
            for experiment in locked:
                _assign_one(experiment, run_id=run_id, artist=artist, now=now)
        return parameters_of(run_id)


def parameters_of(run_id: UUID) -> dict[str, Any]:
    """Return the values chosen for a run, by parameter; empty if it is in no experiment."""
    chosen = Assignment.objects.filter(run_id=run_id).order_by("experiment_id")
    return dict(chosen.values_list("experiment__parameter", "variant__value"))


def parameters_for(*, run_id: UUID, artist: Artist) -> dict[str, Any]:
    """Return what a run uses, by parameter: its variants, or else promoted winners.

    A missing parameter keeps its value from the profile, the genre or the settings.
    """
    chosen = {name: value for name, value in parameters_of(run_id).items() if value is not None}
    return in_force(artist) | chosen


def mark_exposed(*, run_id: UUID, parameter: str, now: datetime) -> None:
    """Record that a step has used the parameter's value; only the first time counts."""
    Assignment.objects.filter(
        run_id=run_id, experiment__parameter=parameter, exposed_at=None
    ).update(exposed_at=now)


def record_outcome(
    *,
    run_id: UUID,
    outcome: str | None,
    now: datetime,
    cost_usd: Decimal | None = None,
    rating: int | None = None,
) -> None:
    """Store what became of the run: approved, rejected, failed or cancelled.

    None or "" clears it (undo). cost_usd: what the run cost in total; None keeps the stored cost.
    rating: the reviewer's, 1 to 5, if one was given.
    """
    outcome = outcome or ""
    if outcome and outcome not in Assignment.Outcome.values:
        raise ValueError(
            f"{outcome!r} is no outcome of a run; known: {', '.join(Assignment.Outcome.values)}"
        )
    values: dict[str, Any] = {
        "outcome": outcome,
        "outcome_at": now if outcome else None,
        "rating": rating if outcome in Assignment.DECIDED else None,
    }
    if cost_usd is not None:
        values["cost_usd"] = cost_usd
    Assignment.objects.filter(run_id=run_id).update(**values)


def order_of_block(
    *, salt: str, experiment_id: int, artist_id: int, block: int, arms: int
) -> list[int]:
    """Return the order of the arms (0 .. arms - 1) in one block of one artist: a seeded shuffle."""

    def rank(arm: int) -> bytes:
        return _digest(salt, experiment_id, artist_id, block, arm)

    return sorted(range(arms), key=rank)


def place_in_blocks(
    order: Sequence[int], *, live: Collection[int], given: Collection[int], block: int
) -> Place | None:
    """Return the next arm of a block, or None if the block is full.

    order: all arms in this block's order; live: arms still in the race; given: arms the block has.
    """
    left = [arm for arm in order if arm in live and arm not in given]
    if not left:
        return None
    return Place(left[0], block, dict.fromkeys(live, 1 / len(live)))


def _assign_one(experiment: Experiment, *, run_id: UUID, artist: Artist, now: datetime) -> None:
    variants = list(Variant.objects.filter(experiment=experiment).order_by("pk"))
    live = [index for index, variant in enumerate(variants) if variant.stopped_at is None]
    own = Assignment.objects.filter(experiment=experiment, artist=artist)
    newest = own.aggregate(position=Max("position"), block=Max("block"))
    position = 0 if newest["position"] is None else newest["position"] + 1
    place = _block_place(experiment, variants, live, artist, newest["block"])
    if place is None:
        return
    Assignment.objects.create(
        experiment=experiment,
        variant=variants[place.arm],
        artist=artist,
        run_id=run_id,
        position=position,
        block=place.block,
        probability=place.chances[place.arm],
        probabilities={str(variants[arm].pk): chance for arm, chance in place.chances.items()},
        assigned_at=now,
    )


def _block_place(
    experiment: Experiment,
    variants: list[Variant],
    live: list[int],
    artist: Artist,
    block: int | None,
) -> Place | None:
    """Return the artist's next place: in its open block, or in a new one if the plan has room."""

    def order(number: int) -> list[int]:
        return order_of_block(
            salt=experiment.salt,
            experiment_id=experiment.pk,
            artist_id=artist.pk,
            block=number,
            arms=len(variants),
        )

    if block is not None:
        has = Assignment.objects.filter(experiment=experiment, artist=artist, block=block)
        given_ids = set(has.values_list("variant_id", flat=True))
        given = {index for index, variant in enumerate(variants) if variant.pk in given_ids}
        if place := place_in_blocks(order(block), live=live, given=given, block=block):
            return place
    if _is_full(experiment, [variants[index] for index in live]):
        return None
    number = 0 if block is None else block + 1
    return place_in_blocks(order(number), live=live, given=(), block=number)


def _is_full(experiment: Experiment, live: list[Variant]) -> bool:
    """Whether every live arm has its planned runs, including those that await a review.

    More runs than planned would be judged at a size the bar was not made for.
    """
    # Failed and cancelled runs tell nothing, so the plan makes up for them.
    lost = [Assignment.Outcome.FAILED, Assignment.Outcome.CANCELLED]
    runs = dict(
        Assignment.objects.filter(experiment=experiment)
        .exclude(outcome__in=lost)
        .order_by()
        .values_list("variant_id")
        .annotate(runs=Count("pk"))
    )
    return all(runs.get(variant.pk, 0) >= experiment.planned_runs_per_arm for variant in live)


def _digest(*parts: object) -> bytes:
    return hashlib.sha256("/".join(map(str, parts)).encode()).digest()
