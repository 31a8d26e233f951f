"""A/B experiments on generation parameters."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from artists.models import Artist


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def running(self) -> Self:
        return self.filter(status=Experiment.Status.RUNNING)


class Experiment(models.Model):
    """One parameter, two or more variants, one question."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        RUNNING = "running"
        PAUSED = "paused"
        CONCLUDED = "concluded"

    class Parameter(models.TextChoices):
        """What a variant may change; runs/steps read it by this name."""

        MUSIC_PROMPT_PREFIX = "music_prompt_prefix", "Music prompt prefix"

    name = models.CharField(max_length=120, unique=True)
    question = models.TextField(blank=True, help_text="What the result is to tell.")
    parameter = models.CharField(max_length=40, choices=Parameter)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    planned_runs_per_arm = models.PositiveIntegerField(default=50)
    salt = models.CharField(max_length=32, help_text="Seeds the order of variants.")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["parameter"],
                condition=Q(status="running"),
                name="experiment_one_running_a_parameter",
                violation_error_message="Another experiment on this parameter is running.",
            ),
            models.CheckConstraint(
                name="experiment_running_was_started",
                condition=~Q(status="running") | Q(started_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """One arm of an experiment: the value its runs use."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=60)
    value = models.JSONField(blank=True, help_text="The parameter's value in this arm.")
    is_control = models.BooleanField(default=False)

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
    """The arm chosen for one run, and what came of it. Never recomputed."""

    class Outcome(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"
        FAILED = "failed"

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="assignments")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="assignments")
    artist = models.ForeignKey(Artist, on_delete=models.PROTECT, related_name="assignments")
    # The run's id, not a foreign key: runs are a layer above.
    run_id = models.UUIDField()
    position = models.PositiveIntegerField(
        help_text="This artist's running number in the experiment, from 0."
    )
    probability = models.FloatField(help_text="Chance this arm had when it was chosen.")
    exposed_at = models.DateTimeField(
        null=True, blank=True, help_text="When a step really used the value."
    )
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    cost_usd = models.DecimalField(max_digits=10, decimal_places=4, default=0)
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
        ]
        indexes = [models.Index(fields=["run_id"], name="assignment_by_run")]

    def __str__(self) -> str:
        return f"run {self.run_id}: {self.variant.name}"
