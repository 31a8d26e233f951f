"""What django-q2 calls. Tasks take ids, can come twice or never, and own nothing."""

from __future__ import annotations

import logging
import os
import time
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from artists import lifecycle
from experiments.concluding import conclude_due
from media_tools.spool import purge
from runs import (
    autopilot,
    batches,
    claims,
    clock,
    engines,
    evolution,
    pipeline,
    queue,
    releases,
    reviews,
    schedules,
    trend_calls,
)
from runs.errors import ReleaseRefused, ReviewRefused
from runs.models import Run, WorkerBeat
from runs.telegram import notifications

logger = logging.getLogger(__name__)

# After this long a pump makes room for other tasks; a step in progress is finished first.
PUMP_BUDGET_S = 600


def pump() -> int:
    """Claim due runs one after the other and do their steps; returns how many it worked on."""
    tools = engines.configured()
    deadline = time.monotonic() + min(PUMP_BUDGET_S, settings.TASK_TIMEOUT_S / 3)
    count = 0
    while claim := claims.claim_next(now=timezone.now()):
        pipeline.perform_steps(claim, tools)
        count += 1
        if time.monotonic() > deadline:
            if Run.objects.due(now=timezone.now()).exists():
                queue.wake()
            break
    return count


def sweep() -> dict[str, int]:
    """Find what was dropped: runs of dead workers, lost messages, bundles never packed.

    Decisions past their grace take effect here at the latest; the autopilot looks at what awaits
    review; old answers leave the spool.
    """
    now = timezone.now()
    clock.bring_within_reach(now=now)
    requeued = claims.requeue_dropped(now=now)
    due = Run.objects.due(now=now).count()
    queue.wake(min(due, settings.WORKERS))
    settled = reviews.settle_waiting(now=now)
    applied = reviews.apply_due(now=now)
    approved = autopilot.fly(now=now)
    if settings.TELEGRAM_BOT_TOKEN:
        queue.notify_soon()
    purge(Path(settings.SPOOL_DIR), now=now.timestamp())
    unpacked = releases.unpackaged()[: settings.WORKERS]
    for run_id in unpacked:
        queue.package_soon(str(run_id))
    return {
        "requeued": len(requeued),
        "due": due,
        "decided": settled + applied,
        "autopilot": approved,
        "unpackaged": len(unpacked),
    }


def scheduled_batch(planned_at: str = "") -> int:
    """Start a schedule's batch. planned_at: ISO time, from the schedule; empty: for now."""
    now = timezone.now()
    slot = schedules.slot_of(datetime.fromisoformat(planned_at) if planned_at else now)
    return batches.create_scheduled_batch(slot=slot, now=now).pk


def package(run_id: str) -> str:
    """Make the release bundle of an approved run."""
    now = timezone.now()
    try:
        if reviews.reopen_if_changed(run_id=run_id, now=now):
            return ""
        return str(releases.package_release(run_id=run_id, now=now).pk)
    except (ReleaseRefused, ReviewRefused) as error:
        # Undone or packed meanwhile: nothing to do.
        logger.info("Not packaged: %s", error)
        return ""


def notify_reviewers() -> dict[str, int]:
    """Send new candidates to Telegram; uploads take their time, hence a task of its own."""
    return notifications.notify_ready(now=timezone.now())


def evaluate_roster() -> int:
    """Apply the rules that depend on time; an artist with work under way is not idle."""
    busy = Run.objects.filter(status__in=[*Run.OPEN, Run.Status.AWAITING_REVIEW])
    waiting = frozenset(busy.values_list("artist_id", flat=True))
    return len(lifecycle.evaluate_roster(now=timezone.now(), waiting=waiting))


def evolve_artists() -> int:
    """Propose, and under most policies try, another profile for every evolving artist."""
    return len(evolution.propose_due(now=timezone.now()))


def collect_trends() -> dict[str, str]:
    """Ask the trend sources; gives what became of each, for the task's result."""
    return {one.source: one.summary for one in trend_calls.collect_trends(now=timezone.now())}


def conclude_experiments() -> int:
    """Act on what the experiments show; returns how many actions were taken."""
    return sum(action.done for action in conclude_due(now=timezone.now()))


def canary() -> None:
    """Stamp that this cluster really does tasks."""
    WorkerBeat.objects.update_or_create(
        cluster=f"{settings.Q_CLUSTER['name']}@{os.uname().nodename}"[:80],
        defaults={"at": timezone.now()},
    )
