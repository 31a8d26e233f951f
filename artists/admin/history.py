"""Admin of what happened to artists: status changes, evolutions and performance; read only."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

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
)
from ai_artist.kit.values import DASH, fact, facts, number, person, words
from artists.admin.profile import EVOLUTION_TONES
from artists.models import Evolution, PerformanceEntry, StatusChange
from runs.models import Run


@admin.register(StatusChange)
class StatusChangeAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    empty_words = "The first one comes when an artist is made, paused, promoted or retired."
    empty_way = Way("See the artists", "artists_artist_changelist", "artists.view_artist")
    list_display = ("at", "artist", "from_status", "to_status", "rule_in_words", "reason", "by")
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
        ("rule_in_words", "by"),
        "reason",
        "runs",
        "figures_shown",
    )
    readonly_fields = ("rule_in_words", "by", "runs", "figures_shown")

    rule_in_words = column("rule", words, "Rule")
    by = column("actor", partial(person, otherwise="the rules"), "By")

    @display(description="Figures")
    def figures_shown(self, change: StatusChange) -> SafeString | str:
        return facts({name: value for name, value in change.figures.items() if name != "runs"})

    @display(description="Runs it rests on")
    def runs(self, change: StatusChange) -> str:
        """Return links to the runs behind the figures, newest first."""
        ids = [str(run_id) for run_id in change.figures.get("runs", ())]
        titles = dict(Run.objects.filter(pk__in=ids).values_list("pk", "title"))
        by_id = {str(run_id): title for run_id, title in titles.items()}
        links = (
            (reverse("admin:runs_run_change", args=[run_id]), by_id.get(run_id) or "Untitled")
            for run_id in ids
        )
        html = format_html_join(", ", '<a class="panel-link" href="{}">{}</a>', links)
        return html or DASH


@admin.register(Evolution)
class EvolutionAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    """All evolutions, read only; the buttons that move one are on its artist's page."""

    empty_words = (
        "When the songs of an artist are rejected too often, a changed profile is "
        "proposed here and tried."
    )
    empty_way = Way("See the artists", "artists_artist_changelist", "artists.view_artist")
    list_display = ("created_at", "artist", "state_label", "source", "started_at", "ended_at")
    list_select_related = ("artist",)
    list_filter = (
        ("artist", AutocompleteSelectFilter),
        ("state", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
    )
    list_filter_submit = True
    fields = (
        ("artist", "state"),
        ("source", "model"),
        "changes",
        "why",
        ("trial_runs", "by"),
        ("created_at", "started_at", "ended_at"),
    )
    readonly_fields = ("changes", "why", "by")

    why = column("reasons", fact, "Why")
    by = column("actor", partial(person, otherwise="the policy"), "Decided by")

    @display(description="Changes")
    def changes(self, evolution: Evolution) -> SafeString | str:
        """Return each changed field with its old and its new value."""
        return facts(
            {
                field: format_html("<del>{}</del> <ins>{}</ins>", fact(old), fact(new))
                for field, (old, new) in evolution.diff.items()
            }
        )

    @display(description="State", ordering="state", label=EVOLUTION_TONES)
    def state_label(self, evolution: Evolution) -> tuple[str, str]:
        return evolution.state, evolution.get_state_display()


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
        "kind_label",
        "figure",
        "measured",
        "detail",
        "doubt",
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

    fields = (
        ("artist", "at"),
        ("kind", "figure", "measured"),
        "detail",
        "about",
        ("doubt", "withdrawn_at"),
    )
    readonly_fields = ("figure", "measured", "about", "doubt")

    figure = column("value", number, "Figure")
    measured = column("metric", words, "Of")
    about = column("dimensions", facts, "About")

    @display(description="Suspicious", ordering="suspicious")
    def doubt(self, entry: PerformanceEntry) -> str:
        return "suspicious jump" if entry.suspicious else DASH

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
