"""Admin of lessons with what runs add: which were given them, and whether these did better."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from artists.admin.lessons import LessonAdmin
from artists.models import Lesson
from runs.learning.lesson_effects import effect_of

USES_ON_PAGE = 10


@admin.register(Lesson)
class RunLessonAdmin(LessonAdmin):
    def page_context(self, request: HttpRequest, lesson: Lesson) -> dict[str, Any]:
        uses = lesson.uses.select_related("run__artist")
        return {
            **super().page_context(request, lesson),
            "effect": effect_of(lesson),
            "uses": uses.order_by("-run__created_at")[:USES_ON_PAGE],
        }
