"""Admin of what happened to artists: status changes and evolutions; read only."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from ai_artist.kit.admin import (
    LongListMixin,
    PageContextMixin,
    ReadOnlyMixin,
    ToldInSentencesMixin,
    Way,
    column,
)
from ai_artist.kit.values import fact, facts, person
from artists.admin.profile import EVOLUTION_TONES
from artists.lifecycle.rules import rule_in_words
from artists.models import Evolution, StatusChange
from runs.models import Run

# Of the figures of a change: what is shown as links, and what only the rules read.
UNSAID = ("runs", "after_entry", "undoes")


@admin.register(StatusChange)
class StatusChangeAdmin(
    LongListMixin, ToldInSentencesMixin, ReadOnlyMixin, PageContextMixin, ModelAdmin
):
    """What happened to artists, each told in sentences on its page."""

    empty_words = "The first one comes when an artist is made, paused, promoted or retired."
    empty_way = Way("See the artists", "artists_artist_changelist", "artists.view_artist")
    list_display = ("at", "artist", "what", "why", "reason", "by")
    list_display_links = ("at",)
    list_select_related = ("artist", "actor")
    sortable_by = ("at",)
    list_filter = (
        ("artist", AutocompleteSelectFilter),
        ("to_status", ChoicesDropdownFilter),
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    change_form_outer_before_template = "panel/status_change.html"

    why = column("rule", rule_in_words, "Why")
    by = column("actor", partial(person, otherwise="the rules"), "By")

    @display(description="Change", ordering="to_status")
    def what(self, change: StatusChange) -> str:
        after = change.get_to_status_display()
        if not change.from_status:
            return f"New: {after.lower()}"
        before = change.get_from_status_display()
        return f"Still {after.lower()}" if before == after else f"{before} → {after.lower()}"

    def page_context(self, request: HttpRequest, change: StatusChange) -> dict[str, Any]:
        """Return the figures and the runs behind a change."""
        figures = {name: value for name, value in change.figures.items() if name not in UNSAID}
        behind = runs_behind(change)
        runs = titled([change.run_id, *behind])
        return {
            "moved": change,
            "by": person(change.actor, otherwise="the rules"),
            "why": rule_in_words(change.rule),
            "figures": facts(figures) if figures else "",
            "decided_by": runs.get(change.run_id),
            "runs": [runs[run_id] for run_id in behind if run_id in runs],
        }


def runs_behind(change: StatusChange) -> list[uuid.UUID]:
    """Return the ids of the runs that the figures of a change rest on, newest first."""
    return [uuid.UUID(run_id) for run_id in change.figures.get("runs", ())]


def titled(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID | None, Run]:
    """Return the runs with these ids that are still there, with their titles."""
    known = [run_id for run_id in ids if run_id]
    return {run.pk: run for run in Run.objects.filter(pk__in=known).only("title")}


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
    sortable_by = ("created_at",)
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
