"""Releases: one or several approved runs of an artist under one title."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from artists.models import Artist
from runs.models.artifact import Artifact
from runs.models.label import LabelData, LabelProfile


class ReleaseQuerySet(models.QuerySet["Release"]):
    def singles_of(self, run_id: uuid.UUID) -> Self:
        """The single of a run: none or one. A recalled one until the approval is undone."""
        # Track.Place.SINGLE; tracks are defined after releases.
        return self.filter(tracks__run=run_id, tracks__place="single")

    def unpublished(self) -> Self:
        """Neither out nor recalled."""
        return self.filter(status__in=Release.UNPUBLISHED)


class Release(LabelData):
    """Approved runs of an artist under one title: for a distributor, in one bundle."""

    class Kind(models.TextChoices):
        SINGLE = "single"
        EP = "ep", "EP"
        ALBUM = "album"

    class Status(models.TextChoices):
        """READY: nothing keeps it from a distributor (runs/releasing/blockers.py)."""

        DRAFT = "draft"
        READY = "ready"
        PUBLISHED = "published"
        RECALLED = "recalled"

    UNPUBLISHED = (Status.DRAFT, Status.READY)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    artist = models.ForeignKey(Artist, on_delete=models.PROTECT, related_name="releases")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SINGLE)
    title = models.CharField(max_length=120)
    version_title = models.CharField(
        max_length=60, blank=True, help_text="Such as Acoustic or Extended Mix, without brackets."
    )
    profile = models.ForeignKey(
        LabelProfile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="releases",
        verbose_name="label profile",
        help_text="Empty: the default one.",
    )
    genre = models.CharField(
        max_length=60, blank=True, help_text="Genre in shops; empty: by the profile's table."
    )
    sub_genre = models.CharField("sub-genre", max_length=60, blank=True)
    release_date = models.DateField(
        null=True, blank=True, help_text="Empty: the profile's lead time after its making."
    )
    original_release_date = models.DateField(
        null=True, blank=True, help_text="Only for what was out before."
    )
    upc = models.CharField("UPC or EAN", max_length=13, blank=True)
    cover = models.ForeignKey(
        Artifact,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: its first track's.",
    )
    bundle = models.ForeignKey(
        Artifact, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    folder = models.CharField(
        max_length=200, blank=True, help_text="Folder of the files, in MEDIA_ROOT."
    )
    disclosure = models.JSONField(default=dict, help_text="What was made by AI, and how.")
    marks = models.JSONField(
        default=dict, help_text="What each media file of the bundle says of itself."
    )
    revision = models.PositiveIntegerField(
        default=0, help_text="Edits so far; a bundle of an earlier one is made again."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    unsettled = models.BooleanField(
        default=False, help_text="What it rests on changed; the sweep looks at its status again."
    )
    created_at = models.DateTimeField(default=timezone.now)
    packaged_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    recalled_at = models.DateTimeField(null=True, blank=True)
    recall_reason = models.TextField(blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
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
            models.CheckConstraint(
                name="release_ready_has_bundle",
                condition=~Q(status__in=["ready", "published"]) | Q(bundle__isnull=False),
            ),
        ]
        indexes = [
            # With the title for the palette, as on runs.
            models.Index(fields=["-created_at", "-id", "title"], name="release_newest_titles"),
            models.Index(fields=["status", "-created_at", "-id"], name="release_by_status"),
            models.Index(fields=["title", "id"], name="release_by_title"),
            # Nearly all are singles.
            models.Index(
                fields=["kind", "-created_at", "-id"],
                name="release_of_several",
                condition=~Q(kind="single"),
            ),
            models.Index(fields=["upc"], name="release_by_upc", condition=~Q(upc="")),
            models.Index(fields=["id"], name="release_unsettled", condition=Q(unsettled=True)),
        ]

    def __str__(self) -> str:
        return f"{self.title or 'Untitled'} ({self.get_kind_display()})"

    @property
    def is_single(self) -> bool:
        return self.kind == self.Kind.SINGLE
