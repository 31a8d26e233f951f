"""Admin of reflections: the list, and what the models' scores of themselves are worth."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ai_artist.kit.admin import LongListMixin, ReadOnlyMixin, percent
from ai_artist.kit.views import PageViewsMixin, page_view
from runs.learning.calibration import FEWEST, calibrations
from runs.models import Reflection


@admin.register(Reflection)
class ReflectionAdmin(LongListMixin, ReadOnlyMixin, PageViewsMixin, ModelAdmin):
    list_display = ("run", "artist", "score", "model", "created_at")
    list_select_related = ("run__artist",)
    list_filter = ("model",)
    ordering = ("-created_at",)

    @display(description="Artist")
    def artist(self, reflection: Reflection) -> str:
        return str(reflection.run.artist)

    @display(description="Self-score", ordering="alignment")
    def score(self, reflection: Reflection) -> str:
        return percent(reflection.alignment)

    @page_view("self-scores/", "view", methods=("GET",), name="runs_self_scores")
    def self_scores_view(self, request: HttpRequest) -> HttpResponse:
        return self.page(
            request,
            "panel/self_scores.html",
            title="Self-scores",
            models=calibrations(),
            fewest=FEWEST,
        )
