"""Verdicts on runs."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from runs.models.run import Run


class ReviewQuerySet(models.QuerySet["Review"]):
    def verdicts(self) -> Self:
        """Not taken back, decisive or waiting for a second one. Blind: show them to nobody."""
        return self.filter(undone_at__isnull=True)

    def standing(self) -> Self:
        """The decision of each run: the verdict that settled it and was not undone."""
        return self.filter(undone_at__isnull=True, effective_at__isnull=False)

    def pending(self) -> Self:
        """Decisions in their grace: nothing has followed from them yet."""
        return self.standing().filter(applied_at__isnull=True)

    def by_people(self) -> Self:
        """Reviews by people; excludes the autopilot's."""
        return self.filter(source=Review.Source.PERSON)

    def public(self) -> Self:
        """What a reviewer may see: not the verdicts that wait for another person's."""
        return self.filter(Q(undone_at__isnull=False) | Q(effective_at__isnull=False))


class Review(models.Model):
    """A person's verdict on a run.

    Where one verdict is enough it is the decision. Where more are asked for, the verdict that
    settles the run is the decision, and only it has `effective_at`.
    """

    class Decision(models.TextChoices):
        APPROVE = "approve"
        REJECT = "reject"

    class Reason(models.TextChoices):
        WEAK_HOOK = "weak_hook", "Weak hook"
        OFF_PERSONA = "off_persona", "Off persona or genre"
        AUDIO_FAULT = "audio_fault", "Audio fault"
        VOCAL_FAULT = "vocal_fault", "Vocal or lyric fault"
        LYRIC_CLICHE = "lyric_cliche", "Lyric cliché"
        VISUALS_UNFIT = "visuals_unfit", "Visuals do not fit"
        TOO_SIMILAR = "too_similar", "Too similar"
        RIGHTS = "rights", "Rights or policy"
        OTHER = "other", "Other"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="reviews")

    class Source(models.TextChoices):
        PERSON = "person"
        AUTOPILOT = "autopilot"

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        help_text="Empty: decided from the command line, or by the autopilot.",
    )
    source = models.CharField(max_length=9, choices=Source, default=Source.PERSON)
    decision = models.CharField(max_length=8, choices=Decision)
    reasons = models.JSONField(default=list, blank=True)
    comment = models.TextField(blank=True)
    rating = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    active_seconds = models.FloatField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, help_text="Of what was judged.")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)
    effective_at = models.DateTimeField(
        null=True, blank=True, help_text="End of the grace; empty: waits for more verdicts."
    )
    applied_at = models.DateTimeField(
        null=True, blank=True, help_text="When history, lifecycle and release followed."
    )
    key = models.UUIDField(
        null=True, blank=True, unique=True, help_text="The client's; a repeated request is known."
    )
    group = models.UUIDField(null=True, blank=True, help_text="Of decisions taken together.")

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "decision"
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["run"],
                condition=Q(undone_at__isnull=True, effective_at__isnull=False),
                name="review_one_standing_per_run",
            ),
            models.UniqueConstraint(
                fields=["run", "reviewer"],
                condition=Q(undone_at__isnull=True),
                name="review_one_verdict_per_reviewer",
            ),
            models.CheckConstraint(
                name="review_applied_after_grace",
                condition=Q(applied_at__isnull=True) | Q(effective_at__isnull=False),
            ),
            models.CheckConstraint(
                name="review_autopilot_only_approves",
                condition=Q(source="person") | Q(decision="approve", reviewer__isnull=True),
            ),
            models.CheckConstraint(
                name="review_rating_1_to_5",
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5),
            ),
            models.CheckConstraint(
                name="review_rejection_has_reason",
                condition=~Q(decision="reject") | ~Q(reasons=[]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["effective_at"],
                name="review_due",
                condition=Q(undone_at__isnull=True, applied_at__isnull=True),
            ),
            models.Index(fields=["group"], name="review_group", condition=Q(group__isnull=False)),
            models.Index(fields=["reviewer", "-at"], name="review_by_reviewer"),
            models.Index(fields=["-at", "-id"], name="review_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.run.title or 'Untitled'}: {self.outcome.lower()}"

    @property
    def outcome(self) -> str:
        return "Approved" if self.decision == self.Decision.APPROVE else "Rejected"

    @property
    def reasons_in_words(self) -> str:
        """The reasons' labels, joined by commas."""
        labels = dict(self.Reason.choices)
        return ", ".join(str(labels.get(code, code)) for code in self.reasons)

    @property
    def author(self) -> str:
        """Who judged: a person's name, "the autopilot" or "the command line"."""
        if self.source == self.Source.AUTOPILOT:
            return "the autopilot"
        return self.reviewer.get_username() if self.reviewer else "the command line"
