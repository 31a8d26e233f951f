"""Batches, runs, their steps and files, the ledger of provider calls, reviews and releases."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from artists.models import Artist, Lesson
from trends.models import Topic


class Batch(models.Model):
    """Some runs asked for together."""

    class Origin(models.TextChoices):
        COMMAND = "command"
        SCHEDULE = "schedule"
        PANEL = "panel"
        TELEGRAM = "telegram"

    origin = models.CharField(max_length=12, choices=Origin)
    size = models.PositiveIntegerField(help_text="Runs asked for.")
    seed = models.BigIntegerField(help_text="Everything random in the batch derives from it.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "batches"
        ordering = ("-pk",)
        constraints = [models.CheckConstraint(name="batch_not_empty", condition=Q(size__gte=1))]

    def __str__(self) -> str:
        return f"Batch {self.pk}"


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

    OPEN = (Status.QUEUED, Status.RUNNING, Status.WAITING)
    DECIDED = (Status.APPROVED, Status.REJECTED)

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
    cost_usd = models.DecimalField(max_digits=10, decimal_places=4, default=0)
    error = models.TextField(blank=True)
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
            models.Index(fields=["-created_at", "-id"], name="run_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="run_by_status"),
            models.Index(
                fields=["finished_at", "id"],
                name="run_review_queue",
                condition=Q(status="awaiting_review"),
            ),
            models.Index(fields=["-finished_at"], name="run_failed", condition=Q(status="failed")),
            models.Index(fields=["artist", "-created_at", "-id"], name="run_by_artist"),
            models.Index(fields=["artist", "seed"], name="run_by_seed"),
        ]

    def __str__(self) -> str:
        return f"{self.title or 'Untitled'} ({str(self.pk)[:8]})"

    def step_output(self, name: str) -> dict[str, Any]:
        """What a finished step stored; empty while it is not finished."""
        step = self.steps.filter(name=name, status=Step.Status.DONE).first()
        return step.output if step else {}

    def artifact(self, kind: str, name: str = "") -> Artifact | None:
        """The current file of a kind."""
        return self.artifacts.current().filter(kind=kind, name=name).first()


class RunEvent(models.Model):
    """A line of a run's log, for the operator."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=20)
    message = models.TextField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )

    class Meta:
        ordering = ("at", "pk")
        indexes = [models.Index(fields=["run", "at"], name="runevent_by_run")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class Step(models.Model):
    """A resumable part of a run. Its output and its artifacts are committed together."""

    class Status(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    class WaitingFor(models.TextChoices):
        """What a parked step waits for."""

        PROVIDER = "provider", "The provider's answer"
        DISK = "disk", "Free disk space"
        BUDGET = "budget", "A budget"
        OPERATOR = "operator", "An operator's decision"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    waiting_for = models.CharField(max_length=10, choices=WaitingFor, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.FloatField(default=0.0, help_text="0 to 1, while running.")
    output = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("run", "position")
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="step_once_per_run"),
            models.CheckConstraint(
                name="step_done_has_time",
                condition=~Q(status="done") | Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"

    @property
    def seconds(self) -> float | None:
        """How long its last attempt took."""
        if self.started_at and self.finished_at:
            return (self.finished_at - self.started_at).total_seconds()
        return None


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
        WAV = "wav", "Master (WAV)"
        MP3 = "mp3", "Master (MP3)"
        SPECTROGRAM = "spectrogram"
        COVER = "cover"
        THUMBNAIL = "thumbnail"
        FOOTAGE = "footage"
        POSTER = "poster", "Poster frame"
        VIDEO = "video"
        TEASER = "teaser"
        BUNDLE = "bundle", "Release bundle"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="artifacts")
    step = models.CharField(max_length=20, help_text="Step that made it.")
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=60, blank=True, help_text="Among several of a kind.")
    file = models.FileField(max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    media_type = models.CharField(max_length=60)
    bytes = models.PositiveBigIntegerField()
    duration_s = models.FloatField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    provenance = models.JSONField(default=dict)
    cost_usd = models.DecimalField(
        "cost (USD)",
        max_digits=12,
        decimal_places=6,
        default=0,
        help_text="What providers were paid for it; its run's cost has the calls without a file.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)
    purged_at = models.DateTimeField(
        null=True, blank=True, help_text="When its file was removed to free space."
    )

    # What providers make; the other files are worked out from these at no price.
    PROVIDED = (Kind.LYRICS, Kind.MIX, Kind.TAKE, Kind.VOICE_TAG, Kind.COVER, Kind.FOOTAGE)

    objects = ArtifactQuerySet.as_manager()

    class Meta:
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
        indexes = [models.Index(fields=["sha256"], name="artifact_by_sha256")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}".strip()

    @property
    def path(self) -> Path:
        """Where the file lies on this machine."""
        return Path(self.file.path)


class AudioFingerprint(models.Model):
    """What a track sounds like, for the near-duplicate check against the catalogue."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="fingerprint")
    frames = models.BinaryField(help_text="media_tools.audio.fingerprint's bytes.")

    def __str__(self) -> str:
        return f"Fingerprint of {self.run_id}"


class FingerprintKey(models.Model):
    """One key of a fingerprint's sketch: equal keys lead to the tracks worth comparing."""

    fingerprint = models.ForeignKey(AudioFingerprint, on_delete=models.CASCADE, related_name="keys")
    key = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["key", "fingerprint"], name="fingerprintkey_by_key")]

    def __str__(self) -> str:
        return str(self.key)


class ProviderCall(models.Model):
    """The ledger: one call of a provider, written down before it is made."""

    class Status(models.TextChoices):
        INTENT = "intent", "Intended"
        SUBMITTED = "submitted"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        UNKNOWN = "unknown", "Submission unknown"

    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, null=True, blank=True, related_name="provider_calls"
    )
    step = models.CharField(max_length=20, blank=True)
    purpose = models.CharField(max_length=40)
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=80, blank=True)
    idempotency_key = models.CharField(max_length=120, unique=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.INTENT)
    external_id = models.CharField(max_length=200, blank=True)
    units = models.FloatField(default=0.0)
    unit_name = models.CharField(max_length=20, blank=True)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    committed_usd = models.DecimalField(
        max_digits=12,
        decimal_places=6,
        default=0,
        help_text="Counts against budgets: the estimate until the cost is known.",
    )
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Redacted.")
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="providercall_submitted_has_id",
                condition=~Q(status="submitted") | ~Q(external_id=""),
            )
        ]
        indexes = [
            models.Index(fields=["run", "created_at"], name="providercall_by_run"),
            models.Index(fields=["provider", "-created_at"], name="providercall_by_provider"),
            models.Index(fields=["created_at"], name="providercall_by_time"),
            models.Index(
                fields=["created_at", "id"],
                name="providercall_unknown",
                condition=Q(status="unknown"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.purpose} ({self.status})"


class Budget(models.Model):
    """A limit on what may be spent; a call that would pass it is not made."""

    class Period(models.TextChoices):
        RUN = "run", "Each run"
        DAY = "day", "Each day"
        MONTH = "month", "Each month"

    provider = models.CharField(max_length=40, blank=True, help_text="Empty: all together.")
    period = models.CharField(max_length=5, choices=Period)
    cap_usd = models.DecimalField("cap (USD)", max_digits=10, decimal_places=2)

    class Meta:
        ordering = ("provider", "period")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "period"],
                name="budget_once",
                violation_error_message="There is a budget for this provider and period.",
            ),
            models.CheckConstraint(name="budget_not_negative", condition=Q(cap_usd__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.provider or 'All providers'}: {self.cap_usd} USD {self.period}"


class ProviderHealth(models.Model):
    """The circuit breaker of one provider, shared by all workers."""

    provider = models.CharField(max_length=40, unique=True)
    state = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "provider health"
        ordering = ("provider",)

    def __str__(self) -> str:
        return self.provider


class Reflection(models.Model):
    """The model's own notes on a finished candidate; what it proposes are its proposals."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="reflection")
    text = models.TextField()
    alignment = models.FloatField(help_text="0 to 1: fits persona and concept.")
    strengths = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    model = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reflection_alignment_in_unit_range",
                condition=Q(alignment__gte=0, alignment__lte=1),
            )
        ]

    def __str__(self) -> str:
        return f"Reflection on {self.run}"


class Proposal(models.Model):
    """Something a reflection proposes: a change of the artist's profile, or a lesson."""

    class Kind(models.TextChoices):
        CHANGE = "change", "Change of the profile"
        LESSON = "lesson"

    class Status(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        EDITED = "edited", "Accepted as edited"
        DISMISSED = "dismissed"

    reflection = models.ForeignKey(Reflection, on_delete=models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=8, choices=Kind)
    field = models.CharField(max_length=40, blank=True, help_text="Of the artist's profile.")
    old = models.JSONField(null=True, blank=True, help_text="What the model saw there.")
    new = models.JSONField(help_text="The field's new value, or the lesson's words.")
    why = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    used = models.JSONField(null=True, blank=True, help_text="What was taken in, if edited.")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "pk")
        constraints = [
            models.CheckConstraint(
                name="proposal_change_has_field",
                condition=Q(kind="lesson", field="") | Q(kind="change") & ~Q(field=""),
            ),
            models.CheckConstraint(
                name="proposal_decided_has_time",
                condition=Q(status="open", decided_at__isnull=True)
                | ~Q(status="open") & Q(decided_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["-created_at", "id"], name="proposal_open", condition=Q(status="open")
            )
        ]

    def __str__(self) -> str:
        subject = self.field.replace("_", " ") if self.field else "lesson"
        return f"{subject}: {self.new}"


class LessonUse(models.Model):
    """A lesson a run was given, and what the measurements of the finished run say of it."""

    class Outcome(models.TextChoices):
        OPEN = "open", "Not looked at yet"
        OBEYED = "obeyed"
        BROKEN = "broken"
        UNMEASURED = "unmeasured", "Not measurable"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="lesson_uses")
    lesson = models.ForeignKey(
        Lesson, on_delete=models.SET_NULL, null=True, blank=True, related_name="uses"
    )
    text = models.CharField(max_length=200, help_text="As it stood in the prompt.")
    position = models.PositiveSmallIntegerField(help_text="0: the strongest.")
    claimed = models.BooleanField(default=False, help_text="The writer says it shaped the plan.")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    measured = models.CharField(max_length=200, blank=True, help_text="The figures behind it.")

    class Meta:
        ordering = ("run", "position")
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="lessonuse_once_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.text} ({self.outcome})"


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
        """Evidence of what people think; the autopilot's approvals are none."""
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
        ]

    def __str__(self) -> str:
        return f"{self.decision} of {self.run}"


