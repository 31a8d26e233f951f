"""Starts runs: chooses the artist, the seed and the experiment arms."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from artists import roster
from artists.models import Artist
from experiments.assignment import assign
from media_tools.errors import ProviderUnavailable
from media_tools.genres import NAMES
from media_tools.seeds import derive_seed
from media_tools.text.base import Persona, PersonaBrief
from runs.models import Batch, Run, RunEvent
from runs.providers import engines, ledger
from runs.providers.budgets import BudgetExhausted
from runs.work import exploration
from runs.work.pipeline import create_steps

PERSONA_TEMPERATURE = 1.0
MAX_SEED = 2**53  # the largest range in which JSON numbers stay exact


def create_batch(
    *,
    size: int,
    origin: str,
    now: datetime,
    seed: int | None = None,
    artist: Artist | None = None,
    overrides: Mapping[str, Any] | None = None,
    requested_by: User | None = None,
    note: str = "",
    slot: str | None = None,
) -> Batch:
    """Queue `size` runs: all for `artist`, or each for the artist whose turn it is.

    Run number i has the seed `seed + i`. overrides: values a person sets, by parameter of
    experiments/parameters.py. slot: the time a schedule planned the batch for.

    Raises RosterEmpty or ArtistNotSelectable, and leaves no batch, if nobody can have a turn.
    Raises IntegrityError if the slot has its batch already.
    """
    seed = secrets.randbelow(MAX_SEED) if seed is None else seed
    # Before the transaction: making a new artist may ask a language model, which can take long.
    artists = [whose_turn(artist, seed + index, now=now) for index in range(size)]
    with transaction.atomic():
        batch = Batch.objects.create(
            origin=origin,
            size=size,
            seed=seed,
            requested_by=requested_by,
            note=note,
            created_at=now,
            slot=slot,
        )
        for index, chosen in enumerate(artists):
            create_run(batch, seed + index, artist=chosen, overrides=overrides, now=now)
    return batch


def create_scheduled_batch(*, slot: str, now: datetime) -> Batch:
    """Queue the batch of a schedule's slot, or return the batch the slot has.

    So an hour that comes twice, a message delivered twice or a second cluster makes no second
    batch.
    """
    if made := Batch.objects.filter(slot=slot).first():
        return made
    try:
        return create_batch(
            size=settings.BATCH_SIZE, origin=Batch.Origin.SCHEDULE, now=now, slot=slot
        )
    except IntegrityError:
        return Batch.objects.get(slot=slot)


def whose_turn(artist: Artist | None, seed: int, *, now: datetime) -> Artist:
    """Claim a turn for `artist`, or for whoever is next (perhaps a new artist)."""
    if artist is not None:
        return roster.claim_artist(artist_id=artist.pk, now=now)
    return roster.next_artist(
        rng=random.Random(derive_seed(seed, "turn")),
        now=now,
        create=persona_maker(now),
        creation_probability=settings.ARTIST_CREATION_PROBABILITY,
        roster_cap=settings.ROSTER_CAP,
        mode=settings.ARTIST_SELECTION,
        offspring_share=settings.ARTIST_OFFSPRING_SHARE,
    )


def create_run(
    batch: Batch,
    seed: int,
    *,
    artist: Artist,
    now: datetime,
    overrides: Mapping[str, Any] | None = None,
) -> Run:
    """Create a queued run with its steps and its arms of the running experiments.

    The same artist with the same seed and overrides is a replay of the earlier run: it repeats that
    run's concept. Replays and runs with overrides take no part in experiments: a replay would count
    twice, and overrides were not drawn at random. An artist that should explore makes a bold
    variant.
    """
    overrides = dict(overrides or {})
    # An exact repetition is not exploration, even if a bold variant is due.
    earlier = Run.objects.filter(artist=artist, seed=seed).order_by("created_at", "pk")
    explores = not overrides and not earlier and exploration.is_due(artist)
    if explores:
        overrides = exploration.bold_values(artist, seed)
    original = next((run for run in earlier if run.overrides == overrides), None)
    run = Run.objects.create(
        batch=batch,
        artist=artist,
        seed=seed,
        profile_version=artist.profile_version,
        replay_of=original,
        overrides=overrides,
        explores=explores,
        due_at=now,
        created_at=now,
    )
    create_steps(run)
    if original is None and not overrides:
        assign(run_id=run.pk, artist=artist, now=now, enabled=settings.AB_TESTING_ENABLED)
    RunEvent.objects.log(
        run.pk,
        RunEvent.Kind.QUEUED,
        f"Queued by {batch.get_origin_display().lower()} in batch {batch.pk}"
        + (f" as a replay of {original.pk}." if original else ".")
        + (exploration.in_words(run) if explores else ""),
        now=now,
        actor=batch.requested_by,
    )
    return run


def persona_maker(now: datetime) -> Callable[[int], Persona]:
    """Return the function `next_artist` calls to create an artist."""

    def make(seed: int) -> Persona:
        book = ledger.Book(None, "", lambda: now)
        writer = engines.configured().writer(book, PERSONA_TEMPERATURE)
        genre = random.Random(seed).choice(NAMES)
        brief = PersonaBrief(genre=genre, taken_names=roster.taken_names(), seed=seed)
        try:
            return writer.persona(brief)
        except BudgetExhausted as error:
            # For the roster, an exhausted budget is one more reason to give the turn to an existing
            # artist.
            raise ProviderUnavailable(writer.name, str(error), code="budget") from error

    return make
