"""Lessons for the next runs, and the evidence they rest on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from ai_artist.kit import values
from artists.models.artist import Artist
from media_tools.text.lessons import same_key


class LessonQuerySet(models.QuerySet["Lesson"]):
    def living(self, *, now: datetime) -> Self:
        """Accepted and not expired, in any scope."""
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=now), status=Lesson.Status.ACCEPTED
        )

    def in_force(self, *, artist: Artist, now: datetime) -> Self:
        """Living lessons for this artist, its genre or the whole roster, strongest first."""
        return (
            self.living(now=now)
            .filter(Q(artist=artist) | Q(artist=None, genre__in=["", artist.genre]))
            .order_by("-strength", "-last_seen_at", "pk")
        )


class Lesson(models.Model):
    """A short constraint for later prompts, learnt from decisions or written by a person.

    Text, status and source follow from the standing evidence until a person judges the lesson;
    strength, last_seen_at and expires_at always do. Only `artists.lessons` writes them.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        DISMISSED = "dismissed"

    class Source(models.TextChoices):
        REFLECTION = "reflection"
        REJECTION = "rejection"
        MANUAL = "manual"

    artist = models.ForeignKey(
        Artist,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="lessons",
        help_text="Empty: holds for the genre below, or for the whole roster.",
    )
    genre = models.CharField(max_length=40, blank=True, help_text="With no artist: its scope.")
    text = models.CharField(max_length=200)
    key = models.CharField(
        max_length=220, editable=False, help_text="The same for lessons that say the same."
    )
    source = models.CharField(max_length=12, choices=Source, default=Source.MANUAL)
    status = models.CharField(max_length=12, choices=Status, default=Status.PROPOSED)
    judged_at = models.DateTimeField(
        null=True, blank=True, help_text="When a person last accepted, dismissed or edited it."
    )
    keeps = models.BooleanField(
        "does not expire", default=False, help_text="Otherwise it ends 90 days after it came up."
    )
    strength = models.PositiveSmallIntegerField(default=1, help_text="How often it came up.")
    run_id = models.UUIDField(null=True, blank=True, help_text="The run it was learnt from.")
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now, help_text="When it last came up.")
    expires_at = models.DateTimeField(null=True, blank=True)

    # Why a lesson in force is left out of prompts; `artists.lessons.shown_for` sets it.
    aside: str = ""

    history = HistoricalRecords(
        excluded_fields=["key", "strength", "last_seen_at", "expires_at", "judged_at"]
    )
    objects = LessonQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["artist", "key"],
                condition=Q(artist__isnull=False),
                name="lesson_once_per_artist",
            ),
            models.UniqueConstraint(
                fields=["genre", "key"],
                condition=Q(artist__isnull=True),
                name="lesson_once_per_genre",
            ),
            models.CheckConstraint(
                name="lesson_one_scope",
                condition=Q(artist__isnull=True) | Q(genre=""),
                violation_error_message="Choose an artist or a genre, not both.",
            ),
        ]
        indexes = [
            models.Index(fields=["artist", "status"], name="lesson_by_artist"),
            models.Index(fields=["key", "status"], name="lesson_by_key"),
            # For the list: as it opens, filtered and sorted.
            models.Index(fields=["-created_at", "-id"], name="lesson_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="lesson_by_status"),
            models.Index(fields=["source", "-created_at", "-id"], name="lesson_by_source"),
            models.Index(fields=["strength", "id"], name="lesson_by_strength"),
            models.Index(fields=["last_seen_at", "id"], name="lesson_by_last_seen"),
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = same_key(self.text)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        # Django checks constraints only on fields of the form, and the key is not one of them.
        self.key = same_key(self.text)
        same_scope = Lesson.objects.filter(artist=self.artist, genre=self.genre, key=self.key)
        if twin := same_scope.exclude(pk=self.pk).first():
            raise ValidationError(f"There is a lesson that says the same: “{twin}”.")

    def is_expired(self, *, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def is_in_force(self, *, now: datetime) -> bool:
        """Whether runs of its artists may get it: accepted and not expired."""
        return self.status == self.Status.ACCEPTED and not self.is_expired(now=now)

    @property
    def scope(self) -> str:
        """The artists it applies to, in words."""
        if self.artist:
            return self.artist.name
        return values.genre(self.genre).lower() or "the whole roster"


class EvidenceQuerySet(models.QuerySet["LessonEvidence"]):
    def standing(self) -> Self:
        """Evidence that was not taken back, oldest first."""
        return self.filter(withdrawn_at__isnull=True).order_by("at", "pk")


class LessonEvidence(models.Model):
    """One time a lesson came up, in its words then; rows are added or withdrawn, never changed."""

    class Kind(models.TextChoices):
        REASON = "reason", "Reason of a rejection"
        COMMENT = "comment", "Comment on a rejection"
        REFLECTION = "reflection", "Accepted from a reflection"
        RAISED = "raised", "Seen with an artist of the scope"

    # A lesson with such evidence is in force at once; any other waits for a person.
    BINDING = (Kind.REASON, Kind.REFLECTION, Kind.RAISED)

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField(max_length=200, help_text="As it was said.")
    key = models.CharField(max_length=220, editable=False)
    # Ids, not foreign keys: runs and reviews are in a higher layer.
    run_id = models.UUIDField(null=True, blank=True)
    review_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="Set when the decision was undone or corrected."
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "lesson evidence"
        ordering = ("-at", "-pk")
        constraints = [
            # A verdict whose reason and comment say the same counts once.
            models.UniqueConstraint(
                fields=["lesson", "review_id"],
                condition=Q(review_id__isnull=False, withdrawn_at__isnull=True),
                name="lessonevidence_once_per_review",
            )
        ]
        indexes = [
            models.Index(
                fields=["review_id"],
                name="lessonevidence_by_review",
                condition=Q(withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"
