"""Experiments on generation parameters: arms, assignments, conclusions and promotions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.text import get_text_list

from ai_artist.kit.values import counted
from ai_artist.kit.values import genre as genre_title
from artists.models import Artist

ARMS = (2, 6)  # fewest and most variants
NAMED = 3  # most artists that are named in a sentence


def whose(artists: Collection[Artist], genre: str) -> str:
    """Return a scope in words: some artists, a genre, or the roster."""
    if not artists:
        return f"all {genre_title(genre)} artists" if genre else "the roster"
    names = sorted(map(str, artists))
    if others := len(names[NAMED:]):
        names[NAMED:] = [counted(others, "other artist")]
    return get_text_list(names, "and")


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def running(self) -> Self:
        return self.filter(status=Experiment.Status.RUNNING)

    def touching(self, artists: Collection[Artist], genre: str = "") -> Self:
        """Experiments these runs take part in: of artists, of a genre, or without both any."""
        if not artists and not genre:
            return self
        # Subqueries, not joins: PostgreSQL locks no rows of an outer join.
        own = Experiment.artists.through.objects.filter(experiment=OuterRef("pk"))
        shared = own.filter(artist__in=artists) if artists else own.filter(artist__genre=genre)
        genres = {artist.genre for artist in artists} or {genre}
        wide = ~Exists(own) & Q(genre__in=["", *genres])
        return self.filter(wide | Exists(shared))


class Experiment(models.Model):
    """One parameter, two to six variants, one question, and the rule that will answer it.

    Of experiments on a parameter one at most runs for an artist: `setup.start` sees to it, which
    locks all of them. With artists, the genre is empty.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        RUNNING = "running"
        PAUSED = "paused"
        CONCLUDED = "concluded"

    class Parameter(models.TextChoices):
        """What a variant can change; experiments/parameters.py lists the values of each."""

        MUSIC_PROMPT_PREFIX = "music_prompt_prefix", "Music prompt prefix"
        TEMPO_RANGE = "tempo_range", "Tempo range"
        VISUAL_STYLE = "visual_style", "Visual style"
        COVER_STYLE = "cover_style", "Cover style"
        LYRIC_FORM = "lyric_form", "Lyric form"
        TEMPERATURE = "temperature", "Temperature"
        TREND_PROBABILITY = "trend_probability", "Trend following"
        LLM_MODEL = "llm_model", "Language model"
        SINGING = "singing", "Singing"

    name = models.CharField(max_length=120, unique=True)
    question = models.TextField(blank=True, help_text="What the result is to tell.")
    parameter = models.CharField(max_length=40, choices=Parameter)
    artists = models.ManyToManyField(
        Artist,
        blank=True,
        related_name="experiments",
        help_text="Only runs of these artists take part; empty: the whole roster's.",
    )
    genre = models.CharField(
        max_length=40,
        blank=True,
        help_text="Without artists: only runs of artists of this genre take part.",
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    planned_runs_per_arm = models.PositiveIntegerField(
        default=50, help_text="Reviewed runs each arm gets; fixed once it starts."
    )
    error_margin = models.FloatField(
        default=0.10,
        help_text="Guardrail: an arm's share of failed runs may be that much above the control's.",
    )
    cost_margin = models.FloatField(
        default=0.25,
        null=True,
        blank=True,
        help_text=(
            "Guardrail: an approved run may cost that much more than the control's, as a share "
            "(0.25: a quarter). Empty: cost does not count."
        ),
    )
    acts_by_itself = models.BooleanField(
        default=True,
        help_text=(
            "On the evidence planned here the schedule stops arms, concludes and puts the winner "
            "to use. Off: it only says what it would do."
        ),
    )
    salt = models.CharField(max_length=32, help_text="Seeds the order of variants.")
    winner = models.ForeignKey(
        "Variant", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    conclusion = models.CharField(max_length=400, blank=True, help_text="The verdict it ended on.")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="experiment_running_was_started",
                condition=~Q(status="running") | Q(started_at__isnull=False),
            ),
            models.CheckConstraint(
                name="experiment_plan_and_margins",
                condition=Q(
                    planned_runs_per_arm__gte=20,
                    planned_runs_per_arm__lte=2000,
                    error_margin__gte=0,
                    error_margin__lte=1,
                )
                & (Q(cost_margin__isnull=True) | Q(cost_margin__gte=0)),
                violation_error_message=(
                    "Plan 20 to 2,000 runs per arm; margins are shares, from 0."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def whose(self) -> str:
        """Whose runs take part, in words."""
        return whose(self.artists.all(), self.genre)


class Variant(models.Model):
    """One arm of an experiment: the value its runs use."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=60)
    value = models.JSONField(
        null=True,
        blank=True,
        help_text='The parameter\'s value as JSON, such as "warm" or [80, 96]; empty: as it is.',
    )
    is_control = models.BooleanField(default=False, help_text="What is in use today.")
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    stopped_reason = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ("experiment", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "name"], name="variant_name_once_per_experiment"
            ),
            models.UniqueConstraint(
                fields=["experiment"], condition=Q(is_control=True), name="variant_one_control"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment}: {self.name}"


class Assignment(models.Model):
    """The arm chosen for one run, and the run's outcome. The choice is never recomputed."""

    class Outcome(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"
        FAILED = "failed"
        CANCELLED = "cancelled"

    DECIDED = (Outcome.APPROVED, Outcome.REJECTED)

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="assignments")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="assignments")
    artist = models.ForeignKey(Artist, on_delete=models.PROTECT, related_name="assignments")
    # The run's id, not a foreign key: runs are in a higher layer.
    run_id = models.UUIDField()
    position = models.PositiveIntegerField(
        help_text="This artist's running number in the experiment, from 0."
    )
    block = models.PositiveIntegerField(
        default=0, help_text="The artist's block, from 0; it holds every arm once."
    )
    probability = models.FloatField(help_text="Chance this arm had when it was chosen.")
    probabilities = models.JSONField(
        default=dict, blank=True, help_text="Chance of every arm then, by the variant's id."
    )
    exposed_at = models.DateTimeField(
        null=True, blank=True, help_text="When a step really used the value."
    )
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    assigned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-assigned_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "run_id"], name="assignment_once_per_run"
            ),
            models.UniqueConstraint(
                fields=["experiment", "artist", "position"], name="assignment_position_once"
            ),
            models.UniqueConstraint(
                fields=["experiment", "artist", "block", "variant"],
                name="assignment_arm_once_per_block",
            ),
        ]
        indexes = [models.Index(fields=["run_id"], name="assignment_by_run")]

    def __str__(self) -> str:
        return f"run {self.run_id}: {self.variant.name}"


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def standing(self) -> Self:
        """Promotions not undone, newest first: the first of a parameter and scope is in force."""
        return self.filter(undone_at=None).order_by("-pk")


