"""Groups failed runs by cause, so that each cause is looked at, and retried, once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from runs.errors import RunRefused
from runs.models import Run
from runs.work.operating import retry_run

FAILURE_DAYS = 7
FAILURES_READ = 500
CAUSES_SHOWN = 5


@dataclass(frozen=True)
class Cause:
    """What failed runs have in common: the kind, the subject, and for a profile the artist."""

    kind: str
    subject: str
    artist_id: int | None = None

    @classmethod
    def of(cls, run: Run) -> Cause:
        own = run.failure_kind == Run.FailureKind.PROFILE
        return cls(run.failure_kind, run.failure_subject, run.artist_id if own else None)


@dataclass(frozen=True)
class Failure:
    """A cause of failed runs, its count, and the newest example."""

    cause: Cause
    count: int
    run: Run


def failures(now: datetime) -> list[Failure]:
    """Return the commonest causes of the last days, among the newest FAILURES_READ runs."""
    by_cause = failed_by_cause(now)
    most = sorted(by_cause, key=lambda cause: -len(by_cause[cause]))
    return [
        Failure(cause, len(by_cause[cause]), by_cause[cause][0]) for cause in most[:CAUSES_SHOWN]
    ]


def failed_by_cause(now: datetime) -> dict[Cause, list[Run]]:
    """Return the failed runs of the last days by cause, newest first."""
    runs = (
        Run.objects.filter(
            status=Run.Status.FAILED, finished_at__gte=now - timedelta(days=FAILURE_DAYS)
        )
        .select_related("artist")
        .only("error", "failure_kind", "failure_subject", "title", "finished_at", "artist__name")
        .order_by("-finished_at")[:FAILURES_READ]
    )
    by_cause: dict[Cause, list[Run]] = defaultdict(list)
    for run in runs:
        by_cause[Cause.of(run)].append(run)
    return by_cause


def retry_cause(*, cause: Cause, actor: User | None, now: datetime) -> int:
    """Queue the failed runs of one cause again. Returns how many.

    A run that somebody else has retried or cancelled is left alone.
    Raises RunRefused if no run failed for this cause.
    """
    runs = failed_by_cause(now).get(cause, [])
    if not runs:
        raise RunRefused(
            f"No run of the last {FAILURE_DAYS} days failed for this cause any more; "
            "somebody may have retried them already."
        )
    retried = 0
    for run in runs:
        try:
            retry_run(run_id=run.pk, actor=actor, now=now)
        except RunRefused:
            continue
        retried += 1
    return retried
