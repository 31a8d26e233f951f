"""Which songs say the same or have the same title: an index over every song's words.

Also what a new song must not say again: how the lines of the latest songs begin and end, titles
and hooks.
"""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Count, QuerySet

from media_tools.findings import Finding, Severity
from media_tools.text import ledger
from media_tools.text.base import Concept, Lyrics, UsedWords
from media_tools.text.shingles import pack, shingles, sketch, title_key, unpack
from runs.models import Run, SongWords, WordKey

# All of 100 songs with three tenths of a known one's words shared so many keys with it, and no
# forty others shared more.
SHARED_KEYS = 2
COMPARED = 40
# Openings and endings of lines come again after so many songs.
LATEST_OF_ROSTER = 200
LATEST_OF_ARTIST = 50


def remember(run: Run, lyrics: Lyrics) -> None:
    """Store a song's title and words with their keys, replacing those of an earlier take."""
    hashes = shingles(lyrics)
    words, _ = SongWords.objects.update_or_create(
        run=run,
        defaults={
            "artist_id": run.artist_id,
            "title_key": key_of(run),
            "hook_key": short_key((run.concept or {}).get("hook", "")),
            "openings": ledger.openings(lyrics),
            "endings": ledger.endings(lyrics),
            "shingles": pack(hashes),
        },
    )
    words.keys.all().delete()
    WordKey.objects.bulk_create(WordKey(words=words, key=key) for key in sketch(hashes))


def key_of(run: Run) -> str:
    """Return the run's title as it is compared, as far as the column holds it."""
    return short_key(run.title)


def short_key(text: str) -> str:
    """Return a title or hook as it is compared, as far as its column holds it."""
    return title_key(text)[: SongWords._meta.get_field("title_key").max_length]


def used_words(run: Run) -> UsedWords:
    """Return what the latest songs of the roster and of the artist took.

    Only runs older than this one count, or than the one it replays: so the same run finds the same.
    """
    origin = run.replay_of or run
    older = SongWords.objects.filter(run__created_at__lt=origin.created_at)
    # A run with an older one's seed is meant to match it.
    others = older.exclude(artist=run.artist_id, run__seed=run.seed)
    songs = others.order_by("-run__created_at", "-run")
    fields = ("title_key", "hook_key", "openings", "endings")
    rows = [
        *songs.values_list(*fields)[:LATEST_OF_ROSTER],
        *songs.filter(artist=run.artist_id).values_list(*fields)[:LATEST_OF_ARTIST],
    ]
    return UsedWords(
        titles=frozenset(title for title, *_ in rows),
        hooks=frozenset(hook for _, hook, *_ in rows),
        openings=frozenset(text for _, _, openings, _ in rows for text in openings),
        endings=frozenset(text for *_, endings in rows for text in endings),
    )


def add_taken(used: UsedWords, concept: Concept, run: Run) -> UsedWords:
    """Return `used` with the concept's title and hook if any song of the roster has them."""
    title, hook = short_key(concept.title), short_key(concept.hook)
    songs = compared(run)
    titles = {title} if songs.filter(title_key=title).exists() else frozenset()
    hooks = {hook} if songs.filter(hook_key=hook).exists() else frozenset()
    return replace(used, titles=used.titles | titles, hooks=used.hooks | hooks)


def compared(run: Run) -> QuerySet[SongWords]:
    """Songs a run is compared with: not its own, not those that come out nowhere.

    Replays of the run's own seed are left out: they are meant to match.
    """
    return (
        SongWords.objects.exclude(run=run)
        .exclude(artist=run.artist_id, run__seed=run.seed)
        .exclude(run__status__in=Run.GONE)
    )


def alike(run: Run, hashes: frozenset[int]) -> list[tuple[str, frozenset[int]]]:
    """Name and shingles of the songs that share most keys with these words, at most 40.

    How much they share is for a comparison of all shingles to say.
    """
    shared = (
        WordKey.objects.filter(key__in=sketch(hashes))
        .values("words")
        .annotate(shared=Count("key"))
        .filter(shared__gte=SHARED_KEYS)
        .order_by("-shared")
        .values_list("words", flat=True)
    )
    others = (
        compared(run)
        .filter(pk__in=list(shared[:COMPARED]))
        .values_list("run__title", "artist__name", "shingles")
    )
    return [(f"“{title}” by {artist}", unpack(bytes(found))) for title, artist, found in others]


def title_findings(run: Run) -> list[Finding]:
    """Return a warning if the artist has a song of this title, or else if another artist has."""
    key = key_of(run)
    if not key:
        return []
    namesakes = compared(run).filter(title_key=key)
    if namesakes.filter(artist=run.artist_id).exists():
        message = f"The artist has a song called “{run.title}” already; shops show them as one."
        return [Finding("title_repeated", Severity.WARN, message, retryable=False)]
    # Any of them: there may be thousands.
    for other in namesakes.values_list("artist__name", flat=True)[:1]:
        message = f"A song by {other} is called “{run.title}” too."
        return [Finding("title_in_roster", Severity.WARN, message, retryable=False)]
    return []
