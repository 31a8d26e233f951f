"""Admin of the task queue: superusers only, because a schedule is code that runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success, Task
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from ai_artist.kit.admin import LongListMixin, column
from ai_artist.kit.values import fact, since, took, words
from runs.work.crons import BadCron, require_cron
from runs.work.schedules import date_kwarg_of

# All that a schedule may call; django-q2 itself would call any function by its name.
SCHEDULABLE = (
    "runs.tasks.sweep",
    "runs.tasks.scheduled_batch",
    "runs.tasks.evaluate_roster",
    "runs.tasks.evolve_artists",
    "runs.tasks.conclude_experiments",
    "runs.tasks.collect_trends",
    "runs.tasks.read_audience",
    "runs.tasks.learn_from_audience",
    "runs.tasks.clean_up",
    "runs.tasks.export_site",
)
OLDEST_NEXT_RUN = timedelta(days=7)


def task_in_words(func: str) -> str:
    """Return what a task does: "runs.tasks.collect_trends" as "Collect trends"."""
    return words(str(func).rpartition(".")[2])


class SuperuserOnlyMixin:
    """Shows the rows of the task queue to superusers only."""

    def _allowed(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._allowed(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._allowed(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._allowed(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._allowed(request)


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A schedule without arguments, hooks and free functions: each of those can run anything."""

    func = forms.ChoiceField(
        label="Task",
        choices=[(name, task_in_words(name)) for name in SCHEDULABLE],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Schedule
        fields = (
            "name",
            "func",
            "schedule_type",
            "cron",
            "minutes",
            "repeats",
            "next_run",
        )
        labels = {"schedule_type": "How often", "next_run": "Next run", "cron": "Cron line"}
        help_texts = {
            "name": "Empty: named after its task.",
            "schedule_type": "",
            "cron": "If it runs by a cron line: minute, hour, day, month, day of the week.",
            "minutes": "If it runs every so many minutes.",
            "repeats": "How many times; -1 for ever.",
            "next_run": "In the zone of the panel.",
        }

    def clean(self) -> dict[str, Any]:
        """Refuse what would stop the scheduler, which handles all schedules in one go."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        kind, next_run = given.get("schedule_type"), given.get("next_run")
        if kind == Schedule.CRON and "cron" in given:
            try:
                require_cron(given["cron"] or "")
            except BadCron as error:
                self.add_error("cron", f"This cron cannot be used: {error}.")
        if kind == Schedule.MINUTES and "minutes" in given and not given["minutes"]:
            self.add_error("minutes", "Say every how many minutes: 1 or more.")
        # The scheduler would count up to now in steps of the interval.
        if kind != Schedule.ONCE and next_run and next_run < timezone.now() - OLDEST_NEXT_RUN:
            self.add_error("next_run", "Choose a time of the last week or later.")
        self.instance.intended_date_kwarg = date_kwarg_of(given.get("func", ""))
        return given


admin.site.unregister([Schedule, Success, Failure])


@admin.register(Schedule)
class PanelScheduleAdmin(LongListMixin, SuperuserOnlyMixin, ScheduleAdmin, ModelAdmin):
    empty_words = (
        "The product's own come with the installation, or from manage.py install_schedules."
    )
    form = ScheduleForm
    readonly_fields = ()
    list_display = ("name", "does", "schedule_type", "cron", "next_run", "last_run")
    list_display_links = ("name",)

    does = column("func", task_in_words, "Task")

    @display(description="Last run")
    def last_run(self, schedule: Schedule) -> str:
        """Say whether the last task went well; its page has the details."""
        if schedule.task_name is None:  # annotated by django-q2's list
            return "never, or its record is gone"
        return "went well" if schedule.task_success else "failed"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._allowed(request)


class DoneTaskMixin:
    """What is told of a task that has ended."""

    fields = ("task", "name", "length", "started", "stopped", "cluster", "outcome", "given")
    readonly_fields = ("task", "length", "outcome", "given")

    task = column("func", task_in_words, "Task")
    ended = column("stopped", since, "Ended")
    outcome = column("result", fact, "Result")
    given = column("args", fact, "Called with")

    @display(description="Took")
    def length(self, task: Task) -> str:
        return took(task.time_taken())


@admin.register(Success)
class PanelSuccessAdmin(LongListMixin, DoneTaskMixin, SuperuserOnlyMixin, TaskAdmin, ModelAdmin):
    empty_words = "The workers list here what they have done, the newest tasks only."
    list_display = ("task", "ended", "length", "outcome")


@admin.register(Failure)
class PanelFailureAdmin(LongListMixin, DoneTaskMixin, SuperuserOnlyMixin, FailAdmin, ModelAdmin):
    empty_words = "No task has failed."
    list_display = ("task", "ended", "length", "outcome")


if admin.site.is_registered(OrmQ):  # only if the database is the broker
    admin.site.unregister(OrmQ)

    @admin.register(OrmQ)
    class PanelQueueAdmin(LongListMixin, SuperuserOnlyMixin, QueueAdmin, ModelAdmin):
        empty_words = "No task waits: the workers keep up."
