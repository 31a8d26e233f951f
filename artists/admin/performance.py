"""Admin of what counts in artists' histories: decisions, failures, releases, audience figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from ai_artist.kit import charts
from ai_artist.kit.admin import (
    BAD,
    GOOD,
    INFO,
    PLAIN,
    WARN,
    LongListMixin,
    ReadOnlyMixin,
    Way,
    column,
    newest,
)
from ai_artist.kit.periods import EARLIER, monday_of, place_in
from ai_artist.kit.values import DASH, counted, facts, number, words
from artists.models import PerformanceEntry
from runs.models import Run

WEEKS = 12
Kind = PerformanceEntry.Kind
# How many of each kind there are, in words.
KINDS = {
    Kind.APPROVED: ("approval", "approvals"),
    Kind.REJECTED: ("rejection", "rejections"),
    Kind.FAILED: ("failed run", "failed runs"),
    Kind.RELEASED: ("release", "releases"),
    Kind.AUDIENCE: ("figure of an audience", "figures of audiences"),
}


@admin.register(PerformanceEntry)
class PerformanceEntryAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    empty_words = (
        "Decisions, failures and releases are written here, and the figures of "
        "platforms when they are imported."
    )
    empty_way = Way("See the artists", "artists_artist_changelist", "artists.view_artist")
    list_display = (
        "at",
        "artist",
        "song",
        "kind_label",
        "figure",
        "detail",
        "doubt",
        "withdrawn_at",
    )
    list_select_related = ("artist",)
    sortable_by = ("at",)
    list_filter = (
        ("artist", AutocompleteSelectFilter),
        ("kind", ChoicesDropdownFilter),
        "suspicious",
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_before_template = "panel/performance_list_head.html"
    fields = (
        ("artist", "at"),
        ("kind", "figure"),
        "detail",
        "about",
        ("doubt", "withdrawn_at"),
    )
    readonly_fields = ("figure", "about", "doubt")

    about = column("dimensions", facts, "About")

    def with_row_extras(self, rows: QuerySet[PerformanceEntry]) -> list[PerformanceEntry]:
        """Load the songs the rows are about: an entry knows only the run's id."""
        entries = list(rows)
        ids = {entry.run_id for entry in entries if entry.run_id}
        runs = Run.objects.only("title").in_bulk(ids)
        for entry in entries:
            entry.run = runs.get(entry.run_id)  # type: ignore[attr-defined]
        return entries

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what the rows that are filtered for add up to above the list."""
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            rows = response.context_data["cl"].queryset
            response.context_data |= totals_of(rows, now=timezone.now())
        return response

    @display(description="Song")
    def song(self, entry: PerformanceEntry) -> SafeString | str:
        run: Run | None = entry.run  # type: ignore[attr-defined]
        if run is None:
            return DASH
        address = reverse("admin:runs_run_change", args=[run.pk])
        title = run.title or "Untitled"
        return format_html('<a class="panel-link" href="{}">{}</a>', address, title)

    @display(description="Figure", ordering="value")
    def figure(self, entry: PerformanceEntry) -> str:
        if entry.kind != Kind.AUDIENCE:
            return DASH
        return f"{number(entry.value)} {words(entry.metric).lower()}".strip()

    @display(description="Doubt", ordering="suspicious")
    def doubt(self, entry: PerformanceEntry) -> str:
        return "suspicious jump" if entry.suspicious else DASH

    @display(
        description="Kind",
        ordering="kind",
        label={
            Kind.APPROVED: GOOD,
            Kind.REJECTED: BAD,
            Kind.FAILED: WARN,
            Kind.RELEASED: INFO,
            Kind.AUDIENCE: PLAIN,
        },
    )
    def kind_label(self, entry: PerformanceEntry) -> tuple[str, str]:
        return entry.kind, entry.get_kind_display()


def totals_of(entries: QuerySet[PerformanceEntry], *, now: datetime) -> dict[str, Any]:
    """Count the newest COUNT_LIMIT of some entries by kind, and their decisions by week."""
    some, capped = newest(entries, "at")
    monday = monday_of(timezone.localdate(now))
    weeks = [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    rows = (
        some.filter(withdrawn_at=None)
        .values_list("kind", place_in(weeks, "at"))
        .annotate(count=Count("pk"))
    )
    kinds: Counter[str] = Counter()
    by_week: dict[str, list[int]] = {Kind.APPROVED: [0] * WEEKS, Kind.REJECTED: [0] * WEEKS}
    for kind, week, count in rows:
        kinds[kind] += count
        if week != EARLIER and kind in by_week:
            by_week[kind][week] += count
    decided = any(map(any, by_week.values()))
    return {
        "kinds": [counted(kinds[kind], *nouns) for kind, nouns in KINDS.items() if kinds[kind]],
        "is_capped": capped,
        "weeks": WEEKS,
        "week_chart": week_chart(weeks, by_week) if decided else "",
        "week_options": charts.bars(),
    }


def week_chart(weeks: Iterable[date], by_week: dict[str, list[int]]) -> str:
    return charts.data(
        [charts.day_label(week) for week in weeks],
        charts.decision_bars(by_week[Kind.APPROVED], by_week[Kind.REJECTED]),
    )
