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

from ai_artist.kit.admin import LongListMixin, ReadOnlyMixin
from runs.models import Artifact
from runs.presentation import (
    BLIND,
)


@admin.register(Artifact)
class ArtifactAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    list_display = ("kind", "name", "run", "media_type", "bytes", "duration_s", "created_at")
    list_select_related = ("run",)
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    search_fields = ("sha256__startswith",)
    fields = (
        ("run", "step"),
        ("kind", "name"),
        ("media_type", "bytes"),
        ("duration_s", "width", "height"),
        "cost_usd",
        "sha256",
        "provenance",
        ("created_at", "superseded_at"),
    )

    def get_fields(self, request: HttpRequest, obj: Artifact | None = None) -> Any:
        """Without the provenance before the decision: its prompt may name an experiment's arm."""
        if obj is None or obj.run.status not in BLIND:
            return self.fields
        return tuple(field for field in self.fields if field != "provenance")
