"""The autopilot: approves runs without a person, for artists for which a person allowed it.

Before anybody judges a run of such an artist, it records what it would decide. The decisions of
people then show how often they agree. Only if they provably do, and nothing about a run calls for a
person, it approves. Every fifth run always goes to people, and if they no longer agree, it switches
itself off. Its approvals are not evidence: the artist's history, experiments and its own agreement
ignore them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ai_artist.kit.special import special
from artists import lifecycle
from artists.lifecycle.history import career_of, locked
from artists.lifecycle.rules import Remark, Rule
from artists.models import Artist, StatusChange
from experiments.models import Assignment
from runs.errors import ReviewRefused
from runs.models import AutopilotVerdict, Review, Run, RunEvent
from runs.outputs import QualityOutput
from runs.reviewing import reviews

logger = logging.getLogger(__name__)

# It approves while the true agreement is at least this, with 95 % certainty, on enough samples.
AGREEMENT_BOUND = 0.80
CERTAINTY = 0.95
FEWEST_SAMPLES = 20
SAMPLES_LOOKED_AT = 50
# One run in this many always goes to people, drawn by the run's random id.
PEOPLE_SEE_ONE_IN = 5
AT_ONCE = 100  # runs per artist and sweep
NEWS_DAYS = 7
# Much longer than the sweep is ever late; whoever has a run to look at is looked at in any case.
LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Agreement:
    """How people decided runs that the autopilot would have approved."""

    agreed: int
    samples: int

    @property
    def lower(self) -> float:
        """Lower 95 % bound of the true agreement, with a uniform prior."""
        disagreed = self.samples - self.agreed
        return float(special.betaincinv(1 + self.agreed, 1 + disagreed, 1 - CERTAINTY))

    @property
    def proven(self) -> bool:
        return self.samples >= FEWEST_SAMPLES and self.lower >= AGREEMENT_BOUND

    def __str__(self) -> str:
        return (
            f"people agreed with {self.agreed} of {self.samples}; at least {self.lower:.0%} with "
            f"{CERTAINTY:.0%} certainty (needs {AGREEMENT_BOUND:.0%} on {FEWEST_SAMPLES} or more)"
        )


def run_autopilot(*, now: datetime) -> int:
    """Look at waiting runs of artists on autopilot. Returns how many it approved.

    Safe to repeat at any time: each decision is made by the review service, like a person's.
    """
    approved = 0
    for artist in worth_a_look(now=now):
        write_down(artist, now=now)
        agreement = agreement_of(artist)
        if agreement.proven:
            approved += _approve_for(artist, agreement, now=now)
        elif has_approved(artist):
            switch_off(artist, agreement, now=now)
    return approved


def worth_a_look(*, now: datetime) -> QuerySet[Artist]:
    """Return artists on autopilot that have a run to look at, or decisions that may end it."""
    waiting = Run.objects.awaiting_review().order_by().values("artist")
    judged = Review.objects.filter(at__gte=now - LATELY).order_by().values("run__artist")
    return Artist.objects.filter(Q(pk__in=waiting) | Q(pk__in=judged), autopilot=True).order_by(
        "pk"
    )


# --- What it would do ---


def write_down(artist: Artist, *, now: datetime) -> None:
    """Record the autopilot's verdict on every waiting run that nobody has judged yet."""
    # Recorded before any person judges, so that no decision can influence it.
    judged = Review.objects.filter(run=OuterRef("pk"))
    waiting = Run.objects.awaiting_review().filter(
        ~Exists(judged), artist=artist, autopilot_verdict=None
    )
    verdicts = []
    for run in waiting[:AT_ONCE]:
        why = objection(run)
        verdicts.append(
            AutopilotVerdict(
                run=run,
                artist=artist,
                would_approve=not why,
                why=why or "All checks passed without a warning",
                content_hash=reviews.content_hash_of(run),
                at=now,
            )
        )
    AutopilotVerdict.objects.bulk_create(verdicts, ignore_conflicts=True)


def objection(run: Run) -> str:
    """Return why the autopilot would leave a run to people; empty if it would approve it."""
    quality = run.shown_output(QualityOutput)
    if quality is None:
        return "The quality checks left no findings to rely on"
    if quality.findings:
        return f"The checks warn: {quality.findings[0].message}"[:200]
    return ""


def agreement_of(artist: Artist) -> Agreement:
    """Count people's newest decisions on runs that it had said it would approve."""
    decisions = (
        Review.objects.standing()
        .by_people()
        .filter(
            run__artist=artist,
            run__autopilot_verdict__would_approve=True,
            # Only if the person judged the same content, and later.
            run__autopilot_verdict__content_hash=F("content_hash"),
            run__autopilot_verdict__at__lte=F("at"),
        )
        .order_by("-at", "-pk")
        .values_list("decision", flat=True)[:SAMPLES_LOOKED_AT]
    )
    newest = list(decisions)
    return Agreement(newest.count(Review.Decision.APPROVE), len(newest))


