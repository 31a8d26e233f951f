"""Preview links: who holds the address hears the song, without an account and without a decision.

The token is random and signed; only its hash is kept, so the address is shown once, and nobody
reads it out of the database. A link serves nothing any more once it is revoked, its time has run
out, or what it shows was rejected, recalled or purged.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer
from django.db.models import F, QuerySet

from ai_artist.kit.tokens import hash_of
from media_tools.foreign import clean_text, label
from runs.errors import PreviewRefused
from runs.models import Artifact, PreviewComment, PreviewLink, Release, Run

MAY_SHARE = "runs.add_previewlink"
SALT = "runs.previews"
TOKEN_BYTES = 24
LONGEST_TOKEN = 200
# What a link may show: finished, and neither rejected nor ended otherwise.
HEARD = (Run.Status.AWAITING_REVIEW, *Run.KEPT)
MOST_OPEN = 20  # links in force for one run or release


@dataclass(frozen=True)
class Invitation:
    """What a new link is like. recipient: a name for oneself."""

    recipient: str = ""
    days: int = PreviewLink.USUAL_DAYS
    takes_comments: bool = True


@dataclass(frozen=True)
class Said:
    """What somebody says on a preview page. thumb: a PreviewComment.Thumb, or empty."""

    name: str
    text: str = ""
    thumb: str = ""


# --- By those who have an account ---


def make_link(
    subject: Run | Release, invitation: Invitation, *, maker: User, now: datetime
) -> tuple[PreviewLink, str]:
    """Make a link. Returns it with its token, which cannot be had again.

    Raises PreviewRefused if there is nothing to hear, or too many links are in force.
    """
    if not songs_of(subject):
        raise PreviewRefused("There is no song to hear yet, or it is not to be heard any more.")
    if subject.preview_links.filter(revoked_at=None, expires_at__gt=now).count() >= MOST_OPEN:
        raise PreviewRefused(
            f"{MOST_OPEN} links are in force. Revoke one that is not needed any more first."
        )
    if not 1 <= invitation.days <= PreviewLink.LONGEST_DAYS:
        raise PreviewRefused(f"A link lasts 1 to {PreviewLink.LONGEST_DAYS} days.")
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    link = PreviewLink.objects.create(
        run=subject if isinstance(subject, Run) else None,
        release=subject if isinstance(subject, Release) else None,
        token_hash=hash_of(secret),
        recipient=label(invitation.recipient, longest=80),
        takes_comments=invitation.takes_comments,
        made_by=maker,
        created_at=now,
        expires_at=now + timedelta(days=invitation.days),
    )
    return link, signer().sign(secret)


def revoke_link(subject: Run | Release, link_id: int, *, now: datetime) -> None:
    """End a link at once. Raises PreviewRefused for a link that is over or not of this subject."""
    open_links = subject.preview_links.filter(pk=link_id, revoked_at=None)
    if not open_links.update(revoked_at=now):
        raise PreviewRefused("That link is over already.")


def links_of(subject: Run | Release) -> QuerySet[PreviewLink]:
    """Return the links of a run or a release with what came back by them, newest first."""
    return subject.preview_links.select_related("made_by").prefetch_related("comments")


def note_seen(links: Sequence[PreviewLink], *, maker: User, now: datetime) -> None:
    """Note that whoever made these links saw their comments."""
    mine = [
        link.pk
        for link in links
        if link.made_by_id == maker.pk
        and any(comment.seen_at is None for comment in link.comments.all())
    ]
    if mine:
        PreviewComment.objects.unseen_by(maker).filter(link__in=mine).update(seen_at=now)


# --- By those who hold the address ---


def link_of(token: str) -> PreviewLink | None:
    """Return the link of a token; None for one that was never given out, or is long over."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        secret = signer().unsign(token)
    except BadSignature:
        return None
    links = PreviewLink.objects.select_related("run__artist", "release__artist")
    return links.filter(token_hash=hash_of(secret)).first()


def heard_by(link: PreviewLink, *, now: datetime) -> list[Run]:
    """Return the songs that a link shows, in their order; none if it is over."""
    subject = link.run or link.release
    return [] if subject is None or link.is_over(now=now) else songs_of(subject)


def songs_of(subject: Run | Release) -> list[Run]:
    """Return the runs that may be heard by a link; none if one of them may not be.

    Each has a streaming copy that is still there. The master itself is never served.
    """
    if isinstance(subject, Release):
        if subject.status == Release.Status.RECALLED:
            return []
        tracks = subject.tracks.select_related("run__artist").order_by("position")
        runs = [track.run for track in tracks]
    else:
        recalled = Release.objects.singles_of(subject.pk).filter(status=Release.Status.RECALLED)
        runs = [] if recalled.exists() else [subject]
    copies = Artifact.objects.current().filter(
        run__in=runs, kind=Artifact.Kind.MP3, name="", purged_at=None
    )
    playable = set(copies.values_list("run", flat=True))
    whole = all(run.status in HEARD and run.pk in playable for run in runs)
    return runs if whole else []


def count_open(link: PreviewLink, *, now: datetime) -> None:
    """Count one more look at a link's page."""
    PreviewLink.objects.filter(pk=link.pk).update(opens=F("opens") + 1, opened_at=now)


def say(link: PreviewLink, said: Said, *, now: datetime) -> PreviewComment:
    """Keep what somebody says. Raises PreviewRefused if it says nothing, or enough was said."""
    name = label(said.name, longest=PreviewComment.LONGEST_NAME)
    text = clean_text(said.text[: 2 * PreviewComment.LONGEST]).strip()[: PreviewComment.LONGEST]
    if not link.takes_comments:
        raise PreviewRefused("This link takes no comments.")
    if not name:
        raise PreviewRefused("Tell your name, so that they know who says it.")
    if not text and said.thumb not in PreviewComment.Thumb:
        raise PreviewRefused("Write something, or choose a thumb.")
    if link.comments.count() >= PreviewLink.MOST_COMMENTS:
        raise PreviewRefused("This link has enough comments; it takes no more.")
    thumb = said.thumb if said.thumb in PreviewComment.Thumb else ""
    return PreviewComment.objects.create(link=link, name=name, text=text, thumb=thumb, at=now)


# --- Tokens ---


def signer() -> Signer:
    return Signer(salt=SALT, sep=".")
