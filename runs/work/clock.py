"""Repairs times that lie too far ahead after the system clock went back.

Everything that waits has a longest possible wait. A time further ahead was set while the clock was
ahead of the present one; without a repair, it would keep its row silent until then.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from runs.models import (
    Publication,
    Review,
    Run,
    RunEvent,
    Step,
    TelegramBot,
    TelegramMessage,
    WorkerBeat,
)
from runs.reviewing import leases
from runs.work import schedules
from runs.work.pipeline import RETRY_DELAYS_S

logger = logging.getLogger(__name__)

WATCHED_EVERY_S = 7 * 86_400
# These waits end on the next look. A wait for a budget is left out: it ends with the calendar.
LOOKED_AT_AGAIN = (Step.WaitingFor.PROVIDER, Step.WaitingFor.DISK, Step.WaitingFor.STORE)


def bring_within_reach(*, now: datetime) -> int:
    """Correct times further ahead than they can be. Returns how many. Safe to repeat."""
    running = Run.objects.filter(status=Run.Status.RUNNING)
    queued = Run.objects.filter(status=Run.Status.QUEUED)
    judged = Run.objects.filter(status=Run.Status.AWAITING_REVIEW)
    held = Publication.objects.exclude(owner="")
    watched = Publication.objects.filter(
        owner="", status__in=(Publication.Status.LIVE, *Publication.IN_RECALL)
    )
    bots = TelegramBot.objects.all()
    again = went_back(now=now)
    moved = sum(
        (
            limit(running, "due_at", now, longest_s=settings.LEASE_S),
            limit(held, "wake_at", now, longest_s=settings.LEASE_S),
            limit(watched, "wake_at", now, longest_s=WATCHED_EVERY_S),
            limit(queued, "due_at", now, longest_s=max(RETRY_DELAYS_S)),
            limit(judged, "review_until", now, longest_s=leases.LEASE_S),
            limit(Review.objects.pending(), "effective_at", now, longest_s=settings.REVIEW_GRACE_S),
            limit(bots, "poller_until", now, longest_s=TelegramBot.POLLER_LEASE.total_seconds()),
            limit(WorkerBeat.objects.all(), "at", now, longest_s=0),
        )
    )
    if again:
        # Only if the clock went back: a person may postpone a schedule, and a provider may ask for
        # hours.
        moved += len(schedules.pull_back(now=now)) + look_again(now=now)
    if moved:
        logger.warning("The clock went back, or was put right: %d times brought nearer.", moved)
    return moved


def limit(rows: QuerySet, field: str, now: datetime, *, longest_s: float) -> int:  # type: ignore[type-arg]
    """Move times more than `longest_s` ahead back to that limit. Returns how many."""
    latest = now + timedelta(seconds=longest_s)
    return rows.filter(**{f"{field}__gt": latest + schedules.CLOCKS_APART}).update(
        **{field: latest}
    )


def went_back(*, now: datetime) -> bool:
    """Whether the newest event of all runs, or a cluster's beat, has a time in the future."""
    ahead = now + schedules.CLOCKS_APART
    newest = RunEvent.objects.order_by("-pk").values_list("at", flat=True).first()
    return (newest is not None and newest > ahead) or WorkerBeat.objects.filter(
        at__gt=ahead
    ).exists()


def look_again(*, now: datetime) -> int:
    """Make due what waits as long as a provider or Telegram asked; asking early is harmless.

    Each run gets an event at the present time, so the next sweep no longer sees a future one.
    """
    waiting = Run.objects.filter(
        status=Run.Status.WAITING,
        due_at__gt=now,
        steps__status=Step.Status.WAITING,
        steps__waiting_for__in=LOOKED_AT_AGAIN,
    )
    woken = 0
    for run_id in list(waiting.values_list("pk", flat=True)):
        rows = Run.objects.filter(pk=run_id, status=Run.Status.WAITING, due_at__gt=now)
        with transaction.atomic():
            if rows.update(due_at=now):
                message = "The clock went back: tried now."
                RunEvent.objects.log(run_id, RunEvent.Kind.WOKEN, message, now=now)
                woken += 1
    # What is planned has its own dates; of the rest a look is harmless.
    state = Publication.Status
    looked_for = (state.DUE, state.UNKNOWN, state.PROCESSING, state.RECALLING)
    followed = Publication.objects.filter(owner="", wake_at__gt=now, status__in=looked_for)
    woken += followed.update(wake_at=now)
    unsent = TelegramMessage.objects.filter(state=TelegramMessage.State.PENDING, due_at__gt=now)
    quiet = TelegramBot.objects.filter(quiet_until__gt=now)
    return woken + unsent.update(due_at=now) + quiet.update(quiet_until=None)
