"""Admin of what happened to artists: status changes, evolutions and performance; read only."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from ai_artist.kit.admin import BAD, GOOD, INFO, PLAIN, WARN, LongListMixin, ReadOnlyMixin
from artists.admin.profile import EVOLUTION_TONES
from artists.models import Evolution, PerformanceEntry, StatusChange


@admin.register(StatusChange)
class StatusChangeAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    list_display = ("at", "artist", "from_status", "to_status", "rule", "reason", "actor")
    list_select_related = ("artist", "actor")
    list_filter = (
        ("artist", AutocompleteSelectFilter),
        ("to_status", ChoicesDropdownFilter),
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    fields = (
        ("artist", "at"),
        ("from_status", "to_status"),
        ("rule", "actor"),
        "reason",
        "runs",
        "figures",
    )
    readonly_fields = ("runs",)

    @display(description="Runs it rests on")
    def runs(self, change: StatusChange) -> SafeString:
        """Return links to the runs behind the figures, newest first."""
        links = (
            (reverse("admin:runs_run_change", args=[run_id]), str(run_id)[:8])
            for run_id in change.figures.get("runs", ())
        )
        html = format_html_join(" ", '<a class="panel-link" href="{}">{}</a>', links)
        return html or SafeString("–")


@admin.register(Evolution)
class EvolutionAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    """All evolutions, read only; the buttons that move one are on its artist's page."""

    list_display = ("created_at", "artist", "state_label", "source", "started_at", "ended_at")
    list_select_related = ("artist",)
    list_filter = (
        ("artist", AutocompleteSelectFilter),
        ("state", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
    )
    list_filter_submit = True

    @display(description="State", ordering="state", label=EVOLUTION_TONES)
    def state_label(self, evolution: Evolution) -> tuple[str, str]:
        return evolution.state, evolution.get_state_display()


@admin.register(PerformanceEntry)
class PerformanceEntryAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
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
