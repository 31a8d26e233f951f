"""Admin of release bundles; a person says when one is out, or takes it back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from runs.errors import ReleaseRefused
from runs.models import Release
from runs.releases import publish, recall_release
from trends.panel import (
    BAD,
    GOOD,
    INFO,
    LongListMixin,
    ReadOnlyMixin,
    actor,
)


@admin.register(Release)
class ReleaseAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    change_form_outer_before_template = "panel/release.html"
    list_display = ("run", "artist", "status_label", "isrc", "upc", "download", "created_at")
    list_select_related = ("run__artist", "bundle")
    list_filter = (("status", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    search_fields = ("run__title", "isrc", "upc")
    readonly_fields = ("download", "statement", "whole_disclosure")
    fields = (
        "run",
        "status",
        "download",
        ("isrc", "upc"),
        "statement",
        "whole_disclosure",
        "folder",
        ("created_at", "published_at", "recalled_at"),
        "recall_reason",
    )

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

    @display(description="Disclosure")
    def statement(self, release: Release) -> str:
        return str(release.disclosure.get("statement", "–"))

    @display(description="In full")
    def whole_disclosure(self, release: Release) -> SafeString:
        """As in the bundle; it wraps on a phone, which Django's own JSON does not."""
        text = json.dumps(release.disclosure, indent=2, ensure_ascii=False)
        return format_html('<div class="panel"><pre class="panel-text">{}</pre></div>', text)

    def get_urls(self) -> list[URLPattern]:
        def post(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(require_POST(view))  # type: ignore[no-any-return]

        return [
            path(
                "<uuid:release_id>/publish/", post(self.publish_view), name="runs_release_publish"
            ),
            path("<uuid:release_id>/recall/", post(self.recall_view), name="runs_release_recall"),
            *super().get_urls(),
        ]

    def publish_view(self, request: HttpRequest, release_id: uuid.UUID) -> HttpResponse:
        def work(release: Release) -> str:
            publish(
                run_id=release.run_id,
                actor=actor(request),
                now=timezone.now(),
                isrc=request.POST.get("isrc", ""),
                upc=request.POST.get("upc", ""),
            )
            return "Noted as published."

        return self._answer(request, release_id, work)

    def recall_view(self, request: HttpRequest, release_id: uuid.UUID) -> HttpResponse:
        def work(release: Release) -> str:
            recall_release(
                run_id=release.run_id,
                reason=request.POST.get("reason", ""),
                actor=actor(request),
                now=timezone.now(),
            )
            return "Recalled."

        return self._answer(request, release_id, work)

    def _answer(
        self, request: HttpRequest, release_id: uuid.UUID, work: Callable[[Release], str]
    ) -> HttpResponse:
        """Do the work for who may operate runs, and tell what came of it on the release's page."""
        if not request.user.has_perm("runs.operate_run"):
            raise PermissionDenied
        release = Release.objects.filter(pk=release_id).first()
        if release is None:
            return HttpResponseRedirect(reverse("admin:runs_release_changelist"))
        try:
            self.message_user(request, work(release), messages.SUCCESS)
        except ReleaseRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        return HttpResponseRedirect(reverse("admin:runs_release_change", args=[release_id]))
