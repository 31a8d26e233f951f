"""Admin of trends: sources, topics with their momentum, and what was observed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    BooleanRadioFilter,
    RangeDateTimeFilter,
    RangeNumericFilter,
)
from unfold.decorators import action, display

from trends.models import Observation, Topic, TrendSource
from trends.panel import BAD, GOOD, PLAIN, CappedPaginator, ReadOnlyMixin, percent


class ObservationInline(ReadOnlyMixin, TabularInline):
    model = Observation
    fields = ("source", "observed_at", "volume", "engagement")
    readonly_fields = fields
    ordering = ("-observed_at",)
    per_page = 15
    extra = 0
    tab = True


@admin.register(TrendSource)
class TrendSourceAdmin(ModelAdmin):
    list_display = ("name", "state", "weight", "last_collected_at", "last_error")
    readonly_fields = ("last_collected_at", "last_error")
    search_fields = ("name",)

    @display(description="State", label={"failing": BAD, "enabled": GOOD, "disabled": PLAIN})
    def state(self, source: TrendSource) -> str:
        if not source.enabled:
            return "disabled"
        return "failing" if source.last_error else "enabled"


@admin.register(Topic)
class TopicAdmin(ModelAdmin):
    list_display = ("name", "momentum", "genre", "use", "scored_at")
    list_filter = (
        ("blocked", BooleanRadioFilter),
        ("score", RangeNumericFilter),
    )
    list_filter_submit = True
    list_per_page = 40
    search_fields = ("name", "genre")
    readonly_fields = ("momentum", "scored_at", "created_at")
    fields = ("name", "genre", "blocked", "momentum", "scored_at", "created_at")
    inlines = (ObservationInline,)
    actions = ("block", "unblock")
    show_full_result_count = False
    paginator = CappedPaginator

    @display(description="Momentum", ordering="score")
    def momentum(self, topic: Topic) -> str:
        return percent(topic.score)

    @display(description="Use", label={"followed": GOOD, "blocked": BAD, "quiet": PLAIN})
    def use(self, topic: Topic) -> tuple[str, str]:
        if topic.blocked:
            return "blocked", "Blocked"
        return ("followed", "May be followed") if topic.score > 0 else ("quiet", "Quiet")

    @action(description="Never follow these topics", permissions=["change"])
    def block(self, request: HttpRequest, topics: QuerySet[Topic]) -> None:
        self._set_blocked(request, topics, blocked=True)

    @action(description="Allow these topics again", permissions=["change"])
    def unblock(self, request: HttpRequest, topics: QuerySet[Topic]) -> None:
        self._set_blocked(request, topics, blocked=False)

    def _set_blocked(self, request: HttpRequest, topics: Any, *, blocked: bool) -> None:
        changed = topics.update(blocked=blocked)
        self.message_user(request, f"{changed} topic(s) {'blocked' if blocked else 'allowed'}.")


@admin.register(Observation)
class ObservationAdmin(ReadOnlyMixin, ModelAdmin):
    list_display = ("topic", "source", "observed_at", "volume", "engagement")
    list_select_related = ("topic", "source")
    list_filter = (
        ("source", AutocompleteSelectFilter),
        ("topic", AutocompleteSelectFilter),
        ("observed_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_per_page = 40
    show_full_result_count = False
    paginator = CappedPaginator
