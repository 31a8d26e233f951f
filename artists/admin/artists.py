"""Admin of the artists themselves.

ArtistAdmin knows nothing of runs; ai_artist/admin.py registers it with what runs add.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.views.decorators.http import require_POST
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
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
    actor,
    back,
    percent,
)
from artists import lifecycle
from artists.admin.forms import ArtistForm, ReasonActionForm
from artists.admin.profile import ProfileMixin
from artists.lessons import shown_for
from artists.lifecycle.rules import Rule
from artists.models import Artist, StatusChange
from media_tools.foreign import digits, label

STATUS_TONES = {
    Artist.Status.CANDIDATE: INFO,
    Artist.Status.ACTIVE: GOOD,
    Artist.Status.EVOLVING: WARN,
    Artist.Status.PAUSED: PLAIN,
    Artist.Status.RETIRED: BAD,
}
# What an operator may ask of an artist in each state: (verb, label).
MOVES: dict[str, tuple[tuple[str, str], ...]] = {
    Artist.Status.CANDIDATE: (("pause", "Pause"), ("retire", "Retire")),
    Artist.Status.ACTIVE: (("pause", "Pause"), ("retire", "Retire")),
    Artist.Status.EVOLVING: (("pause", "Pause"), ("retire", "Retire")),
    Artist.Status.PAUSED: (("resume", "Resume"), ("retire", "Retire")),
    Artist.Status.RETIRED: (("reinstate", "Reinstate"),),
}
VERBS: dict[str, Callable[..., StatusChange]] = {
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
    "retire": lifecycle.retire,
    "reinstate": lifecycle.reinstate,
}


class ArtistAdmin(LongListMixin, PageContextMixin, ProfileMixin, SimpleHistoryAdmin, ModelAdmin):
    """An artist's profile and life."""

    form = ArtistForm
    action_form = ReasonActionForm
    list_display: Sequence[str] = (
        "name",
        "style",
        "status_label",
        "approval",
        "streak",
        "last_run",
    )
    list_display_links = ("name",)
    list_filter = (("status", ChoicesDropdownFilter), "genre", "autopilot")
    list_filter_submit = True
    search_fields = ("name", "genre", "slug")
    ordering = ("name",)
    autocomplete_fields = ("parent", "policy")
    prepopulated_fields = {"slug": ("name",)}
    warn_unsaved_form = True
    history_list_display = ("status",)
    actions: Sequence[str] = ("pause", "resume", "retire", "reinstate")
    change_form_outer_before_template = "panel/artist.html"
    readonly_fields = (
        "status",
        "status_reason",
        "status_since",
        "turn_at",
        "last_run_at",
        "window_started_at",
        "approved_count",
        "rejected_count",
        "failed_count",
        "consecutive_rejections",
        "failed_evolutions",
        "created_at",
    )
    fieldsets = (
        (
            "Persona",
            {
                "fields": (
                    ("name", "slug"),
                    ("genre", "parent"),
                    "backstory",
                    "voice",
                    "themes",
                    "audience",
                ),
            },
        ),
        (
            "Sound",
            {
                "fields": (
                    "style_notes",
                    ("tempo_min_bpm", "tempo_max_bpm"),
                    "keys",
                    ("temperature", "preferred_music"),
                    "sings",
                    "sound_identity",
                ),
            },
        ),
        ("Visuals", {"fields": ("visual_style",)}),
        (
            "Lifecycle",
            {
                "fields": (
                    ("policy", "autopilot"),
                    ("status", "status_since"),
                    "status_reason",
                    ("last_run_at", "turn_at"),
                    ("approved_count", "rejected_count"),
                    ("failed_count", "consecutive_rejections"),
                    ("failed_evolutions", "window_started_at"),
                    "created_at",
                ),
            },
        ),
        ("Why this change", {"fields": ("change_reason",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        move = path(
            "<int:artist_id>/move/",
            self.admin_site.admin_view(require_POST(self.move_view)),
            name="artists_artist_move",
        )
        return [move, *self.profile_urls(), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Artists are retired, never deleted: their runs and decisions stay."""
        return False

    def save_model(self, request: HttpRequest, obj: Artist, form: Any, change: bool) -> None:
        # simple_history reads the reason from this attribute.
        obj._change_reason = form.cleaned_data.get("change_reason") or None  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    @display(description="Status", ordering="status", label=STATUS_TONES)
    def status_label(self, artist: Artist) -> tuple[str, str]:
        return artist.status, artist.get_status_display()

    @display(description="Approved")
    def approval(self, artist: Artist) -> str:
        decided = artist.approved_count + artist.rejected_count
        if not decided:
            return "–"
        return f"{percent(artist.approval_rate)} of {decided}"

    @display(description="Genre", ordering="genre")
    def style(self, artist: Artist) -> str:
        return artist.genre.replace("_", " ")

    @display(description="Streak", ordering="consecutive_rejections")
    def streak(self, artist: Artist) -> str:
        rejections = artist.consecutive_rejections
        return f"{rejections} rejected" if rejections else "–"

    @display(description="Last run", ordering="last_run_at")
    def last_run(self, artist: Artist) -> str:
        return f"{timesince(artist.last_run_at, depth=1)} ago" if artist.last_run_at else "–"

    # --- History: its package takes any text for a number ---

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
        response: HttpResponse = super().history_form_view(
            request, object_id, version_id, extra_context
        )
        return response

    # --- Moves through the lifecycle ---

    def move_view(self, request: HttpRequest, artist_id: int) -> HttpResponse:
        artist = self.get_object(request, str(artist_id))
        if artist is None:
            raise Http404("No such artist.")
        if not self.has_change_permission(request, artist):
            raise PermissionDenied
        verb = request.POST.get("verb", "")
        if verb not in VERBS:
            raise Http404("No such move.")
        self._move(request, [artist], verb)
        return back(request, reverse("admin:artists_artist_change", args=[artist_id]))

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

    def _move(self, request: HttpRequest, artists: Any, verb: str) -> None:
        reason = label(request.POST.get("reason", "")) or "By hand."
        for artist in artists:
            try:
                change = VERBS[verb](
                    artist_id=artist.pk, actor=actor(request), reason=reason, now=timezone.now()
                )
            except lifecycle.TransitionRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, f"{artist} is now {change.to_status}.", messages.SUCCESS)

    # --- The page above the form ---

    def page_context(self, request: HttpRequest, artist: Artist) -> dict[str, Any]:
        """What the head of an artist's page shows."""
        decisions = artist.performance.decisions()[:40]
        newest = artist.status_changes.first()
        return {
            **self.profile_context(request, artist),
            "artist": artist,
            "status_tone": STATUS_TONES[Artist.Status(artist.status)],
            "moves": MOVES[artist.status] if self.has_change_permission(request, artist) else (),
            "may_judge_lessons": request.user.has_perm("artists.change_lesson"),
            "lessons": shown_for(artist, now=timezone.now()),
            "status_changes": artist.status_changes.select_related("actor")[:12],
            "decisions": list(reversed(decisions)),
            "proposal": newest if newest and newest.rule == Rule.RETIRE_PROPOSED else None,
            "notice": lifecycle.notice(artist, now=timezone.now()),
        }


def _require_numbers(*ids: str) -> None:
    if None in map(digits, ids):
        raise Http404("No such artist, or no such version.")
