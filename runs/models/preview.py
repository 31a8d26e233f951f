"""Links by which people without an account hear a song, and what they say of it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils import timezone

from runs.models.release import Release
from runs.models.run import Run


class PreviewLink(models.Model):
    """A signed address of a run or a release. Only the hash of its token is kept."""

    LONGEST_DAYS, USUAL_DAYS = 90, 14
    MOST_COMMENTS = 50

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, null=True, blank=True, related_name="preview_links"
    )
    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, null=True, blank=True, related_name="preview_links"
    )
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    recipient = models.CharField("for", max_length=80, blank=True, help_text="A name for oneself.")
    takes_comments = models.BooleanField(default=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opens = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="The last time.")

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="previewlink_of_one_thing",
                condition=Q(run__isnull=False, release__isnull=True)
                | Q(run__isnull=True, release__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["expires_at"], name="previewlink_by_end")]

    def __str__(self) -> str:
        return f"Preview link for {self.recipient or 'anybody'}"

    def is_over(self, *, now: datetime) -> bool:
        """Tell whether it was revoked or its time has run out."""
        return self.revoked_at is not None or self.expires_at <= now


class PreviewCommentQuerySet(models.QuerySet["PreviewComment"]):
    def unseen_by(self, maker: User) -> Self:
        """What came by the links that a person made, and that the person has not seen yet."""
        return self.filter(seen_at__isnull=True, link__made_by=maker)


class PreviewComment(models.Model):
    """What somebody said on a preview page. No account stands behind the name."""

    LONGEST, LONGEST_NAME = 1_000, 60

    class Thumb(models.TextChoices):
        UP = "up", "Thumb up"
        DOWN = "down", "Thumb down"

    link = models.ForeignKey(PreviewLink, on_delete=models.CASCADE, related_name="comments")
    name = models.CharField(max_length=LONGEST_NAME)
    text = models.CharField(max_length=LONGEST, blank=True)
    thumb = models.CharField(max_length=4, choices=Thumb, blank=True)
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(
        null=True, blank=True, help_text="When the person who made the link saw it."
    )

    objects = PreviewCommentQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                name="previewcomment_says_something", condition=~Q(text="", thumb="")
            )
        ]
        indexes = [
            models.Index(
                fields=["link"], name="previewcomment_unseen", condition=Q(seen_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.text or self.get_thumb_display()}"
