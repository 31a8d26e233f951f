"""Admin of channels and series: whose account, what goes there, how often, and how it stands."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from ai_artist.kit.admin import BAD, GOOD, PLAIN, LongListMixin, PageContextMixin, Way
from ai_artist.kit.values import DASH
from ai_artist.kit.views import PageViewsMixin, page_view
from media_tools.errors import ProviderError
from media_tools.publishing.base import AccountFacts
from runs.admin.channel_forms import (
    ChannelForm,
    NewChannelForm,
    PasswordForm,
    ReturnedForm,
    TokenForm,
)
from runs.errors import PublishingRefused
from runs.models import Channel, Part, Publication, Series
from runs.publishing import connecting, health, resolving
from runs.publishing.channels import KINDS, kind_of
from runs.publishing.connecting import Begun, Secrets

State = Channel.State
STATE_TONES = {State.ACTIVE: GOOD, State.PAUSED: PLAIN, State.NEEDS_PERSON: BAD}
# In the session of who began to connect, sealed.
BEGUN = "connecting-channel"
NEXT_SHOWN = 8


@admin.register(Channel)
class ChannelAdmin(LongListMixin, PageContextMixin, PageViewsMixin, ModelAdmin):
    empty_words = (
        "Add one with the button above: a platform, a distributor, or what you do by hand."
    )
    empty_way = Way("Add a channel", "channel_new", "runs.connect_channel")
    refusals = (PublishingRefused, ProviderError)
    form = ChannelForm
    list_display = ("name", "kind", "account", "state_label", "takes", "reason")
    list_filter = (("kind", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter))
    list_filter_submit = True
    search_fields = ("name", "account_name")
    autocomplete_fields = ("artists",)
    change_form_outer_before_template = "panel/channel.html"
    list_before_template = "panel/channel_list_head.html"
    fieldsets = (
        ("What goes there", {"fields": ("name", "artists", "parts", "privacy")}),
        ("Words", {"fields": ("title_template", "description_template", "tags")}),
        ("When", {"fields": ("public_after_days", "public_time", "lead_time_h")}),
        (
            "How often",
            {
                "fields": (
                    ("artist_most", "artist_days"),
                    ("account_most", "account_days"),
                    ("gap_h", "jitter_min"),
                ),
                "description": "No time of so many days has more; 0 is no limit.",
            },
        ),
    )

    # --- The list ---

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Channels are added on a page of their own, with the defaults of their kind."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Channel | None = None) -> bool:
        """Only one that nothing was ever planned for: the others are evidence."""
        used = obj is not None and obj.publications.exists()
        return not used and super().has_delete_permission(request, obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {**(extra_context or {}), "may_connect": self._may_connect(request)}
        answer: HttpResponse = super().changelist_view(request, extra)
        return answer

    @display(description="Account", ordering="account_name")
    def account(self, channel: Channel) -> str:
        return channel.account_name or DASH

    @display(description="State", ordering="state", label=STATE_TONES)
    def state_label(self, channel: Channel) -> tuple[str, str]:
        return channel.state, channel.get_state_display()

    @display(description="Sends")
    def takes(self, channel: Channel) -> str:
        return ", ".join(parts_in_words(channel)) or "nothing yet"

    # --- A channel's page ---

    def has_change_permission(self, request: HttpRequest, obj: Channel | None = None) -> bool:
        """Not for a kind this version does not know: nothing is known of its parts."""
        known = obj is None or obj.kind in KINDS
        return known and super().has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """In words for who may only look."""
        whole = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return whole
        shown = {"parts": "takes", "tags": "tags_shown"}
        return [
            (title, {**options, "fields": [shown.get(name, name) for name in options["fields"]]})
            for title, options in whole
        ]

    @display(description="Tags")
    def tags_shown(self, channel: Channel) -> str:
        return ", ".join(channel.tags) or DASH

    def page_context(self, request: HttpRequest, channel: Channel) -> dict[str, Any]:
        """What the head of the page shows: the account, and what comes next."""
        row = KINDS.get(channel.kind)
        coming = channel.publications.filter(status__in=Publication.ON_ITS_WAY)
        return {
            "channel": channel,
            "tone": STATE_TONES[State(channel.state)],
            "known_kind": row is not None,
            "by_hand": row is not None and row.by_hand,
            "connects": row is not None and bool(row.issuer),
            "may_connect": self._may_connect(request),
            "may_publish": request.user.has_perm("runs.publish_release"),
            "coming": coming.select_related("release__artist")[:NEXT_SHOWN],
            "live_count": channel.publications.filter(status=Publication.Status.LIVE).count(),
            "series": channel.series.select_related("artist"),
        }

    # --- A new one, and its account ---

    @page_view("new/", "runs.connect_channel", methods=("GET", "POST"), name="channel_new")
    def new_view(self, request: HttpRequest) -> HttpResponse:
        form = NewChannelForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            given = form.cleaned_data
            try:
                channel = connecting.create_channel(
                    given["kind"], given["name"], address=given["address"]
                )
            except PublishingRefused as error:
                form.add_error("name", ValidationError(str(error)))
            else:
                if kind_of(channel).issuer:
                    return self._to(channel, "connect")
                return self._to(channel)
        return self.page(
            request,
            "panel/channel_new.html",
            status=400 if form.is_bound else 200,
            title="Add a channel",
            opts=self.opts,
            form=form,
        )

    @page_view("<int:channel_id>/connect/", "runs.connect_channel", methods=("GET", "POST"))
    def connect_view(self, request: HttpRequest, channel: Channel) -> HttpResponse:
        """Shows where to sign in; a post takes a token, or the address the browser ended at."""
        if not kind_of(channel).issuer:
            self.message_user(request, f"{channel} has no account to connect.", messages.INFO)
            return self._to(channel)
        in_browser = connecting.asks_consent(channel)
        form = self._form_of(channel)(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                facts = self._connected(request, channel, form)
            except (PublishingRefused, ProviderError) as error:
                form.add_error(None, ValidationError(str(error)))
            else:
                return self._welcome(request, channel, facts)
        address = ""
        if in_browser:
            with self.refusals_shown(request):
                address = self._begin(request, channel)
        return self.page(
            request,
            "panel/channel_connect.html",
            status=400 if form.is_bound else 200,
            title=f"Connect {channel}",
            opts=self.opts,
            channel=channel,
            form=form,
            address=address,
            back=self._back_address(request),
        )

    @page_view("connected/", "runs.connect_channel", methods=("GET",), name="channel_connected")
    def connected_view(self, request: HttpRequest) -> HttpResponse:
        """Where a platform sends the person back to. Only who began can end it, and once."""
        begun = self._take_begun(request)
        if begun is None:
            self.message_user(request, "Nobody began to connect here; begin again.", messages.ERROR)
            return HttpResponseRedirect(reverse("admin:runs_channel_changelist"))
        channel = connecting.channel_named(begun.channel_id)
        with self.refusals_shown(request):
            facts = connecting.finish_connecting(
                begun, request.META["QUERY_STRING"], clock=timezone.now
            )
            return self._welcome(request, channel, facts)
        return self._to(channel, "connect")

    def _form_of(self, channel: Channel) -> type[forms.Form]:
        if connecting.asks_consent(channel):
            return ReturnedForm
        return PasswordForm if connecting.asks_name(channel) else TokenForm

    def _begin(self, request: HttpRequest, channel: Channel) -> str:
        address, begun = connecting.begin_connecting(
            channel, redirect=self._back_address(request), now=timezone.now()
        )
        request.session[BEGUN] = begun.sealed()
        return address

    def _take_begun(self, request: HttpRequest) -> Begun | None:
        sealed = request.session.pop(BEGUN, "")
        try:
            return Begun.unsealed(sealed) if sealed else None
        except PublishingRefused:
            return None

    def _back_address(self, request: HttpRequest) -> str:
        return request.build_absolute_uri(reverse("admin:channel_connected"))

    def _connected(self, request: HttpRequest, channel: Channel, form: forms.Form) -> AccountFacts:
        given = form.cleaned_data
        if "secret" in given:
            typed = Secrets(given["secret"], given.get("user", ""), given.get("code", ""))
            return connecting.connect_with(channel, typed, clock=timezone.now)
        begun = self._take_begun(request)
        if begun is None or begun.channel_id != channel.pk:
            raise PublishingRefused("Another attempt was begun meanwhile; sign in again.")
        return connecting.finish_connecting(begun, given["returned"], clock=timezone.now)

    def _welcome(
        self, request: HttpRequest, channel: Channel, facts: AccountFacts
    ) -> HttpResponseRedirect:
        if facts.missing:
            said = f"Connected to {facts.name}, but missing there: {', '.join(facts.missing)}."
            self.message_user(request, said, messages.WARNING)
        else:
            self.message_user(request, f"Connected to {facts.name}.", messages.SUCCESS)
        return self._to(channel)

    @page_view("<int:channel_id>/disconnect/", "runs.connect_channel")
    def disconnect_view(self, request: HttpRequest, channel: Channel) -> HttpResponse:
        with self.refusals_shown(request):
            connecting.disconnect(channel_id=channel.pk, clock=timezone.now)
            self.message_user(request, f"{channel} is disconnected.", messages.SUCCESS)
        return self._to(channel)

    @page_view("<int:channel_id>/check/", "runs.publish_release")
    def check_view(self, request: HttpRequest, channel: Channel) -> HttpResponse:
        """Looks at the account now; what is wrong parks the channel and is shown on its page."""
        with self.refusals_shown(request):
            facts = health.check_channel(channel, clock=timezone.now)
            channel.refresh_from_db()
            if facts is not None:
                room = f", {facts.room}" if facts.room else ""
                self.message_user(request, f"All is well: {facts.name}{room}.", messages.SUCCESS)
            elif channel.state == State.ACTIVE:
                self.message_user(request, "It did not answer; try later.", messages.WARNING)
        return self._to(channel)

    @page_view("<int:channel_id>/pause/", "runs.publish_release")
    def pause_view(self, request: HttpRequest, channel: Channel) -> HttpResponse:
        resolving.pause_channel(channel_id=channel.pk, why=f"Paused by {request.user}.")
        self.message_user(request, f"{channel} sends nothing now.", messages.SUCCESS)
        return self._to(channel)

    @page_view("<int:channel_id>/resume/", "runs.publish_release")
    def resume_view(self, request: HttpRequest, channel: Channel) -> HttpResponse:
        resolving.resume_channel(channel_id=channel.pk, now=timezone.now())
        self.message_user(request, f"{channel} goes on.", messages.SUCCESS)
        return self._to(channel)

    def _may_connect(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("runs.connect_channel"))

    def _to(self, channel: Channel, page: str = "change") -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(f"admin:runs_channel_{page}", args=[channel.pk]))


def parts_in_words(channel: Channel) -> list[str]:
    return [Part(part).label for part in channel.parts if part in Part.values]


def zones() -> list[tuple[str, str]]:
    """All time zones. Read when a form asks: it opens hundreds of files."""
    return [(name, name) for name in sorted(available_timezones())]


class SeriesForm(forms.ModelForm):  # type: ignore[type-arg]
    zone = forms.ChoiceField(label="Time zone", choices=zones)

    class Meta:
        model = Series
        fields = ("artist", "channels", "weekday", "at", "zone", "active")


@admin.register(Series)
class SeriesAdmin(LongListMixin, ModelAdmin):
    """Standing orders."""

    empty_words = "A series sends each new single of an artist out on one day of the week."
    form = SeriesForm
    list_display = ("artist", "weekday", "at", "zone", "active")
    list_select_related = ("artist",)
    autocomplete_fields = ("artist", "channels")
    search_fields = ("artist__name",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        return {"zone": timezone.get_default_timezone_name(), **initial}
