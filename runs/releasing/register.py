"""Writing the register of licences: an entry changes what may go out."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from runs.models import LicenceEntry, Release


def keep_licence(entry: LicenceEntry, *, actor: User | None) -> int:
    """Save an entry; the sweep looks again at what has the provider's work and is not out.

    Returns how many releases that are.
    """
    with transaction.atomic():
        names = {entry.provider}
        if entry._state.adding:
            entry.noted_by = actor
        else:
            names.add(LicenceEntry.objects.values_list("provider", flat=True).get(pk=entry.pk))
        entry.save()
        concerned = Q()
        for name in names:
            concerned |= Q(tracks__run__artifacts__provenance__provider__icontains=name)
            concerned |= Q(cover__provenance__provider__icontains=name)
        ids = Release.objects.unpublished().filter(concerned, bundle__isnull=False).values("pk")
        return Release.objects.filter(pk__in=ids).update(unsettled=True)
