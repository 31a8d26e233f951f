"""What people did for a release: proof of human work, read from what is recorded anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from artists.models import Artist
from runs.models import Release, Review, Run, RunEvent

SHOWN_PROFILE_VERSIONS = 50
# A verdict has its own row, with its comment.
OF_VERDICTS = (RunEvent.Kind.VERDICT, RunEvent.Kind.APPROVED, RunEvent.Kind.REJECTED)


@dataclass(frozen=True)
class HumanAct:
    """Something a person did. who: an account. subject: of a track, or of the artist."""

    at: datetime
    who: str
    subject: str
    what: str


@dataclass(frozen=True)
class HumanRecord:
    """acts: oldest first. active_seconds: spent with it at the review desk. approved_by: each."""

    acts: tuple[HumanAct, ...]
    active_seconds: float
    approved_by: tuple[str, ...]


def human_record(release: Release) -> HumanRecord:
    """Collect what people did for the tracks of a release and for the artist's profile before."""
    runs = [track.run for track in release.tracks.select_related("run__batch__requested_by")]
    acts: list[HumanAct] = [*profile_edits(release.artist, runs)]
    reviews: list[Review] = []
    for run in runs:
        reviews += run.reviews.public().select_related("reviewer")
        acts += [*wishes(run), *interventions(run)]
    acts += [act_of(review) for review in reviews if review.source == Review.Source.PERSON]
    standing = [
        review.author for review in reviews if review.effective_at and review.undone_at is None
    ]
    return HumanRecord(
        # A line about an EP or album stands in the log of each of its songs.
        acts=tuple(sorted(dict.fromkeys(acts), key=lambda act: act.at)),
        active_seconds=sum(review.active_seconds or 0.0 for review in reviews),
        approved_by=tuple(dict.fromkeys(standing)),
    )


def profile_edits(artist: Artist, runs: list[Run]) -> Iterator[HumanAct]:
    """Versions of the artist's profile that people wrote, up to the last run."""
    until = max((run.created_at for run in runs), default=artist.created_at)
    versions = artist.history.filter(
        history_user__isnull=False, history_date__lte=until
    ).select_related("history_user")
    for version in versions.order_by("history_date")[:SHOWN_PROFILE_VERSIONS]:
        made = "Profile written" if version.history_type == "+" else "Profile edited"
        reason = f": {version.history_change_reason}" if version.history_change_reason else ""
        who = version.history_user.get_username()
        yield HumanAct(version.history_date, who, artist.name, f"{made}{reason}.")


def wishes(run: Run) -> Iterator[HumanAct]:
    """Who asked for the run, and what was set for it by hand."""
    person = run.batch.requested_by
    if person:
        yield HumanAct(run.created_at, person.get_username(), run.title, "Asked for the run.")
    for name, value in sorted(run.overrides.items()):
        who = person.get_username() if person else "the command line"
        wish = f"Set {name.replace('_', ' ')} to {value}."
        yield HumanAct(run.created_at, who, run.title, wish)


def interventions(run: Run) -> Iterator[HumanAct]:
    """What people did to the run: songs brought, steps done again, takes, codes."""
    events = run.events.filter(actor__isnull=False).exclude(kind__in=OF_VERDICTS)
    for event in events.select_related("actor", "release"):
        if event.actor:
            subject = event.release.title if event.release else run.title
            yield HumanAct(event.at, event.actor.get_username(), subject, event.message)


def act_of(review: Review) -> HumanAct:
    """A verdict in words, with its comment."""
    parts = ["Approved" if review.decision == Review.Decision.APPROVE else "Rejected"]
    if review.active_seconds:
        parts.append(f"after {review.active_seconds:.0f} s of listening and watching")
    said = f"{' '.join(parts)}."
    if review.comment:
        said += f" “{review.comment}”"
    if review.undone_at:
        said += " Undone later."
    return HumanAct(review.at, review.author, review.run.title, said)
