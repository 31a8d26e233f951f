"""The roster: artists, the policy they are judged by, and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from simple_history.models import HistoricalRecords

RATE_HELP = "0 to 1."


class LifecyclePolicy(models.Model):
    """Thresholds by which artists are promoted, evolved, paused and retired."""

    class RetirementMode(models.TextChoices):
        STREAK = "streak", "Streak: retire at once"
        PROBATION = "probation", "Probation: ten more reviewed runs decide"
        PROPOSE = "propose", "Propose: a person confirms"

    name = models.CharField(max_length=80, unique=True)
    is_default = models.BooleanField(default=False)
    retirement_mode = models.CharField(
        max_length=12, choices=RetirementMode, default=RetirementMode.STREAK
    )
    consecutive_rejections = models.PositiveSmallIntegerField(default=5)
    evaluation_period_days = models.PositiveSmallIntegerField(default=30)
    min_runs = models.PositiveSmallIntegerField(default=10)
    promote_after_approvals = models.PositiveSmallIntegerField(
        default=1, help_text="Approvals that make a candidate active."
    )
    evolve_below_rate = models.FloatField(default=0.40, help_text=RATE_HELP)
    explore_above_rate = models.FloatField(default=0.85, help_text=RATE_HELP)
    pause_below_rate = models.FloatField(default=0.20, help_text=RATE_HELP)
    pause_above_error_rate = models.FloatField(default=0.30, help_text=RATE_HELP)
    pause_inactivity_days = models.PositiveSmallIntegerField(default=45)
    retire_paused_days = models.PositiveSmallIntegerField(default=90)
    retire_failed_evolutions = models.PositiveSmallIntegerField(default=3)
    probation_runs = models.PositiveSmallIntegerField(
        default=10, help_text="Reviewed runs on probation before it is decided."
    )

    class Meta:
        verbose_name_plural = "lifecycle policies"
        ordering = ("-is_default", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="policy_one_default"
            ),
            models.CheckConstraint(
                name="policy_rates_in_order",
                condition=Q(
                    pause_below_rate__gte=0,
                    pause_below_rate__lte=F("evolve_below_rate"),
                    evolve_below_rate__lte=F("explore_above_rate"),
                    explore_above_rate__lte=1,
                ),
                violation_error_message="Rates must rise: pause <= evolve <= explore <= 1.",
            ),
            models.CheckConstraint(
                name="policy_error_rate_in_unit_range",
                condition=Q(pause_above_error_rate__gte=0, pause_above_error_rate__lte=1),
            ),
            models.CheckConstraint(
                name="policy_streak_at_least_two", condition=Q(consecutive_rejections__gte=2)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ArtistQuerySet(models.QuerySet["Artist"]):
    def selectable(self) -> Self:
        """Artists that get turns.

        Told by what they are not: SQLite matches this to the partial index of turns, which it
        does not with a list of states.
        """
        return self.exclude(status=Artist.Status.PAUSED).exclude(status=Artist.Status.RETIRED)

    def by_turn(self) -> Self:
        """Longest waiting first."""
        return self.order_by("turn_at", "pk")


class Artist(models.Model):
    """A virtual music artist. Its profile is versioned; runs record the version they used."""

    class Status(models.TextChoices):
        CANDIDATE = "candidate"
        ACTIVE = "active"
        EVOLVING = "evolving"
        PAUSED = "paused"
        RETIRED = "retired"

    SELECTABLE = (Status.CANDIDATE, Status.ACTIVE, Status.EVOLVING)

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    genre = models.CharField(max_length=40, db_index=True)
    backstory = models.TextField(blank=True)
    voice = models.TextField(blank=True, help_text="How this artist speaks and sings.")
    themes = models.JSONField(default=list, blank=True, help_text="List of words or phrases.")
    audience = models.TextField(blank=True)
    style_notes = models.TextField(blank=True, help_text="Sound: instruments, mood, production.")
    visual_style = models.TextField(blank=True)
    tempo_min_bpm = models.PositiveSmallIntegerField(default=80)
    tempo_max_bpm = models.PositiveSmallIntegerField(default=120)
    keys = models.JSONField(default=list, blank=True, help_text='List such as ["A minor"].')
    temperature = models.FloatField(default=0.8, help_text="Freedom of the language model.")
    preferred_music = models.CharField(
        max_length=40, blank=True, help_text="Music provider; empty: the roster's."
    )
    sings = models.BooleanField(
        default=False,
        help_text="The local engine sings the lyrics; needs requirements-voice.txt.",
    )
    sound_identity = models.CharField(
        max_length=80, help_text="Seeds the artist's persistent sound; change it for a new sound."
    )

    status = models.CharField(max_length=12, choices=Status, default=Status.CANDIDATE)
    status_reason = models.CharField(max_length=200, blank=True)
    status_since = models.DateTimeField(default=timezone.now)
    policy = models.ForeignKey(
        LifecyclePolicy,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="artists",
        help_text="Empty: the default policy.",
    )
    autopilot = models.BooleanField(default=False)
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="offspring"
    )
    # NOT NULL on purpose: NULL sorts first on SQLite and last on PostgreSQL, which would favour
    # or starve new artists.
    turn_at = models.DateTimeField(
        default=timezone.now, help_text="The artist that waits longest since then is next."
    )
    last_run_at = models.DateTimeField(null=True, blank=True)
    window_started_at = models.DateTimeField(
        default=timezone.now, help_text="Decisions before this do not count in evaluations."
    )
    # Derived from PerformanceEntry; `rebuild_counters` computes them anew.
    approved_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    consecutive_rejections = models.PositiveIntegerField(default=0)
    failed_evolutions = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords(
        excluded_fields=[
            "turn_at",
            "last_run_at",
            "status_since",
            "window_started_at",
            "approved_count",
            "rejected_count",
            "failed_count",
            "consecutive_rejections",
            "failed_evolutions",
        ]
    )
    objects = ArtistQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="artist_name_unique_ci",
                violation_error_message="There is an artist of this name.",
            ),
            models.CheckConstraint(
                name="artist_tempo_range",
                condition=Q(
                    tempo_min_bpm__gte=40,
                    tempo_max_bpm__lte=220,
                    tempo_min_bpm__lte=F("tempo_max_bpm"),
                ),
                violation_error_message="Tempo: 40 <= minimum <= maximum <= 220 BPM.",
            ),
            models.CheckConstraint(
                name="artist_temperature_range",
                condition=Q(temperature__gte=0, temperature__lte=2),
                violation_error_message="Temperature is between 0 and 2.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["turn_at", "id"],
                name="artist_next_turn",
                condition=~Q(status="paused") & ~Q(status="retired"),
            ),
            models.Index(fields=["status", "name"], name="artist_by_status"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def approval_rate(self) -> float | None:
        """Approved share of all decided runs, or None before the first decision."""
        decided = self.approved_count + self.rejected_count
        return self.approved_count / decided if decided else None

    @property
    def profile_version(self) -> int | None:
        """Id of the newest profile version; None before the first save."""
        newest = self.history.order_by("-history_id").first()
        return newest.history_id if newest else None


class StatusChange(models.Model):
    """One transition of an artist's status, with why and on which figures."""

    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="status_changes")
    from_status = models.CharField(max_length=12, choices=Artist.Status, blank=True)
    to_status = models.CharField(max_length=12, choices=Artist.Status)
    rule = models.CharField(max_length=40, help_text="Which rule, or 'manual'.")
    reason = models.CharField(max_length=200)
    figures = models.JSONField(default=dict, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    # The run whose decision caused it, so that undoing the decision can take it back.
    run_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=["artist", "-at"], name="statuschange_by_artist")]

    def __str__(self) -> str:
        return f"{self.artist}: {self.from_status or 'new'} to {self.to_status} ({self.reason})"


