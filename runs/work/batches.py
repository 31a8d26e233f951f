"""Starts runs: chooses the artist, the seed and the experiment arms."""

from __future__ import annotations

import random
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Max

from artists import roster
from artists.models import Artist
from experiments.assignment import assign_new
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
    artists = whose_turns(artist, range(seed, seed + size), now=now)
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
        create_runs(batch, artists, overrides=overrides, now=now)
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


def whose_turns(artist: Artist | None, seeds: range, *, now: datetime) -> list[Artist]:
    """Claim a turn by each seed: for `artist`, or for whoever is next (perhaps new artists)."""
    if artist is not None:
        # However many runs it makes, it goes to the end of the queue once.
        return [roster.claim_artist(artist_id=artist.pk, now=now)] * len(seeds)
    casting = roster.Casting(
        create=persona_maker(now),
        creation_probability=settings.ARTIST_CREATION_PROBABILITY,
        roster_cap=settings.ROSTER_CAP,
        mode=settings.ARTIST_SELECTION,
        offspring_share=settings.ARTIST_OFFSPRING_SHARE,
    )
    rngs = [random.Random(derive_seed(seed, "turn")) for seed in seeds]
    return roster.next_artists(rngs, casting, now=now)


def create_runs(
    batch: Batch,
    artists: Sequence[Artist],
    *,
    overrides: Mapping[str, Any] | None = None,
    now: datetime,
) -> list[Run]:
    """Create a batch's queued runs with their steps and their arms of the running experiments.

    The same artist with the same seed and overrides is a replay of the earlier run: it repeats that
    run's concept. Replays and runs with overrides take no part in experiments: a replay would count
    twice, and overrides were not drawn at random. An artist that should explore makes a bold
    variant. The number of queries does not grow with the batch.
    """
    seeds = range(batch.seed, batch.seed + len(artists))
    earlier = earlier_runs(artists, seeds)
    bold = exploration.bold_runs_left(artists)
    versions = profile_versions(artists)
    runs = []
    for seed, artist in zip(seeds, artists, strict=True):
        wanted = dict(overrides or {})
        same = earlier.get((artist.pk, seed), [])
        # An exact repetition is not exploration, even if a bold variant is due.
        explores = not wanted and not same and bold.get(artist.pk, 0) > 0
        if explores:
            bold[artist.pk] -= 1
            wanted = exploration.bold_values(artist, seed)
        runs.append(
            Run(
                batch=batch,
                artist=artist,
                seed=seed,
                profile_version=versions.get(artist.pk),
                replay_of=next((run for run in same if run.overrides == wanted), None),
                overrides=wanted,
                explores=explores,
                due_at=now,
                created_at=now,
            )
        )
    Run.objects.bulk_create(runs)
    create_steps(runs)
    if settings.AB_TESTING_ENABLED:
        fresh = [run for run in runs if run.replay_of is None and not run.overrides]
        assign_new([(run.pk, run.artist) for run in fresh], now=now)
    RunEvent.objects.bulk_create(queued_event(run, now=now) for run in runs)
    return runs


def earlier_runs(artists: Sequence[Artist], seeds: range) -> dict[tuple[int, int], list[Run]]:
    """Return the runs that these artists made from these seeds, by both, oldest first."""
    earlier: dict[tuple[int, int], list[Run]] = defaultdict(list)
    ids = {artist.pk for artist in artists}
    of_seeds = Run.objects.filter(artist__in=ids, seed__gte=seeds.start, seed__lt=seeds.stop)
    for run in of_seeds.order_by("created_at", "pk"):
        earlier[run.artist_id, run.seed].append(run)
    return earlier


def profile_versions(artists: Sequence[Artist]) -> dict[int, int]:
    """Return the newest version of each artist's profile."""
    rows = Artist.history.filter(id__in={artist.pk for artist in artists}).order_by()
    return dict(rows.values_list("id").annotate(newest=Max("history_id")))


def queued_event(run: Run, *, now: datetime) -> RunEvent:
    batch, original = run.batch, run.replay_of
    message = f"Queued by {batch.get_origin_display().lower()} in batch {batch.pk}"
    message += f" as a replay of {original.pk}." if original else "."
    message += exploration.in_words(run) if run.explores else ""
    return RunEvent(
        run=run, kind=RunEvent.Kind.QUEUED, message=message, at=now, actor=batch.requested_by
    )


def persona_maker(now: datetime) -> Callable[[int], Persona]:
    """Return the function that makes a new artist's persona from a seed."""

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
