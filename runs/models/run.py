"""Runs, their states, and their logs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils import timezone

from artists.models import Artist, StatusChange
from runs.models.artifact import Artifact
from runs.models.batch import Batch
from runs.models.step import Step
from runs.outputs import AnOutput
from trends.models import Topic

if TYPE_CHECKING:
    from runs.models.release import Release


class RunQuerySet(models.QuerySet["Run"]):
    def due(self, *, now: datetime) -> Self:
        """Free for a worker: queued, or parked and its time has come. Oldest first."""
        return self.filter(
            status__in=[Run.Status.QUEUED, Run.Status.WAITING], due_at__lte=now
        ).order_by("due_at", "pk")

    def held(self, *, now: datetime) -> Self:
        """Running on a lease in force: a living worker is at it."""
        return self.filter(status=Run.Status.RUNNING, due_at__gte=now)

    def open(self) -> Self:
        """Not at an end and not with a reviewer."""
        return self.filter(status__in=Run.OPEN)

    def awaiting_review(self) -> Self:
        """Oldest first."""
        return self.filter(status=Run.Status.AWAITING_REVIEW).order_by("finished_at", "pk")


class Run(models.Model):
    """One attempt to make a release.

    `due_at` says when somebody should look next: while queued or waiting the time it may be
    claimed, while running the end of the lease. One column, so that one index finds all work.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        WAITING = "waiting"
        AWAITING_REVIEW = "awaiting_review", "Awaiting review"
        APPROVED = "approved"
        REJECTED = "rejected"
        RELEASED = "released"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class FailureKind(models.TextChoices):
        """What a failed run failed of; runs/work/failure_kinds.py tells them apart."""

        PROFILE = "profile", "The artist's profile"
        PROVIDER_KEY = "provider_key", "A provider's key"
        PROVIDER_CREDIT = "provider_credit", "No credit at a provider"
        PROVIDER_DOWN = "provider_down", "A provider is down"
        PROVIDER_JOB = "provider_job", "A provider's job failed"
        PROVIDER_REQUEST = "provider_request", "A provider refused the request"
        SUBMISSION_UNKNOWN = "submission_unknown", "A lost answer to a paid request"
        REFUSED_CONTENT = "refused_content", "Refused content"
        UNUSABLE = "unusable_answer", "An answer that cannot be used"
        QUALITY_GATE = "quality_gate", "A quality gate"
        MEDIA = "media", "A media file or tool"
        SETUP = "setup", "The installation"
        DISK = "disk", "A full disk"
        LOST_WORKER = "lost_worker", "A lost worker"
        SOFTWARE = "software", "The software"

    OPEN = (Status.QUEUED, Status.RUNNING, Status.WAITING)
    # Until the decision, a reviewer must not see the experiment arm.
    UNDECIDED = (*OPEN, Status.AWAITING_REVIEW)
    DECIDED = (Status.APPROVED, Status.REJECTED)
    KEPT = (Status.APPROVED, Status.RELEASED)
    GONE = (Status.REJECTED, Status.FAILED, Status.CANCELLED)  # what they made comes out nowhere

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="runs")
    artist = models.ForeignKey(Artist, on_delete=models.PROTECT, related_name="runs")
    profile_version = models.BigIntegerField(
        null=True, blank=True, help_text="Version of the artist's profile the run used."
    )
    seed = models.BigIntegerField()
    take = models.PositiveSmallIntegerField(
        default=0, help_text="Raised when a quality gate asks for another seed."
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    due_at = models.DateTimeField(default=timezone.now)
    owner = models.CharField(max_length=80, blank=True, help_text="Worker that holds the lease.")
    attempt = models.PositiveIntegerField(
        default=0, help_text="Claims so far; a late worker of an earlier claim is refused by it."
    )
    replay_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replays",
        help_text="An earlier run of this artist with the same seed, made again on purpose.",
    )
    topic = models.ForeignKey(
        Topic, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs"
    )
    overrides = models.JSONField(
        default=dict,
        blank=True,
        help_text="Values a person set for this run, by parameter; it is in no experiment then.",
    )
    explores = models.BooleanField(
        default=False, help_text="A bold variant: its overrides go beyond the artist's usual way."
    )
    concept = models.JSONField(null=True, blank=True)
    title = models.CharField(max_length=120, blank=True)
    duration_s = models.FloatField(null=True, blank=True)
    lufs = models.FloatField("LUFS", null=True, blank=True)
    true_peak_dbtp = models.FloatField("true peak (dBTP)", null=True, blank=True)
    tempo_bpm = models.FloatField("tempo (BPM)", null=True, blank=True)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    error = models.TextField(blank=True)
    failure_kind = models.CharField(max_length=20, choices=FailureKind, blank=True)
    failure_subject = models.CharField(
        max_length=80,
        blank=True,
        help_text="What failed within its kind: a provider, a profile's field, a gate's codes.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(
        null=True, blank=True, help_text="When it came to review, failed or was cancelled."
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Has it on the review desk, until review_until.",
    )
    review_until = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        permissions = [
            ("review_run", "Can approve and reject runs"),
            ("operate_run", "Can start, retry and cancel runs"),
        ]
        constraints = [
            models.CheckConstraint(
                name="run_running_has_owner",
                condition=Q(status="running") & ~Q(owner="") | ~Q(status="running") & Q(owner=""),
            ),
            models.CheckConstraint(
                name="run_reviewable_has_concept",
                condition=~Q(status__in=["awaiting_review", "approved", "rejected", "released"])
                | Q(concept__isnull=False, finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="run_decided_has_time",
                condition=~Q(status__in=["approved", "rejected", "released"])
                | Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="run_failed_has_error", condition=~Q(status="failed") | ~Q(error="")
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="run_due",
                condition=Q(status__in=["queued", "running", "waiting"]),
            ),
            # With the title: the palette looks through it, newest first, without reading the rows.
            models.Index(fields=["-created_at", "-id", "title"], name="run_newest_titles"),
            models.Index(fields=["status", "-created_at", "-id"], name="run_by_status"),
            models.Index(
                fields=["finished_at", "id"],
                name="run_review_queue",
                condition=Q(status="awaiting_review"),
            ),
            models.Index(fields=["-finished_at"], name="run_failed", condition=Q(status="failed")),
            models.Index(fields=["artist", "-created_at", "-id"], name="run_by_artist"),
            models.Index(fields=["artist", "seed"], name="run_by_seed"),
            # For the list, sorted by them.
            models.Index(fields=["title", "id"], name="run_by_title"),
            models.Index(fields=["cost_usd", "id"], name="run_by_cost"),
        ]

    def __str__(self) -> str:
        return f"{self.title or 'Untitled'} ({str(self.pk)[:8]})"

    def output(self, kind: type[AnOutput]) -> AnOutput | None:
        """What a finished step stored; None while it is not finished. Raises Unreadable."""
        step = self._finished(kind.step)
        return step.read(kind) if step else None

    def shown_output(self, kind: type[AnOutput]) -> AnOutput | None:
        """As output(), and None for one that cannot be read: for messages about the run."""
        step = self._finished(kind.step)
        return step.shown(kind) if step else None

    def _finished(self, name: str) -> Step | None:
        return self.steps.filter(name=name, status=Step.Status.DONE).first()

    def artifact(self, kind: str, name: str = "") -> Artifact | None:
        """The current file of a kind."""
        return self.artifacts.current().filter(kind=kind, name=name).first()

    def artifacts_by_kind(self) -> dict[str, Artifact]:
        """Return what artifact() returns for each kind there is, by one query."""
        files = self.artifacts.current().filter(name="")
        return {artifact.kind: artifact for artifact in files}


class RunEventManager(models.Manager["RunEvent"]):
    def log(
        self,
        run_id: uuid.UUID,
        kind: RunEvent.Kind,
        message: str,
        *,
        now: datetime,
        actor: User | None = None,
    ) -> RunEvent:
        """Write a line into a run's log."""
        return self.create(run_id=run_id, at=now, kind=kind, message=message, actor=actor)

    def log_release(
        self,
        release: Release,
        kind: RunEvent.Kind,
        message: str,
        *,
        now: datetime,
        actor: User | None = None,
    ) -> None:
        """Write a line about a release into the logs of its runs."""
        named = message if release.is_single else f"{release}: {message}"
        self.bulk_create(
            RunEvent(run_id=run_id, release=release, at=now, kind=kind, message=named, actor=actor)
            for run_id in release.tracks.values_list("run_id", flat=True)
        )

    def log_changes(
        self, run_id: uuid.UUID, changes: Iterable[StatusChange], *, now: datetime
    ) -> None:
        """Write what followed for the artist into a run's log."""
        for change in changes:
            message = f"{change.artist}: {change.reason}."
            self.log(run_id, RunEvent.Kind.LIFECYCLE, message, now=now)


class RunEvent(models.Model):
    """A line of a run's log, for the operator."""

    class Kind(models.TextChoices):
        # Work.
        QUEUED = "queued"
        REQUEUED = "requeued"
        HANDED_BACK = "handed back"
        WAITING = "waiting"
        WOKEN = "woken"
        RETRY = "retry"
        RETAKE = "retake"
        FALLBACK = "fallback"
        FOOTAGE = "footage"
        SONG = "song"
        FINISHED = "finished"
        FAILED = "failed"
        CANCELLED = "cancelled"
        # Money.
        COST = "cost"
        RESOLVED = "resolved"
        # Reviews, and what follows for the artist.
        VERDICT = "verdict"
        APPROVED = "approved"
        REJECTED = "rejected"
        CORRECTED = "corrected"
        UNDONE = "undone"
        LIFECYCLE = "lifecycle"
        AUTOPILOT = "autopilot"
        # Releases and files.
        DRAFTED = "drafted"
        EDITED = "edited"
        PACKAGED = "packaged"
        NOT_PACKAGED = "not packaged"
        PUBLISHED = "published"
        PUBLICATION = "publication"
        CODES = "codes"
        RECALLED = "recalled"
        PURGED = "purged"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    release = models.ForeignKey(
        "Release",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,  # of its own below: few lines are about a release
        related_name="events",
    )
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=20, choices=Kind)
    message = models.TextField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )

    objects = RunEventManager()

    class Meta:
        ordering = ("at", "pk")
        indexes = [
            models.Index(fields=["run", "at"], name="runevent_by_run"),
            models.Index(
                fields=["release", "at"],
                name="runevent_by_release",
                condition=Q(release__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"
