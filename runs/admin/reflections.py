"""Admin of reflections: the list, and what the models' scores of themselves are worth."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ai_artist.kit.admin import LongListMixin, ReadOnlyMixin, percent
from runs.learning.calibration import FEWEST, calibrations
from runs.models import Reflection


@admin.register(Reflection)
class ReflectionAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    list_display = ("run", "artist", "score", "model", "created_at")
    list_select_related = ("run__artist",)
    list_filter = ("model",)
    ordering = ("-created_at",)

    def get_urls(self) -> list[URLPattern]:
        scores = path(
            "self-scores/",
            self.admin_site.admin_view(require_GET(self.self_scores_view)),
            name="runs_self_scores",
        )
        return [scores, *super().get_urls()]

    @display(description="Artist")
    def artist(self, reflection: Reflection) -> str:
        return str(reflection.run.artist)

    @display(description="Self-score", ordering="alignment")
    def score(self, reflection: Reflection) -> str:
        return percent(reflection.alignment)

    def self_scores_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Self-scores",
            "models": calibrations(),
            "fewest": FEWEST,
        }
        return TemplateResponse(request, "panel/self_scores.html", context)
