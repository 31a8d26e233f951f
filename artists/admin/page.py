"""What each tab of an artist's page shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest

from ai_artist.kit.values import counted, percent
from artists.admin.charts import audience_context, decision_context
from artists.admin.history import runs_behind, titled
from artists.admin.profile import evolution_row, preview_of
from artists.lessons import shown_for
from artists.lifecycle.rules import PROPOSALS, rule_in_words
from artists.models import Artist, LifecyclePolicy, StatusChange
from artists.versions import versions_of
from experiments.statistics import interval
from runs.audience.earnings import balance_of_artist
from runs.audience.summary import audience_summary
from runs.models import Artifact, Proposal, Run
from runs.presentation import card, with_card_rows
from runs.reviewing import autopilot

NEWEST_SONGS, SONGS = 6, 24
DECISIONS_SHOWN = 40
CHANGES_SHOWN, BEHIND_SHOWN = 12, 12
VERSIONS_SHOWN = 12
EVOLUTIONS_SHOWN = 5
MOST_COUNTED = 100


@dataclass(frozen=True)
class Page:
    """Who looks at whose page, when."""

    request: HttpRequest
    artist: Artist
    may_change: bool
    now: datetime


def newest_picture(artist: Artist) -> Artifact | None:
    """Return the thumbnail of one of the newest songs, if any of them has one."""
    # Only among a few: an artist may have thousands of runs.
    newest = Run.objects.filter(artist=artist).order_by("-created_at", "-pk")[:NEWEST_SONGS]
    pictures = Artifact.objects.current().filter(
        run__in=newest.values("pk"), kind=Artifact.Kind.THUMBNAIL, purged_at=None
    )
    return pictures.order_by("-run__created_at").first()


def context_of(tab: str, page: Page) -> dict[str, Any]:
    """Return what a tab shows besides the head and the form."""
    return CONTEXTS[tab](page) if tab in CONTEXTS else {}


def overview(page: Page) -> dict[str, Any]:
    """What matters first: how it does, what is next, what waits for a person, the last songs."""
    artist = page.artist
    newest = artist.status_changes.first()
    proposed = artist.evolutions.filter(state="proposed").count()
    return {
        "rate": rate_in_words(artist),
        "next_turn": turn_in_words(artist),
        "decisions": list(reversed(artist.performance.decisions()[:DECISIONS_SHOWN])),
        "proposal": newest if newest and newest.rule in PROPOSALS else None,
        "proposed_evolutions": proposed,
        "proposals": open_proposals(artist),
        "autopilot": autopilot.describe(artist),
        "cards": cards_of(artist, NEWEST_SONGS),
    }


def songs(page: Page) -> dict[str, Any]:
    return {"cards": cards_of(page.artist, SONGS)}


def look(page: Page) -> dict[str, Any]:
    return {"cards": cards_of(page.artist, NEWEST_SONGS)}


def history(page: Page) -> dict[str, Any]:
    artist = page.artist
    changes = list(artist.status_changes.select_related("actor")[:CHANGES_SHOWN])
    return {
        "status_changes": with_songs(changes),
        "policies": LifecyclePolicy.objects.order_by("-is_default", "name"),
        "preview": preview_of(page.request, artist),
        "offspring": artist.offspring.order_by("name")[:20],
        **decision_context(artist, page.now),
    }


def lessons(page: Page) -> dict[str, Any]:
    return {
        "may_judge_lessons": page.request.user.has_perm("artists.change_lesson"),
        "lessons": shown_for(page.artist, now=page.now),
    }


def versions(page: Page) -> dict[str, Any]:
    newest = page.artist.evolutions.order_by("-created_at", "-pk")[:EVOLUTIONS_SHOWN]
    return {
        "versions": versions_of(page.artist, limit=VERSIONS_SHOWN),
        "evolutions": [evolution_row(row, now=page.now, offered=page.may_change) for row in newest],
    }


def audience(page: Page) -> dict[str, Any]:
    return {
        "audience": audience_summary(page.artist, page.now),
        "balance": balance_of_artist(page.artist),
        **audience_context(page.artist, page.now),
    }


CONTEXTS: dict[str, Callable[[Page], dict[str, Any]]] = {
    "overview": overview,
    "songs": songs,
    "look": look,
    "history": history,
    "lessons": lessons,
    "versions": versions,
    "audience": audience,
}


def cards_of(artist: Artist, count: int) -> list[Any]:
    newest = Run.objects.filter(artist=artist).order_by("-created_at", "-pk")
    return [card(run) for run in with_card_rows(newest)[:count]]


def with_songs(changes: list[StatusChange]) -> list[tuple[StatusChange, str, list[Any]]]:
    """Return changes of status with their rule in words and the songs each rests on; one query."""
    ids = {change.pk: runs_behind(change)[:BEHIND_SHOWN] for change in changes}
    runs = titled({run_id for some in ids.values() for run_id in some})
    return [
        (
            change,
            rule_in_words(change.rule),
            [runs[run_id] for run_id in ids[change.pk] if run_id in runs],
        )
        for change in changes
    ]


def open_proposals(artist: Artist) -> int:
    """Return how many proposals of reflections on this artist's songs wait; at most 100."""
    waiting = Proposal.objects.filter(status=Proposal.Status.OPEN)
    return waiting.filter(reflection__run__artist=artist).order_by()[:MOST_COUNTED].count()


def rate_in_words(artist: Artist) -> str:
    """Return the approved share with the range that its true value is in with 95 %."""
    approved, rejected = artist.approved_count, artist.rejected_count
    if not approved + rejected:
        return "nothing decided yet"
    low, high = interval((approved, rejected))
    return f"{percent(artist.approval_rate)} (true rate {percent(low)} to {percent(high)})"


def turn_in_words(artist: Artist) -> str:
    """Say when the artist is served next."""
    if artist.status not in Artist.SELECTABLE:
        return f"none while {artist.get_status_display().lower()}"
    if settings.ARTIST_SELECTION == "value":
        return "by value: the most useful artist comes first"
    waited = Q(turn_at__lt=artist.turn_at) | Q(turn_at=artist.turn_at, pk__lt=artist.pk)
    ahead = Artist.objects.selectable().filter(waited).count()
    return f"after {counted(ahead, 'other')}" if ahead else "it is next"
