"""Admin of publications: how each stands, what proves it, and what only a person can do."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import action, display

from ai_artist.kit.admin import (
    BAD,
    GOOD,
    INFO,
    PLAIN,
    WARN,
    LongListMixin,
    PageContextMixin,
    ReadOnlyMixin,
    Way,
    back,
)
from ai_artist.kit.values import DASH, moment
from ai_artist.kit.views import PageViewsMixin, page_view
from runs.admin import calendar_page
from runs.admin.release_forms import CodeField, LineField
from runs.errors import PublishingRefused
from runs.models import Publication
from runs.publishing import by_hand, calendar, planning, recall, resolving
from runs.publishing.channels import KINDS
from runs.releasing.codes import checked_isrc, checked_upc
from runs.releasing.releases import CodeChanges

Status = Publication.Status
TONES: dict[str, str] = {
    Status.PLANNED: INFO,
    Status.DUE: INFO,
    Status.SENDING: INFO,
    Status.PROCESSING: INFO,
    Status.UNKNOWN: WARN,
    Status.LIVE: GOOD,
    Status.NEEDS_PERSON: WARN,
    Status.FAILED: BAD,
    Status.CANCELLED: PLAIN,
    Status.RECALLING: WARN,
    Status.RECALLED: PLAIN,
    Status.RECALL_UNPROVEN: BAD,
}
MAY_PUBLISH = "runs.publish_release"


class MoveForm(forms.Form):
    """Another time for a publication, in the site's time zone."""

    to = forms.DateTimeField(
        label="Public at",
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "panel-input"}, format="%Y-%m-%dT%H:%M"
        ),
    )


class OutForm(forms.Form):
    """What a person says of something they handed over."""

    address = LineField(longest=1000, help_text="Of its page there; empty if it has none yet.")
    upc = CodeField(checked_upc, label="UPC or EAN", help_text="If the distributor gave one.")
    isrc = CodeField(checked_isrc, label="ISRC", help_text="If the distributor gave one.")


class WordsForm(forms.Form):
    """How a person knows that something is gone."""

    words = LineField(longest=300, required=True, label="How do you know?")


class FoundForm(forms.Form):
    """What became of a sending whose answer was lost."""

    external_id = LineField(
        longest=200, label="Its id there", help_text="Empty: it never arrived, and is sent again."
    )


