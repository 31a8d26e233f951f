"""Admin of files; read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from ai_artist.kit.admin import LongListMixin, ReadOnlyMixin, Way, column
from ai_artist.kit.values import DASH, facts, minutes, money, short, size
from runs.models import Artifact, Run
from runs.presentation import origin_of, preview_of, run_link, thumbnail, thumbnails


@admin.register(Artifact)
class ArtifactAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    empty_words = "Each step of a run stores its files when it is done; start a run first."
    empty_way = Way("See the runs", "runs_run_changelist", "runs.view_run")
    list_display = (
        "cover",
        "kind_shown",
        "preview",
        "song",
        "media_type",
        "file_size",
        "length",
        "created_at",
    )
    list_display_links = ("kind_shown",)
    list_select_related = ("run__artist",)
    ordering = ("-created_at", "-pk")
    sortable_by = ("created_at",)
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

    def with_row_extras(self, rows: QuerySet[Artifact]) -> list[Artifact]:
        """Load the small picture of each file's song."""
        files = list(rows)
        pictures = thumbnails(file.run_id for file in files)
        for file in files:
            file.picture_id = pictures.get(file.run_id)  # type: ignore[attr-defined]
        return files

    @display(description="Cover")
    def cover(self, file: Artifact) -> SafeString:
        return thumbnail(file.picture_id)  # type: ignore[attr-defined]

    @display(description="File", ordering="kind")
    def kind_shown(self, file: Artifact) -> str:
        return str(file)

    @display(description="Hear or see")
    def preview(self, file: Artifact) -> SafeString | str:
        """Return a player, or a link that opens the file; nothing for what browsers do not show."""
        shown = "" if file.purged_at else preview_of(file.media_type)
        address = reverse("artifact", args=[file.pk])
        if shown == "audio":
            return format_html(
                '<audio class="panel-play" controls preload="none" src="{}" aria-label="{} of {}">'
                "</audio>",
                address,
                file,
                file.run.title or "an untitled song",
            )
        if shown:
            return format_html(
                '<a class="panel-link" href="{}" target="_blank" rel="noopener">{}</a>',
                address,
                {"video": "Watch", "image": "Look"}.get(shown, "Read"),
            )
        return "purged" if file.purged_at else DASH

    song = column("run", run_link, "Song")
    file_size = column("bytes", size, "Size")
    length = column("duration_s", minutes, "Length")
    cost = column("cost_usd", money, "Cost")
    hash_of_file = column("sha256", short, "SHA-256")

    @display(description="How it was made")
    def origin(self, file: Artifact) -> SafeString | str:
        return facts(origin_of(file))

    def get_fields(self, request: HttpRequest, obj: Artifact | None = None) -> Any:
        """Without the provenance before the decision: its prompt may name an experiment's arm."""
        if obj is None or obj.run.status not in Run.UNDECIDED:
            return self.fields
        return tuple(field for field in self.fields if field != "origin")
