"""The roster: who makes the next run, and how artists are created."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from ai_artist.kit.values import counted
from artists import lineage, selection
from artists.checking import in_words
from artists.lifecycle.policies import default_policy
from artists.lifecycle.rules import Rule
from artists.models import Artist, LifecyclePolicy, StatusChange
from media_tools.errors import ProviderError
from media_tools.foreign import clean_text
from media_tools.genres import is_sung
from media_tools.music.singing import voice
from media_tools.text.base import Persona
from media_tools.text.vary_persona import vary_persona
from trends.choosing import RandomSource

logger = logging.getLogger(__name__)

SEED_RANGE = 2**53  # the number of different floats that random() returns in [0, 1)
CREATION_ATTEMPTS = 3
SLUG_LENGTH = 120
TICK = timedelta(microseconds=1)
CLAIMED_AT_ONCE = 500  # rows of a statement


class RosterError(Exception):
    """The roster cannot do what was asked; the message says what to do."""


class RosterEmpty(RosterError):
    """No artist can have a turn, and none can be created."""


class ArtistNotSelectable(RosterError):
    """The requested artist does not exist, or gets no turns."""


class NameTaken(RosterError):
    """An artist with this name exists; retired ones count."""


class PersonaInvalid(RosterError):
    """The persona cannot become an artist."""


class OffspringRefused(RosterError):
    """The artist may not have offspring, or the roster is full."""


@dataclass(frozen=True, kw_only=True)
class Casting:
    """How turns are given out.

    creation_probability: of a turn that goes to a new artist, made from `create(seed)` or, with
    probability offspring_share, from a strong artist. roster_cap: of artists that are not retired.
    mode: selection.TURN or selection.VALUE.
    """

    create: Callable[[int], Persona]
    creation_probability: float
    roster_cap: int
    mode: str = selection.TURN
    offspring_share: float = 0.0


def next_artists(rngs: Sequence[RandomSource], casting: Casting, *, now: datetime) -> list[Artist]:
    """Claim a turn by each random source, for the artist that is next or sometimes a new one.

    A new candidate gets the turn if the roster has room for it. Otherwise the turn goes to the
    artist that has waited longest, or in mode value to the one worth most (artists/selection.py).
    Two callers never get the same turn. If making a new artist fails, an existing one gets the
    turn. Turns in a row that go to existing artists are claimed together.

    Raises RosterEmpty if nobody can have a turn. If only a new artist could and making it fails,
    raises the error of `create`, NameTaken or PersonaInvalid.
    """
    artists: list[Artist] = []
    of_existing: list[RandomSource] = []
    for rng in rngs:
        if rng.random() < casting.creation_probability and _has_room(casting.roster_cap):
            artists += _claim_in_turn(of_existing, casting, now)
            of_existing = []
            if newcomer := _try_newcomer(rng, casting, now):
                artists.append(newcomer)
                continue
        of_existing.append(rng)
    return artists + _claim_in_turn(of_existing, casting, now)


def _try_newcomer(rng: RandomSource, casting: Casting, now: datetime) -> Artist | None:
    try:
        return _create_candidate(rng, casting, now, parent=_draw_parent(rng, casting))
    except (ProviderError, NameTaken, PersonaInvalid) as error:
        logger.warning("No new artist this turn: %s", error)
        return None


def _claim_in_turn(rngs: Sequence[RandomSource], casting: Casting, now: datetime) -> list[Artist]:
    """Claim turns for existing artists; if nobody can have one, for a new artist first."""
    claimed = _claim_next(rngs, mode=casting.mode, now=now)
    if len(claimed) == len(rngs):
        return claimed
    newcomer = _create_candidate(rngs[0], casting, now)
    if newcomer is None:
        raise RosterEmpty(
            "No artist may have a turn: all are paused or retired, and the roster cap of "
            f"{casting.roster_cap} allows no new one. Run seed_roster, resume or reinstate an "
            "artist, or raise AI_ARTIST_ROSTER_CAP."
        )
    return [newcomer, *_claim_in_turn(rngs[1:], casting, now)]


def claim_artist(*, artist_id: int, now: datetime) -> Artist:
    """Claim a turn for one artist.

    Raises ArtistNotSelectable if there is no such artist, or it is paused or retired.
    """
    with transaction.atomic():
        artist = Artist.objects.select_for_update(no_key=True).filter(pk=artist_id).first()
        if artist is None:
            raise ArtistNotSelectable(f"There is no artist {artist_id}.")
        if artist.status not in Artist.SELECTABLE:
            remedy = "resume" if artist.status == Artist.Status.PAUSED else "reinstate"
            raise ArtistNotSelectable(
                f"{artist} is {artist.status} ({artist.status_reason or 'no reason given'}); "
                f"{remedy} the artist first."
            )
        return _take_turn(artist, now)


def create_artist(
    *,
    persona: Persona,
    now: datetime,
    status: str = Artist.Status.CANDIDATE,
    reason: str,
    actor: User | None = None,
    parent: Artist | None = None,
) -> Artist:
    """Add an artist to the roster, at the end of the queue; ignores the cap.

    Raises NameTaken (case does not matter), or PersonaInvalid naming the wrong field.
    """
    with transaction.atomic():
        _lock_roster()
        slug = _free_slug(persona.name)
        artist = Artist(
            name=" ".join(clean_text(persona.name).split()),
            slug=slug,
            genre=persona.genre,
            backstory=persona.backstory,
            voice=persona.voice,
            themes=list(persona.themes),
            audience=persona.audience,
            style_notes=persona.style_notes,
            visual_style=persona.visual_style,
            tempo_min_bpm=persona.tempo_min_bpm,
            tempo_max_bpm=persona.tempo_max_bpm,
            keys=list(persona.keys),
            sings=settings.SINGING and voice.is_installed() and is_sung(persona.genre, slug),
            # Never changes, so that a new name does not change the artist's sound.
            sound_identity=slug,
            parent=parent,
            status=status,
            status_reason=reason[:200],
            status_since=now,
            turn_at=_next_turn(now),
            window_started_at=now,
            created_at=now,
        )
        if artist.name.lower() in taken_names():
            raise NameTaken(
                f"There is an artist called {artist.name!r} already (retired ones count too); "
                "choose another name."
            )
        try:
            artist.full_clean()
            with transaction.atomic():
                artist.save(force_insert=True)
        except ValidationError as error:
            raise PersonaInvalid(
                f"Persona {persona.name!r} cannot become an artist. {in_words(error.message_dict)}"
            ) from error
        except IntegrityError as error:
            # Somebody added it in the panel, which does not lock the roster, at this very moment.
            raise NameTaken(f"{artist.name!r} was just added by somebody else.") from error
        StatusChange.objects.create(
            artist=artist,
            from_status="",
            to_status=status,
            rule=Rule.CREATED,
            reason=reason[:200],
            actor=actor,
            at=now,
        )
    return artist


def create_offspring(
    *, parent_id: int, seed: int, now: datetime, roster_cap: int, actor: User | None = None
) -> Artist:
    """Create a candidate that continues a strong artist, at the end of the queue.

    Raises OffspringRefused if the artist is not strong enough or the roster is full.
    """
    with transaction.atomic():
        _lock_roster()
        parent = Artist.objects.filter(pk=parent_id).first()
        if parent is None:
            raise OffspringRefused(f"There is no artist {parent_id}.")
        if reason := lineage.why_not(parent):
            raise OffspringRefused(reason)
        if not _has_room(roster_cap):
            raise OffspringRefused(
                f"The roster holds {counted(roster_cap, 'artist')}, as many as it may: retire one, "
                "or raise AI_ARTIST_ROSTER_CAP."
            )
        return create_artist(
            persona=_offspring_of(parent, seed),
            now=now,
            reason=f"Offspring of {parent}",
            actor=actor,
            parent=parent,
        )


def _offspring_of(parent: Artist, seed: int) -> Persona:
    return vary_persona(persona_of(parent), taken_names=taken_names(), seed=seed)


def persona_of(profile: Any) -> Persona:
    """Return the persona of an artist, or of one of its history rows (an earlier version)."""
    return Persona(
        name=profile.name,
        genre=profile.genre,
        backstory=profile.backstory,
        voice=profile.voice,
        themes=tuple(profile.themes),
        audience=profile.audience,
        style_notes=profile.style_notes,
        visual_style=profile.visual_style,
        tempo_min_bpm=profile.tempo_min_bpm,
        tempo_max_bpm=profile.tempo_max_bpm,
        keys=tuple(profile.keys),
    )


def taken_names() -> frozenset[str]:
    """Return the names of all artists, retired ones too, in lower case."""
    return frozenset(name.lower() for name in Artist.objects.values_list("name", flat=True))


def _has_room(roster_cap: int) -> bool:
    kept = Artist.objects.exclude(status=Artist.Status.RETIRED)
    # Counts no further than it must.
    return kept[:roster_cap].count() < roster_cap


def _create_candidate(
    rng: RandomSource, casting: Casting, now: datetime, *, parent: Artist | None = None
) -> Artist | None:
    """Create a candidate that has its first turn now. Returns None if the roster is full.

    Raises NameTaken if every attempt made a name that exists.
    """
    for attempt in range(1, CREATION_ATTEMPTS + 1):
        if not _has_room(casting.roster_cap):
            return None
        # Outside the transaction: a language model may take long.
        seed = int(rng.random() * SEED_RANGE)
        persona = _offspring_of(parent, seed) if parent else casting.create(seed)
        with transaction.atomic():
            _lock_roster()
            if not _has_room(casting.roster_cap):
                return None
            try:
                artist = create_artist(
                    persona=persona,
                    now=now,
                    reason=f"Offspring of {parent}" if parent else "Created for a turn",
                    parent=parent,
                )
            except NameTaken:
                if attempt == CREATION_ATTEMPTS:
                    raise
                continue
            return _take_turn(artist, now)
    return None


def _draw_parent(rng: RandomSource, casting: Casting) -> Artist | None:
    """Return one of the strong artists, if there is any, with probability offspring_share."""
    if not casting.offspring_share or rng.random() >= casting.offspring_share:
        return None
    strong = list(lineage.strong_artists())
    return strong[int(rng.random() * len(strong))] if strong else None


def _claim_next(rngs: Sequence[RandomSource], *, mode: str, now: datetime) -> list[Artist]:
    """Claim a turn by each random source. Returns no artist if none may have a turn."""
    if not rngs:
        return []
    reach = len(rngs) + (selection.COMPARED if mode == selection.VALUE else 0)
    with transaction.atomic():
        # Without this lock PostgreSQL would hand out a turn twice: when another claim has just
        # moved a row to the end, the waiting query still returns that row at its old place in the
        # order.
        _lock_roster()
        waiting = list(Artist.objects.selectable().by_turn().values_list("pk", flat=True)[:reach])
        # Locked in the order of their ids, as by every other that locks several.
        rows = Artist.objects.select_for_update(no_key=True).filter(pk__in=waiting).order_by("pk")
        # Whoever had a turn goes behind all who are loaded, as behind the whole queue.
        queue = sorted(
            (artist for artist in rows if artist.status in Artist.SELECTABLE),
            key=lambda artist: (artist.turn_at, artist.pk),
        )
        if not queue:
            return []
        turn_at, chosen = _next_turn(now), []
        for rng in rngs:
            place = selection.choose(queue, rng) if mode == selection.VALUE else 0
            artist = queue.pop(place)
            artist.turn_at, artist.last_run_at, artist.passed_over = turn_at, now, 0
            queue.append(artist)
            chosen.append(artist)
            turn_at += TICK
        # Not save(): a turn is not a new version of the profile.
        Artist.objects.bulk_update(
            queue, ["turn_at", "last_run_at", "passed_over"], batch_size=CLAIMED_AT_ONCE
        )
    return chosen


def _take_turn(artist: Artist, now: datetime) -> Artist:
    """Move a locked artist to the end of the queue."""
    artist.turn_at = _next_turn(now)
    artist.last_run_at = now
    artist.passed_over = 0
    # update(), not save(): a turn is not a new version of the profile.
    Artist.objects.filter(pk=artist.pk).update(
        turn_at=artist.turn_at, last_run_at=now, passed_over=0
    )
    return artist


def _next_turn(now: datetime) -> datetime:
    """Return a time behind everybody in the queue, even for many turns taken at the same `now`."""
    newest = (
        Artist.objects.selectable().order_by("-turn_at").values_list("turn_at", flat=True).first()
    )
    return max(now, newest + TICK) if newest else now


def _lock_roster() -> None:
    """Allow one claim or creation at a time, until the transaction ends.

    Locks the default policy's row in place of the roster, because it always exists. The caller must
    not hold an artist's lock yet, so that two batches never wait for each other.
    """
    policies = LifecyclePolicy.objects.select_for_update(no_key=True)
    if not policies.filter(is_default=True).first():
        policies.get(pk=default_policy().pk)


def _free_slug(name: str) -> str:
    base = slugify(name)[:SLUG_LENGTH].strip("-") or "artist"
    taken = set(Artist.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
