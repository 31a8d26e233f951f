"""Approved runs as bundles for a distributor."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from runs.models.artifact import Artifact
from runs.models.run import Run


class Release(models.Model):
    """An approved run as a bundle that can be handed to a distributor."""

    class Status(models.TextChoices):
        PACKAGED = "packaged"
        PUBLISHED = "published"
        RECALLED = "recalled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="release")
    bundle = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+")
    folder = models.CharField(max_length=200, help_text="Folder of the files, in MEDIA_ROOT.")
    disclosure = models.JSONField(default=dict, help_text="What was made by AI, and how.")
    isrc = models.CharField("ISRC", max_length=12, blank=True)
    upc = models.CharField("UPC", max_length=13, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PACKAGED)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    recalled_at = models.DateTimeField(null=True, blank=True)
    recall_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                name="release_published_has_time",
                condition=~Q(status="published") | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="release_recalled_has_reason",
                condition=~Q(status="recalled")
                | (Q(recalled_at__isnull=False) & ~Q(recall_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"Release of {self.run}"
