"""Writing the register of licences: an entry changes what may go out."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from runs.models import LicenceEntry, Release
from runs.releasing.releases import settle_status


def keep_licence(entry: LicenceEntry, *, actor: User | None) -> int:
    """Save an entry and judge what has the provider's work and is not out. Returns how many."""
    judged = 0
    with transaction.atomic():
        names = {entry.provider}
        if entry._state.adding:
            entry.noted_by = actor
        else:
            names.add(LicenceEntry.objects.values_list("provider", flat=True).get(pk=entry.pk))
        entry.save()
        for release in affected_by(names).iterator(chunk_size=200):
            settle_status(release)
            judged += 1
    return judged


def affected_by(providers: set[str]) -> QuerySet[Release]:
    """Releases with a bundle that are not out and have work of one of these providers."""
    named = Q()
    for provider in providers:
        named |= Q(tracks__run__artifacts__provenance__provider__icontains=provider)
        named |= Q(cover__provenance__provider__icontains=provider)
    ids = Release.objects.unpublished().filter(named, bundle__isnull=False).values("pk")
    return Release.objects.filter(pk__in=ids).select_related("artist", "profile", "cover")
