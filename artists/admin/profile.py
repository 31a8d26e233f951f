"""Admin views of an artist's profile: restore a version, move evolutions, make offspring."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from ai_artist.kit.admin import BAD, GOOD, INFO, PLAIN, WARN, actor
from ai_artist.kit.values import words
from ai_artist.kit.views import PageViewsMixin, page_view
from artists import evolution, roster
from artists.lifecycle.policies import policy_of
from artists.lifecycle.replay import replay
from artists.models import Artist, Evolution, LifecyclePolicy
from artists.versions import in_words, roll_back
from media_tools.foreign import digits, label

EVOLUTION_TONES = {
    Evolution.State.PROPOSED: INFO,
    Evolution.State.TRIAL: WARN,
    Evolution.State.KEPT: GOOD,
    Evolution.State.ROLLED_BACK: BAD,
    Evolution.State.DISMISSED: PLAIN,
}
# The moves an operator can make on an evolution in each state: (verb, label).
EVOLUTION_MOVES: dict[str, tuple[tuple[str, str], ...]] = {
    Evolution.State.PROPOSED: (("begin", "Try it"), ("dismiss", "Dismiss")),
    Evolution.State.TRIAL: (("keep", "Keep it"), ("roll_back", "Roll back")),
}


class ProfileMixin(PageViewsMixin):
    """Views and page context about the profile, for ArtistAdmin."""

    @page_view("<int:artist_id>/version/", "change")
    def version_view(self, request: HttpRequest, artist: Artist) -> HttpResponse:
        """Restore the posted version of the profile."""
        number = digits(request.POST.get("version", ""))
        if number is None:
            raise Http404("No such version.")
        with self.refusals_shown(request):
            changes = roll_back(
                artist_id=artist.pk,
                version=number,
                actor=actor(request),
                why=label(request.POST.get("why", "")),
            )
            fields = ", ".join(words(change.field).lower() for change in changes)
            done = f"{artist} is back to that version: {fields}."
            self.message_user(request, done, messages.SUCCESS)
        return _to_artist(artist, "versions")

    @page_view("<int:artist_id>/evolution/", "change")
    def evolution_view(self, request: HttpRequest, artist: Artist) -> HttpResponse:
        """Begin, dismiss, keep or roll back the posted evolution."""
        number, verb = digits(request.POST.get("evolution", "")), request.POST.get("verb", "")
        moves = {name for offered in EVOLUTION_MOVES.values() for name, _ in offered}
        known = number is not None and artist.evolutions.filter(pk=number).exists()
        if number is None or verb not in moves or not known:
            raise Http404("No such evolution.")
        with self.refusals_shown(request):
            self._move_evolution(number, verb, who=actor(request), now=timezone.now())
            state = artist.evolutions.get(pk=number).get_state_display()
            done = f"The evolution of {artist} is {state.lower()}."
            self.message_user(request, done, messages.SUCCESS)
        return _to_artist(artist, "versions")

    def _move_evolution(self, number: int, verb: str, *, who: Any, now: datetime) -> None:
        if verb == "begin":
            evolution.begin(evolution_id=number, actor=who, now=now)
        elif verb == "dismiss":
            evolution.dismiss(evolution_id=number, actor=who, now=now)
        else:
            evolution.end(evolution_id=number, keep=verb == "keep", actor=who, now=now)

    def has_offspring_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_change_permission(request) and self.has_add_permission(request))

    @page_view("<int:artist_id>/offspring/", "offspring")
    def offspring_view(self, request: HttpRequest, parent: Artist) -> HttpResponse:
        """Create a candidate that continues this artist."""
        with self.refusals_shown(request):
            child = roster.create_offspring(
                parent_id=parent.pk,
                seed=random.randrange(roster.SEED_RANGE),
                now=timezone.now(),
                roster_cap=settings.ROSTER_CAP,
                actor=actor(request),
            )
            self.message_user(request, f"{child} continues {parent}.", messages.SUCCESS)
            return _to_artist(child)
        return _to_artist(parent)


def evolution_row(row: Evolution, *, now: datetime, offered: bool) -> dict[str, Any]:
    """Return an evolution for the page: its state, its changes, the progress of its trial."""
    return {
        "evolution": row,
        "tone": EVOLUTION_TONES[Evolution.State(row.state)],
        "changes": [
            (field, in_words(old), in_words(new)) for field, (old, new) in row.diff.items()
        ],
        "progress": evolution.progress(row, now=now),
        "moves": EVOLUTION_MOVES.get(row.state, ()) if offered else (),
    }


def preview_of(request: HttpRequest, artist: Artist) -> dict[str, Any]:
    """Return what a policy would have done with the artist's history.

    The policy is the one chosen in the request, or else the artist's own.
    """
    chosen = digits(request.GET.get("preview", ""))
    policy = None if chosen is None else LifecyclePolicy.objects.filter(pk=chosen).first()
    policy = policy or policy_of(artist)
    return {"policy": policy, "replay": replay(artist, policy)}


def _to_artist(artist: Artist, tab: str = "") -> HttpResponseRedirect:
    page = reverse("admin:artists_artist_change", args=[artist.pk])
    return HttpResponseRedirect(f"{page}?tab={tab}" if tab else page)
