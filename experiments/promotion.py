"""Promotions: puts winners to use, shows the difference, undoes them.

If an artist's own experiment varies something its profile holds (tempo, look, temperature), the
winner is written into the profile as a new version. All other promotions are looked up here by
every run.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from ai_artist.kit.values import fact, words
from artists.models import Artist
from artists.profiles import ProfileRefused, write_profile
from experiments.models import Experiment, ExperimentEvent, Promotion, Variant
from experiments.parameters import in_words, parameter


class PromotionRefused(Exception):
    """The promotion cannot be made or undone; the message says what to do."""


def in_force(artist: Artist) -> dict[str, Any]:
    """Return promoted values for an artist's runs, by parameter.

    Its own come before its genre's, and those before the roster's.
    """
    promoted: dict[str, Any] = {}
    wider = Q(artist=None, genre__in=("", artist.genre))
    standing = Promotion.objects.standing().filter(Q(artist=artist) | wider)
    # Sorting keeps the newest first within each.
    for promotion in sorted(standing, key=lambda row: (row.artist_id is None, not row.genre)):
        # A winner written into the profile needs no value here, but it hides the wider ones.
        promoted.setdefault(promotion.parameter, None if promotion.diff else promotion.value)
    return {name: value for name, value in promoted.items() if value is not None}


def promote(
    experiment: Experiment, variant: Variant, *, actor: User | None, now: datetime
) -> list[Promotion]:
    """Put a variant to use for each of the experiment's artists, its genre, or the roster.

    Raises PromotionRefused if it is in force already.
    """
    with transaction.atomic():
        artists: list[Artist | None] = [*experiment.artists.order_by("pk")]
        return [
            _promote_for(artist, experiment, variant, actor=actor, now=now)
            for artist in artists or [None]
        ]


def _promote_for(
    artist: Artist | None,
    experiment: Experiment,
    variant: Variant,
    *,
    actor: User | None,
    now: datetime,
) -> Promotion:
    scope = Promotion.objects.standing().filter(
        parameter=experiment.parameter, artist=artist, genre=experiment.genre
    )
    newest = scope.select_for_update(no_key=True).first()
    if newest and newest.variant_id == variant.pk:
        raise PromotionRefused(f"{variant.name} is in use already; nothing was changed.")
    # The newest one is in force, so it must be later than the one before, even if the clock
    # went back.
    now = max(now, newest.at) if newest else now
    promotion = Promotion.objects.create(
        parameter=experiment.parameter,
        artist=artist,
        genre=experiment.genre,
        value=variant.value,
        before=newest.value if newest else None,
        diff=_write_profile(artist, variant) if artist else {},
        experiment=experiment,
        variant=variant,
        at=now,
        actor=actor,
    )
    ExperimentEvent.objects.create(
        experiment=experiment,
        at=now,
        kind=ExperimentEvent.Kind.PROMOTED,
        message=f"{difference(promotion)}.",
        figures={"promotion": promotion.pk, "value": variant.value, "diff": promotion.diff},
        actor=actor,
    )
    return promotion


def undo_all(experiment: Experiment, *, actor: User | None, now: datetime) -> list[str]:
    """Restore what was in use before the experiment's winner, for each artist for whom that works.

    Returns why others were left as they are. Raises PromotionRefused if nothing could be undone.
    """
    standing = list(standing_promotions(experiment))
    if not standing:
        raise PromotionRefused(f"Nothing of {experiment} is in use.")
    refusals = []
    for promotion in standing:
        try:
            undo(promotion, actor=actor, now=now)
        except PromotionRefused as refused:
            refusals.append(str(refused))
    if len(refusals) == len(standing):
        raise PromotionRefused(" ".join(refusals))
    return refusals


def standing_promotions(experiment: Experiment) -> QuerySet[Promotion]:
    """Return this experiment's promotions that were not undone, newest first."""
    promotions = Promotion.objects.standing().filter(experiment=experiment)
    return promotions.select_related("variant", "artist")


def undo(promotion: Promotion, *, actor: User | None, now: datetime) -> None:
    """Restore what was in use before.

    Raises PromotionRefused if it was undone already, if a later promotion replaced it, or if
    somebody changed the profile since.
    """
    with transaction.atomic():
        locked = Promotion.objects.select_for_update(no_key=True).get(pk=promotion.pk)
        if locked.undone_at:
            raise PromotionRefused(f"{locked} was undone already.")
        scope = Promotion.objects.standing().filter(
            parameter=locked.parameter, artist=locked.artist, genre=locked.genre
        )
        newest = scope.first()
        if newest and newest.pk != locked.pk:
            raise PromotionRefused(f"A later promotion is in force: undo {newest} first.")
        _restore_profile(locked)
        locked.undone_at, locked.undone_by = max(now, locked.at), actor
        locked.save(update_fields=["undone_at", "undone_by"])
        ExperimentEvent.objects.create(
            experiment=locked.experiment,
            at=now,
            kind=ExperimentEvent.Kind.UNDONE,
            message=f"Undone: {difference(locked)}.",
            figures={"promotion": locked.pk},
            actor=actor,
        )


def difference(promotion: Promotion) -> str:
    """Say in words what a promotion changes."""
    if promotion.diff:
        changes = "; ".join(
            f"{words(field).lower()} from {fact(old)} to {fact(new)}"
            for field, (old, new) in promotion.diff.items()
        )
        return f"Profile of {promotion.whose}: {changes}"
    name = promotion.parameter
    old, new = in_words(name, promotion.before), in_words(name, promotion.value)
    return f"{parameter(name).label} of {promotion.whose}: from {old} to {new}"


def _write_profile(artist: Artist, variant: Variant) -> dict[str, Any]:
    """Write the variant into the profile. Returns {field: [old, new]}, or {} if it has no field."""
    experiment = variant.experiment
    to_fields = parameter(experiment.parameter).profile
    if to_fields is None or variant.value is None:
        return {}
    artist = _locked(artist)
    wanted = to_fields(variant.value)
    diff = {name: [getattr(artist, name), new] for name, new in wanted.items()}
    _save_profile(artist, wanted, why=f"{experiment}: {variant.name} won")
    return diff


def _restore_profile(promotion: Promotion) -> None:
    if not promotion.diff or promotion.artist is None:
        return
    artist = _locked(promotion.artist)
    for name, (_, new) in promotion.diff.items():
        # Somebody's later edit must not be lost to an undo.
        if getattr(artist, name) != new:
            raise PromotionRefused(
                f"{artist} was changed since ({name.replace('_', ' ')}); set it by hand."
            )
    old = {name: before for name, (before, _) in promotion.diff.items()}
    _save_profile(artist, old, why=f"Undone: {promotion.experiment}")


def _locked(artist: Artist) -> Artist:
    return Artist.objects.select_for_update(no_key=True).get(pk=artist.pk)


def _save_profile(artist: Artist, fields: dict[str, Any], *, why: str) -> None:
    try:
        write_profile(artist, fields, actor=None, why=why)
    except ProfileRefused as refused:
        raise PromotionRefused(str(refused)) from refused
