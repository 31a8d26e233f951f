"""Loads what many artists are judged on at once, so that a look at the whole roster stays short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from artists.lifecycle.careers import LOOK_BACK, Career, Event
from artists.lifecycle.history import FINISHED, career_from, changes_of, in_force
from artists.models import Artist, Evolution, PerformanceEntry, StatusChange


@dataclass(frozen=True)
class History:
    """An artist's newest finished runs, newest first; its changes of status, oldest first."""

    events: Sequence[Event] = ()
    changes: Sequence[StatusChange] = ()
    tried: Evolution | None = None

    def career_of(self, artist: Artist) -> Career:
        return career_from(artist, self.changes, self.tried)

    def moment_seen(self, artist: Artist, *, now: datetime) -> datetime:
        """Return the time of the newest event, or `now` if that is later.

        Only to look ahead; under a lock use history.next_moment.
        """
        times = [artist.window_started_at, *(change.at for change in self.changes)]
        return max(now, *times, *(event.at for event in self.events[:1]))


def histories_of(artist_ids: Sequence[int]) -> dict[int, History]:
    """Return the histories of some artists, in three queries."""
    events, changes, tried = _events(artist_ids), changes_of(artist_ids), _tried(artist_ids)
    return {
        pk: History(events.get(pk, ()), in_force(changes[pk]), tried.get(pk)) for pk in artist_ids
    }


def _events(ids: Sequence[int]) -> dict[int, list[Event]]:
    newest_first = [F("at").desc(), F("pk").desc()]
    place = Window(RowNumber(), partition_by=[F("artist_id"), F("kind")], order_by=newest_first)
    rows = (
        PerformanceEntry.objects.standing()
        .filter(artist__in=ids, kind__in=FINISHED)
        .annotate(place=place)
        .filter(place__lte=LOOK_BACK)
        .order_by("artist_id", "-at", "-pk")
        .values_list("artist_id", "kind", "at", "pk", "run_id", "profile_version")
    )
    return {
        artist: [Event(kind, at, pk, str(run), version) for _, kind, at, pk, run, version in own][
            :LOOK_BACK
        ]
        for artist, own in groupby(rows, key=itemgetter(0))
    }


def _tried(ids: Sequence[int]) -> dict[int, Evolution]:
    started = Evolution.objects.filter(artist__in=ids).exclude(started_at=None)
    return {tried.artist_id: tried for tried in started.order_by("started_at", "pk")}
