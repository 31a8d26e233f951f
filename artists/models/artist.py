"""The artists of the roster."""

from __future__ import annotations

from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from simple_history.models import HistoricalRecords

from artists.checking import (
    LONGEST_PROMPT,
    LONGEST_TEXT,
    check_items,
    check_keys,
    check_line,
    check_music,
    check_name,
    check_temperature,
    check_tempo,
)
from artists.models.policy import LifecyclePolicy

SHORT, LONG = [MaxLengthValidator(LONGEST_PROMPT)], [MaxLengthValidator(LONGEST_TEXT)]


class ArtistQuerySet(models.QuerySet["Artist"]):
    def selectable(self) -> Self:
        """Artists that get turns.

        Excludes the other statuses: SQLite uses the partial index on turns for this form, but not
        for a list of allowed ones.
        """
        return self.exclude(status=Artist.Status.PAUSED).exclude(status=Artist.Status.RETIRED)

    def by_turn(self) -> Self:
        """The artist that waited longest first."""
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

    name = models.CharField(max_length=120, validators=[check_name])
    slug = models.SlugField(max_length=140, unique=True)
    genre = models.CharField(max_length=40, db_index=True, validators=[check_line])
    backstory = models.TextField(blank=True, validators=LONG)
    voice = models.TextField(
        blank=True, validators=LONG, help_text="How this artist speaks and sings."
    )
    themes = models.JSONField(
        default=list,
        blank=True,
        validators=[check_items],
        help_text="List of words or phrases.",
    )
    audience = models.TextField(blank=True, validators=LONG)
    style_notes = models.TextField(
        blank=True, validators=SHORT, help_text="Sound: instruments, mood, production."
    )
    visual_style = models.TextField(blank=True, validators=SHORT)
    tempo_min_bpm = models.PositiveSmallIntegerField(default=80, validators=[check_tempo])
    tempo_max_bpm = models.PositiveSmallIntegerField(default=120, validators=[check_tempo])
    keys = models.JSONField(
        default=list,
        blank=True,
        validators=[check_keys],
        help_text='List such as ["A minor"].',
    )
    temperature = models.FloatField(
        default=0.8,
        validators=[check_temperature],
        help_text="Freedom of the language model, 0 to 2.",
    )
    preferred_music = models.CharField(
        max_length=40,
        blank=True,
        validators=[check_music],
        help_text="Music provider; empty: the roster's.",
    )
    sings = models.BooleanField(
        default=False,
        help_text="The local engine sings the lyrics; needs requirements-voice.txt.",
    )
    sound_identity = models.CharField(
        max_length=80,
        validators=[check_line],
        help_text="Seeds the artist's persistent sound; change it for a new sound.",
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
    passed_over = models.PositiveSmallIntegerField(
        default=0, help_text="Turns this artist was next for and another got, as more useful."
    )
    window_started_at = models.DateTimeField(
        default=timezone.now, help_text="Decisions before this do not count in evaluations."
    )
    # Derived from PerformanceEntry; the command `rebuild_counters` recomputes them.
    approved_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    consecutive_rejections = models.PositiveIntegerField(default=0)
    failed_evolutions = models.PositiveSmallIntegerField(default=0)
    audience_rank = models.FloatField(
        null=True,
        blank=True,
        help_text="Share of the roster's releases its latest ones did better than; worked out.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords(
        excluded_fields=[
            "turn_at",
            "last_run_at",
            "passed_over",
            "status_since",
            "window_started_at",
            "approved_count",
            "rejected_count",
            "failed_count",
            "consecutive_rejections",
            "failed_evolutions",
            "audience_rank",
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
            models.Index(fields=["name", "id"], name="artist_by_name"),
            models.Index(fields=["last_run_at", "id"], name="artist_by_last_run"),
            models.Index(fields=["name"], name="artist_on_autopilot", condition=Q(autopilot=True)),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        low, high = self.tempo_min_bpm, self.tempo_max_bpm
        if isinstance(low, int) and isinstance(high, int) and low > high:
            raise ValidationError(
                {"tempo_max_bpm": f"It must not be below the lowest tempo, {low} BPM."}
            )

    @property
    def approval_rate(self) -> float | None:
        """The approved share of all decided runs; None before the first decision."""
        decided = self.approved_count + self.rejected_count
        return self.approved_count / decided if decided else None

    @property
    def profile_version(self) -> int | None:
        """The id of the newest profile version; None before the first save."""
        newest = self.history.order_by("-history_id").first()
        return newest.history_id if newest else None
