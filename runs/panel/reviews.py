"""Admin of verdicts; read only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from runs.models import Review
from trends.panel import (
    BAD,
    GOOD,
    LongListMixin,
    ReadOnlyMixin,
)

QUEUE_PAGE = 10


@admin.register(Review)
class ReviewAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    list_display = ("at", "run", "decision_label", "why", "comment", "reviewer", "undone_at")
    list_select_related = ("run", "reviewer")
    list_filter = (
        ("decision", ChoicesDropdownFilter),
        ("reviewer", RelatedDropdownFilter),
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        """Without verdicts that wait for a second reviewer, who is to judge blind."""
        verdicts = Review.objects.public().values("pk")
        queryset: QuerySet[Review] = super().get_queryset(request)
        return queryset.filter(pk__in=verdicts)

    @display(
        description="Decision", label={Review.Decision.APPROVE: GOOD, Review.Decision.REJECT: BAD}
    )
    def decision_label(self, review: Review) -> tuple[str, str]:
        return review.decision, review.get_decision_display()

    @display(description="Reasons")
    def why(self, review: Review) -> str:
        labels = dict(Review.Reason.choices)
        return ", ".join(labels.get(code, code) for code in review.reasons) or "–"