def goes_to_people(run: Run) -> bool:
    """Whether the run is in the sample that people always see.

    Uses other digits of the id than the draw of second reviews, so that the two are independent.
    """
    return (run.pk.int // 10_000) % PEOPLE_SEE_ONE_IN == 0 or reviews.verdicts_needed(run) > 1


# --- What it does ---


def _approve_for(artist: Artist, agreement: Agreement, *, now: datetime) -> int:
    if why := reason_to_wait(artist):
        logger.info("Autopilot of %s waits: %s", artist, why)
        return 0
    return sum(
        _approve(run, agreement, now=now)
        for run in candidates(artist, now=now)[:AT_ONCE]
        if not goes_to_people(run)
    )


def reason_to_wait(artist: Artist) -> str:
    """Return why no run of this artist is approved without a person; empty if they may be."""
    if artist.status != Artist.Status.ACTIVE:
        return f"the artist is {artist.status}"
    if not artist.approved_count:
        return "an artist's first release is always a person's decision"
    if career_of(artist).probation():
        return "the artist is on probation"
    return ""


def candidates(artist: Artist, *, now: datetime) -> QuerySet[Run]:
    """Return waiting runs it would approve, that no person has begun to judge.

    Leaves out runs of experiments and bold variants, which are there to learn what people think.
    """
    return (
        Run.objects.awaiting_review()
        .filter(
            Q(review_until=None) | Q(review_until__lt=now),
            ~Exists(Review.objects.verdicts().filter(run=OuterRef("pk"))),
            ~Exists(Assignment.objects.filter(run_id=OuterRef("pk"))),
            artist=artist,
            explores=False,
            autopilot_verdict__would_approve=True,
        )
        .select_related("artist", "autopilot_verdict")
    )


def _approve(run: Run, agreement: Agreement, *, now: datetime) -> bool:
    try:
        reviews.decide(
            run_id=run.pk,
            decision=Review.Decision.APPROVE,
            reviewer=None,
            source=Review.Source.AUTOPILOT,
            comment=f"Autopilot: {agreement}.",
            content_hash=run.autopilot_verdict.content_hash,
            grace_s=settings.REVIEW_GRACE_S,
            now=now,
        )
    except ReviewRefused as refused:
        logger.info("Autopilot left run %s to people: %s", run.pk, refused)
        return False
    return True


def has_approved(artist: Artist) -> bool:
    """Whether it approved anything since it was last switched off."""
    off = (
        artist.status_changes.filter(rule=Rule.AUTOPILOT_OFF)
        .order_by("-at", "-pk")
        .values_list("at", flat=True)
        .first()
    )
    approved = Review.objects.filter(run__artist=artist, source=Review.Source.AUTOPILOT)
    return (approved.filter(at__gt=off) if off else approved).exists()


def switch_off(artist: Artist, agreement: Agreement, *, now: datetime) -> StatusChange:
    """Switch off an artist's autopilot; record it on the artist and on the newest disagreement."""
    reason = f"Autopilot switched itself off: {agreement}"
    with transaction.atomic():
        artist = locked(artist.pk)
        artist.autopilot = False
        artist._change_reason = reason[:100]  # type: ignore[attr-defined]
        artist.save(update_fields=["autopilot"])
        figures = {
            "agreed": agreement.agreed,
            "samples": agreement.samples,
            "lower_bound": round(agreement.lower, 4),
            "runs": _disagreements(artist),
        }
        change = lifecycle.remark(
            Remark(Rule.AUTOPILOT_OFF, reason, figures), artist_id=artist.pk, actor=None, now=now
        )
        for run_id in change.figures["runs"][:1]:
            RunEvent.objects.log(run_id, RunEvent.Kind.AUTOPILOT, f"{reason}.", now=now)
    logger.warning("%s: %s", artist, reason)
    return change


def _disagreements(artist: Artist) -> list[str]:
    """Return the runs it would have approved and people rejected, newest first."""
    rejected = (
        Review.objects.standing()
        .by_people()
        .filter(
            run__artist=artist,
            run__autopilot_verdict__would_approve=True,
            decision=Review.Decision.REJECT,
        )
    )
    ids = rejected.order_by("-at", "-pk").values_list("run_id", flat=True)
    return [str(run_id) for run_id in ids[:SAMPLES_LOOKED_AT]]


# --- Words ---


def describe(artist: Artist) -> str:
    """Describe the artist's autopilot in one sentence; empty if nobody allowed it."""
    if not artist.autopilot:
        return ""
    agreement = agreement_of(artist)
    if not agreement.proven:
        return f"Autopilot is learning, people decide: {agreement}."
    if why := reason_to_wait(artist):
        return f"Autopilot waits: {why}."
    return f"Autopilot approves what passes all checks: {agreement}."


def switched_off_lately(*, now: datetime) -> QuerySet[StatusChange]:
    """Return autopilots that lately switched themselves off and that nobody switched on again."""
    return StatusChange.objects.filter(
        rule=Rule.AUTOPILOT_OFF, artist__autopilot=False, at__gte=now - timedelta(days=NEWS_DAYS)
    ).select_related("artist")
