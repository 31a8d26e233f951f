"""Admin of reflections: the list, and what the models' scores of themselves are worth."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from ai_artist.kit.admin import LongListMixin, ReadOnlyMixin, Way, column
from ai_artist.kit.values import fact, percent
from ai_artist.kit.views import PageViewsMixin, page_view
from runs.learning.calibration import FEWEST, calibrations
from runs.models import Reflection
from runs.presentation import run_link


@admin.register(Reflection)
class ReflectionAdmin(LongListMixin, ReadOnlyMixin, PageViewsMixin, ModelAdmin):
    empty_words = "The last step of a run looks back on the song."
    empty_way = Way("See the runs", "runs_run_changelist", "runs.view_run")
    list_display = ("song", "score", "model", "created_at")
    list_display_links = ("score",)  # the song leads to its run
    list_select_related = ("run__artist",)
    ordering = ("-created_at", "-pk")
    sortable_by = ("created_at",)

    fields = (("song", "score"), "text", "good", "bad", ("model", "created_at"))
    readonly_fields = ("song", "score", "good", "bad")

    song = column("run", run_link, "Song")
    score = column("alignment", percent, "Self-score")
    good = column("strengths", fact, "Strengths")
    bad = column("problems", fact, "Problems")

    @page_view("self-scores/", "view", methods=("GET",), name="runs_self_scores")
    def self_scores_view(self, request: HttpRequest) -> HttpResponse:
        return self.page(
            request,
            "panel/self_scores.html",
            title="Self-scores",
            models=calibrations(),
            fewest=FEWEST,
        )
