"""A person's verdict and everything that follows from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from artists import lifecycle
from artists.lessons import learn_from_rejection, unlearn_rejection
from experiments.assignment import record_outcome
from runs import queue, releases
from runs.errors import ReleaseRefused, ReviewRefused
from runs.models import Artifact, Review, Run, RunEvent

STATUS_BY_DECISION = {
    Review.Decision.APPROVE: Run.Status.APPROVED,
    Review.Decision.REJECT: Run.Status.REJECTED,
}


def content_hash_of(run: Run) -> str:
    """SHA-256 over what a reviewer judges: the concept and every current file."""
    files = run.artifacts.current().exclude(kind=Artifact.Kind.BUNDLE)
    parts = sorted(files.values_list("kind", "name", "sha256"))
    text = json.dumps([run.concept, parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def decide(
    *,
    run_id: UUID,
    decision: str,
    reviewer: User | None,
    now: datetime,
    reasons: Sequence[str] = (),
    comment: str = "",
    rating: int | None = None,
    active_seconds: float | None = None,
    content_hash: str | None = None,
) -> Review:
    """Approve or reject a run that awaits review; history, lifecycle and experiments follow.

    reasons: codes of Review.Reason, at least one for a rejection. content_hash: of what the
    reviewer saw; a run that changed since is refused. Raises ReviewRefused.
    """
    if decision not in Review.Decision:
        raise ReviewRefused(f"“{decision}” is no decision; use approve or reject.")
    unknown = [code for code in reasons if code not in Review.Reason]
    if unknown:
        raise ReviewRefused(
            f"Unknown reason {', '.join(unknown)}; use one of: {', '.join(Review.Reason)}."
        )
    if decision == Review.Decision.REJECT and not reasons:
        raise ReviewRefused("A rejection needs a reason: the artist learns from it.")
    approved = decision == Review.Decision.APPROVE
    with transaction.atomic():
        changed = Run.objects.filter(pk=run_id, status=Run.Status.AWAITING_REVIEW).update(
            status=STATUS_BY_DECISION[Review.Decision(decision)], decided_at=now
        )
        if not changed:
            raise not_reviewable(run_id)
        run = Run.objects.select_related("artist").get(pk=run_id)
        judged = content_hash_of(run)
        if content_hash is not None and content_hash != judged:
            raise ReviewRefused(
                f"Run {run_id} changed after you opened it; reload the page and judge again."
            )
        review = Review.objects.create(
            run=run,
            reviewer=reviewer,
            decision=decision,
            reasons=list(reasons),
            comment=comment,
            rating=rating,
            active_seconds=active_seconds,
            content_hash=judged,
            at=now,
        )
        RunEvent.objects.create(
            run=run,
            at=now,
            kind="approved" if approved else "rejected",
            message=summary(review),
            actor=reviewer,
        )
        lifecycle.record_decision(
            artist_id=run.artist_id,
            run_id=run.pk,
            approved=approved,
            detail=", ".join(reasons),
            now=now,
        )
        record_outcome(
            run_id=run.pk, outcome="approved" if approved else "rejected", cost_usd=run.cost_usd
        )
        if approved:
            queue.package_soon(str(run.pk))
        else:
            learn_from_rejection(
                artist=run.artist, run_id=run.pk, reasons=reasons, comment=comment, now=now
            )
    return review


def undo(*, run_id: UUID, reviewer: User | None, now: datetime) -> None:
    """Take a decision back: the run awaits review again, as if it had not been decided.

    Possible until the release is published. Raises ReviewRefused.
    """
    with transaction.atomic():
        try:
            releases.withdraw(run_id=run_id)
        except ReleaseRefused as error:
            raise ReviewRefused(str(error)) from error
        changed = Run.objects.filter(pk=run_id, status__in=Run.DECIDED).update(
            status=Run.Status.AWAITING_REVIEW, decided_at=None
        )
        if not changed:
            raise ReviewRefused(
                f"Run {run_id} holds no decision that can be undone: it was never decided, or "
                "it is released."
            )
        run = Run.objects.select_related("artist").get(pk=run_id)
        review = Review.objects.standing().get(run=run)
        Review.objects.filter(pk=review.pk).update(undone_at=now)
        lifecycle.withdraw_decision(artist_id=run.artist_id, run_id=run.pk, now=now)
        if review.decision == Review.Decision.REJECT:
            unlearn_rejection(
                artist=run.artist, run_id=run.pk, reasons=review.reasons, comment=review.comment
            )
        record_outcome(run_id=run.pk, outcome="", cost_usd=run.cost_usd)
        RunEvent.objects.create(
            run=run, at=now, kind="undone", message="Decision undone.", actor=reviewer
        )


def summary(review: Review) -> str:
    """The decision in one line, for the log."""
    labels = [Review.Reason(code).label for code in review.reasons]
    verdict = "Approved" if review.decision == Review.Decision.APPROVE else "Rejected"
    text = f"{verdict}: {', '.join(labels)}." if labels else f"{verdict}."
    return f"{text} {review.comment}".strip()


def not_reviewable(run_id: UUID) -> ReviewRefused:
    """The error for a run that is not with the reviewers."""
    status = Run.objects.filter(pk=run_id).values_list("status", flat=True).first()
    if status is None:
        return ReviewRefused(f"There is no run {run_id}.")
    label = Run.Status(status).label.lower()
    return ReviewRefused(f"Run {run_id} is {label}, not awaiting review; nothing was decided.")
