"""The schedules of the product, as code: installed and corrected by `install_schedules`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from croniter import croniter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django_q.models import Schedule


@dataclass(frozen=True)
class Planned:
    """One schedule. func: a task of runs/tasks.py or trends. cron: five fields."""

    name: str
    func: str
    cron: str


# Once schedules; now every cluster does them by itself.
DONE_BY_CLUSTERS = ("sweep", "canary")


def planned() -> list[Planned]:
    """All schedules. Raises ImproperlyConfigured on a bad AI_ARTIST_BATCH_CRON.

    A schedule django-q2 cannot parse would stop every other one, so it is checked here.
    """
    if not croniter.is_valid(settings.BATCH_CRON):
        raise ImproperlyConfigured(
            f"AI_ARTIST_BATCH_CRON={settings.BATCH_CRON!r} is no cron expression; "
            'use five fields such as "0 6 * * *".'
        )
    return [
        Planned("daily batch", "runs.tasks.scheduled_batch", settings.BATCH_CRON),
        Planned("evaluate roster", "runs.tasks.evaluate_roster", "15 3 * * *"),
        Planned("evolve artists", "runs.tasks.evolve_artists", "*/5 * * * *"),
        Planned("conclude experiments", "runs.tasks.conclude_experiments", "40 * * * *"),
        Planned("collect trends", "runs.tasks.collect_trends", "30 */6 * * *"),
    ]


def install(*, now: datetime) -> dict[str, list[str]]:
    """Make the table hold exactly the planned schedules; others are left alone but named.

    Returns names by what was done: created, updated, kept, removed, foreign.
    """
    done: dict[str, list[str]] = {
        name: [] for name in ("created", "updated", "kept", "removed", "foreign")
    }
    plans = planned()
    for plan in plans:
        schedule = Schedule.objects.filter(name=plan.name).first()
        if schedule and (schedule.func, schedule.cron, schedule.repeats) == (
            plan.func,
            plan.cron,
            -1,
        ):
            done["kept"].append(plan.name)
            continue
        Schedule.objects.update_or_create(
            name=plan.name,
            defaults={
                "func": plan.func,
                "schedule_type": Schedule.CRON,
                "cron": plan.cron,
                "repeats": -1,
                "next_run": croniter(plan.cron, now).get_next(datetime),
            },
        )
        done["updated" if schedule else "created"].append(plan.name)
    past = Schedule.objects.filter(name__in=DONE_BY_CLUSTERS, func__startswith="runs.tasks.")
    done["removed"] = list(past.values_list("name", flat=True))
    past.delete()
    names = [plan.name for plan in plans]
    foreign = Schedule.objects.exclude(name__in=names).values_list("name", flat=True)
    done["foreign"] = [name or "unnamed" for name in foreign]
    return done


def overdue(*, now: datetime) -> list[str]:
    """Names of schedules that should have fired more than five minutes ago."""
    late = Schedule.objects.filter(next_run__lt=now - timedelta(minutes=5))
    return [name or "unnamed" for name in late.values_list("name", flat=True)]