class AutopilotVerdict(models.Model):
    """What the autopilot would do with a run, written down before anybody judged it.

    A later decision of a person on the run shows whether the two agree.
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="autopilot_verdict")
    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="+")
    would_approve = models.BooleanField()
    why = models.CharField(max_length=200, help_text="Why not, or what it approved on.")
    content_hash = models.CharField(max_length=64, help_text="Of what it looked at.")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=["artist", "-at"], name="autopilotverdict_by_artist")]

    def __str__(self) -> str:
        return f"{'Would approve' if self.would_approve else 'Leaves to people'}: {self.run_id}"


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


class WorkerBeat(models.Model):
    """Proof that a cluster really does tasks: stamped by a canary task every minute."""

    cluster = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.cluster} at {self.at:%H:%M:%S}"


class TelegramBot(models.Model):
    """What has to be remembered of the bot: who reads its updates and how far, its limits."""

    bot_id = models.BigIntegerField(unique=True, help_text="The number its token begins with.")
    username = models.CharField(max_length=64, blank=True)
    next_offset = models.BigIntegerField(default=0, help_text="First update not handled yet.")
    poller = models.CharField(max_length=80, blank=True, help_text="Process that polls.")
    poller_until = models.DateTimeField(null=True, blank=True, help_text="End of its lease.")
    quiet_until = models.DateTimeField(
        null=True, blank=True, help_text="Telegram asked to be left alone until then."
    )
    moved_chats = models.JSONField(
        default=dict, blank=True, help_text="New id by old id of groups that became supergroups."
    )

    def __str__(self) -> str:
        return f"@{self.username}" if self.username else f"Bot {self.bot_id}"


class TelegramUpdate(models.Model):
    """An update that was taken up; the same one again is a repetition."""

    bot = models.ForeignKey(TelegramBot, on_delete=models.CASCADE, related_name="updates")
    update_id = models.BigIntegerField()
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bot", "update_id"], name="telegramupdate_once")
        ]

    def __str__(self) -> str:
        return f"Update {self.update_id}"


class TelegramAccount(models.Model):
    """A Telegram account that acts for a user of the panel. Its number never changes; names do."""

    telegram_id = models.BigIntegerField(unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="telegram_accounts"
    )
    name = models.CharField(max_length=140, blank=True, help_text="As shown when it was linked.")
    linked_at = models.DateTimeField(default=timezone.now)
    unreachable_since = models.DateTimeField(
        null=True, blank=True, help_text="The person blocked the bot; any word to it ends that."
    )

    class Meta:
        verbose_name = "Telegram account"
        ordering = ("-linked_at", "-pk")

    def __str__(self) -> str:
        return f"{self.name or self.telegram_id} of {self.user}"


class TelegramLinkCode(models.Model):
    """Proof, used once, that a Telegram account belongs to a user; only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Link code of {self.user}"


