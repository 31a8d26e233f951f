"""Comments at a second of a run's track: written, corrected and removed by their author."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from media_tools.foreign import label
from runs.errors import ReviewRefused
from runs.models import Review, Run, TimedComment

MAY_COMMENT = "runs.add_timedcomment"


@dataclass(frozen=True)
class Remark:
    """What a person says at a second of the track. Raises ReviewRefused if it says nothing."""

    at_s: float
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", label(self.text, longest=TimedComment.LONGEST))
        if not self.text:
            raise ReviewRefused("Write something first; an empty comment is not kept.")


def add_comment(*, run_id: UUID, remark: Remark, author: User, now: datetime) -> TimedComment:
    """Leave a comment on a run. Raises ReviewRefused if it has no track or enough comments."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None or run.duration_s is None:
        raise ReviewRefused("There is no track yet to comment on.")
    if run.timed_comments.count() >= TimedComment.MOST:
        raise ReviewRefused(
            f"The run has {TimedComment.MOST} comments, and takes no more. Remove some first."
        )
    return TimedComment.objects.create(
        run=run,
        author=author,
        at_s=round(min(max(0.0, remark.at_s), run.duration_s), 2),
        text=remark.text,
        take=run.take,
        created_at=now,
    )


def edit_comment(
    *, comment_id: int, run_id: UUID, text: str, author: User, now: datetime
) -> TimedComment:
    """Change the words of one's own comment. Raises ReviewRefused."""
    comment = own_comment(comment_id, run_id, author)
    comment.text = Remark(comment.at_s, text).text
    comment.edited_at = now
    comment.save(update_fields=["text", "edited_at"])
    return comment


def delete_comment(*, comment_id: int, run_id: UUID, author: User) -> None:
    """Remove one's own comment. Raises ReviewRefused."""
    own_comment(comment_id, run_id, author).delete()


def own_comment(comment_id: int, run_id: UUID, author: User) -> TimedComment:
    """Return a comment that its author may still change. Raises ReviewRefused."""
    own = TimedComment.objects.filter(pk=comment_id, run=run_id, author=author)
    comment = own.select_related("run").first()
    if comment is None:
        raise ReviewRefused("That is not a comment of yours, or it is gone.")
    if comment.is_settled(comment.run.decided_at):
        raise ReviewRefused("The run was decided; what was said before stays as it was said.")
    return comment


def comments_for(reader: User, run_ids: Iterable[UUID]) -> QuerySet[TimedComment]:
    """Return the comments on runs that a person may see, by the second.

    A verdict is blind, so until the decision the comments of whoever gave one are seen by nobody
    else.
    """
    judged = Review.objects.verdicts().filter(run=OuterRef("run"), reviewer=OuterRef("author"))
    blind = Q(run__status=Run.Status.AWAITING_REVIEW) & ~Q(author=reader) & Exists(judged)
    seen = TimedComment.objects.filter(run__in=list(run_ids)).exclude(blind)
    return seen.select_related("author", "run").order_by("at_s", "pk")


def comment_as_json(comment: TimedComment, reader: User) -> dict[str, Any]:
    """Return a comment as the desk shows it. mine: the reader may change it."""
    return {
        "id": comment.pk,
        "at_s": comment.at_s,
        "text": comment.text,
        "by": str(comment.author or "a former account"),
        "mine": may_change(comment, reader),
        "take": comment.take,
    }


def may_change(comment: TimedComment, reader: User) -> bool:
    """Tell whether a reader may change or remove a comment loaded with its run."""
    return comment.author_id == reader.pk and not comment.is_settled(comment.run.decided_at)
