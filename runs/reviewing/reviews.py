"""A person's verdict and everything that follows from it.

A decision counts at once: the run leaves the queue. Its consequences (history, lifecycle, lessons,
experiments, the release) wait for the end of a grace, in which it can be undone without a trace.
Every write locks the run's row first, so two people who decide at once wait for each other. Their
decisions count in the order of that lock (`next_moment`), not in the order of the clocks they read.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef

from artists import lifecycle
from artists.lessons import learn_from_rejection, unlearn_rejection
from artists.lifecycle.history import locked as lock_artist
from artists.models import StatusChange
from experiments.assignment import record_outcome
from runs import queue
from runs.errors import ReleaseRefused, ReviewRefused, StoreTrouble
from runs.models import Artifact, Review, Run, RunEvent
from runs.models.moments import next_moment
from runs.releasing import releases
from runs.reviewing.reviewers import several_reviewers

logger = logging.getLogger(__name__)

Kind = RunEvent.Kind

STATUS_BY_DECISION = {
    Review.Decision.APPROVE: Run.Status.APPROVED,
    Review.Decision.REJECT: Run.Status.REJECTED,
}
APPLY_TOGETHER = 100  # per call: requests of the desk apply due decisions too


def content_hash_of(run: Run) -> str:
    """SHA-256 over what a reviewer judges: the concept and every current file."""
    files = run.artifacts.current().exclude(kind__in=Artifact.OF_RELEASES)
    return content_hash(run, files.values_list("kind", "name", "sha256"))


def content_hash(run: Run, files: Iterable[tuple[str, str, str]]) -> str:
    """Return the same hash for files already loaded, as (kind, name, sha256), without bundles."""
    text = json.dumps([run.concept, sorted(files)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


# --- Deciding ---


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
    grace_s: float = 0.0,
    key: UUID | None = None,
    group: UUID | None = None,
    source: str = Review.Source.PERSON,
) -> Review:
    """Approve or reject a run that awaits review; history, lifecycle and experiments follow.

    reasons: codes of Review.Reason, at least one for a rejection. content_hash: of what the
    reviewer saw; a run that has changed since is refused. grace_s: seconds until the consequences
    follow (`apply_due`); 0 means at once. key: a repeated request with the same key returns the
    same review.
    group: of decisions that are undone together. source: history and experiments ignore an approval
    by the autopilot, which is not evidence.

    If several verdicts are needed (`verdicts_needed`), the run awaits review until they settle it.
    Raises ReviewRefused.
    """
    require_decision(decision, reasons)
    with transaction.atomic():
        run = locked(run_id)
        # The browser sends a decision again until it is answered.
        if key and (known := Review.objects.filter(key=key).first()):
            if known.run_id != run.pk or known.reviewer != reviewer:
                raise ReviewRefused(f"The key {key} belongs to another decision; reload the page.")
            return known
        now = next_moment(run.pk, now=now)
        if run.status != Run.Status.AWAITING_REVIEW:
            raise not_reviewable(run)
        if reviewer and run.reviews.verdicts().filter(reviewer=reviewer).exists():
            raise ReviewRefused(
                f"You judged {run} already; it waits for the verdict of another person."
            )
        judged = content_hash_of(run)
        if content_hash is not None and content_hash != judged:
            raise ReviewRefused(
                f"{run} changed after you opened it; reload the page and judge again."
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
            key=key,
            group=group,
            source=source,
        )
        settle(run, now=now, grace_s=grace_s)
        review.refresh_from_db()
    return review


def require_decision(decision: str, reasons: Sequence[str]) -> None:
    """Raise ReviewRefused for an unknown decision, or a rejection without a known reason."""
    if decision not in Review.Decision:
        raise ReviewRefused(f"“{decision}” is no decision; use approve or reject.")
    unknown = [code for code in reasons if code not in Review.Reason]
    if unknown:
        raise ReviewRefused(
            f"Unknown reason {', '.join(unknown)}; use one of: {', '.join(Review.Reason)}."
        )
    if decision == Review.Decision.REJECT and not reasons:
        raise ReviewRefused("A rejection needs a reason: the artist learns from it.")


def verdicts_needed(run: Run) -> int:
    """Return how many people must judge a run: 2 in the sample and for first releases.

    The run's random id draws the sample, so the answer is always the same. If there is only one
    reviewer, a first release does not wait for a second one.
    """
    first = settings.SECOND_REVIEW_FIRST_RELEASE and not run.artist.approved_count
    if first and several_reviewers():
        return 2
    return 2 if run.pk.int % 10_000 < settings.SECOND_REVIEW_SHARE * 10_000 else 1


def settle(run: Run, *, now: datetime, grace_s: float) -> bool:
    """Decide a locked run if it has enough verdicts; otherwise free it for the next reviewer.

    A tie waits for one more verdict. A verdict from the command line, which has no reviewer,
    decides alone.
    """
    verdicts = list(run.reviews.verdicts().order_by("at", "pk"))
    decision = outcome(verdicts, needed=verdicts_needed(run))
    if decision is None:
        Run.objects.filter(pk=run.pk).update(reviewed_by=None, review_until=None)
        return False
    Run.objects.filter(pk=run.pk, status=Run.Status.AWAITING_REVIEW).update(
        status=STATUS_BY_DECISION[decision], decided_at=now, reviewed_by=None, review_until=None
    )
    run.refresh_from_db(fields=["status", "decided_at"])
    # The last verdict for the outcome carries the decision, its grace and its consequences.
    decisive = next(verdict for verdict in reversed(verdicts) if verdict.decision == decision)
    Review.objects.filter(pk=decisive.pk).update(effective_at=now + timedelta(seconds=grace_s))
    if grace_s <= 0:
        apply(review_id=decisive.pk, run_id=run.pk, now=now)
    return True


def outcome(verdicts: Sequence[Review], *, needed: int) -> Review.Decision | None:
    """Return what verdicts, oldest first, decide together; None if another one is needed."""
    # From the command line or the autopilot, which decide alone.
    if verdicts and verdicts[-1].reviewer_id is None:
        return Review.Decision(verdicts[-1].decision)
    approvals = sum(verdict.decision == Review.Decision.APPROVE for verdict in verdicts)
    rejections = len(verdicts) - approvals
    if len(verdicts) < needed or approvals == rejections:
        return None
    return Review.Decision.APPROVE if approvals > rejections else Review.Decision.REJECT


def settle_waiting(*, now: datetime) -> int:
    """Settle runs that now have enough verdicts because fewer are required. Returns how many."""
    judged = Review.objects.verdicts().filter(run=OuterRef("pk"))
    waiting = Run.objects.filter(Exists(judged), status=Run.Status.AWAITING_REVIEW)
    settled = 0
    for run_id in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            run = locked(run_id)
            # Checked again under the lock: somebody may have decided the run meanwhile.
            if run.status == Run.Status.AWAITING_REVIEW and outcome(
                list(run.reviews.verdicts().order_by("at", "pk")), needed=verdicts_needed(run)
            ):
                settled += settle(run, now=next_moment(run.pk, now=now), grace_s=0)
    return settled


# --- What follows ---


def apply_due(*, now: datetime) -> int:
    """Apply decisions whose undo period has ended. Returns how many.

    Safe to call at any time and by several processes: one conditional UPDATE claims each decision.
    """
    due = Review.objects.pending().filter(effective_at__lte=now).order_by("effective_at", "pk")
    applied = 0
    for review_id, run_id in list(due.values_list("pk", "run_id")[:APPLY_TOGETHER]):
        try:
            applied += apply(review_id=review_id, run_id=run_id, now=now)
        except (lifecycle.LifecycleError, StoreTrouble):
            logger.exception("Nothing followed from the decision on run %s; tried again.", run_id)
    return applied


def apply(*, review_id: int, run_id: UUID, now: datetime) -> bool:
    """Apply the consequences of a decision. Returns False if it was undone, applied or reopened.

    If the content changed after the verdict, the run is reopened, because nobody judged the new
    content.
    """
    with transaction.atomic():
        run = locked(run_id)
        due = Review.objects.pending().filter(pk=review_id, effective_at__lte=now)
        review = due.first()
        if review is None:
            return False
        now = next_moment(run.pk, now=now)
        if content_hash_of(run) != review.content_hash:
            reopen(run, run.reviews.verdicts(), now=now, actor=None, changed=True)
            return False
        # The conditional UPDATE claims the decision, so that its consequences come only once.
        if not due.update(applied_at=now):
            return False
        approved = review.decision == Review.Decision.APPROVE
        for verdict in run.reviews.verdicts().order_by("at", "pk"):
            log(verdict, decisive=verdict.pk == review.pk)
        if review.source == Review.Source.PERSON:
            count_decision(run, review, now=now)
        if approved:
            single = releases.make_single(run, now=now)
            queue.package_soon(single.pk, now=now)
        for verdict in rejections_of(run, review):
            learn_from_rejection(
                artist=run.artist,
                run_id=run.pk,
                review_id=verdict.pk,
                reasons=verdict.reasons,
                comment=verdict.comment,
                now=now,
            )
    return True


def count_decision(run: Run, review: Review, *, now: datetime) -> None:
    """Record a person's decision in the artist's history and the experiments."""
    approved = review.decision == Review.Decision.APPROVE
    changes = lifecycle.record_decision(
        artist_id=run.artist_id,
        run_id=run.pk,
        approved=approved,
        detail=", ".join(review.reasons),
        profile_version=run.profile_version,
        now=now,
    )
    RunEvent.objects.log_changes(run.pk, changes, now=now)
    record_outcome(
        run_id=run.pk,
        outcome="approved" if approved else "rejected",
        cost_usd=run.cost_usd,
        rating=review.rating,
        now=now,
    )


def rejections_of(run: Run, decision: Review) -> list[Review]:
    """Return the verdicts the artist learns from: all rejections."""
    if decision.decision != Review.Decision.REJECT:
        return []
    return list(run.reviews.verdicts().filter(decision=Review.Decision.REJECT).order_by("pk"))


def log(verdict: Review, *, decisive: bool) -> None:
    """Write a line in the run's log, at the time of the verdict."""
    kind = Kind.APPROVED if verdict.decision == Review.Decision.APPROVE else Kind.REJECTED
    RunEvent.objects.log(
        verdict.run_id,
        kind if decisive else Kind.VERDICT,
        summary(verdict),
        now=verdict.at,
        actor=verdict.reviewer,
    )


