"""The calendar of what is planned and out: entries, conflicts, and a feed for other calendars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer
from django.db.models.functions import Coalesce

from ai_artist.kit.periods import midnight
from runs.errors import PublishingRefused
from runs.models import Channel, Publication, Release
from runs.publishing import pacing
from runs.publishing.pacing import Candidate
from runs.publishing.planning import candidate_of, require_unsent

Status = Publication.Status
MOST_ENTRIES = 2_000
FEED_BEFORE, FEED_AFTER = timedelta(days=60), timedelta(days=400)
LENGTH = timedelta(minutes=15)
LONGEST_LINE_BYTES = 73
SALT = "runs.publishing.calendar"


@dataclass(frozen=True)
class Entry:
    """A publication in the calendar. at: when it was or will be public.

    movable: nothing of it is at its channel. late: it should be out by now.
    """

    publication_id: UUID
    release_id: UUID
    at: datetime
    title: str
    artist: str
    channel: str
    channel_id: int
    kind: str
    part: str
    status: str
    status_in_words: str
    reason: str
    url: str
    movable: bool
    late: bool


def entries(first: date, last: date, *, now: datetime) -> list[Entry]:
    """What is public between two days, both included, in the site's time zone."""
    return between(midnight(first), midnight(last + timedelta(days=1)), now=now)


def between(start: datetime, end: datetime, *, now: datetime) -> list[Entry]:
    rows = (
        Publication.objects.exclude(status=Status.CANCELLED)
        .annotate(public_at=Coalesce("live_at", "due_at"))
        .filter(public_at__gte=start, public_at__lt=end)
        .select_related("release__artist", "channel")
        .order_by("public_at", "pk")
    )
    return [entry_of(publication, now=now) for publication in rows[:MOST_ENTRIES]]


def entry_of(publication: Publication, *, now: datetime) -> Entry:
    release, channel = publication.release, publication.channel
    return Entry(
        publication_id=publication.pk,
        release_id=release.pk,
        at=publication.live_at or publication.due_at,
        title=release.title,
        artist=release.artist.name,
        channel=channel.name,
        channel_id=channel.pk,
        kind=channel.get_kind_display(),
        part=publication.get_part_display(),
        status=publication.status,
        status_in_words=publication.get_status_display(),
        reason=publication.reason,
        url=publication.url,
        movable=is_movable(publication),
        late=publication.status in Publication.ON_ITS_WAY and publication.asked_at < now,
    )


def is_movable(publication: Publication) -> bool:
    try:
        require_unsent(publication)
    except PublishingRefused:
        return False
    return True


# --- Conflicts ---


def conflicts_by_moment(
    publication: Publication, moments: Mapping[str, datetime], *, now: datetime
) -> dict[str, list[str]]:
    """What each of these times would break, by their names; only those that break something.

    The caps are read once, so that a month costs no more than a day.
    """
    paces = pacing.paces_of(candidate_of(publication))
    found = {}
    for name, moment in moments.items():
        broken = pacing.broken(paces, moment)
        if moment < now:
            broken.append("That is over")
        if broken:
            found[name] = broken
    return found


def conflicts_of_date(
    release: Release, at: datetime, channels: Sequence[Channel]
) -> dict[str, list[str]]:
    """What a date would break, in words by the channel's name; only channels where it does."""
    found: dict[str, list[str]] = {}
    for channel in channels:
        for part in channel.parts:
            broken = pacing.broken_caps(Candidate(channel, release.artist_id, part), at)
            if broken:
                found.setdefault(channel.name, broken)
    return found


# --- The feed for calendar programs ---


def feed_token(user: User) -> str:
    """The signed part of a person's own feed address."""
    return Signer(salt=SALT).sign(str(user.pk))


def reader_of(token: str) -> User | None:
    """Whose feed address it is; None if it is forged, or the person may not see it any more."""
    try:
        user_id = int(Signer(salt=SALT).unsign(token))
    except (BadSignature, ValueError):
        return None
    user = User.objects.filter(pk=user_id, is_active=True, is_staff=True).first()
    return user if user and user.has_perm("runs.view_release") else None


def ical(*, now: datetime) -> str:
    """The calendar as RFC 5545 has it: what is planned, and what came out lately."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//AI Artist Platform//Publications//EN",
        "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:Publications",
    ]
    for entry in between(now - FEED_BEFORE, now + FEED_AFTER, now=now):
        lines += event_of(entry, now=now)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def event_of(entry: Entry, *, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.publication_id}@ai-artist-platform"
    yield f"DTSTAMP:{in_utc(now)}"
    yield f"DTSTART:{in_utc(entry.at)}"
    yield f"DTEND:{in_utc(entry.at + LENGTH)}"
    yield f"SUMMARY:{escaped(f'{entry.artist}: {entry.title} ({entry.channel})')}"
    told = "\n".join(filter(None, (entry.part, entry.status_in_words, entry.reason)))
    yield f"DESCRIPTION:{escaped(told)}"
    if entry.url:
        yield f"URL:{entry.url}"
    yield "STATUS:CONFIRMED" if entry.status == Status.LIVE else "STATUS:TENTATIVE"
    yield "END:VEVENT"


def in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """A text as a value of RFC 5545."""
    for char in "\\;,":
        text = text.replace(char, f"\\{char}")
    return text.replace("\r", "").replace("\n", "\\n")


def folded(line: str) -> str:
    """A line in pieces of at most 75 bytes, no character cut."""
    pieces, piece = [], ""
    for char in line:
        if len((piece + char).encode()) > LONGEST_LINE_BYTES:
            pieces.append(piece)
            piece = ""
        piece += char
    return "\r\n ".join([*pieces, piece])
