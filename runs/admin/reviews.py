"""Admin of verdicts; read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from ai_artist.kit.admin import (
    BAD,
    GOOD,
    LongListMixin,
    PageContextMixin,
    ReadOnlyMixin,
    ToldInSentencesMixin,
    Way,
    column,
)
from ai_artist.kit.values import DASH, moment
from runs.models import Release, Review, ReviewQuerySet, Run
from runs.presentation import card, run_link, with_card_rows
from runs.reviewing.agreement import WEEKS, agreement_by_week


@admin.register(Review)
class ReviewAdmin(LongListMixin, ToldInSentencesMixin, ReadOnlyMixin, PageContextMixin, ModelAdmin):
    empty_words = "Judge a run at the review desk; what you decide is written here."
    empty_way = Way("Open the review desk", "desk", "runs.review_run")
    list_display = ("at", "song", "decision_label", "why", "comment", "author", "taken_back")
    list_select_related = ("run__artist", "reviewer")
    list_filter = (
        ("decision", ChoicesDropdownFilter),
        ("reviewer", RelatedDropdownFilter),
        ("run__artist", AutocompleteSelectFilter),
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_before_template = "panel/review_list_head.html"
    sortable_by = ("at",)
    search_fields = ("run__title",)
    search_help_text = "Title of the song"
    change_form_outer_before_template = "panel/decision.html"

    song = column("run", run_link, "Song")
    taken_back = column("undone_at", moment, "Taken back")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        """Without verdicts that wait for a second reviewer, who is to judge blind."""
        verdicts: ReviewQuerySet = super().get_queryset(request)
        return verdicts.public()

    def page_context(self, request: HttpRequest, review: Review) -> dict[str, Any]:
        """Return the song that was judged, to hear it again, and what came of the decision."""
        run = with_card_rows(Run.objects.filter(pk=review.run_id)).get()
        return {
            "review": review,
            "card": card(run),
            "releases": Release.objects.filter(tracks__run=run).order_by("created_at", "pk"),
        }

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {
            **(extra_context or {}),
            "agreement": agreement_by_week(now=timezone.now()),
            "agreement_weeks": WEEKS,
        }
        response: HttpResponse = super().changelist_view(request, extra)
        return response

    @display(
        description="Decision", label={Review.Decision.APPROVE: GOOD, Review.Decision.REJECT: BAD}
    )
    def decision_label(self, review: Review) -> tuple[str, str]:
        return review.decision, review.outcome

    @display(description="By", ordering="reviewer__username")
    def author(self, review: Review) -> str:
        return review.author

    @display(description="Reasons")
    def why(self, review: Review) -> str:
        return review.reasons_in_words or DASH
