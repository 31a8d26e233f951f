"""Admin of verdicts; read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from ai_artist.kit.admin import BAD, GOOD, LongListMixin, ReadOnlyMixin, Way, column
from ai_artist.kit.values import DASH, moment, short, took
from runs.models import Review, ReviewQuerySet
from runs.presentation import run_link
from runs.reviewing.agreement import WEEKS, agreement_by_week


@admin.register(Review)
class ReviewAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    empty_words = "Judge a run at the review desk; what you decide is written here."
    empty_way = Way("Open the review desk", "desk", "runs.review_run")
    list_display = ("at", "song", "decision_label", "why", "comment", "author", "taken_back")
    list_select_related = ("run__artist", "reviewer")
    list_filter = (
        ("decision", ChoicesDropdownFilter),
        ("reviewer", RelatedDropdownFilter),
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_before_template = "panel/review_list_head.html"
    search_fields = ("run__title", "run__artist__name", "comment")
    search_help_text = "Title, artist or comment"
    fields = (
        ("song", "outcome"),
        ("why", "rating"),
        "comment",
        ("author", "at"),
        ("listened", "taken_back"),
        "followed",
        "judged",
    )
    readonly_fields = (
        "song",
        "outcome",
        "why",
        "author",
        "listened",
        "taken_back",
        "followed",
        "judged",
    )

    song = column("run", run_link, "Song")
    outcome = column("outcome", str, "Decision")
    listened = column("active_seconds", took, "Listened and watched for")
    taken_back = column("undone_at", moment, "Taken back")
    followed = column("applied_at", moment, "Took effect")
    judged = column("content_hash", short, "Hash of what was judged")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        """Without verdicts that wait for a second reviewer, who is to judge blind."""
        verdicts: ReviewQuerySet = super().get_queryset(request)
        return verdicts.public()

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
