"""Admin pages that join several apps, and other packages' models in the panel's clothes."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Field, ManyToManyField, Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminSelectWidget

from ai_artist.accounts import AccountForm
from ai_artist.artist_charts import history_charts
from ai_artist.kit.admin import actor, back
from ai_artist.once import OnceActionForm
from artists import roster
from artists.admin.artists import ArtistAdmin
from artists.models import Artist
from artists.starter_roster import seed_roster
from media_tools.errors import ProviderError
from runs.audience.summary import audience_summary
from runs.models import Artifact, Batch, Run
from runs.presentation import card, thumbnail, with_card_rows
from runs.reviewing import autopilot
from runs.work.batches import MAX_SEED, create_batch, persona_maker
from runs.work.crons import BadCron, require_cron
from runs.work.schedules import date_kwarg_of

RUNS_ON_PAGE = 6
MAX_BATCH = 100
# What a schedule may call: nothing else, since django-q2 would call any function by its name.
SCHEDULABLE = (
    "runs.tasks.sweep",
    "runs.tasks.scheduled_batch",
    "runs.tasks.evaluate_roster",
    "runs.tasks.evolve_artists",
    "runs.tasks.conclude_experiments",
    "runs.tasks.collect_trends",
)


def with_list_figures(artists: QuerySet[Artist]) -> list[Artist]:
    """The artists with what their lines in the list show of their runs: picture and queue."""
    picture = (
        Artifact.objects.current()
        .filter(run__artist=OuterRef("pk"), kind=Artifact.Kind.THUMBNAIL)
        .order_by("-run__created_at")
        .values("pk")[:1]
    )
    shown: list[Artist] = list(artists.annotate(picture=Subquery(picture)))
    # By the few runs that wait, not by the many that each artist made.
    queue = Run.objects.awaiting_review().filter(artist__in=shown).order_by()
    waiting = dict(queue.values_list("artist").annotate(count=Count("pk")))
    for artist in shown:
        artist.waiting_runs = waiting.get(artist.pk, 0)  # type: ignore[attr-defined]
    return shown


@admin.register(Artist)
class RosterAdmin(ArtistAdmin):
    """The artists' pages with what their runs add."""

    list_display = (
        "cover",
        "name",
        "style",
        "status_label",
        "approval",
        "streak",
        "waiting",
        "last_run",
    )
    action_form = OnceActionForm
    actions = ("run_now", *ArtistAdmin.actions)
    list_before_template = "panel/artist_list_head.html"

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("runs.operate_run"))

    def get_urls(self) -> list[URLPattern]:
        def post(view: Any) -> Any:
            return self.admin_site.admin_view(require_POST(view))

        return [
            path("candidate/", post(self.candidate_view), name="artists_artist_candidate"),
            path("starter-roster/", post(self.starter_view), name="artists_artist_starter"),
            path("batch/", post(self.batch_view), name="start_batch"),
            path("<int:artist_id>/run/", post(self.run_view), name="artists_artist_run"),
            *super().get_urls(),
        ]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Pictures and counts for the lines of one page only, not for every look at an artist."""
        changelist = super().get_changelist_instance(request)
        changelist.result_list = with_list_figures(changelist.result_list)
        return changelist

    @display(description="")
    def cover(self, artist: Artist) -> SafeString:
        return thumbnail(artist.picture)  # type: ignore[attr-defined]

    @display(description="To review")
    def waiting(self, artist: Artist) -> SafeString:
        count = artist.waiting_runs  # type: ignore[attr-defined]
        if not count:
            return SafeString("–")
        return format_html(
            '<a class="panel-link" href="{}?artist__id__exact={}&status__exact={}">{}</a>',
            reverse("admin:runs_run_changelist"),
            artist.pk,
            Run.Status.AWAITING_REVIEW,
            count,
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {**(extra_context or {}), "may_create": self.has_add_permission(request)}
        response: HttpResponse = super().changelist_view(request, extra)
        return response

    def page_context(self, request: HttpRequest, artist: Artist) -> dict[str, Any]:
        newest = Run.objects.filter(artist=artist).order_by("-created_at", "-pk")
        cards = [card(run) for run in with_card_rows(newest)[:RUNS_ON_PAGE]]
        pictures = [shown.thumbnail for shown in cards if shown.thumbnail]
        return {
            **super().page_context(request, artist),
            "cards": cards,
            "cover": pictures[0] if pictures else None,
            "may_run": self.has_operate_permission(request) and artist.status in Artist.SELECTABLE,
            "audience": audience_summary(artist, timezone.now()),
            "autopilot": autopilot.standing(artist),
            **history_charts(artist, timezone.now()),
        }

    # --- Starting work ---

    @action(description="Run now", permissions=["operate"])
    def run_now(self, request: HttpRequest, artists: QuerySet[Artist]) -> None:
        for artist in artists:
            self._start(request, size=1, artist=artist)

    def run_view(self, request: HttpRequest, artist_id: int) -> HttpResponse:
        artist = self.get_object(request, str(artist_id))
        self._require(self.has_operate_permission(request))
        if artist is not None:
            self._start(request, size=1, artist=artist)
        return back(request, reverse("admin:artists_artist_change", args=[artist_id]))

    def batch_view(self, request: HttpRequest) -> HttpResponse:
        self._require(self.has_operate_permission(request))
        try:
            size = int(request.POST.get("size", ""))
        except ValueError:
            size = 0
        if 1 <= size <= MAX_BATCH:
            self._start(request, size=size, artist=None)
        else:
            self.message_user(request, f"A batch has 1 to {MAX_BATCH} runs.", messages.ERROR)
        return back(request, reverse("admin:runs_run_changelist"))

    def _start(self, request: HttpRequest, *, size: int, artist: Artist | None) -> None:
        try:
            batch = create_batch(
                size=size,
                origin=Batch.Origin.PANEL,
                artist=artist,
                requested_by=actor(request),
                now=timezone.now(),
            )
        except (roster.RosterError, ProviderError) as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            whose = f" of {artist}" if artist else ""
            self.message_user(request, f"{batch}: {size} run(s){whose} queued.", messages.SUCCESS)

    def candidate_view(self, request: HttpRequest) -> HttpResponse:
        self._require(self.has_add_permission(request))
        make = persona_maker(timezone.now())
        try:
            artist = roster.create_artist(
                persona=make(random.randrange(MAX_SEED)),
                now=timezone.now(),
                reason="Asked for in the panel.",
                actor=actor(request),
            )
        except (roster.RosterError, ProviderError) as error:
            self.message_user(request, str(error), messages.ERROR)
            return back(request, reverse("admin:artists_artist_changelist"))
        self.message_user(request, f"{artist} is a new candidate.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:artists_artist_change", args=[artist.pk]))

    def starter_view(self, request: HttpRequest) -> HttpResponse:
        self._require(self.has_add_permission(request))
        created, kept = seed_roster(timezone.now())
        self.message_user(
            request, f"Starter roster: {created} artists created, {kept} kept.", messages.SUCCESS
        )
        return back(request, reverse("admin:artists_artist_changelist"))

    def _require(self, allowed: bool) -> None:
        if not allowed:
            raise PermissionDenied


# --- Accounts ---

admin.site.unregister(User)
admin.site.unregister(Group)


# One searchable field: Django's two boxes beside each other are wider than a page.
RIGHTS: dict[type[Field[Any, Any]], dict[str, Any]] = {
    ManyToManyField: {"widget": UnfoldAdminSelect2MultipleWidget}
}


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    filter_horizontal = ()
    formfield_overrides = RIGHTS
    form = UserChangeForm
    add_form = AccountForm
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        ("What it may do", {"fields": ("role", "is_superuser")}),
    )
    change_password_form = AdminPasswordChangeForm

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Only a superuser makes superusers: nobody may raise his own rights here."""
        own = super().get_readonly_fields(request, obj)
        if request.user.is_superuser or obj is None:
            return own
        return (*own, "is_superuser", "user_permissions")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A new account is asked for a role; whether it is a superuser's, by superusers alone."""
        if obj is not None or request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        (account, (title, _)) = self.add_fieldsets
        return (account, (title, {"fields": ("role",)}))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_touch(request, obj) and super().has_delete_permission(request, obj)

    def _may_touch(self, request: HttpRequest, obj: Model | None) -> bool:
        aims_at_superuser = isinstance(obj, User) and obj.is_superuser
        return bool(request.user.is_superuser or not aims_at_superuser)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    filter_horizontal = ()
    formfield_overrides = RIGHTS