@admin.register(Publication)
class PublicationAdmin(LongListMixin, ReadOnlyMixin, PageContextMixin, PageViewsMixin, ModelAdmin):
    empty_words = "Plan an approved release on a channel: its page has the button."
    empty_way = Way("See the releases", "runs_release_changelist", "runs.view_release")
    refusals = (PublishingRefused,)
    change_form_template = "panel/publication.html"
    list_before_template = "panel/publication_list_head.html"
    list_display = ("song", "channel", "part", "status_label", "public_at", "note")
    list_select_related = ("release__artist", "channel")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("channel", AutocompleteSelectFilter),
        ("release__artist", AutocompleteSelectFilter),
        ("part", ChoicesDropdownFilter),
        ("due_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    sortable_by = ("public_at",)
    search_fields = ("release__title",)
    search_help_text = "Title of the release"
    ordering = ("-due_at", "-pk")
    actions = ("try_again", "cancel_selected")

    # --- The list ---

    @display(description="Release", ordering="release__title")
    def song(self, publication: Publication) -> str:
        release = publication.release
        return f"{release.artist.name}: {release.title}"

    @display(description="State", ordering="status", label=TONES)
    def status_label(self, publication: Publication) -> tuple[str, str]:
        return publication.status, publication.get_status_display()

    @display(description="Public", ordering="due_at")
    def public_at(self, publication: Publication) -> str:
        at = publication.live_at or publication.due_at
        return moment(at)

    @display(description="Note")
    def note(self, publication: Publication) -> str:
        return publication.reason or publication.url or DASH

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(MAY_PUBLISH))

    @action(description="Try again", permissions=["publish"])
    def try_again(self, request: HttpRequest, rows: QuerySet[Publication]) -> None:
        self._each(request, rows, resolving.retry, "tried again")

    @action(description="Cancel what is not sent", permissions=["publish"])
    def cancel_selected(self, request: HttpRequest, rows: QuerySet[Publication]) -> None:
        self._each(request, rows, planning.cancel, "cancelled")

    def _each(
        self, request: HttpRequest, rows: QuerySet[Publication], change: Any, done: str
    ) -> None:
        count = 0
        for publication_id in rows.order_by("due_at", "pk").values_list("pk", flat=True):
            with self.refusals_shown(request):
                change(publication_id=publication_id, actor=person(request), now=timezone.now())
                count += 1
        if count:
            self.message_user(request, f"{count} {done}.", messages.SUCCESS)

    # --- A publication's page ---

    def page_context(self, request: HttpRequest, publication: Publication) -> dict[str, Any]:
        """What the page shows, with a form for each thing a person may do now."""
        may = self.has_publish_permission(request)
        kind = KINDS.get(publication.channel.kind)
        hand = kind is not None and kind.by_hand
        status, unsent = publication.status, calendar.is_movable(publication)
        task = may and hand and status in (Status.NEEDS_PERSON, *Publication.OPEN)
        at = timezone.localtime(publication.due_at)
        return {
            "title": str(publication),
            "publication": publication,
            "tone": TONES[status],
            "proofs": publication.proofs.select_related("by"),
            "share_sent": share_sent(publication),
            "by_hand": hand,
            "move_form": MoveForm(initial={"to": at}) if may and unsent else None,
            "out_form": OutForm() if task else None,
            "may_cancel": may and unsent,
            "may_retry": may and not hand and status in (Status.FAILED, Status.NEEDS_PERSON),
            "may_confirm": may
            and not hand
            and status == Status.NEEDS_PERSON
            and not publication.external_id
            and publication.confirmed_at is None,
            "found_form": FoundForm() if may and status == Status.UNKNOWN else None,
            "gone_form": WordsForm()
            if may and status in (Status.RECALLING, Status.RECALL_UNPROVEN)
            else None,
            "may_agree": may and not hand and status == Status.RECALLING and publication.reason,
        }

    @page_view("<uuid:publication_id>/move/", MAY_PUBLISH)
    def move_view(self, request: HttpRequest, publication: Publication) -> HttpResponse:
        form = MoveForm(request.POST)
        if not form.is_valid():
            self.message_user(request, "That is no time; nothing was moved.", messages.ERROR)
            return back(request, self._address_of(publication))
        to = form.cleaned_data["to"]
        with self.refusals_shown(request):
            moved = planning.move(
                publication_id=publication.pk, to=to, actor=person(request), now=timezone.now()
            )
            when = timezone.localtime(moved.due_at)
            self.message_user(request, f"Public on {when:%A, %Y-%m-%d %H:%M}.", messages.SUCCESS)
        return back(request, self._address_of(publication))

    @page_view("<uuid:publication_id>/conflicts/", MAY_PUBLISH, methods=("GET",))
    def conflicts_view(self, request: HttpRequest, publication: Publication) -> HttpResponse:
        """What a move would break on each day of a month or week (`first`, `days`)."""
        return JsonResponse(calendar_page.conflicts(publication, request.GET, now=timezone.now()))

    @page_view("<uuid:publication_id>/cancel/", MAY_PUBLISH)
    def cancel_view(self, request: HttpRequest, publication: Publication) -> HttpResponse:
        return self._done(request, publication, planning.cancel, "Cancelled.")

    @page_view("<uuid:publication_id>/confirm/", MAY_PUBLISH)
    def confirm_view(self, request: HttpRequest, publication: Publication) -> HttpResponse:
        return self._done(request, publication, planning.confirm, "Agreed; it goes out.")

    @page_view("<uuid:publication_id>/retry/", MAY_PUBLISH)
    def retry_view(self, request: HttpRequest, publication: Publication) -> HttpResponse:
        return self._done(request, publication, resolving.retry, "It is tried again now.")

    @page_view("<uuid:publication_id>/agree/", MAY_PUBLISH)
    def agree_view(self, request: HttpRequest, publication: Publication) -> HttpResponse:
        said = "Agreed; it is taken down now."
        return self._done(request, publication, recall.agree_to_take_down, said)

    @page_view("<uuid:publication_id>/out/", MAY_PUBLISH)
    def out_view(self, request: HttpRequest, publication: Publication) -> HttpResponse:
        """A person says that what they handed over is out."""
        form = OutForm(request.POST)
        if form.is_valid():
            try:
                by_hand.confirm_out(
                    publication_id=publication.pk,
                    address=form.cleaned_data["address"],
                    codes=codes_given(publication, form.cleaned_data),
                    actor=person(request),
                    now=timezone.now(),
                )
            except PublishingRefused as error:
                form.add_error(None, ValidationError(str(error)))
            else:
                self.message_user(request, "Noted: it is out.", messages.SUCCESS)
                return self._to(publication)
        return self._again(request, publication, out_form=form)

    @page_view("<uuid:publication_id>/found/", MAY_PUBLISH)
    def found_view(self, request: HttpRequest, publication: Publication) -> HttpResponse:
        with self.refusals_shown(request):
            resolving.resolve_unknown(
                publication_id=publication.pk,
                external_id=request.POST.get("external_id", "")[:400],
                actor=person(request),
                now=timezone.now(),
            )
            self.message_user(request, "It goes on from there.", messages.SUCCESS)
        return self._to(publication)

    @page_view("<uuid:publication_id>/gone/", MAY_PUBLISH)
    def gone_view(self, request: HttpRequest, publication: Publication) -> HttpResponse:
        """A person says that it is taken down, where no look can tell."""
        form = WordsForm(request.POST)
        if not form.is_valid():
            return self._again(request, publication, gone_form=form)
        with self.refusals_shown(request):
            recall.confirm_taken_down(
                publication_id=publication.pk,
                words=form.cleaned_data["words"],
                actor=person(request),
                now=timezone.now(),
            )
            self.message_user(request, "Noted: it is taken down.", messages.SUCCESS)
        return self._to(publication)

    # --- The calendar ---

    @page_view("calendar/", "view", methods=("GET",), name="calendar")
    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        """A month or a week (`view`) of what is planned and out, around a day (`day`)."""
        context = calendar_page.context(request, may_publish=self.has_publish_permission(request))
        return self.page(request, "panel/calendar.html", opts=self.opts, **context)

    # --- Answers ---

    def _done(
        self, request: HttpRequest, publication: Publication, change: Any, said: str
    ) -> HttpResponse:
        with self.refusals_shown(request):
            change(publication_id=publication.pk, actor=person(request), now=timezone.now())
            self.message_user(request, said, messages.SUCCESS)
        return back(request, self._address_of(publication))

    def _again(self, request: HttpRequest, publication: Publication, **shown: Any) -> HttpResponse:
        """The page once more, with what was typed and what is wrong with it."""
        context = {**self.page_context(request, publication), **shown}
        return self.page(request, self.change_form_template, status=400, opts=self.opts, **context)

    def _address_of(self, publication: Publication) -> str:
        return reverse("admin:runs_publication_change", args=[publication.pk])

    def _to(self, publication: Publication) -> HttpResponseRedirect:
        return HttpResponseRedirect(self._address_of(publication))


def person(request: HttpRequest) -> User:
    """Who is at the page: a panel's pages are only for people who signed in."""
    return cast("User", request.user)


def codes_given(publication: Publication, given: dict[str, Any]) -> CodeChanges | None:
    """The codes a person typed; None if none."""
    track = publication.release.tracks.first()
    isrcs = {track.pk: given["isrc"]} if track and given["isrc"] else {}
    if not given["upc"] and not isrcs:
        return None
    return CodeChanges(upc=given["upc"] or None, isrcs=isrcs)


def share_sent(publication: Publication) -> int | None:
    """Percent of the bytes sent; None unless something is being sent."""
    if publication.status != Status.SENDING or not publication.of_bytes:
        return None
    return min(100, 100 * publication.sent_bytes // publication.of_bytes)
