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

from artists.models import Artist
from experiments.models import Assignment, Experiment, Variant
from experiments.promotion import in_force


@dataclass(frozen=True)
class Place:
    """Where a run stands: the number of its arm, its block, and the chance of every live arm."""

    arm: int
    block: int
    chances: dict[int, float]


def assign_new(runs: Sequence[tuple[UUID, Artist]], *, now: datetime) -> None:
    """Choose the variants of runs that have none, in their order, in every running experiment."""
    if not runs:
        return
    with transaction.atomic():
        # Everybody locks in the same order, so that two claims never wait for each other.
        running = Experiment.objects.running().touching({artist for _, artist in runs})
        for experiment in running.order_by("pk").select_for_update(no_key=True):
            own = own_runs(experiment, runs)
            places = _Places(experiment, {artist.pk for _, artist in own})
            rows = [places.next_of(artist, run_id, now=now) for run_id, artist in own]
            Assignment.objects.bulk_create(row for row in rows if row)


def own_runs(
    experiment: Experiment, runs: Sequence[tuple[UUID, Artist]]
) -> list[tuple[UUID, Artist]]:
    """Return the runs that take part in an experiment."""
    if chosen := set(experiment.artists.values_list("pk", flat=True)):
        return [(run_id, artist) for run_id, artist in runs if artist.pk in chosen]
    return [(run_id, artist) for run_id, artist in runs if experiment.genre in ("", artist.genre)]


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


class _Places:
    """The places that an experiment still has for the runs of some artists.

    More runs than planned would be judged at a size the bar was not made for.
    """

    def __init__(self, experiment: Experiment, artist_ids: Collection[int]) -> None:
        self.experiment = experiment
        self.variants = list(Variant.objects.filter(experiment=experiment).order_by("pk"))
        self.live = [at for at, variant in enumerate(self.variants) if variant.stopped_at is None]
        self.positions: dict[int, int] = {}
        self.blocks: dict[int, int] = {}  # each artist's newest
        self.given: dict[int, set[int]] = {}  # arms that the newest block has
        index_of = {variant.pk: at for at, variant in enumerate(self.variants)}
        rows = Assignment.objects.filter(experiment=experiment, artist__in=artist_ids)
        ordered = rows.order_by("artist_id", "block", "position")
        for artist_id, block, position, variant_id in ordered.values_list(
            "artist_id", "block", "position", "variant_id"
        ):
            self._take(artist_id, index_of[variant_id], block=block)
            self.positions[artist_id] = max(position, self.positions[artist_id])
        self.runs = self._counted()

    def next_of(self, artist: Artist, run_id: UUID, *, now: datetime) -> Assignment | None:
        """Return an artist's next assignment; None if the plan has no room for a new block."""
        place = self._place(artist.pk)
        if place is None:
            return None
        self._take(artist.pk, place.arm, block=place.block)
        self.runs[place.arm] += 1
        chances = {str(self.variants[arm].pk): chance for arm, chance in place.chances.items()}
        return Assignment(
            experiment=self.experiment,
            variant=self.variants[place.arm],
            artist=artist,
            run_id=run_id,
            position=self.positions[artist.pk],
            block=place.block,
            probability=place.chances[place.arm],
            probabilities=chances,
            assigned_at=now,
        )

    def _take(self, artist_id: int, arm: int, *, block: int) -> None:
        if self.blocks.get(artist_id) != block:
            self.blocks[artist_id], self.given[artist_id] = block, set()
        self.given[artist_id].add(arm)
        self.positions[artist_id] = self.positions.get(artist_id, -1) + 1

    def _place(self, artist_id: int) -> Place | None:
        """The artist's next place: in its open block, or in a new one if the plan has room."""
        block = self.blocks.get(artist_id)
        if block is not None:
            given, order = self.given[artist_id], self._order(artist_id, block)
            if place := place_in_blocks(order, live=self.live, given=given, block=block):
                return place
        planned = self.experiment.planned_runs_per_arm
        if all(self.runs[arm] >= planned for arm in self.live):
            return None
        number = 0 if block is None else block + 1
        order = self._order(artist_id, number)
        return place_in_blocks(order, live=self.live, given=(), block=number)

    def _order(self, artist_id: int, block: int) -> list[int]:
        return order_of_block(
            salt=self.experiment.salt,
            experiment_id=self.experiment.pk,
            artist_id=artist_id,
            block=block,
            arms=len(self.variants),
        )

    def _counted(self) -> list[int]:
        """Count the runs of each arm, including those that await a review."""
        # Failed and cancelled runs tell nothing, so the plan makes up for them.
        lost = [Assignment.Outcome.FAILED, Assignment.Outcome.CANCELLED]
        telling = Assignment.objects.exclude(outcome__in=lost).order_by()
        return [
            telling.filter(variant=variant)[: self.experiment.planned_runs_per_arm].count()
            for variant in self.variants
        ]


def _digest(*parts: object) -> bytes:
    return hashlib.sha256("/".join(map(str, parts)).encode()).digest()
