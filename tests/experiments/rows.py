"""Experiments with reviewed runs, as the services would have left them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from artists.models import Artist
from experiments.models import Assignment, Experiment, Variant
from tests.factories import NOON, ArtistFactory, ExperimentFactory, VariantFactory

ENDINGS = {"A": "approved", "R": "rejected", "F": "failed", "C": "cancelled", "O": ""}
VALUES = (None, "warm", "cold", "dry", "wide", "lo-fi")


def experiment_with(
    *arms: str, cost: str = "0", artist: Artist | None = None, **fields: Any
) -> Experiment:
    """Arms as letters: A approved, R rejected, F failed, C cancelled, O open, block by block.

    The first arm is the control. Every run used its value; reviews come one a day.
    """
    experiment: Experiment = ExperimentFactory(**fields)
    for index in range(len(arms)):
        VariantFactory(
            experiment=experiment,
            name="ABCDEF"[index],
            value=VALUES[index],
            is_control=index == 0,
        )
    add_runs(experiment, *arms, artist=artist or ArtistFactory(), cost=cost)
    return experiment


def add_runs(experiment: Experiment, *arms: str, artist: Artist, cost: str = "0") -> None:
    """More runs of an artist that is new to the experiment."""
    variants = list(Variant.objects.filter(experiment=experiment).order_by("pk"))
    position = 0
    for block in range(max(map(len, arms))):
        for variant, letters in zip(variants, arms, strict=True):
            if block >= len(letters):
                continue
            outcome = ENDINGS[letters[block]]
            Assignment.objects.create(
                experiment=experiment,
                variant=variant,
                artist=artist,
                run_id=uuid.uuid4(),
                position=position,
                block=block,
                probability=1 / len(arms),
                probabilities={str(other.pk): 1 / len(arms) for other in variants},
                exposed_at=NOON,
                outcome=outcome,
                outcome_at=NOON + timedelta(days=block) if outcome else None,
                cost_usd=Decimal(cost),
            )
            position += 1
