"""Failed runs by what went wrong, so that one cause is looked at, and retried, once."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from runs.control import retry_run
from runs.errors import RunRefused
from runs.models import Run

FAILURE_DAYS = 7
FAILURES_READ = 500
CAUSES_SHOWN = 5
CAUSE_LENGTH = 90
# At least a few words, up to the first stop after them.
FIRST_CLAUSE = re.compile(r"(.{12,}?)[:.;]\s")
AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}")


@dataclass(frozen=True)
class Failure:
    """A cause of failed runs: how often, and the newest example."""

    cause: str
    count: int
    run: Run


def failures(now: datetime) -> list[Failure]:
    """What went wrong most in the last FAILURE_DAYS days, among the newest FAILURES_READ runs."""
    by_cause = failed_by_cause(now)
    most = sorted(by_cause, key=lambda cause: -len(by_cause[cause]))
    return [
        Failure(cause, len(by_cause[cause]), by_cause[cause][0]) for cause in most[:CAUSES_SHOWN]
    ]


def failed_by_cause(now: datetime) -> dict[str, list[Run]]:
    """The failed runs of the last days by cause, the newest first.

    Messages of one cause differ in ids and in what follows their first clause, so they are
    grouped by that clause.
    """
    runs = (
        Run.objects.filter(
            status=Run.Status.FAILED, finished_at__gte=now - timedelta(days=FAILURE_DAYS)
        )
        .only("pk", "error", "title", "finished_at")
        .order_by("-finished_at")[:FAILURES_READ]
    )
    by_cause: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_cause[cause_of(run.error)].append(run)
    return by_cause


def cause_of(error: str) -> str:
    """What an error message begins with, without ids, at most CAUSE_LENGTH characters."""
    first_line = error.strip().partition("\n")[0] or "no message"
    clause = FIRST_CLAUSE.match(first_line)
    cause = AN_ID.sub("…", clause[1] if clause else first_line)
    return cause if len(cause) <= CAUSE_LENGTH else f"{cause[: CAUSE_LENGTH - 1]}…"


def retry_cause(*, cause: str, actor: User | None, now: datetime) -> int:
    """Queue the failed runs of one cause again; gives how many.

    A run that somebody else retried or cancelled meanwhile is left alone. Raises RunRefused when
    no run failed for this cause.
    """
    runs = failed_by_cause(now).get(cause, [])
    if not runs:
        raise RunRefused(
            f"No run of the last {FAILURE_DAYS} days failed with “{cause}”; "
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
