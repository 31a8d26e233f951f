"""Admin of releases: what is missing, what is told of them, and their way out and back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import action, display

from ai_artist.kit.admin import (
    BAD,
    GOOD,
    INFO,
    PLAIN,
    LongListMixin,
    PageContextMixin,
    ReadOnlyMixin,
    Way,
    actor,
    back,
    column,
)
from ai_artist.kit.hexadecimal import uuid_in
from ai_artist.kit.values import DASH, counted, day, facts, minutes, words
from ai_artist.kit.views import page_view
from artists.models import Artist
from media_tools.foreign import clean_text, digits
from media_tools.provenance import COMPOSITE, MADE_BY_PEOPLE, digital_source_type
from media_tools.records import Unreadable
from runs.admin.handover import HandOverMixin
from runs.admin.listening import PreviewsMixin, previews_context
from runs.admin.outgoing import OutgoingMixin, outgoing_context
from runs.admin.publications import MAY_PUBLISH
from runs.admin.release_forms import AlbumForm, PublishForm, ReleaseForms, credits_in_words
from runs.audience.earnings import balance_of_runs
from runs.errors import PreviewRefused, ReleaseRefused, StoreTrouble
from runs.models import Artifact, LabelProfile, Packing, Release, Run, RunEvent, Track
from runs.presentation import card, release_pictures, thumbnail, with_card_rows
from runs.publishing.recall import recall_release
from runs.releasing import albums, covers
from runs.releasing.blockers import CHANNELS, Blocker, blockers_of, of_channel
from runs.releasing.checklist import checklist_of
from runs.releasing.codes import releases_with_code
from runs.releasing.editing import edit_release
from runs.releasing.file_marks import BundleMarks, marks_of
from runs.releasing.iso import country_name, language_name
from runs.releasing.releases import draw_codes, outdated_values, package_soon, publish
from runs.releasing.sheet import ReleaseSheet, cover_of, sheet_of

STATUS_TONES = {
    Release.Status.DRAFT: PLAIN,
    Release.Status.READY: INFO,
    Release.Status.PUBLISHED: GOOD,
    Release.Status.RECALLED: BAD,
}
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
# How a file was made, by IPTC's address.
SOURCES = {
    digital_source_type("algorithm"): "by an algorithm",
    digital_source_type("ai"): "by a generative model",
    digital_source_type("ai", mixed=True): "in part by a generative model",
    digital_source_type("algorithm", mixed=True): "by algorithms and people",
    MADE_BY_PEOPLE: "by people",
    COMPOSITE: "not declared",
}
WATERMARKS = {True: "yes", False: "no", None: DASH}
EVENTS_SHOWN = 20
# Longer tables are folded: an EP has a hundred files.
MARKS_SHOWN = 12


class MissingFilter(DropdownFilter):
    """Releases that lack something."""

    title = "missing"
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("bundle", "Bundle"),
            ("isrc", "ISRC"),
            ("upc", "UPC or EAN"),
            ("label", "Label"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "label":
            return queryset.filter(label_missing())
        missing = {
            "bundle": Q(bundle=None),
            "isrc": Q(pk__in=Track.objects.filter(isrc="").values("release")),
            "upc": Q(upc=""),
        }
        return queryset.filter(missing.get(str(self.value()), Q()))


def label_missing() -> Q:
    """Releases that name no label, and whose profile names none."""
    default = LabelProfile.objects.filter(is_default=True).first()
    missing = Q(profile__label="")
    return Q(label="") & (missing if default and default.label else missing | Q(profile=None))


@admin.register(Release)
class ReleaseAdmin(
    LongListMixin,
    ReadOnlyMixin,
    PageContextMixin,
    HandOverMixin,
    OutgoingMixin,
    PreviewsMixin,
    ModelAdmin,
):
    empty_words = "Approve a run at the review desk: its release is made by itself."
    empty_way = Way("Open the review desk", "desk", "runs.review_run")
    refusals = (ReleaseRefused, PreviewRefused, Unreadable)
    change_form_template = "panel/release.html"
    list_before_template = "panel/release_list_head.html"
    list_display = ("cover_shown", "name", "artist", "kind", "status_label", "missing", "made")
    list_display_links = ("name",)
    list_select_related = ("artist", "cover")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        MissingFilter,
        ("kind", ChoicesDropdownFilter),
        ("artist", AutocompleteSelectFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    sortable_by = ("name", "made")
    search_fields = ("title", "artist__name")
    search_help_text = "Title, artist or code"
    actions = ("draw_codes_of_selected",)

    # --- The list ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        releases: QuerySet[Release] = super().get_queryset(request)
        return releases.prefetch_related("tracks")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if coded := releases_with_code(search_term):
            return queryset.filter(pk__in=coded), False
        return super().get_search_results(request, queryset, search_term)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may = {"may_operate": request.user.has_perm("runs.operate_run")}
        answer: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **may})
        return answer

    def with_row_extras(self, rows: QuerySet[Release]) -> list[Release]:
        releases = list(rows)
        pictures, unlabelled = release_pictures(releases), unlabelled_of(releases)
        for release in releases:
            release.picture_id = pictures.get(release.pk)  # type: ignore[attr-defined]
            release.lacks_label = release.pk in unlabelled  # type: ignore[attr-defined]
        return releases

    @display(description="Cover")
    def cover_shown(self, release: Release) -> SafeString:
        return thumbnail(release.picture_id)  # type: ignore[attr-defined]

    @display(description="Title", ordering="title")
    def name(self, release: Release) -> str:
        return release.title or f"Untitled {str(release.pk)[:8]}"

    @display(description="Status", ordering="status", label=STATUS_TONES)
    def status_label(self, release: Release) -> tuple[str, str]:
        return release.status, release.get_status_display()

    @display(description="Missing")
    def missing(self, release: Release) -> str:
        lacks = {
            "bundle": release.bundle_id is None,
            "ISRC": any(not track.isrc for track in release.tracks.all()),
            "UPC": not release.upc,
            "label": release.lacks_label,  # type: ignore[attr-defined]
        }
        return ", ".join(name for name, lacking in lacks.items() if lacking) or DASH

    made = column("created_at", day, "Made")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("runs.operate_run"))

    @action(description="Draw missing codes", permissions=["operate"])
    def draw_codes_of_selected(self, request: HttpRequest, releases: QuerySet[Release]) -> None:
        drawn = 0
        for release_id in releases.order_by("created_at", "pk").values_list("pk", flat=True):
            with self.refusals_shown(request):
                draw_codes(release_id=release_id, actor=actor(request), now=timezone.now())
                drawn += 1
        if drawn:
            self.message_user(
                request, f"New codes for {counted(drawn, 'release')}.", messages.SUCCESS
            )

    # --- A release's page ---

    def page_object(self, request: HttpRequest, object_id: str) -> Release | None:
        try:
            return release_row(uuid.UUID(object_id))
        except ValueError:
            return None

    def page_context(self, request: HttpRequest, release: Release) -> dict[str, Any]:
        """All that a release's page shows."""
        # Only here: what reads certificates takes 40 ms of every command's start.
        from runs.releasing.signing import signer_in_words

        may = self.has_operate_permission(request)
        unpublished = release.status in Release.UNPUBLISHED
        recalled = release.status == Release.Status.RECALLED
        open_album = unpublished and not release.is_single
        tracks = list(release.tracks.select_related("run"))
        runs = {run.pk: run for run in with_card_rows(runs_of(tracks))}
        context = {
            "title": release.title,
            "release": release,
            "tone": STATUS_TONES[Release.Status(release.status)],
            "cover": cover_of(release),
            "cards": [card(runs[track.run_id]) for track in tracks],
            "forms": ReleaseForms(release),
            "packing": Packing.objects.failing().filter(release=release).first(),
            "outdated": [] if unpublished else outdated_of(release),
            "recalled": recalled,
            "may_edit": may and not recalled,
            "may_publish": may and unpublished and release.bundle_id is not None,
            "may_hand_over": may,
            "may_recall": may and not recalled and release.bundle_id is not None,
            "may_arrange": may and open_album,
            "may_redraw": may and unpublished,
            "songs": songs_of(release) if may and open_album else [],
            "events": events_of(release),
            **previews_context(request, release),
            **outgoing_context(release, may_publish=request.user.has_perm(MAY_PUBLISH)),
            "balance": balance_of_runs(list(runs)),
            "signer": signer_in_words(now=timezone.now()),
        }
        try:
            sheet = sheet_of(release)
            marks = marks_of(release)
        except Unreadable as error:
            # Nothing can be said of it, but the page opens.
            return {**context, "unreadable": str(error)}
        blockers = blockers_of(release, sheet)
        return {
            **context,
            "sheet": sheet,
            "marks": marks_shown(marks),
            "marks_folded": len(marks.files) > MARKS_SHOWN,
            "signer_unknown": any(mark.signer and not mark.signer_known for mark in marks.files),
            "facts": facts_of(sheet) if may else [],
            "channels": channels_of(blockers) if unpublished else [],
            "complete": not blockers,
            "checklist": checklist_of(sheet),
            **disclosure_shown(release.disclosure or sheet.disclosure),
        }

    # --- What a person does with it ---

    @page_view("<uuid:release_id>/edit/", "runs.operate_run")
    def edit_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        forms = ReleaseForms(release, request.POST)
        if not forms.is_valid():
            return self._again(request, release, forms=forms)
        try:
            changed = edit_release(
                release_id=release.pk,
                edit=forms.edit(),
                actor=actor(request),
                now=timezone.now(),
            )
        except ReleaseRefused as error:
            # What was typed stays on the page, so that one code can be corrected.
            forms.main.add_error(None, ValidationError(str(error)))
            return self._again(request, release, forms=forms)
        said = "Kept." if changed else "Nothing was changed."
        self.message_user(request, said, messages.SUCCESS)
        return self._to(release)

    @page_view("<uuid:release_id>/draw-codes/", "runs.operate_run")
    def draw_codes_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        with self.refusals_shown(request):
            draw_codes(release_id=release.pk, actor=actor(request), now=timezone.now())
            self.message_user(request, "The codes are drawn.", messages.SUCCESS)
        return self._to(release)

    @page_view("<uuid:release_id>/package/", "runs.operate_run")
    def package_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        """Another try of a bundle that could not be made, or a new one in place of an old one."""
        if Packing.objects.failing().filter(release=release).exists() or outdated_of(release):
            package_soon(release, now=timezone.now())
            self.message_user(request, "The bundle is made again now.", messages.SUCCESS)
        else:
            self.message_user(request, "The bundle of this release is as it shall be.")
        return back(request, self._to(release)["Location"])

    @page_view("<uuid:release_id>/cover/", "runs.operate_run")
    def cover_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        """Takes the cover of the song in `run`, or draws one."""
        who, now = actor(request), timezone.now()
        with self.refusals_shown(request):
            if run_id := uuid_in(request.POST.get("run", "")):
                covers.choose_cover(release_id=release.pk, run_id=run_id, actor=who, now=now)
            else:
                covers.draw_cover(release_id=release.pk, actor=who, now=now)
            self.message_user(request, "The release has another cover.", messages.SUCCESS)
        return self._to(release)

    @page_view("<uuid:release_id>/arrange/", "runs.operate_run")
    def arrange_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        with self.refusals_shown(request):
            albums.arrange(
                release_id=release.pk,
                run_ids=numbered_runs(request.POST),
                actor=actor(request),
                now=timezone.now(),
            )
            self.message_user(request, "The tracks are in this order now.", messages.SUCCESS)
        return self._to(release)

    @page_view("<uuid:release_id>/take-apart/", "runs.operate_run")
    def take_apart_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        with self.refusals_shown(request):
            albums.take_apart(release_id=release.pk, actor=actor(request), now=timezone.now())
            self.message_user(request, "Taken apart; its songs stay.", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:runs_release_changelist"))
        return self._to(release)

    @page_view("album/", "runs.operate_run", methods=("GET", "POST"))
    def album_view(self, request: HttpRequest) -> HttpResponse:
        """Approved songs of an artist (`artist`) to choose from; a post makes an EP or album."""
        artist_id = digits(request.GET.get("artist", ""))
        artist = Artist.objects.filter(pk=artist_id).first() if artist_id is not None else None
        form = AlbumForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            order = albums.AlbumOrder(
                kind=form.cleaned_data["kind"],
                title=form.cleaned_data["title"],
                run_ids=numbered_runs(request.POST),
            )
            try:
                made = albums.make_album(order, actor=actor(request), now=timezone.now())
            except ReleaseRefused as error:
                form.add_error(None, ValidationError(str(error)))
            else:
                self.message_user(request, "Made; this is its page.", messages.SUCCESS)
                return self._to(made)
        return self.page(
            request,
            "panel/new_album.html",
            status=400 if form.is_bound else 200,
            title="Make an EP or album",
            opts=self.opts,
            artist=artist,
            artists=artists_with_songs() if artist is None else [],
            songs=songs_shown(albums.runs_for_albums(artist), {}, request.POST) if artist else [],
            form=form,
        )

    @page_view("<uuid:release_id>/publish/", "runs.operate_run", methods=("GET", "POST"))
    def publish_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        """Asks first, with the checklist and the codes; a confirmed post publishes."""
        if release.status not in Release.UNPUBLISHED or release.bundle_id is None:
            self.message_user(
                request,
                f"It is {release.get_status_display().lower()}; only a release with a bundle that "
                "is not out is published.",
                messages.ERROR,
            )
            return self._to(release)
        first = release.tracks.all()[:1]
        initial = {"upc": release.upc, "isrc": first[0].isrc if first else ""}
        form = PublishForm(request.POST if request.method == "POST" else None, initial=initial)
        if not release.is_single:
            del form.fields["isrc"]
        if form.is_valid():
            try:
                publish(
                    release_id=release.pk,
                    actor=actor(request),
                    now=timezone.now(),
                    isrc=form.cleaned_data.get("isrc", ""),
                    upc=form.cleaned_data["upc"],
                )
            except ReleaseRefused as error:
                form.add_error(None, ValidationError(str(error)))
            else:
                self.message_user(request, "Noted as published.", messages.SUCCESS)
                return self._to(release)
        checklist: list[tuple[bool, str]] = []
        with self.refusals_shown(request):
            checklist = checklist_of(sheet_of(release))
        return self.page(
            request,
            "panel/publish.html",
            status=400 if form.is_bound else 200,
            title=f"Publish {release.title}?",
            opts=self.opts,
            release=release,
            form=form,
            checklist=checklist,
        )

    @page_view("<uuid:release_id>/recall/", "runs.operate_run")
    def recall_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        with self.refusals_shown(request):
            recall_release(
                release_id=release.pk,
                reason=clean_text(request.POST.get("reason", "")),
                actor=actor(request),
                now=timezone.now(),
            )
            self.message_user(request, "Recalled.", messages.SUCCESS)
        return self._to(release)

    def _again(self, request: HttpRequest, release: Release, **shown: Any) -> HttpResponse:
        """The page once more, with what was typed and what is wrong with it."""
        whole = release_row(release.pk) or release
        context = {**self.page_context(request, whole), **shown}
        return self.page(
            request,
            "panel/release.html",
            status=400,
            opts=self.opts,
            original=release,
            **context,
        )


def outdated_of(release: Release) -> list[str]:
    """What the bundle tells otherwise, as far as it can be read now."""
    try:
        return outdated_values(release)
    except StoreTrouble:
        return []


def release_row(release_id: uuid.UUID) -> Release | None:
    """A release with the rows its page needs."""
    rows = Release.objects.select_related("artist", "profile", "cover", "bundle")
    return rows.filter(pk=release_id).first()


def runs_of(tracks: Sequence[Track]) -> QuerySet[Run]:
    return Run.objects.filter(pk__in=[track.run_id for track in tracks])


def events_of(release: Release) -> QuerySet[RunEvent]:
    """Its lines in the log of its first song; those of the others say the same."""
    first = release.tracks.values("run")[:1]
    events = RunEvent.objects.filter(release=release, run__in=first).select_related("actor")
    return events.order_by("-at", "-pk")[:EVENTS_SHOWN]


def unlabelled_of(releases: Sequence[Release]) -> set[uuid.UUID]:
    """Ids of the releases without a label."""
    rows = Release.objects.filter(label_missing(), pk__in=[release.pk for release in releases])
    return set(rows.values_list("pk", flat=True))


def channels_of(blockers: Sequence[Blocker]) -> list[tuple[str, list[Blocker]]]:
    """(channel in words, what keeps the release from it)."""
    return [(name, of_channel(list(blockers), channel)) for channel, name in CHANNELS.items()]


def facts_of(sheet: ReleaseSheet) -> list[tuple[str, str]]:
    """What shops are told, after all defaults."""
    places = ", ".join(country_name(code) or code for code in sheet.territories)
    genre = " / ".join(filter(None, (sheet.genre, sheet.sub_genre)))
    facts = [
        ("Artist", sheet.artist),
        ("Label", sheet.label),
        ("(P) line", f"℗ {sheet.p_line}" if sheet.p_line else ""),
        ("(C) line", f"© {sheet.c_line}" if sheet.c_line else ""),
        ("Release date", sheet.release_date.isoformat() if sheet.release_date else ""),
        ("Genre", genre),
        ("Language", language_name(sheet.language) or sheet.language),
        ("Territories", places),
        ("Recorded in", country_name(sheet.recording_country)),
        ("Writers and producers", credits_in_words(sheet.credits)),
        ("Explicit", "yes" if sheet.explicit else "no"),
    ]
    return [(name, value or DASH) for name, value in facts]


def disclosure_shown(disclosure: Mapping[str, Any]) -> dict[str, Any]:
    """A disclosure as a page shows it."""
    stores = disclosure.get("stores", {})
    return {
        "statement": disclosure.get("statement", ""),
        "parts": parts_of(disclosure),
        "vocals": disclosure.get("vocals", ""),
        "footage": disclosure.get("footage", []),
        "apple_tags": [
            tag.replace("_", " ") for tag in stores.get("apple_music_transparency_tags", [])
        ],
        "synthetic": {
            "YouTube: altered or synthetic content": stores.get("youtube_contains_synthetic_media"),
            "TikTok: AI-generated content": stores.get("tiktok_is_aigc"),
        },
        "whole_disclosure": facts(disclosure),
    }


def parts_of(disclosure: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(part, how it was made, with what) of a release, in words."""
    rows = []
    for name, part in disclosure.get("contributions", {}).items():
        made = EXTENTS.get(part["extent"], part["extent"])
        if part["extent"] in ("full", "partial"):
            made = f"{made} {MAKERS.get(part['made_by'], part['made_by'])}"
        rows.append((PARTS.get(name, words(name)), made, part["tools"]))
    return rows


def marks_shown(marks: BundleMarks) -> list[tuple[str, str, str, str]]:
    """(file, how it was made, who signed it, whether it has the watermark) in words."""
    return [
        (
            mark.name,
            SOURCES.get(mark.source_type, mark.source_type.rpartition("/")[2]),
            mark.signer or mark.signature.label,
            WATERMARKS[mark.watermark],
        )
        for mark in marks.files
    ]


# --- Songs of an EP or album ---


def songs_of(release: Release) -> list[dict[str, Any]]:
    """The songs of an EP or album in their order, and those that could come to it."""
    numbers = dict(release.tracks.values_list("run_id", "position"))
    present = sorted(Run.objects.filter(pk__in=numbers), key=lambda run: numbers[run.pk])
    return songs_shown([*present, *albums.runs_for_albums(release.artist)], numbers, {})


def songs_shown(
    runs: Sequence[Run], numbers: Mapping[uuid.UUID, int], typed: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Rows of songs with their numbers, as they were typed or as they are."""
    thumbs = Artifact.objects.current().filter(
        run__in=runs, kind=Artifact.Kind.THUMBNAIL, purged_at=None
    )
    pictures = dict(thumbs.values_list("run_id", "pk"))
    return [
        {
            "run": run,
            "thumbnail": thumbnail(pictures.get(run.pk)),
            "length": minutes(run.duration_s),
            "number": typed.get(f"number-{run.pk}", numbers.get(run.pk, "")),
        }
        for run in runs
    ]


def numbered_runs(posted: Mapping[str, Any]) -> list[uuid.UUID]:
    """Ids of the songs that were given a number, in the order of the numbers."""
    numbered: list[tuple[int, int, uuid.UUID]] = []
    for name, value in posted.items():
        run_id = uuid_in(name.removeprefix("number-")) if name.startswith("number-") else None
        number = digits(str(value).strip())
        if run_id and number:
            numbered.append((number, len(numbered), run_id))
    return [run_id for _, _, run_id in sorted(numbered)]


def artists_with_songs() -> QuerySet[Artist]:
    """Artists that have at least one approved song."""
    approved = Run.objects.filter(status__in=Run.KEPT)
    return Artist.objects.filter(pk__in=approved.values("artist")).order_by("name")[:500]