class TelegramMessage(models.Model):
    """A message about a run in a chat: written down before it is sent."""

    class Kind(models.TextChoices):
        REVIEW = "review", "Item to review"
        REASONS = "reasons", "Choice of a reason"

    class State(models.TextChoices):
        PENDING = "pending", "To be sent"
        OPEN = "open", "Sent, with buttons"
        CLOSED = "closed", "Decided, without buttons"
        FAILED = "failed"

    class Media(models.TextChoices):
        TEXT = "text"
        AUDIO = "audio"
        VIDEO = "video"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="telegram_messages")
    chat_id = models.BigIntegerField()
    message_id = models.BigIntegerField(
        null=True, blank=True, help_text="Empty until Telegram has confirmed it."
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.REVIEW)
    media = models.CharField(max_length=5, choices=Media, default=Media.TEXT)
    candidate_at = models.DateTimeField(
        help_text="When the run came to review; another time is another candidate."
    )
    content_hash = models.CharField(max_length=64, blank=True, help_text="Of what was shown.")
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="When sending is tried, again if need be.")
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Redacted.")

    class Meta:
        verbose_name = "Telegram message"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["run", "chat_id", "candidate_at"],
                condition=Q(kind="review"),
                name="telegrammessage_one_review_per_chat",
            ),
            models.CheckConstraint(
                name="telegrammessage_open_was_sent",
                condition=~Q(state="open") | Q(message_id__isnull=False, sent_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="telegrammessage_due",
                condition=Q(state="pending"),
            ),
            models.Index(fields=["run"], name="telegrammessage_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.message_id or 'not sent'}"


class TelegramCallback(models.Model):
    """What the buttons of a message stand for; only the opaque token leaves the system."""

    token = models.CharField(max_length=32, unique=True)
    message = models.ForeignKey(TelegramMessage, on_delete=models.CASCADE, related_name="callbacks")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Buttons of {self.message}"
