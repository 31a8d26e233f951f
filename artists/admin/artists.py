"""Admin of the artists: the list, and each artist's page with its runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from ai_artist.kit.admin import (
    BAD,
    GOOD,
    INFO,
    PLAIN,
    WARN,
    LongListMixin,
    PageContextMixin,
    Way,
    actor,
    back,
    column,
)
from ai_artist.kit.values import DASH, genre, percent, since
from ai_artist.kit.views import page_view
from artists import lifecycle, lineage
from artists.admin.confirming import ConfirmingMixin
from artists.admin.forms import ArtistActionForm, ArtistForm
from artists.admin.listening import ListeningMixin
from artists.admin.page import Page, context_of, newest_picture
from artists.admin.profile import ProfileMixin
from artists.admin.starting import StartingMixin
from artists.admin.tabs import NEW, TABS, tab_of
from artists.evolution import EvolutionRefused
from artists.lifecycle.history import LifecycleError
from artists.models import Artist
from artists.profiles import ProfileRefused
from artists.roster import RosterError
from media_tools.errors import ProviderError
from media_tools.foreign import digits, label
from runs.models import Artifact, Run
from runs.presentation import thumbnail

STATUS_TONES = {
    Artist.Status.CANDIDATE: INFO,
    Artist.Status.ACTIVE: GOOD,
    Artist.Status.EVOLVING: WARN,
    Artist.Status.PAUSED: PLAIN,
    Artist.Status.RETIRED: BAD,
}


def with_list_figures(artists: QuerySet[Artist]) -> list[Artist]:
    """Return the artists with the picture and the queue their lines in the list show."""
    picture = (
        Artifact.objects.current()
        .filter(run__artist=OuterRef("pk"), kind=Artifact.Kind.THUMBNAIL)
        .order_by("-run__created_at")
        .values("pk")[:1]
    )
    shown: list[Artist] = list(artists.annotate(picture=Subquery(picture)))
    # Starts from the few waiting runs: an artist's finished runs may be thousands.
    queue = Run.objects.awaiting_review().filter(artist__in=shown).order_by()
    waiting = dict(queue.values_list("artist").annotate(count=Count("pk")))
    for artist in shown:
        artist.waiting_runs = waiting.get(artist.pk, 0)  # type: ignore[attr-defined]
    return shown


@admin.register(Artist)
class ArtistAdmin(
    LongListMixin,
    PageContextMixin,
    ConfirmingMixin,
    StartingMixin,
    ProfileMixin,
    ListeningMixin,
    SimpleHistoryAdmin,
    ModelAdmin,
):
    """An artist's profile, life and work."""

    empty_words = "Add the starter roster on the dashboard, or an artist of your own."
    empty_way = Way("Open the dashboard", "index")
    refusals = (EvolutionRefused, LifecycleError, ProfileRefused, RosterError, ProviderError)
    form = ArtistForm
    action_form = ArtistActionForm
    list_display = (
        "cover",
        "name",
        "style",
        "status_label",
        "approval",
        "streak",
        "waiting",
        "last_run",
    )
    list_display_links = ("name",)
    list_filter = (("status", ChoicesDropdownFilter), "genre", "autopilot")
    list_filter_submit = True
    sortable_by = ("name", "last_run")
    search_fields = ("name",)
    ordering = ("name", "pk")
    autocomplete_fields = ("parent",)
    warn_unsaved_form = True
    actions = ("run_now", "pause", "resume", "retire", "reinstate")
    list_before_template = "panel/artist_list_head.html"
    change_form_template = "panel/artist_form.html"
    change_form_outer_before_template = "panel/artist.html"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Artists are retired, never deleted: their runs and decisions stay."""
        return False

    # --- Tabs: each has a form of its own ---

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        # A version of the history is shown whole.
        whole = obj is None or getattr(request, "shows_version", False)
        return NEW if whole else tab_of(request).fieldsets

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return {"slug": ("name",)} if obj is None else {}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer one button: saving leads back to the same tab."""
        if kwargs.get("change"):
            context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def response_post_save_change(self, request: HttpRequest, obj: Artist) -> HttpResponse:
        page = reverse("admin:artists_artist_change", args=[obj.pk])
        return HttpResponseRedirect(f"{page}?tab={tab_of(request).name}")

    def save_model(self, request: HttpRequest, obj: Artist, form: Any, change: bool) -> None:
        # django-simple-history reads the reason from this attribute.
        obj._change_reason = form.cleaned_data.get("change_reason") or None  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    # --- The list ---

    def with_row_extras(self, rows: QuerySet[Artist]) -> list[Artist]:
        """Load pictures and counts for the rows shown only; artists are looked up elsewhere too."""
        return with_list_figures(rows)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {**(extra_context or {}), "may_create": self.has_add_permission(request)}
        response: HttpResponse = super().changelist_view(request, extra)
        return response

    @display(description="")
    def cover(self, artist: Artist) -> SafeString:
        return thumbnail(artist.picture)  # type: ignore[attr-defined]

    @display(description="Status", ordering="status", label=STATUS_TONES)
    def status_label(self, artist: Artist) -> tuple[str, str]:
        return artist.status, artist.get_status_display()

    @display(description="Approved")
    def approval(self, artist: Artist) -> str:
        decided = artist.approved_count + artist.rejected_count
        if not decided:
            return DASH
        return f"{percent(artist.approval_rate)} of {decided}"

    style = column("genre", genre, "Genre")
    last_run = column("last_run_at", since, "Last run")

    @display(description="Streak", ordering="consecutive_rejections")
    def streak(self, artist: Artist) -> str:
        rejections = artist.consecutive_rejections
        return f"{rejections} rejected" if rejections else DASH

    @display(description="To review")
    def waiting(self, artist: Artist) -> str:
        count = artist.waiting_runs  # type: ignore[attr-defined]
        if not count:
            return DASH
        return format_html(
            '<a class="panel-link" href="{}?artist__id__exact={}&status__exact={}">{}</a>',
            reverse("admin:runs_run_changelist"),
            artist.pk,
            Run.Status.AWAITING_REVIEW,
            count,
        )

    # --- History: the package does not check that ids in its addresses are numbers ---

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        _require_numbers(object_id)
        response: HttpResponse = super().history_view(request, object_id, extra_context)
        return response

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        _require_numbers(object_id, version_id)
        request.shows_version = True  # type: ignore[attr-defined]
        response: HttpResponse = super().history_form_view(
            request, object_id, version_id, extra_context
        )
        return response

    # --- Changes of status ---

    @page_view("<int:artist_id>/move/", "change")
    def move_view(self, request: HttpRequest, artist: Artist) -> HttpResponse:
        verb = request.POST.get("verb", "")
        if verb not in lifecycle.MOVES:
            raise Http404("No such move.")
        self._move(request, [artist], verb)
        return back(request, reverse("admin:artists_artist_change", args=[artist.pk]))

    @action(description="Pause", permissions=["change"])
    def pause(self, request: HttpRequest, artists: QuerySet[Artist]) -> None:
        self._move(request, artists, "pause")

    @action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, artists: QuerySet[Artist]) -> None:
        self._move(request, artists, "resume")

    @action(description="Retire", permissions=["change"])
    def retire(self, request: HttpRequest, artists: QuerySet[Artist]) -> None:
        self._move(request, artists, "retire")

    @action(description="Reinstate", permissions=["change"])
    def reinstate(self, request: HttpRequest, artists: QuerySet[Artist]) -> None:
        self._move(request, artists, "reinstate")

    def _move(self, request: HttpRequest, artists: Iterable[Artist], verb: str) -> None:
        reason = label(request.POST.get("reason", "")) or "By hand."
        for artist in artists:
            with self.refusals_shown(request):
                change = lifecycle.MOVES[verb].perform(
                    artist_id=artist.pk, actor=actor(request), reason=reason, now=timezone.now()
                )
                self.message_user(
                    request,
                    f"{artist} is now {change.get_to_status_display().lower()}.",
                    messages.SUCCESS,
                )

    # --- The page above the form ---

    def page_context(self, request: HttpRequest, artist: Artist) -> dict[str, Any]:
        """Return the head of an artist's page, and what the tab it shows needs."""
        now, tab = timezone.now(), tab_of(request)
        may_change = self.has_change_permission(request, artist)
        return {
            "artist": artist,
            "tabs": TABS.values(),
            "tab": tab,
            "status_tone": STATUS_TONES[Artist.Status(artist.status)],
            "moves": moves_of(artist) if may_change else [],
            "may_change": may_change,
            "may_run": self.has_operate_permission(request) and artist.status in Artist.SELECTABLE,
            "may_have_offspring": self.has_offspring_permission(request)
            and not lineage.why_not(artist),
            "notice": lifecycle.notice(artist, now=now),
            "cover": newest_picture(artist),
            **context_of(tab.name, Page(request, artist, may_change, now)),
        }


def moves_of(artist: Artist) -> list[str]:
    """Return the verbs that the artist's status allows."""
    return [verb for verb, move in lifecycle.MOVES.items() if artist.status in move.statuses]


def _require_numbers(*ids: str) -> None:
    if None in map(digits, ids):
        raise Http404("No such artist, or no such version.")
