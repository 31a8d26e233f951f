"""Admin of release bundles; a person says when one is out, or takes it back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
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
from ai_artist.kit.views import PageViewsMixin, page_view
from media_tools.foreign import clean_text
from runs.errors import ReleaseRefused
from runs.models import Release, Run, RunEvent
from runs.presentation import card, with_card_rows
from runs.releasing.certificate import signer_in_words
from runs.releasing.checklist import checklist_of
from runs.releasing.releases import publish, recall_release, set_codes
from runs.reviewing.forms import CodesForm, PublishForm

STATUS_TONES = {
    Release.Status.PACKAGED: INFO,
    Release.Status.PUBLISHED: GOOD,
    Release.Status.RECALLED: BAD,
}
# Events of a run that tell of its release.
OF_RELEASES = (
    RunEvent.Kind.PACKAGED,
    RunEvent.Kind.PUBLISHED,
    RunEvent.Kind.CODES,
    RunEvent.Kind.RECALLED,
)
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
class ReleaseAdmin(LongListMixin, ReadOnlyMixin, PageContextMixin, PageViewsMixin, ModelAdmin):
    refusals = (ReleaseRefused,)
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
            "signer": signer_in_words(now=timezone.now()),
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

    # --- What a person does with it ---

    @page_view("<uuid:release_id>/codes/", "runs.operate_run")
    def codes_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        form = CodesForm(request.POST)
        if not form.is_valid():
            # The page again, with what was typed and what is wrong with it.
            context = {**self.page_context(request, release), "codes": form}
            return self.page(
                request,
                "panel/release.html",
                status=400,
                opts=self.opts,
                original=release,
                **context,
            )
        with self.refusals_shown(request):
            set_codes(
                run_id=release.run_id,
                **form.cleaned_data,
                actor=actor(request),
                now=timezone.now(),
            )
            self.message_user(request, "The codes are kept.", messages.SUCCESS)
        return self._to(release)

    @page_view("<uuid:release_id>/publish/", "runs.operate_run", methods=("GET", "POST"))
    def publish_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        """Asks first, with the checklist and the codes; a confirmed post publishes."""
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
            return self.page(
                request,
                "panel/publish.html",
                status=400 if form.is_bound else 200,
                title=f"Publish {release.run.title}?",
                opts=self.opts,
                release=release,
                form=form,
                checklist=checklist_of(release.run, codes),
            )
        with self.refusals_shown(request):
            publish(
                run_id=release.run_id,
                actor=actor(request),
                now=timezone.now(),
                isrc=form.cleaned_data["isrc"],
                upc=form.cleaned_data["upc"],
            )
            self.message_user(request, "Noted as published.", messages.SUCCESS)
        return self._to(release)

    @page_view("<uuid:release_id>/recall/", "runs.operate_run")
    def recall_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        with self.refusals_shown(request):
            recall_release(
                run_id=release.run_id,
                reason=clean_text(request.POST.get("reason", "")),
                actor=actor(request),
                now=timezone.now(),
            )
            self.message_user(request, "Recalled.", messages.SUCCESS)
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
