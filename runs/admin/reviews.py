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

from ai_artist.kit.admin import BAD, GOOD, LongListMixin, ReadOnlyMixin
from runs.models import Review, ReviewQuerySet
from runs.reviewing.agreement import WEEKS, agreement_by_week


@admin.register(Review)
class ReviewAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    list_display = ("at", "run", "decision_label", "why", "comment", "author", "undone_at")
    list_select_related = ("run", "reviewer")
    list_filter = (
        ("decision", ChoicesDropdownFilter),
        ("reviewer", RelatedDropdownFilter),
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_before_template = "panel/review_list_head.html"

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
        return review.decision, review.get_decision_display()

    @display(description="By", ordering="reviewer__username")
    def author(self, review: Review) -> str:
        return review.author

    @display(description="Reasons")
    def why(self, review: Review) -> str:
        labels = dict(Review.Reason.choices)
        return ", ".join(labels.get(code, code) for code in review.reasons) or "–"
