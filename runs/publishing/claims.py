"""The right to work on a publication: claim it, write only while it holds, give it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from runs.errors import LostLease
from runs.models import Publication
from runs.work.workers import is_gone, worker_name


@dataclass(frozen=True)
class PublicationClaim:
    """One worker's right to one publication; every later write must match it."""

    publication_id: UUID
    owner: str
    attempt: int

    def write(self, **fields: Any) -> None:
        """Update the publication if the claim still holds. Raises LostLease otherwise."""
        held = Publication.objects.filter(
            pk=self.publication_id, owner=self.owner, attempt=self.attempt
        )
        if not held.update(**fields):
            raise LostLease(f"Publication {self.publication_id} is no longer {self.owner}'s.")

    def renew(self, *, now: datetime) -> None:
        """Extend the lease. Raises LostLease."""
        self.write(wake_at=now + timedelta(seconds=settings.LEASE_S))

    def save_progress(self, step: str, fraction: float) -> None:
        """Nothing: a sending notes its bytes by itself."""

    def let_go(self, *, wake_at: datetime | None, **fields: Any) -> None:
        """Write the outcome and let go. wake_at: the next look; None: none by itself."""
        self.write(owner="", wake_at=wake_at, **fields)

    def __str__(self) -> str:
        return f"publication {self.publication_id}"


def claim_next(*, now: datetime) -> PublicationClaim | None:
    """Claim the publication that has been due longest. None if there is nothing to do."""
    with transaction.atomic():
        due = Publication.objects.workable(now=now)
        publication = due.select_for_update(skip_locked=True, of=("self",)).first()
        return claim(publication.pk, now=now) if publication else None


def claim(publication_id: UUID, *, now: datetime) -> PublicationClaim | None:
    """Claim this publication if it is due. None if another worker was faster."""
    owner = worker_name()
    with transaction.atomic():
        # One conditional UPDATE, not get-then-save: two workers may race.
        taken = Publication.objects.filter(pk=publication_id, owner="", wake_at__lte=now).update(
            owner=owner,
            attempt=F("attempt") + 1,
            wake_at=now + timedelta(seconds=settings.LEASE_S),
        )
        if not taken:
            return None
        attempt = Publication.objects.values_list("attempt", flat=True).get(pk=publication_id)
        return PublicationClaim(publication_id, owner, attempt)


def free_dropped(*, now: datetime) -> int:
    """Free the publications whose worker died: its lease expired, or its process here is gone."""
    held = Publication.objects.exclude(owner="").values_list("pk", "owner", "attempt", "wake_at")
    freed = 0
    for publication_id, owner, attempt, lease_until in held:
        if lease_until and lease_until >= now and not is_gone(owner):
            continue
        # Only while the same claim stands: the worker may have finished meanwhile.
        freed += Publication.objects.filter(pk=publication_id, owner=owner, attempt=attempt).update(
            owner="", wake_at=now
        )
    return freed
