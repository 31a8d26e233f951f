"""Admin of lessons: a person accepts, edits, dismisses or widens them.

A lesson's page shows which runs used it, and whether these did better.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action, display

from ai_artist.kit.admin import (
    GOOD,
    INFO,
    PLAIN,
    WARN,
    LongListMixin,
    PageContextMixin,
    Way,
    actor,
    back,
)
from ai_artist.kit.values import DASH
from ai_artist.kit.views import PageViewsMixin, page_view
from artists.admin.forms import LessonForm
from artists.lessons import (
    LessonRefused,
    decide_lesson,
    keep_as_judged,
    neighbours_of,
    raise_lesson,
    rivals_of,
    suggestions,
)
from artists.models import Lesson
from runs.learning.lesson_effects import effect_of

EXPIRED = "expired"
USES_ON_PAGE = 10


@admin.register(Lesson)
class LessonAdmin(LongListMixin, PageContextMixin, PageViewsMixin, SimpleHistoryAdmin, ModelAdmin):
    """The lessons of artists, genres and the roster."""

    empty_words = "Rejections with reasons become lessons; you can also write one."
    empty_way = Way("Open the review desk", "desk", "runs.review_run")
    list_display = (
        "text",
        "status_label",
        "scope",
        "contradicts",
        "source",
        "strength",
        "last_seen_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("artist", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    list_select_related = ("artist",)
    list_before_template = "panel/lesson_list_head.html"
    sortable_by = ("strength", "last_seen_at")
    search_fields = ("text",)
    autocomplete_fields = ("artist",)
    form = LessonForm
    change_form_outer_before_template = "panel/lesson.html"
    readonly_fields = ("source", "strength", "created_at", "last_seen_at", "expires_at")
    fields = (
        "text",
        ("status", "keeps"),
        ("artist", "genre"),
        ("source", "strength"),
        ("created_at", "last_seen_at"),
        "expires_at",
    )
    actions = ("accept", "dismiss")

    refusals = (LessonRefused,)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Preset the status to accepted: a lesson written by a person is meant to apply."""
        written = {"status": Lesson.Status.ACCEPTED, "keeps": True}
        return {**written, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Lesson, form: Any, change: bool) -> None:
        keep_as_judged(obj, actor=actor(request), now=timezone.now())

    @display(
        description="Status",
        ordering="status",
        label={
            Lesson.Status.PROPOSED: INFO,
            Lesson.Status.ACCEPTED: GOOD,
            Lesson.Status.DISMISSED: PLAIN,
            EXPIRED: WARN,
        },
    )
    def status_label(self, lesson: Lesson) -> tuple[str, str]:
        if lesson.is_expired(now=timezone.now()):
            return EXPIRED, "Expired"
        return lesson.status, lesson.get_status_display()

    @display(description="Holds for")
    def scope(self, lesson: Lesson) -> str:
        return lesson.scope

    @display(description="Contradicts")
    def contradicts(self, lesson: Lesson) -> SafeString | str:
        rival: Lesson | None = lesson.rival  # type: ignore[attr-defined]
        if rival is None:
            return DASH
        page = reverse("admin:artists_lesson_change", args=[rival.pk])
        return format_html('<a class="panel-flag" href="{}">“{}”</a>', page, rival)

    def with_row_extras(self, rows: QuerySet[Lesson]) -> list[Lesson]:
        """Load what contradicts each lesson in force."""
        now, lessons = timezone.now(), list(rows)
        rivals = rivals_of([row for row in lessons if row.is_in_force(now=now)], now=now)
        for lesson in lessons:
            lesson.rival = rivals.get(lesson.pk)  # type: ignore[attr-defined]
        return lessons

    # --- Pages ---

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {
            **(extra_context or {}),
            "suggestions": suggestions(now=timezone.now()),
            "may_judge_lessons": self.has_change_permission(request),
        }
        response: HttpResponse = super().changelist_view(request, extra)
        return response

    def page_context(self, request: HttpRequest, lesson: Lesson) -> dict[str, Any]:
        """Return what a lesson's page shows above its form."""
        in_force = lesson.status == Lesson.Status.ACCEPTED
        uses = lesson.uses.select_related("run__artist").order_by("-run__created_at")
        return {
            "lesson": lesson,
            "evidence": lesson.evidence.order_by("-at", "-pk")[:20],
            "neighbours": neighbours_of(lesson, now=timezone.now()) if in_force else None,
            "may_judge_lessons": self.has_change_permission(request, lesson),
            "effect": effect_of(lesson),
            "uses": uses[:USES_ON_PAGE],
        }

    # --- Deciding ---

    @page_view("<int:lesson_id>/judge/", "change")
    def judge_view(self, request: HttpRequest, lesson: Lesson) -> HttpResponse:
        self._judge(request, [lesson.pk], accept=request.POST.get("verdict") == "accept")
        return back(request, reverse("admin:artists_lesson_changelist"))

    @page_view("<int:lesson_id>/raise/", "change")
    def raise_view(self, request: HttpRequest, lesson: Lesson) -> HttpResponse:
        with self.refusals_shown(request):
            wider = raise_lesson(
                lesson_id=lesson.pk,
                to_roster=request.POST.get("to") == "roster",
                actor=actor(request),
                now=timezone.now(),
            )
            done = f"“{wider}” holds for {wider.scope} now."
            self.message_user(request, done, messages.SUCCESS)
        return back(request, reverse("admin:artists_lesson_changelist"))

    @action(description="Accept: follow them in the next runs", permissions=["change"])
    def accept(self, request: HttpRequest, lessons: QuerySet[Lesson]) -> None:
        self._judge(request, lessons.values_list("pk", flat=True), accept=True)

    @action(description="Dismiss", permissions=["change"])
    def dismiss(self, request: HttpRequest, lessons: QuerySet[Lesson]) -> None:
        self._judge(request, lessons.values_list("pk", flat=True), accept=False)

    def _judge(self, request: HttpRequest, lesson_ids: Any, *, accept: bool) -> None:
        for lesson_id in lesson_ids:
            with self.refusals_shown(request):
                lesson = decide_lesson(
                    lesson_id=lesson_id, accept=accept, actor=actor(request), now=timezone.now()
                )
                self.message_user(request, f"Lesson {lesson.status}: {lesson}", messages.SUCCESS)
