"""Admin of lessons: a person accepts, edits or dismisses them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action, display

from artists.lessons import LessonRefused, decide_lesson
from artists.models import Lesson
from trends.panel import GOOD, INFO, PLAIN, CappedPaginator, back


@admin.register(Lesson)
class LessonAdmin(ModelAdmin):
    list_display = ("text", "status_label", "scope", "source", "strength", "created_at")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("artist", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    list_select_related = ("artist",)
    list_per_page = 40
    search_fields = ("text",)
    autocomplete_fields = ("artist",)
    readonly_fields = ("source", "strength", "run_id", "created_at")
    fields = (
        "text",
        "status",
        ("artist", "genre"),
        "expires_at",
        "source",
        "strength",
        "run_id",
        "created_at",
    )
    actions = ("accept", "dismiss")
    show_full_result_count = False
    paginator = CappedPaginator

    def get_urls(self) -> list[URLPattern]:
        judge = path(
            "<int:lesson_id>/judge/",
            self.admin_site.admin_view(require_POST(self.judge_view)),
            name="artists_lesson_judge",
        )
        return [judge, *super().get_urls()]

    @display(
        description="Status",
        ordering="status",
        label={
            Lesson.Status.PROPOSED: INFO,
            Lesson.Status.ACCEPTED: GOOD,
            Lesson.Status.DISMISSED: PLAIN,
        },
    )
    def status_label(self, lesson: Lesson) -> tuple[str, str]:
        return lesson.status, lesson.get_status_display()

    @display(description="Holds for")
    def scope(self, lesson: Lesson) -> str:
        return str(lesson.artist or lesson.genre or "the whole roster")

    def judge_view(self, request: HttpRequest, lesson_id: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        self._judge(request, [lesson_id], accept=request.POST.get("verdict") == "accept")
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
                lesson = decide_lesson(lesson_id=lesson_id, accept=accept)
            except LessonRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, f"Lesson {lesson.status}: {lesson}", messages.SUCCESS)
