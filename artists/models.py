"""The roster: artists, the policy they are judged by, and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from simple_history.models import HistoricalRecords

from media_tools.text.lessons import same_key

RATE_HELP = "0 to 1."


class LifecyclePolicy(models.Model):
    """Thresholds by which artists are promoted, evolved, paused and retired."""

    class RetirementMode(models.TextChoices):
        STREAK = "streak", "Streak: retire at once"
        PROBATION = "probation", "Probation: ten more reviewed runs decide"
        PROPOSE = "propose", "Propose: a person confirms"

    class RateRule(models.TextChoices):
        EVIDENCE = "evidence", "Evidence: the rate is poor with 90 % certainty"
        PLAIN = "plain", "Plain: the rate of the period is below the threshold"

    class EvolutionMode(models.TextChoices):
        AUTOMATIC = "automatic", "Try it at once"
        PERSON = "person", "Wait for a person"

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
    rate_rule = models.CharField(
        max_length=8,
        choices=RateRule,
        default=RateRule.EVIDENCE,
        help_text="How the rates below are judged: with certainty, or by the plain share.",
    )
    evolution_mode = models.CharField(
        max_length=9,
        choices=EvolutionMode,
        default=EvolutionMode.AUTOMATIC,
        help_text="What happens to a proposed change of an evolving artist's profile.",
    )
    evolution_trial_runs = models.PositiveSmallIntegerField(
        default=20,
        validators=[MinValueValidator(1)],
        help_text="Reviewed runs with a changed profile before it is kept or rolled back.",
    )
    keep_evolution_chance = models.FloatField(
        default=0.50,
        help_text="Kept when the chance that the new rate is higher reaches this; 0.5: it did not "
        "fall.",
    )
    offspring_min_approvals = models.PositiveSmallIntegerField(
        default=20, help_text="Approvals before an artist above the exploring rate may have one."
    )

    history = HistoricalRecords()

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
                name="policy_keep_chance_in_unit_range",
                condition=Q(keep_evolution_chance__gte=0, keep_evolution_chance__lte=1),
                violation_error_message="The chance that keeps an evolution is between 0 and 1.",
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
    passed_over = models.PositiveSmallIntegerField(
        default=0, help_text="Turns this artist was next for and another got, as more useful."
    )
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
            "passed_over",
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


class EvolutionQuerySet(models.QuerySet["Evolution"]):
    def open(self) -> Self:
        """Proposed or on trial; an artist has one at most."""
        return self.filter(state__in=Evolution.OPEN)

    def on_trial(self) -> Self:
        return self.filter(state=Evolution.State.TRIAL)


class Evolution(models.Model):
    """A change of an artist's profile, tried for some runs and kept or rolled back."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        TRIAL = "trial", "On trial"
        KEPT = "kept"
        ROLLED_BACK = "rolled_back", "Rolled back"
        DISMISSED = "dismissed"

    class Source(models.TextChoices):
        LLM = "llm", "Language model"
        OFFLINE = "offline", "Offline rules"
        PERSON = "person"

    OPEN = (State.PROPOSED, State.TRIAL)

    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="evolutions")
    state = models.CharField(max_length=12, choices=State, default=State.PROPOSED)
    source = models.CharField(max_length=8, choices=Source)
    model = models.CharField(max_length=80, blank=True, help_text="Which model or rules wrote it.")
    diff = models.JSONField(help_text="{field: [old, new]} of the profile.")
    reasons = models.JSONField(default=list, help_text="List of sentences.")
    version_before = models.BigIntegerField(
        null=True, blank=True, help_text="Profile version it was made for."
    )
    version_trial = models.BigIntegerField(
        null=True, blank=True, help_text="Profile version that is tried."
    )
    trial_runs = models.PositiveSmallIntegerField(help_text="Reviewed runs that decide.")
    figures = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(
        StatusChange, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ended_by = models.ForeignKey(
        StatusChange, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        help_text="Who decided it; empty: the policy.",
    )

    objects = EvolutionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["artist"],
                condition=Q(state__in=["proposed", "trial"]),
                name="evolution_one_open_per_artist",
            ),
            models.CheckConstraint(
                name="evolution_trial_was_started",
                condition=~Q(state__in=["trial", "kept", "rolled_back"])
                | Q(started_at__isnull=False),
            ),
            models.CheckConstraint(
                name="evolution_end_has_time",
                condition=Q(state__in=["proposed", "trial"], ended_at__isnull=True)
                | Q(state__in=["kept", "rolled_back", "dismissed"], ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Evolution of {self.artist} ({self.get_state_display().lower()})"


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
    profile_version = models.BigIntegerField(
        null=True, blank=True, help_text="Decisions: version of the profile the run used."
    )
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
            # The dashboard counts the roster's decisions of the last weeks.
            models.Index(fields=["kind", "-at"], name="performance_by_time"),
            models.Index(
                fields=["artist", "series", "metric", "at"],
                name="performance_by_series",
                condition=Q(kind="audience"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.artist}: {self.kind}"


class LessonQuerySet(models.QuerySet["Lesson"]):
    def living(self, *, now: datetime) -> Self:
        """Accepted and not expired, of whatever scope."""
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=now), status=Lesson.Status.ACCEPTED
        )

    def in_force(self, *, artist: Artist, now: datetime) -> Self:
        """Living lessons for this artist, its genre or the whole roster; strongest first."""
        return (
            self.living(now=now)
            .filter(Q(artist=artist) | Q(artist=None, genre__in=["", artist.genre]))
            .order_by("-strength", "-last_seen_at", "pk")
        )


class Lesson(models.Model):
    """A short constraint for the next runs' prompts, learnt from decisions or set by a person.

    Text, status and source follow from the standing evidence until a person judges the lesson;
    strength, last_seen_at and expires_at always do. `artists.lessons` alone writes them.
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

    # Why runs do not get it though it is in force; `artists.lessons.shown_for` sets it.
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
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = same_key(self.text)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        # The form does not show the key, so Django would not check the constraints on it.
        self.key = same_key(self.text)
        others = Lesson.objects.filter(artist=self.artist, genre=self.genre, key=self.key)
        if twin := others.exclude(pk=self.pk).first():
            raise ValidationError(f"There is a lesson that says the same: “{twin}”.")

    @property
    def scope(self) -> str:
        """Whom it holds for, in words."""
        if self.artist:
            return self.artist.name
        return self.genre.replace("_", " ") or "the whole roster"


class EvidenceQuerySet(models.QuerySet["LessonEvidence"]):
    def standing(self) -> Self:
        """Not taken back; in the order they came."""
        return self.filter(withdrawn_at__isnull=True).order_by("at", "pk")


class LessonEvidence(models.Model):
    """One time a lesson came up, in the words that were used; added, at most withdrawn."""

    class Kind(models.TextChoices):
        REASON = "reason", "Reason of a rejection"
        COMMENT = "comment", "Comment on a rejection"
        REFLECTION = "reflection", "Accepted from a reflection"
        RAISED = "raised", "Seen with an artist of the scope"

    # These are in force at once; anything else waits for a person.
    BINDING = (Kind.REASON, Kind.REFLECTION, Kind.RAISED)

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField(max_length=200, help_text="As it was said.")
    key = models.CharField(max_length=220, editable=False)
    # Ids, not foreign keys: runs and their reviews are a layer above.
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
