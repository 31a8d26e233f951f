"""Leases on the desk: for a limited time, only one reviewer holds a run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from ai_artist.kit.values import genre
from runs.models import Review, Run, RunQuerySet

LEASE_S = 240  # renewed by the desk's heartbeat
AHEAD = 3  # items loaded in advance, behind the one on screen
TOGETHER = 25  # most items that are decided together
COUNT_LIMIT = 1000
ESCALATED_AFTER = timedelta(hours=24)
STALE_AFTER = timedelta(days=14)


@dataclass(frozen=True)
class Scope:
    """The part of the queue: of one artist, one batch or one genre; all of it if empty."""

    artist: int | None = None
    batch: int | None = None
    genre: str = ""

    def __bool__(self) -> bool:
        return bool(self.artist or self.batch or self.genre)

    def of(self, runs: RunQuerySet) -> RunQuerySet:
        """Return those of these runs that are in this part."""
        if self.artist:
            runs = runs.filter(artist=self.artist)
        if self.batch:
            runs = runs.filter(batch=self.batch)
        if self.genre:
            runs = runs.filter(artist__genre=self.genre)
        return runs


def free_for(reviewer: User, *, now: datetime) -> RunQuerySet:
    """Return waiting runs that nobody else holds and this reviewer has not judged, oldest first."""
    judged = Review.objects.verdicts().filter(run=OuterRef("pk"), reviewer=reviewer)
    return Run.objects.awaiting_review().filter(available_to(reviewer, now), ~Exists(judged))


def available_to(reviewer: User, now: datetime) -> Q:
    """Match runs that are not on anybody else's desk."""
    return Q(review_until=None) | Q(review_until__lt=now) | Q(reviewed_by=reviewer)


def lease_runs(
    reviewer: User,
    *,
    now: datetime,
    count: int,
    scope: Scope = Scope(),
    without: Collection[UUID] = (),
) -> list[UUID]:
    """Lease the oldest free runs to a reviewer. Returns their ids, at most `count`.

    On PostgreSQL, rows that another reviewer is taking are skipped, not waited for. The UPDATE
    checks the condition again, so that on other databases, too, only one reviewer gets a run.
    """
    until = now + timedelta(seconds=LEASE_S)
    with transaction.atomic():
        free = scope.of(free_for(reviewer, now=now)).exclude(pk__in=list(without))
        rows = free.select_for_update(skip_locked=True, of=("self",))
        picked = list(rows.values_list("pk", flat=True)[:count])
        still_free = Run.objects.filter(
            available_to(reviewer, now), pk__in=picked, status=Run.Status.AWAITING_REVIEW
        )
        # If fewer rows change, another reviewer got some of them between SELECT and UPDATE.
        if still_free.update(reviewed_by=reviewer, review_until=until) == len(picked):
            return picked
        mine = Run.objects.filter(pk__in=picked, reviewed_by=reviewer, review_until=until)
        held = set(mine.values_list("pk", flat=True))
    return [run_id for run_id in picked if run_id in held]


def renew(reviewer: User, run_ids: Collection[UUID], *, now: datetime) -> set[UUID]:
    """Extend a reviewer's leases. Returns the ids the reviewer still holds.

    An expired lease is taken again unless somebody else has the run now.
    """
    runs = Run.objects.filter(
        available_to(reviewer, now), pk__in=run_ids, status=Run.Status.AWAITING_REVIEW
    )
    until = now + timedelta(seconds=LEASE_S)
    with transaction.atomic():
        runs.update(reviewed_by=reviewer, review_until=until)
        mine = Run.objects.filter(pk__in=run_ids, reviewed_by=reviewer, review_until=until)
        return set(mine.values_list("pk", flat=True))


def give_back(reviewer: User, run_ids: Collection[UUID]) -> int:
    """End leases early. Returns how many ended."""
    return Run.objects.filter(pk__in=run_ids, reviewed_by=reviewer).update(
        reviewed_by=None, review_until=None
    )


def holder_of(run_id: UUID, *, now: datetime) -> User | None:
    """Return who has a run on the desk now."""
    run = Run.objects.filter(pk=run_id, review_until__gte=now).select_related("reviewed_by").first()
    return run.reviewed_by if run else None


def age_of(run: Run, *, now: datetime) -> str:
    """Return fresh, aging (8 h), escalated (24 h) or stale (14 days). For display only."""
    age = now - (run.finished_at or now)
    if age >= STALE_AFTER:
        return "stale"
    if age >= ESCALATED_AFTER:
        return "escalated"
    return "aging" if age >= timedelta(hours=8) else "fresh"


def queue_counts(*, scope: Scope, now: datetime) -> dict[str, int]:
    """Count the runs that await review, and those waiting too long, up to COUNT_LIMIT."""
    oldest = scope.of(Run.objects.awaiting_review())[:COUNT_LIMIT]
    counts: dict[str, int] = oldest.aggregate(
        waiting=Count("pk"),
        escalated=Count("pk", filter=Q(finished_at__lt=now - ESCALATED_AFTER)),
        stale=Count("pk", filter=Q(finished_at__lt=now - STALE_AFTER)),
    )
    return counts


def scopes_of_queue() -> dict[str, list[dict[str, Any]]]:
    """Return the artists, batches and genres with runs that await review, those with most first."""
    queue = Run.objects.awaiting_review().order_by()
    by_artist = queue.values("artist", "artist__name").annotate(n=Count("pk")).order_by("-n")
    by_batch = queue.values("batch").annotate(n=Count("pk")).order_by("-batch")
    by_genre = queue.values("artist__genre").annotate(n=Count("pk")).order_by("-n")
    return {
        "artist": [
            {"value": row["artist"], "label": row["artist__name"], "count": row["n"]}
            for row in by_artist[:50]
        ],
        "batch": [
            {"value": row["batch"], "label": f"Batch {row['batch']}", "count": row["n"]}
            for row in by_batch[:50]
        ],
        "genre": [
            {"value": row["artist__genre"], "label": genre(row["artist__genre"]), "count": row["n"]}
            for row in by_genre[:50]
        ],
    }