# --- Undoing ---


def undo(*, run_id: UUID, reviewer: User | None, now: datetime) -> None:
    """Undo a run's decision: it awaits review again, as if it had not been decided.

    Possible until the release is published. Its consequences are withdrawn, and the log says so.
    Raises ReviewRefused.
    """
    with transaction.atomic():
        run = locked(run_id)
        now = next_moment(run.pk, now=now)
        if run.status not in Run.DECIDED:
            raise ReviewRefused(
                f"{run} holds no decision that can be undone: it was never decided, or "
                "it is released."
            )
        reopen(run, run.reviews.verdicts(), now=now, actor=reviewer)


def undo_verdict(*, key: UUID | None, reviewer: User, now: datetime) -> Review:
    """Undo one's own verdict by its key; others' verdicts stay. A repetition does nothing.

    Raises ReviewRefused if the key is unknown or another reviewer's, or the release is published.
    """
    mine = Review.objects.filter(key=key, reviewer=reviewer)
    review = mine.exclude(key=None).first()
    if review is None:
        raise ReviewRefused("There is no decision of yours to undo; reload the page.")
    with transaction.atomic():
        run = locked(review.run_id)
        now = next_moment(run.pk, now=now)
        review.refresh_from_db()
        # The run waits for another verdict, so this one has had no consequences.
        if review.undone_at is None and run.status == Run.Status.AWAITING_REVIEW:
            mine.update(undone_at=now)
        elif review.undone_at is None:
            if run.status not in Run.DECIDED:
                raise ReviewRefused(f"{run} is released; recall the release first.")
            reopen(run, mine, now=now, actor=reviewer)
        review.refresh_from_db()
    return review


