"""Admin of lessons: a person accepts, edits, dismisses them or lets them hold for more artists.

LessonAdmin knows nothing of runs; runs/admin/lessons.py registers it with what runs add.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
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
    actor,
    back,
)
from artists.lessons import (
    LessonRefused,
    decide_lesson,
    keep_as_judged,
    neighbours_of,
    raise_lesson,
    suggestions,
)
from artists.models import Lesson

EXPIRED = "expired"


class LessonAdmin(LongListMixin, PageContextMixin, SimpleHistoryAdmin, ModelAdmin):
    """The lessons of artists, genres and the roster."""

    list_display = ("text", "status_label", "scope", "source", "strength", "last_seen_at")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("artist", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    list_select_related = ("artist",)
    list_before_template = "panel/lesson_list_head.html"
    search_fields = ("text",)
    autocomplete_fields = ("artist",)
    change_form_outer_before_template = "panel/lesson.html"
    readonly_fields = ("source", "strength", "run_id", "created_at", "last_seen_at", "expires_at")
    fields = (
        "text",
        ("status", "keeps"),
        ("artist", "genre"),
        ("source", "strength"),
        ("created_at", "last_seen_at"),
        ("expires_at", "run_id"),
    )
    actions = ("accept", "dismiss")

    def get_urls(self) -> list[URLPattern]:
        def post(name: str, view: Any) -> URLPattern:
            guarded = self.admin_site.admin_view(require_POST(view))
            address: URLPattern = path(
                f"<int:lesson_id>/{name}/", guarded, name=f"artists_lesson_{name}"
            )
            return address

        return [
            post("judge", self.judge_view),
            post("raise", self.raise_view),
            *super().get_urls(),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What a person writes is meant to hold."""
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
        if lesson.expires_at and lesson.expires_at <= timezone.now():
            return EXPIRED, "Expired"
        return lesson.status, lesson.get_status_display()

    @display(description="Holds for")
    def scope(self, lesson: Lesson) -> str:
        return lesson.scope

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
        """What a lesson's page shows above its form."""
        in_force = lesson.status == Lesson.Status.ACCEPTED
        return {
            "lesson": lesson,
            "evidence": lesson.evidence.order_by("-at", "-pk")[:20],
            "neighbours": neighbours_of(lesson, now=timezone.now()) if in_force else None,
            "may_judge_lessons": self.has_change_permission(request, lesson),
        }

    # --- Deciding ---

    def judge_view(self, request: HttpRequest, lesson_id: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        self._judge(request, [lesson_id], accept=request.POST.get("verdict") == "accept")
        return back(request, reverse("admin:artists_lesson_changelist"))

    def raise_view(self, request: HttpRequest, lesson_id: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            wider = raise_lesson(
                lesson_id=lesson_id,
                to_roster=request.POST.get("to") == "roster",
                actor=actor(request),
                now=timezone.now(),
            )
        except LessonRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            self.message_user(request, f"“{wider}” holds for {wider.scope} now.", messages.SUCCESS)
        return back(request, reverse("admin:artists_lesson_changelist"))

    @action(description="Accept: follow them in the next runs", permissions=["change"])
    def accept(self, request: HttpRequest, lessons: QuerySet[Lesson]) -> None:
        self._judge(request, lessons.values_list("pk", flat=True), accept=True)

    @action(description="Dismiss", permissions=["change"])
    def dismiss(self, request: HttpRequest, lessons: QuerySet[Lesson]) -> None:
        self._judge(request, lessons.values_list("pk", flat=True), accept=False)

    def _judge(self, request: HttpRequest, lesson_ids: Any, *, accept: bool) -> None:
        for lesson_id in lesson_ids:
            try:
                lesson = decide_lesson(
                    lesson_id=lesson_id, accept=accept, actor=actor(request), now=timezone.now()
                )
            except LessonRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, f"Lesson {lesson.status}: {lesson}", messages.SUCCESS)
