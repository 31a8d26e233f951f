"""Admin of release bundles; a person says when one is out, or takes it back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from ai_artist.kit.admin import (
    BAD,
    GOOD,
    INFO,
    LongListMixin,
    PageContextMixin,
    ReadOnlyMixin,
    actor,
)
from media_tools.foreign import clean_text
from runs.errors import ReleaseRefused
from runs.models import Release, Run
from runs.presentation import card, with_card_rows
from runs.releasing.checklist import checklist_of
from runs.releasing.releases import publish, recall_release, set_codes
from runs.reviewing.forms import CodesForm, PublishForm

STATUS_TONES = {
    Release.Status.PACKAGED: INFO,
    Release.Status.PUBLISHED: GOOD,
    Release.Status.RECALLED: BAD,
}
# Events of a run that tell of its release.
OF_RELEASES = ("packaged", "published", "codes", "recalled")
MAKERS = {
    "generative model": "a generative model",
    "algorithm": "an algorithm",
    "person": "a person",
}
# How much of a part a machine made, as the disclosure tells it.
EXTENTS = {
    "none": "by no machine",
    "partial": "in part by",
    "full": "by",
    "undeclared": "not declared",
}
PARTS = {
    "composition": "Composition",
    "instruments": "Instruments",
    "vocals": "Vocals",
    "lyrics": "Lyrics",
    "post_production": "Mastering",
    "artwork": "Cover",
    "video": "Video",
}


@admin.register(Release)
class ReleaseAdmin(LongListMixin, ReadOnlyMixin, PageContextMixin, ModelAdmin):
    change_form_template = "panel/release.html"
    list_display = ("run", "artist", "status_label", "isrc", "upc", "download", "created_at")
    list_select_related = ("run__artist", "bundle")
    list_filter = (("status", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    search_fields = ("run__title", "isrc", "upc")

    @display(description="Artist")
    def artist(self, release: Release) -> str:
        return release.run.artist.name

    @display(
        description="Status",
        ordering="status",
        label=STATUS_TONES,
    )
    def status_label(self, release: Release) -> tuple[str, str]:
        return release.status, release.get_status_display()

    @display(description="Bundle")
    def download(self, release: Release) -> SafeString:
        return format_html(
            '<a class="panel-link" href="{}?download=1">Download</a>',
            reverse("artifact", args=[release.bundle_id]),
        )

    def get_urls(self) -> list[URLPattern]:
        def at(name: str, view: Callable[..., HttpResponse], *methods: str) -> URLPattern:
            guarded = self.admin_site.admin_view(require_http_methods(methods)(view))
            pattern: URLPattern = path(
                f"<uuid:release_id>/{name}/", guarded, name=f"runs_release_{name}"
            )
            return pattern

        return [
            at("publish", self.publish_view, "GET", "POST"),
            at("codes", self.codes_view, "POST"),
            at("recall", self.recall_view, "POST"),
            *super().get_urls(),
        ]

    # --- A release's page ---

    def page_object(self, request: HttpRequest, object_id: str) -> Release | None:
        try:
            return Release.objects.select_related("bundle").filter(pk=uuid.UUID(object_id)).first()
        except ValueError:
            return None

    def page_context(self, request: HttpRequest, release: Release) -> dict[str, Any]:
        """All that a release's page shows."""
        run = with_card_rows(Run.objects.filter(pk=release.run_id)).get()
        stores = release.disclosure.get("stores", {})
        codes = {"isrc": release.isrc, "upc": release.upc}
        may = request.user.has_perm("runs.operate_run")
        return {
            "title": run.title,
            "release": release,
            "run": run,
            "card": card(run),
            "tone": STATUS_TONES[Release.Status(release.status)],
            "checklist": checklist_of(run, codes),
            "codes": CodesForm(initial=codes),
            "may_edit": may and release.status != Release.Status.RECALLED,
            "may_publish": may and release.status == Release.Status.PACKAGED,
            "statement": release.disclosure.get("statement", ""),
            "parts": parts_of(release.disclosure),
            "vocals": release.disclosure.get("vocals", ""),
            "footage": release.disclosure.get("footage", []),
            "apple_tags": [
                tag.replace("_", " ") for tag in stores.get("apple_music_transparency_tags", [])
            ],
            "synthetic": {
                "YouTube: altered or synthetic content": stores.get(
                    "youtube_contains_synthetic_media"
                ),
                "TikTok: AI-generated content": stores.get("tiktok_is_aigc"),
            },
            "whole_disclosure": json.dumps(release.disclosure, indent=2, ensure_ascii=False),
            "events": run.events.filter(kind__in=OF_RELEASES)
            .select_related("actor")
            .order_by("-at", "-pk")[:20],
        }

    def _page(self, request: HttpRequest, release: Release, form: CodesForm) -> HttpResponse:
        """The page again, with what was typed and what is wrong with it."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": release,
            **self.page_context(request, release),
            "codes": form,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "panel/release.html", context, status=400)

    # --- What a person does with it ---

    def codes_view(self, request: HttpRequest, release_id: uuid.UUID) -> HttpResponse:
        release = self._operable(request, release_id)
        form = CodesForm(request.POST)
        if not form.is_valid():
            return self._page(request, release, form)

        def work() -> str:
            set_codes(
                run_id=release.run_id,
                **form.cleaned_data,
                actor=actor(request),
                now=timezone.now(),
            )
            return "The codes are kept."

        return self._answer(request, release, work)

    def publish_view(self, request: HttpRequest, release_id: uuid.UUID) -> HttpResponse:
        """Asks first, with the checklist and the codes; a confirmed post publishes."""
        release = self._operable(request, release_id)
        if release.status != Release.Status.PACKAGED:
            self.message_user(
                request,
                f"It is {release.get_status_display().lower()}; only a packaged one is published.",
                messages.ERROR,
            )
            return self._to(release)
        codes = {"isrc": release.isrc, "upc": release.upc}
        form = PublishForm(request.POST if request.method == "POST" else None, initial=codes)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": f"Publish {release.run.title}?",
                "opts": self.opts,
                "release": release,
                "form": form,
                "checklist": checklist_of(release.run, codes),
            }
            request.current_app = self.admin_site.name
            status = 400 if form.is_bound else 200
            return TemplateResponse(request, "panel/publish.html", context, status=status)

        def work() -> str:
            publish(
                run_id=release.run_id,
                actor=actor(request),
                now=timezone.now(),
                isrc=form.cleaned_data["isrc"],
                upc=form.cleaned_data["upc"],
            )
            return "Noted as published."

        return self._answer(request, release, work)

    def recall_view(self, request: HttpRequest, release_id: uuid.UUID) -> HttpResponse:
        release = self._operable(request, release_id)

        def work() -> str:
            recall_release(
                run_id=release.run_id,
                reason=clean_text(request.POST.get("reason", "")),
                actor=actor(request),
                now=timezone.now(),
            )
            return "Recalled."

        return self._answer(request, release, work)

    def _operable(self, request: HttpRequest, release_id: uuid.UUID) -> Release:
        """The release, for who may operate runs."""
        if not request.user.has_perm("runs.operate_run"):
            raise PermissionDenied
        return get_object_or_404(
            Release.objects.select_related("run__artist", "bundle"), pk=release_id
        )

    def _answer(
        self, request: HttpRequest, release: Release, work: Callable[[], str]
    ) -> HttpResponse:
        """Do the work, and tell what came of it on the release's page."""
        try:
            self.message_user(request, work(), messages.SUCCESS)
        except ReleaseRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        return self._to(release)

    def _to(self, release: Release) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:runs_release_change", args=[release.pk]))


def parts_of(disclosure: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(part, how it was made, with what) of a release, in words."""
    rows = []
    for name, part in disclosure.get("contributions", {}).items():
        made = EXTENTS.get(part["extent"], part["extent"])
        if part["extent"] in ("full", "partial"):
            made = f"{made} {MAKERS.get(part['made_by'], part['made_by'])}"
        rows.append((PARTS.get(name, name.replace("_", " ").capitalize()), made, part["tools"]))
    return rows