def reopen(
    run: Run,
    taken_back: Iterable[Review],
    *,
    now: datetime,
    actor: User | None,
    changed: bool = False,
) -> None:
    """Send a locked, decided run back to review and withdraw the decision's consequences.

    taken_back: the verdicts that are undone; others wait for a new decision. changed: the content
    changed after the verdict.
    Raises ReviewRefused if the release is published.
    """
    fallen = [verdict.pk for verdict in taken_back]
    if run.artifacts.current().purged().exclude(kind__in=Artifact.WORKING).exists():
        raise ReviewRefused(
            f"The files of run {run.pk} were removed to free space, so nobody can judge it again; "
            "make it again with the same seed."
        )
    try:
        releases.withdraw(run_id=run.pk, now=now)
    except ReleaseRefused as error:
        raise ReviewRefused(str(error)) from error
    decision = run.reviews.standing().get()
    changes: list[StatusChange] = []
    if decision.applied_at:
        changes = lifecycle.withdraw_decision(artist_id=run.artist_id, run_id=run.pk, now=now)
        for verdict in rejections_of(run, decision):
            unlearn_rejection(review_id=verdict.pk, now=now)
        record_outcome(run_id=run.pk, outcome="", cost_usd=run.cost_usd, now=now)
    # An undo within the grace leaves no trace, so it is not logged.
    if decision.applied_at or changed:
        message = "Decision undone."
        if changed:
            message = "Reopened: the content changed after it was judged."
        RunEvent.objects.log(run.pk, Kind.UNDONE, message, now=now, actor=actor)
    RunEvent.objects.log_changes(run.pk, changes, now=now)
    Review.objects.filter(pk__in=fallen).update(undone_at=now)
    # The verdicts that stay wait for a new decision.
    run.reviews.verdicts().update(effective_at=None, applied_at=None)
    Run.objects.filter(pk=run.pk, status__in=Run.DECIDED).update(
        status=Run.Status.AWAITING_REVIEW, decided_at=None
    )


