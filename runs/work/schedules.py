"""The product's schedules, as code; `install_schedules` creates and corrects them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from croniter import croniter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule

from runs.work.crons import BadCron, require_cron

# The clocks of two machines may differ by this much.
CLOCKS_APART = timedelta(minutes=1)
BATCH_TASK = "runs.tasks.scheduled_batch"


@dataclass(frozen=True)
class Planned:
    """One schedule."""

    name: str
    func: str  # a task of runs/tasks.py or trends
    cron: str  # five fields


# These were schedules in earlier versions; now every cluster does them by itself.
DONE_BY_CLUSTERS = ("sweep", "canary")


def planned() -> list[Planned]:
    """Return all schedules. Raises ImproperlyConfigured on a bad AI_ARTIST_BATCH_CRON."""
    try:
        require_cron(settings.BATCH_CRON)
    except BadCron as error:
        raise ImproperlyConfigured(
            f"AI_ARTIST_BATCH_CRON={settings.BATCH_CRON!r} cannot be used: {error}."
        ) from error
    plans = [
        Planned("daily batch", BATCH_TASK, settings.BATCH_CRON),
        Planned("evaluate roster", "runs.tasks.evaluate_roster", "15 3 * * *"),
        Planned("read audience", "runs.tasks.read_audience", "20 2-23/6 * * *"),
        Planned("learn from audience", "runs.tasks.learn_from_audience", "45 3 * * *"),
        Planned("clean up", "runs.tasks.clean_up", "25 4 * * *"),
        Planned("evolve artists", "runs.tasks.evolve_artists", "*/5 * * * *"),
        Planned("conclude experiments", "runs.tasks.conclude_experiments", "40 * * * *"),
        Planned("collect trends", "runs.tasks.collect_trends", "30 */6 * * *"),
    ]
    if settings.SITE_DIR:
        # It is written at once when something is published or recalled; this is for lost messages.
        plans.append(Planned("export site", "runs.tasks.export_site", "50 * * * *"))
    return plans


def install(*, now: datetime) -> dict[str, list[str]]:
    """Make the table hold exactly the planned schedules; others are reported but left alone.

    Returns names by what was done: created, updated, kept, removed, foreign.
    """
    done: dict[str, list[str]] = {
        name: [] for name in ("created", "updated", "kept", "removed", "foreign")
    }
    plans = planned()
    for plan in plans:
        fields = {
            "func": plan.func,
            "schedule_type": Schedule.CRON,
            "cron": plan.cron,
            "repeats": -1,
            "intended_date_kwarg": date_kwarg_of(plan.func),
        }
        with transaction.atomic():
            same_name = Schedule.objects.select_for_update().filter(name=plan.name)
            rows = list(same_name.order_by("pk"))
            schedule = rows[0] if rows else Schedule(name=plan.name, next_run=None)
            if len(rows) == 1 and schedule.next_run and fields.items() <= vars(schedule).items():
                done["kept"].append(plan.name)
                continue
            # django-q2's table allows a name twice, and then both rows would fire.
            same_name.exclude(pk=schedule.pk).delete()
            for name, value in fields.items():
                setattr(schedule, name, value)
            schedule.next_run = next_date(plan.cron, now=now)
            schedule.save()
        done["updated" if rows else "created"].append(plan.name)
    past = Schedule.objects.filter(name__in=DONE_BY_CLUSTERS, func__startswith="runs.tasks.")
    done["removed"] = list(past.values_list("name", flat=True))
    past.delete()
    names = [plan.name for plan in plans]
    foreign = Schedule.objects.exclude(name__in=names).values_list("name", flat=True)
    done["foreign"] = [name or "unnamed" for name in foreign]
    return done


def date_kwarg_of(func: str) -> str | None:
    """Return the argument that tells a task its planned time, if the task has one."""
    return "planned_at" if func == BATCH_TASK else None


def next_date(cron: str, *, now: datetime) -> datetime:
    """Return the next date of a cron in UTC; the cron itself is in the site's time zone."""
    moment: datetime = croniter(cron, on_site(now)).get_next(datetime)
    return moment.astimezone(UTC)


def on_site(moment: datetime) -> datetime:
    """Convert a time to the site's time zone."""
    return timezone.localtime(moment, timezone.get_default_timezone())


def plan_crons_in_utc() -> None:
    """Make django-q2 compute the next run of a cron with `next_date`.

    Its own code compares two local times of one zone, which Python does by the wall clock. In the
    night when an hour comes twice, its scheduler and the guard of its workers would loop until the
    second hour begins.
    """
    plan_others: Callable[..., datetime] = Schedule.calculate_next_run

    def calculate_next_run(schedule: Schedule, next_run: datetime | None = None) -> datetime:
        if schedule.schedule_type == Schedule.CRON:
            return next_date(schedule.cron or "", now=timezone.now())
        return plan_others(schedule, next_run)

    Schedule.calculate_next_run = calculate_next_run


def slot_of(planned_at: datetime) -> str:
    """Return the local time a scheduled task was planned for, as its slot.

    In the night when an hour comes twice, both hours are one slot.
    """
    return f"{on_site(planned_at):%Y-%m-%d %H:%M}"


def pull_back(*, now: datetime) -> list[str]:
    """Correct schedules after the clock went back. Returns their names.

    A next run later than the next date of its cron is moved to that date.
    """
    corrected = []
    for schedule in Schedule.objects.filter(schedule_type=Schedule.CRON, next_run__gt=now):
        try:
            due = next_date(schedule.cron or "", now=now)
            latest = next_date(schedule.cron or "", now=now + CLOCKS_APART)
        except ValueError:
            continue
        if Schedule.objects.filter(pk=schedule.pk, next_run__gt=latest).update(next_run=due):
            corrected.append(schedule.name or "unnamed")
    return corrected


def overdue(*, now: datetime) -> list[str]:
    """Return the names of schedules that should have fired more than five minutes ago."""
    late = Schedule.objects.filter(next_run__lt=now - timedelta(minutes=5))
    return [name or "unnamed" for name in late.values_list("name", flat=True)]