class PerformanceQuerySet(models.QuerySet["PerformanceEntry"]):
    def decisions(self) -> Self:
        """Approvals and rejections that stand."""
        return self.filter(
            kind__in=[PerformanceEntry.Kind.APPROVED, PerformanceEntry.Kind.REJECTED],
            withdrawn_at__isnull=True,
        )

    def standing(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)

    def since(self, moment: datetime) -> Self:
        return self.filter(at__gte=moment)

    def audience(self) -> Self:
        """Audience figures one may learn from: they stand and are not suspected of bots."""
        return self.standing().filter(kind=PerformanceEntry.Kind.AUDIENCE, suspicious=False)


class PerformanceEntry(models.Model):
    """Something that counts in an artist's history; added, at most withdrawn, never changed."""

    class Kind(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"
        FAILED = "failed"
        RELEASED = "released"
        AUDIENCE = "audience"

    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="performance")
    # The run's id, not a foreign key: runs are a layer above.
    run_id = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    value = models.FloatField(default=1.0, help_text="1, or the audience figure.")
    metric = models.CharField(max_length=40, blank=True, help_text="Audience: plays, saves ...")
    detail = models.CharField(max_length=200, blank=True)
    series = models.CharField(
        max_length=80, blank=True, help_text="Audience: figures of one series can be compared."
    )
    dimensions = models.JSONField(
        default=dict, blank=True, help_text="Audience: country, currency, ids, file."
    )
    external_key = models.CharField(
        max_length=64, blank=True, help_text="Audience: what the figure is of, as a hash."
    )
    suspicious = models.BooleanField(
        default=False, help_text="Audience: a jump as bots make it; nothing learns from it."
    )
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="Set when undone or corrected."
    )

    objects = PerformanceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "performance history"
        ordering = ("-at", "-pk")
        constraints = [
            # One standing decision and one failure a run: a replayed message counts once.
            models.UniqueConstraint(
                fields=["run_id"],
                condition=Q(kind__in=["approved", "rejected"], withdrawn_at__isnull=True),
                name="performance_one_decision_a_run",
            ),
            models.UniqueConstraint(
                fields=["run_id", "kind"],
                condition=Q(kind__in=["failed", "released"], withdrawn_at__isnull=True),
                name="performance_one_of_kind_a_run",
            ),
            # A file imported twice counts once; a corrected figure withdraws the one before.
            models.UniqueConstraint(
                fields=["external_key"],
                condition=~Q(external_key="") & Q(withdrawn_at__isnull=True),
                name="performance_one_per_external_key",
            ),
        ]
        indexes = [
            models.Index(fields=["artist", "-at", "-id"], name="performance_by_artist"),
            # Decisions are few and audience figures many: neither waits for the other.
            models.Index(fields=["artist", "kind", "-at"], name="performance_by_kind"),
            models.Index(
                fields=["artist", "series", "metric", "at"],
                name="performance_by_series",
                condition=Q(kind="audience"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.artist}: {self.kind}"


class LessonQuerySet(models.QuerySet["Lesson"]):
    def in_force(self, *, artist: Artist, now: datetime) -> Self:
        """Accepted lessons for this artist, its genre or the whole roster; strongest first."""
        return (
            self.filter(status=Lesson.Status.ACCEPTED)
            .filter(Q(artist=artist) | Q(artist=None, genre__in=["", artist.genre]))
            .filter(Q(expires_at=None) | Q(expires_at__gt=now))
            .order_by("-strength", "-created_at", "pk")
        )


class Lesson(models.Model):
    """A short constraint learnt from a decision or a reflection, for the next runs' prompts."""

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        DISMISSED = "dismissed"

    class Source(models.TextChoices):
        REFLECTION = "reflection"
        REJECTION = "rejection"
        MANUAL = "manual"

    artist = models.ForeignKey(
        Artist, on_delete=models.CASCADE, null=True, blank=True, related_name="lessons"
    )
    genre = models.CharField(max_length=40, blank=True, help_text="With no artist: its scope.")
    text = models.CharField(max_length=200)
    source = models.CharField(max_length=12, choices=Source, default=Source.MANUAL)
    status = models.CharField(max_length=12, choices=Status, default=Status.PROPOSED)
    strength = models.PositiveSmallIntegerField(default=1, help_text="How often it came up.")
    run_id = models.UUIDField(null=True, blank=True, help_text="The run it was learnt from.")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = LessonQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                "artist",
                Lower("text"),
                condition=Q(artist__isnull=False),
                name="lesson_once_per_artist",
                violation_error_message="This artist has that lesson.",
            )
        ]
        indexes = [models.Index(fields=["artist", "status"], name="lesson_by_artist")]

    def __str__(self) -> str:
        return self.text
