"""Which terms cover a release: its providers against the register of licences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from runs.models import Artifact, LicenceEntry, Release, Run

# Engines inside, whose licences come with the installation; rights to imported songs are declared
# with each.
NEED_NO_ENTRY = frozenset({"local", "offline", "espeak", "import"})
# What goes out, and what it is made of.
USED = (
    Artifact.Kind.LYRICS,
    Artifact.Kind.MIX,
    Artifact.Kind.VOICE_TAG,
    Artifact.Kind.COVER,
    Artifact.Kind.VIDEO,
)


@dataclass(frozen=True)
class Coverage:
    """A provider's part in a release. entry: of the register, None if there is none."""

    provider: str
    made_on: date
    entry: LicenceEntry | None

    @property
    def blocker(self) -> str:
        """Why nobody may sell it; empty if the register does not say so."""
        if self.entry is None or self.entry.commercial_use:
            return ""
        return (
            f"{self.provider}: the plan “{self.entry.plan}” does not allow to sell what was made "
            f"on {self.made_on}. Make it again under a paid plan, or correct the licence register."
        )

    @property
    def warning(self) -> str:
        """What is to be looked up; empty if the register covers it."""
        if self.entry is not None:
            return ""
        return (
            f"{self.provider}: the licence register has no entry for {self.made_on}. Read its "
            "terms and note the plan."
        )


def licences_of(release: Release) -> list[Coverage]:
    """Every provider whose work is on a release, with the entry that covers it."""
    days: dict[tuple[str, date], None] = {}
    for track in release.tracks.select_related("run"):
        day = (track.run.started_at or track.run.created_at).date()
        days |= dict.fromkeys((provider, day) for provider in providers_of(track.run))
    if release.cover and release.cover.provenance:
        day = release.cover.created_at.date()
        days |= dict.fromkeys((name, day) for name in named(release.cover.provenance))
    return [Coverage(provider, day, best_entry(provider, day)) for provider, day in sorted(days)]


def best_entry(provider: str, day: date) -> LicenceEntry | None:
    """The entry for a day; of several, one that allows commercial use."""
    entries = LicenceEntry.objects.valid_on(day).filter(provider__iexact=provider)
    return entries.order_by("-commercial_use", "-valid_from", "-pk").first()


def providers_of(run: Run) -> list[str]:
    """Names of the providers whose work is in a run's files, but for engines inside."""
    records = run.artifacts.current().filter(kind__in=USED).values_list("provenance", flat=True)
    return sorted({name for record in records for name in named(record)})


def named(record: dict[str, str]) -> Iterator[str]:
    """The providers a provenance names."""
    for name in record.get("provider", "").split("; "):
        if name and name not in NEED_NO_ENTRY:
            yield name


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
