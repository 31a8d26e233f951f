"""What clusters do: tasks that django-q2 calls, and the sweep, which a thread of theirs calls.

Tasks take ids, can come twice or never, and own nothing.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from artists import lifecycle
from experiments.concluding import conclude_due
from media_tools.providers.spool import purge
from runs import queue
from runs.audience import outcomes
from runs.learning import evolution, preferences
from runs.models import Run, SentForm, WorkerBeat
from runs.providers import engines, trend_calls
from runs.providers.engines import Engines
from runs.publishing import alarms, health, performing, readback
from runs.releasing import purging
from runs.releasing.releases import settle_due
from runs.reviewing import autopilot, reviews
from runs.site import export as site_export
from runs.storage import sharing
from runs.telegram import notifications
from runs.telling import planning, sending, sources
from runs.work import (
    batches,
    claims,
    clock,
    packing,
    pipeline,
    retention,
    schedules,
    totals,
    workers,
)
from runs.work.workfolders import remove_left

logger = logging.getLogger(__name__)

# After this long a pump makes room for other tasks; a run in progress is finished first.
PUMP_BUDGET_S = 60
# Looked at every ten seconds: so it is about a minute.
SWEEP_EVERY = timedelta(seconds=55)
# Nobody sends a form a second time after this long.
FORMS_KEPT = timedelta(days=7)
SILENT_CLUSTERS_KEPT = timedelta(days=2)


def pump() -> int:
    """Do what is due, one after the other; returns how many pieces of work it did."""
    tools = engines.configured()
    deadline = time.monotonic() + min(PUMP_BUDGET_S, settings.TASK_TIMEOUT_S / 3)
    count = 0
    while not workers.told_to_stop() and time.monotonic() < deadline and work_once(tools):
        count += 1
    return count


def work_once(tools: Engines) -> bool:
    """Make a bundle that is due or go on with a publication, which are short, or do the steps of
    a run; False if nothing is due."""
    if packing.pack_next(now=timezone.now()) or performing.publish_next(clock=timezone.now):
        return True
    claim = claims.claim_next(now=timezone.now())
    if claim:
        pipeline.perform_steps(claim, tools)
    return claim is not None


def look_after() -> None:
    """What each cluster does every few seconds beside its workers; one of all sweeps each minute.

    Runs of workers that died on this machine go on at once: only here is it known that they died.
    """
    now = timezone.now()
    claims.requeue_dropped(now=now)
    performing.free_dropped(now=now)
    workers.forget_gone_clusters(now=now, after=SILENT_CLUSTERS_KEPT)
    WorkerBeat.objects.get_or_create(cluster=WorkerBeat.SWEEP, defaults={"at": now - SWEEP_EVERY})
    # Also when it lies in the future, because the clock went back.
    turn = Q(at__lte=now - SWEEP_EVERY) | Q(at__gt=now + SWEEP_EVERY)
    if WorkerBeat.objects.filter(turn, cluster=WorkerBeat.SWEEP).update(at=now):
        sweep()


def sweep() -> dict[str, int]:
    """Find what was dropped: runs of dead workers, decisions whose undo period has ended.

    The autopilot looks at what awaits review; releases whose profile changed are checked again;
    totals are kept up to date; reviewers are told; old spool files, work folders and forms are
    removed.
    """
    now = timezone.now()
    clock.bring_within_reach(now=now)
    requeued = claims.requeue_dropped(now=now)
    settled = reviews.settle_waiting(now=now)
    applied = reviews.apply_due(now=now)
    approved = autopilot.run_autopilot(now=now)
    settle_due(now=now)
    performing.sweep(now=now)
    totals.keep_all(now=now)
    queue.watch_channels_soon()
    queue.tell_soon()
    if settings.TELEGRAM_BOT_TOKEN:
        queue.notify_soon()
    purge(Path(settings.SPOOL_DIR), now=now.timestamp())
    remove_left(now=now)
    SentForm.objects.filter(at__lt=now - FORMS_KEPT).delete()
    return {"requeued": len(requeued), "decided": settled + applied, "autopilot": approved}


def scheduled_batch(planned_at: str = "") -> int:
    """Start a schedule's batch. planned_at: ISO time, from the schedule; empty: for now."""
    now = timezone.now()
    slot = schedules.slot_of(datetime.fromisoformat(planned_at) if planned_at else now)
    return batches.create_scheduled_batch(slot=slot, now=now).pk


