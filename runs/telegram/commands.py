"""The bot's commands: each checks the panel's permission and calls the same service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.utils.timesince import timesince

from ai_artist.kit.values import counted
from artists import lifecycle
from artists.models import Artist
from artists.roster import RosterError
from media_tools.errors import ProviderError
from runs.models import Batch, Review, Run
from runs.work.batches import create_batch

HELP = """/status – what runs, what waits for review
/run – start a run; /run 3 starts three; /run ARTIST one for this artist
/pause ARTIST – no more turns for an artist
Items to review come by themselves, with buttons."""
MOST_RUNS = 10
NAMES_SHOWN = 5
DAY = timedelta(hours=24)


def parse(text: str, *, username: str) -> tuple[str, str] | None:
    """Return name and argument of a command; None for other text and commands to another bot."""
    if not text.startswith("/"):
        return None
    head, _, argument = text[1:].strip().partition(" ")
    name, at, addressee = head.partition("@")
    if not name or (at and username and addressee.lower() != username.lower()):
        return None
    return name.lower(), argument.strip()


def perform(name: str, argument: str, *, user: User, now: datetime) -> str:
    """Do a command for a linked user. Returns plain text to answer."""
    if name not in COMMANDS:
        return HELP
    permission, command = COMMANDS[name]
    if not user.has_perm(permission):
        return f"Your account may not use /{name}; ask an administrator for the permission."
    return command(argument, user, now)


def status(argument: str, user: User, now: datetime) -> str:
    """Count the queue and the last 24 hours."""
    states = Run.Status
    open_runs = Run.objects.filter(status__in=[*Run.OPEN, states.AWAITING_REVIEW])
    by_status = dict(open_runs.order_by().values_list("status").annotate(Count("pk")))
    failed = Run.objects.filter(status=states.FAILED, finished_at__gt=now - DAY).count()
    decisions = Review.objects.standing().filter(at__gt=now - DAY)
    decided = decisions.aggregate(
        approved=Count("pk", filter=Q(decision=Review.Decision.APPROVE)),
        rejected=Count("pk", filter=Q(decision=Review.Decision.REJECT)),
    )
    waiting = f"Awaiting review: {by_status.get(states.AWAITING_REVIEW, 0)}"
    oldest = Run.objects.awaiting_review().values_list("finished_at", flat=True).first()
    if oldest:
        waiting += f" (the oldest for {timesince(oldest, now, depth=1)})"
    counts = [f"{state.label}: {by_status.get(state, 0)}" for state in Run.OPEN]
    return "\n".join(
        [
            waiting,
            " · ".join(counts),
            f"Last 24 hours: {decided['approved']} approved, {decided['rejected']} rejected, "
            f"{failed} failed",
        ]
    )


def run(argument: str, user: User, now: datetime) -> str:
    """Queue runs: one, several, or one for a named artist."""
    artist, size = None, 1
    if argument.isascii() and argument.isdigit():
        size = int(argument)
        if not 1 <= size <= MOST_RUNS:
            return f"From here 1 to {MOST_RUNS} runs can be started at a time."
    elif argument:
        artist = artist_named(argument)
        if artist is None:
            return unknown_artist(argument)
    try:
        batch = create_batch(
            size=size,
            origin=Batch.Origin.TELEGRAM,
            artist=artist,
            requested_by=user,
            now=now,
        )
    except (RosterError, ProviderError) as error:
        return str(error)
    names = batch.runs.order_by("created_at", "pk").values_list("artist__name", flat=True)
    return f"Batch {batch.pk}: {counted(size, 'run')} queued for {', '.join(names)}."


def pause(argument: str, user: User, now: datetime) -> str:
    """Pause an artist: it gets no more turns."""
    if not argument:
        return "Which artist? /pause NAME"
    artist = artist_named(argument)
    if artist is None:
        return unknown_artist(argument)
    try:
        lifecycle.pause(artist_id=artist.pk, actor=user, reason="Paused through Telegram.", now=now)
    except lifecycle.LifecycleError as error:
        return str(error)
    return f"{artist.name} is paused; resume it in the panel."


def artist_named(text: str) -> Artist | None:
    """Return the artist with this name or slug, ignoring case."""
    return Artist.objects.filter(Q(slug=text.lower()) | Q(name__iexact=text)).first()


def unknown_artist(text: str) -> str:
    """Return the message for an unknown artist, with similar names."""
    near = Artist.objects.filter(name__icontains=text).order_by("name")
    names = list(near.values_list("name", flat=True)[:NAMES_SHOWN])
    return f"There is no artist “{text}”." + (f" Is it {' or '.join(names)}?" if names else "")


# Name, then the permission and the function.
COMMANDS: dict[str, tuple[str, Callable[[str, User, datetime], str]]] = {
    "status": ("runs.view_run", status),
    "run": ("runs.operate_run", run),
    "pause": ("artists.change_artist", pause),
}