class Promotion(models.Model):
    """A winner put to use for an artist or the roster; undoing it restores the previous value.

    Promotions of one parameter and scope form a stack: the newest that is not undone is in force.
    """

    parameter = models.CharField(max_length=40, choices=Experiment.Parameter)
    artist = models.ForeignKey(
        Artist, on_delete=models.CASCADE, null=True, blank=True, related_name="promotions"
    )
    genre = models.CharField(
        max_length=40, blank=True, help_text="Without an artist: of artists of this genre only."
    )
    value = models.JSONField(null=True, blank=True, help_text="Empty: as without experiments.")
    before = models.JSONField(null=True, blank=True, help_text="What was in force until then.")
    diff = models.JSONField(
        default=dict, blank=True, help_text="Profile fields changed: name to [old, new]."
    )
    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="promotions")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="promotions")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the schedule.",
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = PromotionQuerySet.as_manager()

    class Meta:
        verbose_name = "winner in use"
        verbose_name_plural = "winners in use"
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="promotion_undone_after_it_was_made",
                condition=Q(undone_at__isnull=True) | Q(undone_at__gte=F("at")),
            )
        ]
        indexes = [
            models.Index(
                fields=["parameter", "artist"],
                condition=Q(undone_at__isnull=True),
                name="promotion_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_parameter_display()} for {self.whose}: {self.variant}"

    @property
    def whose(self) -> str:
        """Whose runs use it, in words."""
        return whose([self.artist] if self.artist else [], self.genre)


class ExperimentEvent(models.Model):
    """Something that happened to an experiment: who or which rule did it, on which figures."""

    class Kind(models.TextChoices):
        STARTED = "started"
        PAUSED = "paused"
        RESUMED = "resumed"
        ARM_STOPPED = "arm_stopped", "Arm stopped"
        ANNOUNCED = "announced"
        CONCLUDED = "concluded"
        PROMOTED = "promoted"
        UNDONE = "undone"

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Kind)
    message = models.CharField(max_length=500)
    figures = models.JSONField(default=dict, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the schedule.",
    )

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.experiment}: {self.message}"


class Ranking(models.Model):
    """What the newest decisions say of the songs' measures, and whether it chooses candidates."""

    class Subject(models.TextChoices):
        MUSIC = "music"
        WORDS = "words"

    subject = models.CharField(max_length=8, choices=Subject, unique=True)
    trained_at = models.DateTimeField()
    songs = models.PositiveIntegerField(help_text="Of artists with approved and rejected ones.")
    approved = models.PositiveIntegerField()
    order = models.FloatField(
        help_text="How often the approved one of two unseen songs was ranked higher; 0.5: chance."
    )
    order_low = models.FloatField(help_text="The least it can be, so that chance explains no more.")
    weights = models.JSONField(help_text="Log-odds of an approval for each unit of a measure.")
    halves = models.JSONField(
        help_text="By measure, of the artists' songs that have more of it and of those that have"
        " less: how many were approved and rejected."
    )
    in_use = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ranking_in_use_beats_chance",
                condition=Q(in_use=False) | Q(order_low__gt=0.5),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()}: {'in use' if self.in_use else 'not in use'}"
