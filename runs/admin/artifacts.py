"""Admin of files; read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)

from ai_artist.kit.admin import LongListMixin, ReadOnlyMixin, Way, column
from ai_artist.kit.values import facts, minutes, money, short, size
from runs.models import Artifact
from runs.presentation import BLIND, run_link


@admin.register(Artifact)
class ArtifactAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    empty_words = "Each step of a run stores its files when it is done; start a run first."
    empty_way = Way("See the runs", "runs_run_changelist", "runs.view_run")
    list_display = ("kind", "name", "song", "media_type", "file_size", "length", "created_at")
    list_select_related = ("run__artist",)
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    search_fields = ("sha256__startswith",)
    fields = (
        ("song", "step"),
        ("kind", "name"),
        ("media_type", "file_size"),
        ("length", "width", "height"),
        "cost",
        "hash_of_file",
        "origin",
        ("created_at", "superseded_at"),
    )
    readonly_fields = ("song", "file_size", "length", "cost", "hash_of_file", "origin")

    song = column("run", run_link, "Song")
    file_size = column("bytes", size, "Size")
    length = column("duration_s", minutes, "Length")
    cost = column("cost_usd", money, "Cost")
    hash_of_file = column("sha256", short, "SHA-256")
    origin = column("provenance", facts, "How it was made")

    def get_fields(self, request: HttpRequest, obj: Artifact | None = None) -> Any:
        """Without the provenance before the decision: its prompt may name an experiment's arm."""
        if obj is None or obj.run.status not in BLIND:
            return self.fields
        return tuple(field for field in self.fields if field != "origin")
