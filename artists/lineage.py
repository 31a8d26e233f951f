"""Finds the artists that are strong enough to have offspring."""

from __future__ import annotations

from django.db.models import F, FloatField, QuerySet
from django.db.models.functions import Cast, Coalesce

from artists.lifecycle.policies import default_policy, policy_of
from artists.models import Artist


def strong_artists() -> QuerySet[Artist]:
    """Return active artists with enough approvals and a rate above `explore_above_rate`."""
    default = default_policy()
    decided = Cast(F("approved_count") + F("rejected_count"), FloatField())
    return (
        Artist.objects.filter(status=Artist.Status.ACTIVE, approved_count__gt=0)
        .annotate(
            needed=Coalesce("policy__offspring_min_approvals", default.offspring_min_approvals),
            wanted_rate=Coalesce("policy__explore_above_rate", default.explore_above_rate),
            rate=F("approved_count") / decided,
        )
        .filter(approved_count__gte=F("needed"), rate__gt=F("wanted_rate"))
        .order_by("pk")
    )


def why_not(artist: Artist) -> str:
    """Explain why an artist may not have offspring; empty if it may."""
    if strong_artists().filter(pk=artist.pk).exists():
        return ""
    policy = policy_of(artist)
    rate = f"{artist.approval_rate:.0%}" if artist.approval_rate is not None else "none"
    return (
        f"{artist} ({artist.status}, {artist.approved_count} approved, rate {rate}) is not strong "
        f"enough: offspring needs an active artist with {policy.offspring_min_approvals} approvals "
        f"and a rate above {policy.explore_above_rate:.0%}."
    )
