"""Admin of release bundles; read only."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from runs.models import Release
from trends.panel import (
    BAD,
    GOOD,
    INFO,
    CappedPaginator,
    ReadOnlyMixin,
)

QUEUE_PAGE = 10


@admin.register(Release)
class ReleaseAdmin(ReadOnlyMixin, ModelAdmin):
    list_display = ("run", "artist", "status_label", "isrc", "upc", "download", "created_at")
    list_select_related = ("run__artist", "bundle")
    list_filter = (("status", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_per_page = 40
    search_fields = ("run__title", "isrc", "upc")
    show_full_result_count = False
    paginator = CappedPaginator
    readonly_fields = ("download",)
    fields = ("run", "status", "download", "isrc", "upc", "disclosure", "folder", "created_at")

    @display(description="Artist")
    def artist(self, release: Release) -> str:
        return release.run.artist.name

    @display(
        description="Status",
        ordering="status",
        label={
            Release.Status.PACKAGED: INFO,
            Release.Status.PUBLISHED: GOOD,
            Release.Status.RECALLED: BAD,
        },
    )
    def status_label(self, release: Release) -> tuple[str, str]:
        return release.status, release.get_status_display()

    @display(description="Bundle")
    def download(self, release: Release) -> SafeString:
        return format_html(
            '<a class="panel-link" href="{}?download=1">Download</a>',
            reverse("artifact", args=[release.bundle_id]),
        )