# --- The task queue: superusers only, since a schedule is code that runs ---


class SuperuserOnlyMixin:
    """The rows of the task queue."""

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


OLDEST_NEXT_RUN = timedelta(days=7)


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Without arguments, hooks and free functions: each of those can run anything."""

    func = forms.ChoiceField(
        choices=[(name, name) for name in SCHEDULABLE], widget=UnfoldAdminSelectWidget
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

    def clean(self) -> dict[str, Any]:
        """Refuse what stops the scheduler: it handles all schedules in one go."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        kind, next_run = given.get("schedule_type"), given.get("next_run")
        if kind == Schedule.CRON and "cron" in given:
            try:
                require_cron(given["cron"] or "")
            except BadCron as error:
                self.add_error("cron", f"This cron cannot be used: {error}.")
        if kind == Schedule.MINUTES and "minutes" in given and not given["minutes"]:
            self.add_error("minutes", "Say every how many minutes: 1 or more.")
        # It counts up to now in steps of the interval.
        if kind != Schedule.ONCE and next_run and next_run < timezone.now() - OLDEST_NEXT_RUN:
            self.add_error("next_run", "Choose a time of the last week or later.")
        self.instance.intended_date_kwarg = date_kwarg_of(given.get("func", ""))
        return given


admin.site.unregister([Schedule, Success, Failure])


@admin.register(Schedule)
class PanelScheduleAdmin(SuperuserOnlyMixin, ScheduleAdmin, ModelAdmin):
    form = ScheduleForm
    readonly_fields = ()
    list_display = ("name", "func", "schedule_type", "cron", "next_run", "get_last_run")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._allowed(request)


@admin.register(Success)
class PanelSuccessAdmin(SuperuserOnlyMixin, TaskAdmin, ModelAdmin):
    pass


@admin.register(Failure)
class PanelFailureAdmin(SuperuserOnlyMixin, FailAdmin, ModelAdmin):
    pass


if admin.site.is_registered(OrmQ):  # only with the database as broker
    admin.site.unregister(OrmQ)

    @admin.register(OrmQ)
    class PanelQueueAdmin(SuperuserOnlyMixin, QueueAdmin, ModelAdmin):
        pass


# --- Logins ---


class LoginAdmin(ModelAdmin):
    """What django-axes noted of logins; deleting an attempt lifts its lock."""

    list_display = ("attempt_time", "username", "ip_address", "user_agent")
    search_fields = ("username", "ip_address")
    ordering = ("-attempt_time",)
    list_per_page = 40

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


for logins in (AccessAttempt, AccessLog, AccessFailureLog):
    if admin.site.is_registered(logins):
        admin.site.unregister(logins)
    admin.site.register(logins, LoginAdmin)
