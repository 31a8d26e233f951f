"""The files a run makes."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Self

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils import timezone


class ArtifactQuerySet(models.QuerySet["Artifact"]):
    def current(self) -> Self:
        """Not replaced by a later take."""
        return self.filter(superseded_at__isnull=True)

    def purged(self) -> Self:
        """Their files were removed to free space."""
        return self.filter(purged_at__isnull=False)


class Artifact(models.Model):
    """A file made by a run. Stored under its content's hash; never overwritten."""

    class Kind(models.TextChoices):
        LYRICS = "lyrics"
        TIMED_LYRICS = "timed_lyrics", "Timed lyrics (LRC)"
        MIX = "mix", "Unmastered mix"
        SCORE = "score", "Score (MIDI)"
        STEM = "stem"
        TAKE = "take", "Other take"
        VOICE_TAG = "voice_tag", "Spoken tag"
        # Its value is from when it was stored as WAV. Runs of before have one, newer ones a FLAC.
        MASTER = "wav", "Master (lossless)"
        MP3 = "mp3", "Master (MP3)"
        SPECTROGRAM = "spectrogram"
        COVER = "cover"
        ART = "art", "Cover without words"
        THUMBNAIL = "thumbnail"
        FOOTAGE = "footage"
        POSTER = "poster", "Poster frame"
        VIDEO = "video"
        TEASER = "teaser"
        CANVAS = "canvas", "Canvas (loop)"
        BUNDLE = "bundle", "Release bundle"
        RELEASE_COVER = "release_cover", "Cover of a release"
        SOURCE = "source", "Provider's file with Content Credentials"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey("Run", on_delete=models.CASCADE, related_name="artifacts")
    step = models.CharField(max_length=20, help_text="Step that made it.")
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=60, blank=True, help_text="Among several of a kind.")
    file = models.FileField(max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    media_type = models.CharField(max_length=60)
    bytes = models.PositiveBigIntegerField()
    duration_s = models.FloatField(null=True, blank=True)
    lufs = models.FloatField(
        "LUFS",
        null=True,
        blank=True,
        help_text="Loudness, where it was measured: takes are compared equally loud by it.",
    )
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    provenance = models.JSONField(default=dict)
    cost_usd = models.DecimalField(
        "cost (USD)",
        max_digits=16,
        decimal_places=6,
        default=0,
        help_text="What providers were paid for it; its run's cost has the calls without a file.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)
    purged_at = models.DateTimeField(
        null=True, blank=True, help_text="When its file was removed to free space."
    )

    # Made of a run after it was judged: no part of what reviewers judge.
    OF_RELEASES = (Kind.BUNDLE, Kind.RELEASE_COVER)
    # What a master is made from: needed to make it again, not to judge or to release it.
    WORKING = (Kind.MIX, Kind.STEM)
    # What providers make; the other files are worked out from these at no price.
    PROVIDED = (Kind.LYRICS, Kind.MIX, Kind.TAKE, Kind.VOICE_TAG, Kind.COVER, Kind.FOOTAGE)

    objects = ArtifactQuerySet.as_manager()

    class Meta:
        verbose_name = "file"
        ordering = ("run", "kind", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "kind", "name"],
                condition=Q(superseded_at__isnull=True),
                name="artifact_one_current_of_kind",
            ),
            models.CheckConstraint(
                name="artifact_sha256_is_hex", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(name="artifact_not_empty", condition=Q(bytes__gt=0)),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="artifact_by_sha256"),
            # Removing a file asks which other rows share it.
            models.Index(fields=["file"], name="artifact_by_file"),
            models.Index(fields=["-created_at", "-id"], name="artifact_newest"),
            models.Index(fields=["kind", "-created_at", "-id"], name="artifact_by_kind"),
            models.Index(
                fields=["superseded_at"],
                name="artifact_replaced",
                condition=Q(superseded_at__isnull=False, purged_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}".strip()

    @property
    def path(self) -> Path:
        """Where the file lies on this machine; one in an object store is fetched first.

        If it is nowhere, the path leads to no file. Raises StoreTrouble.
        """
        return Path(storages["artifacts"].path(str(self.file)))
