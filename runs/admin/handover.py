"""The hand-over page of a release: what is missing, what to paste where, and the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from ai_artist.kit.views import PageViewsMixin, page_view
from runs.errors import ReleaseRefused
from runs.models import Release
from runs.outputs import LyricsOutput
from runs.releasing.audit import audit_zip
from runs.releasing.blockers import DISTRIBUTOR, FEED, Blocker, blockers_of, of_channel
from runs.releasing.ddex import Feed
from runs.releasing.distributor_sheets import distrokid_fields
from runs.releasing.handover import (
    MESSAGE,
    SHEETS,
    delivery_of,
    message_of,
    papers_of,
    with_bundle,
)
from runs.releasing.licences import licences_of
from runs.releasing.sheet import ReleaseSheet, sheet_of
from runs.releasing.specs import Check, checks_of

# Whoever may see the page sees legal names on it.
MAY_HAND_OVER = "runs.operate_run"
MEDIA_TYPES = {".xml": "application/xml", ".csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True)
class Pasted:
    """Something to copy into a form. long: more than a line."""

    name: str
    value: str
    long: bool = False


class HandOverMixin(PageViewsMixin):
    """Views of ReleaseAdmin that hand a release over."""

    @page_view("<uuid:release_id>/hand-over/", MAY_HAND_OVER, methods=("GET",))
    def hand_over_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        """All that a distributor asks for, on one page."""
        with self.refusals_shown(request):
            context = page_context(release, sheet_of(release))
            return self.page(request, "panel/handover.html", opts=self.opts, **context)
        return self._to(release)

    @page_view("<uuid:release_id>/papers/", MAY_HAND_OVER, methods=("GET",))
    def papers_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        """One of the papers with legal names (`file`), or the bundle with all of them."""
        wanted = request.GET.get("file", "")
        with self.refusals_shown(request):
            papers = papers_of(release, sheet_of(release), now=timezone.now())
            if not wanted:
                name = f"{file_stem(release)}-hand-over.zip"
                whole = with_bundle(release, papers)
                return cast(HttpResponse, FileResponse(whole, as_attachment=True, filename=name))
            if wanted not in papers:
                raise Http404("There is no such file.")
            name = wanted.rpartition("/")[2]
            return download(papers[wanted], name, MEDIA_TYPES[name[-4:]])
        return self._to(release)

    @page_view("<uuid:release_id>/audit/", MAY_HAND_OVER, methods=("GET",))
    def audit_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        """The audit export."""
        with self.refusals_shown(request):
            content = audit_zip(release, now=timezone.now())
            return download(content, f"{file_stem(release)}-audit.zip", "application/zip")
        return self._to(release)

    def _to(self, release: Release) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:runs_release_change", args=[release.pk]))


def page_context(release: Release, sheet: ReleaseSheet) -> dict[str, Any]:
    """All that the hand-over page shows."""
    blockers = blockers_of(release, sheet)
    checks, no_files = file_checks(release, sheet)
    return {
        "title": f"Hand over {sheet.full_title}",
        "release": release,
        "sheet": sheet,
        "by_hand": of_channel(blockers, DISTRIBUTOR),
        "by_feed": only_for_feed(blockers),
        "warnings": [part.warning for part in licences_of(release) if part.warning],
        "checks": checks,
        "no_files": no_files,
        "message": message_of(release, sheet, now=timezone.now()),
        "live": Feed.configured().live,
        "pasted": pasted_of(release, sheet),
        "sheets": SHEETS,
        "message_name": MESSAGE,
    }


def download(content: bytes, name: str, media_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def file_stem(release: Release) -> str:
    """Beginning of a download's name."""
    return f"{release.artist.slug}-{slugify(release.title) or 'untitled'}"


def file_checks(release: Release, sheet: ReleaseSheet) -> tuple[list[Check], str]:
    """The rows of the distributors' table, or why the files cannot be judged."""
    if release.status == Release.Status.RECALLED:
        return [], "It was recalled; there is nothing to hand over."
    try:
        return checks_of(release, sheet, delivery_of(release, sheet)), ""
    except ReleaseRefused as error:
        return [], str(error)


def only_for_feed(blockers: list[Blocker]) -> list[Blocker]:
    """What a feed needs besides what every distributor does."""
    return [
        blocker for blocker in of_channel(blockers, FEED) if DISTRIBUTOR not in blocker.channels
    ]


def pasted_of(release: Release, sheet: ReleaseSheet) -> list[Pasted]:
    """What goes into a distributor's form, in its order, and the long texts."""
    pasted = [Pasted(name, value) for name, value in distrokid_fields(sheet)]
    pasted.append(Pasted("AI statement", sheet.disclosure["statement"], long=True))
    instrumentals = {track.position: track.instrumental for track in sheet.tracks}
    for track in release.tracks.select_related("run"):
        words = None if instrumentals[track.position] else track.run.shown_output(LyricsOutput)
        if words:
            of = "" if sheet.is_single else f"Track {track.position}: "
            # Shops refuse headings such as [Verse 1].
            sections = ("\n".join(section.lines) for section in words.lyrics.sections)
            pasted.append(Pasted(f"{of}Lyrics", "\n\n".join(sections), long=True))
    return pasted