def notify_reviewers() -> dict[str, int]:
    """Send new candidates to Telegram; uploads take their time, hence a task of its own."""
    return notifications.notify_ready(now=timezone.now())


def watch_channels() -> int:
    """Look at channels that something is soon due on, and tell people of what needs them.

    A task of its own, since channels may take their time to answer. Returns how many alarms.
    """
    health.check_due(clock=timezone.now)
    fresh = alarms.new_alarms(now=timezone.now())
    for alarm in fresh:
        logger.error("%s: %s. %s", alarm.title, alarm.subject, alarm.words)
    notifications.ring([f"{one.title}: {one.subject}\n{one.words}" for one in fresh])
    return len(fresh)


def tell_people() -> dict[str, int]:
    """Write to people, and call the webhook, about what needs a hand. Returns counts.

    A task of its own, since mail servers take their time.
    """
    now = timezone.now()
    counts = sources.count_all(now)
    return {
        "alarms": planning.plan_alarms(counts, now=now),
        "summaries": planning.plan_summaries(counts, now=now),
        "sent": sending.send_due(clock=timezone.now),
    }


def read_audience() -> dict[str, str]:
    """Read figures back from the channels. Returns what each told, in words."""
    told = readback.read_back(clock=timezone.now)
    return {one.channel: one.problem or f"{one.new} new, {one.updated} corrected" for one in told}


def evaluate_roster() -> int:
    """Judge every artist by all rules of its policy; one with work under way is not idle."""
    busy = Run.objects.filter(status__in=Run.UNDECIDED)
    waiting = frozenset(busy.values_list("artist_id", flat=True))
    return len(lifecycle.evaluate_roster(now=timezone.now(), waiting=waiting))


def learn_from_audience() -> int:
    """Rank the artists by their audiences, and ask a person about those that find none.

    In the same night it is learnt what people's decisions prefer of the songs.
    """
    now = timezone.now()
    preferences.learn_preferences(now=now)
    measured = outcomes.outcomes(now)
    outcomes.propose_pauses(measured, now=now)
    return outcomes.rank_artists(measured)


def clean_up() -> dict[str, int]:
    """Remove what is older than it is kept; files too as the settings say. Returns counts."""
    now = timezone.now()
    removed = retention.clean_up(now=now)
    if days := settings.KEEP_DAYS["rejected_stems"]:
        stems = purging.drop_stems(older_than=timedelta(days=days), now=now)
        removed["mixes and stems"] = stems.files
    if settings.PURGE_MEDIA_DAYS:
        older_than = timedelta(days=settings.PURGE_MEDIA_DAYS)
        removed["files"] = purging.purge(older_than=older_than, now=now, act=True).files
    if shared := sharing.remove_old(now=now):
        removed["shared files"] = shared
    return removed


def evolve_artists() -> int:
    """Propose, and under most policies try, another profile for every evolving artist."""
    return len(evolution.propose_due(now=timezone.now()))


def collect_trends() -> dict[str, str]:
    """Ask the trend sources; returns what became of each, for the task's result."""
    return {one.source: one.summary for one in trend_calls.collect_trends(now=timezone.now())}


def conclude_experiments() -> int:
    """Act on what the experiments show; returns how many actions were taken."""
    return sum(action.done for action in conclude_due(now=timezone.now()))


def export_site() -> dict[str, int]:
    """Write the public site into its folder, if one is set; returns how much of it."""
    if settings.SITE_DIR is None:
        return {}
    site = site_export.site_at(settings.SITE_URL, settings.SITE_TITLE)
    done = site_export.export_site(settings.SITE_DIR, site)
    for name, why in done.failed.items():
        logger.warning("Public site, %s: %s", name, why)
    return {"written": done.written, "removed": done.removed, "failed": len(done.failed)}


def canary() -> None:
    """Stamp that this cluster really does tasks."""
    workers.beat(now=timezone.now())
