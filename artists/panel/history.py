"""Admin of what happened to artists: transitions and performance; read only."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from artists.models import PerformanceEntry, StatusChange
from trends.panel import BAD, GOOD, INFO, PLAIN, WARN, CappedPaginator, ReadOnlyMixin


@admin.register(StatusChange)
class StatusChangeAdmin(ReadOnlyMixin, ModelAdmin):
    list_display = ("at", "artist", "from_status", "to_status", "rule", "reason", "actor")
    list_select_related = ("artist", "actor")
    list_filter = (
        ("artist", AutocompleteSelectFilter),
        ("to_status", ChoicesDropdownFilter),
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_per_page = 40
    show_full_result_count = False
    paginator = CappedPaginator


@admin.register(PerformanceEntry)
class PerformanceEntryAdmin(ReadOnlyMixin, ModelAdmin):
    list_display = (
        "at",
        "artist",
        "kind_label",
        "value",
        "metric",
        "detail",
        "suspicious",
        "withdrawn_at",
    )
    list_select_related = ("artist",)
    list_filter = (
        ("artist", AutocompleteSelectFilter),
        ("kind", ChoicesDropdownFilter),
        "suspicious",
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_per_page = 40
    show_full_result_count = False
    paginator = CappedPaginator

    @display(
        description="Kind",
        label={
            PerformanceEntry.Kind.APPROVED: GOOD,
            PerformanceEntry.Kind.REJECTED: BAD,
            PerformanceEntry.Kind.FAILED: WARN,
            PerformanceEntry.Kind.RELEASED: INFO,
            PerformanceEntry.Kind.AUDIENCE: PLAIN,
        },
    )
    def kind_label(self, entry: PerformanceEntry) -> tuple[str, str]:
        return entry.kind, entry.get_kind_display()
