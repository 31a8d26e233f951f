"""What the palette (Ctrl+K) finds beside the menu: artists, songs and releases."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from artists.models import Artist
from media_tools.foreign import label
from runs.models import Release, Run, Track

SHORTEST, LONGEST = 2, 80
SHOWN = 8
# Words inside a title cannot be looked up in an index: the newest rows are read, and no more.
READ = 20_000


def find(request: HttpRequest, term: str) -> list[SearchResult]:
    """unfold's callback: what this person may see whose name, title, code or id is like the words.

    term: the words in lower case; the request has them as they were typed.
    """
    words = label(request.GET.get("s", ""), longest=LONGEST)
    if len(words) < SHORTEST:
        return []
    found: list[SearchResult] = []
    if request.user.has_perm("artists.view_artist"):
        found += artists(words)
    if request.user.has_perm("runs.view_run"):
        found += songs(words)
    if request.user.has_perm("runs.view_release"):
        found += releases(words)
    return found


def artists(words: str) -> Iterator[SearchResult]:
    for artist in Artist.objects.filter(like("name", words)).order_by("name")[:SHOWN]:
        yield SearchResult(
            title=artist.name,
            description=f"Artist, {artist.get_status_display().lower()}",
            link=reverse("admin:artists_artist_change", args=[artist.pk]),
            icon="artist",
        )


def songs(words: str) -> Iterator[SearchResult]:
    """Runs by title, or the one of a whole id."""
    newest = Run.objects.order_by("-created_at", "-pk")
    for run in matches(newest, "title", words).select_related("artist").defer("concept")[:SHOWN]:
        yield SearchResult(
            title=run.title or f"Untitled {str(run.pk)[:8]}",
            description=f"Run of {run.artist.name}, {run.get_status_display().lower()}",
            link=reverse("admin:runs_run_change", args=[run.pk]),
            icon="music_note",
        )


def releases(words: str) -> Iterator[SearchResult]:
    """Releases by title, or by a code as people write it."""
    newest = Release.objects.order_by("-created_at", "-pk")
    code = words.replace("-", "").replace(" ", "").upper()
    tracks = Track.objects.filter(Q(isrc=code) | Q(video_isrc=code)).exclude(isrc="", video_isrc="")
    coded = newest.filter(Q(upc=code) | Q(pk__in=tracks.values("release")))
    found = matches(newest, "title", words) | coded
    for release in found.select_related("artist")[:SHOWN]:
        yield SearchResult(
            title=release.title,
            description=f"{release.get_kind_display()} of {release.artist.name}, "
            f"{release.get_status_display().lower()}",
            link=reverse("admin:runs_release_change", args=[release.pk]),
            icon="album",
        )


def matches(newest: QuerySet[Any], field: str, words: str) -> QuerySet[Any]:
    """Those of the newest READ rows whose field holds the words, or the row of this id."""
    try:
        return newest.filter(pk=uuid.UUID(words))
    except ValueError:
        return newest.filter(like(field, words), pk__in=newest.values("pk")[:READ])


def like(field: str, words: str) -> Q:
    """Fields that hold the words, in whatever case.

    SQLite compares the case of ASCII letters alone, so other words are tried in each.
    """
    spellings = {words}
    if not words.isascii():
        spellings |= {words.lower(), words.upper(), words.title(), words.capitalize()}
    found = Q()
    for spelling in sorted(spellings):
        found |= Q(**{f"{field}__icontains": spelling})
    return found