def reopen_if_changed(*, run_id: UUID | str, now: datetime) -> bool:
    """Send an approved run back to review if its content changed after the verdict."""
    with transaction.atomic():
        run = locked(run_id)
        now = next_moment(run.pk, now=now)
        decision = run.reviews.standing().first()
        if (
            run.status != Run.Status.APPROVED
            or decision is None
            or decision.content_hash == content_hash_of(run)
        ):
            return False
        reopen(run, run.reviews.verdicts(), now=now, actor=None, changed=True)
    return True


def edit_reasons(
    *, key: UUID, reasons: Sequence[str], comment: str, reviewer: User, now: datetime
) -> Review:
    """Correct the reasons and the comment of one's own verdict; the log keeps the old ones.

    What the artist learnt is corrected too.
    Raises ReviewRefused.
    """
    review = Review.objects.verdicts().filter(key=key, reviewer=reviewer).first()
    if review is None:
        raise ReviewRefused("There is no decision of yours to correct; it may have been undone.")
    require_decision(review.decision, reasons)
    with transaction.atomic():
        run = locked(review.run_id)
        now = next_moment(run.pk, now=now)
        review = Review.objects.verdicts().filter(pk=review.pk).first()
        if review is None:
            raise ReviewRefused("The decision was undone meanwhile; judge the run again.")
        before = summary(review)
        decision = run.reviews.standing().first()
        in_force = decision if decision and decision.applied_at else None
        learns = in_force is not None and review in rejections_of(run, in_force)
        if learns:
            # Lessons are locked one by one; the artist's lock gives everybody the same order.
            lock_artist(run.artist_id)
            unlearn_rejection(review_id=review.pk, now=now)
        review.reasons, review.comment = list(reasons), comment
        review.save(update_fields=["reasons", "comment"])
        if learns:
            learn_from_rejection(
                artist=run.artist,
                run_id=run.pk,
                review_id=review.pk,
                reasons=reasons,
                comment=comment,
                now=now,
            )
        if in_force:
            message = f"Reasons corrected. Before: {before} Now: {summary(review)}"
            RunEvent.objects.log(run.pk, Kind.CORRECTED, message, now=now, actor=reviewer)
    return review


# --- Words ---


def summary(review: Review) -> str:
    """Return the decision in one line, for the log."""
    labels = [Review.Reason(code).label for code in review.reasons]
    verdict = "Approved" if review.decision == Review.Decision.APPROVE else "Rejected"
    if not review.reviewer_id:
        verdict += f" by {review.author}"
    text = f"{verdict}: {', '.join(labels)}." if labels else f"{verdict}."
    return f"{text} {review.comment}".strip()


def locked(run_id: UUID | str) -> Run:
    """Lock a run's row; return the run with its artist. Raises ReviewRefused if there is none.

    no_key: other transactions may still insert rows that refer to the run, which avoids deadlocks.
    """
    runs = Run.objects.select_for_update(of=("self",), no_key=True).select_related("artist")
    run = runs.filter(pk=run_id).first()
    if run is None:
        raise ReviewRefused(f"There is no run {run_id}.")
    return run


def not_reviewable(run: Run) -> ReviewRefused:
    """Return the error for a run that does not await review."""
    label = run.get_status_display().lower()
    return ReviewRefused(f"{run} is {label}, not awaiting review; nothing was decided.")
