"""Starting runs: whose turn it is, with which seed, in which arm."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from artists import roster
from artists.models import Artist
from experiments.assignment import assign
from media_tools.music.local.genres import GENRES
from media_tools.seeds import derive_seed
from media_tools.text.base import Persona, PersonaBrief, Writer
from runs import engines, queue
from runs.models import Batch, Run, RunEvent
from runs.pipeline import create_steps

MAX_SEED = 2**53  # JSON numbers stay exact below this


def create_batch(
    *,
    size: int,
    origin: str,
    now: datetime,
    seed: int | None = None,
    artist: Artist | None = None,
    requested_by: User | None = None,
    note: str = "",
    wake: bool = True,
) -> Batch:
    """Queue `size` runs: all for `artist`, or each for whoever's turn it is.

    Run number i has the seed `seed + i`. All or nothing: a roster without a selectable artist
    raises RosterEmpty and leaves no batch. wake: send pumps to the clusters.
    """
    seed = secrets.randbelow(MAX_SEED) if seed is None else seed
    with transaction.atomic():
        batch = Batch.objects.create(
            origin=origin,
            size=size,
            seed=seed,
            requested_by=requested_by,
            note=note,
            created_at=now,
        )
        for index in range(size):
            create_run(batch, seed + index, artist=artist, now=now)
        if wake:
            queue.wake(min(size, settings.WORKERS))
    return batch


def create_run(batch: Batch, seed: int, *, artist: Artist | None, now: datetime) -> Run:
    """One queued run with its steps and its arms of the running experiments.

    The same artist with the same seed is a replay of the earlier run: it repeats that run's
    concept and arms and takes no part in experiments.
    """
    if artist is None:
        artist = roster.next_artist(
            rng=random.Random(derive_seed(seed, "turn")),
            now=now,
            create=persona_maker(engines.WRITERS[settings.WRITER]()),
            creation_probability=settings.ARTIST_CREATION_PROBABILITY,
            roster_cap=settings.ROSTER_CAP,
        )
    else:
        artist = roster.claim_artist(artist_id=artist.pk, now=now)
    original = Run.objects.filter(artist=artist, seed=seed).order_by("created_at", "pk").first()
    run = Run.objects.create(
        batch=batch,
        artist=artist,
        seed=seed,
        profile_version=artist.profile_version,
        replay_of=original,
        due_at=now,
        created_at=now,
    )
    create_steps(run)
    if original is None:
        assign(run_id=run.pk, artist=artist, now=now, enabled=settings.AB_TESTING_ENABLED)
    RunEvent.objects.create(
        run=run,
        at=now,
        kind="queued",
        message=f"Queued by {batch.get_origin_display().lower()} in batch {batch.pk}"
        + (f" as a replay of {original.pk}." if original else "."),
        actor=batch.requested_by,
    )
    return run


def persona_maker(writer: Writer) -> Callable[[int], Persona]:
    """What `next_artist` calls when a turn is to create an artist."""

    def make(seed: int) -> Persona:
        genre = random.Random(seed).choice(GENRES).name
        return writer.persona(
            PersonaBrief(genre=genre, taken_names=roster.taken_names(), seed=seed)
        )

    return make
