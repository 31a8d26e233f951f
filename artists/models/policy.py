"""The thresholds artists are judged by."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

RATE_HELP = "0 to 1."


class LifecyclePolicy(models.Model):
    """Thresholds by which artists are promoted, evolved, paused and retired."""

    class RetirementMode(models.TextChoices):
        STREAK = "streak", "Streak: retire at once"
        PROBATION = "probation", "Probation: ten more reviewed runs decide"
        PROPOSE = "propose", "Propose: a person confirms"

    class EvolutionMode(models.TextChoices):
        AUTOMATIC = "automatic", "Try it at once"
        PERSON = "person", "Wait for a person"

    name = models.CharField(max_length=80, unique=True)
    is_default = models.BooleanField(default=False)
    retirement_mode = models.CharField(
        max_length=12, choices=RetirementMode, default=RetirementMode.STREAK
    )
    consecutive_rejections = models.PositiveSmallIntegerField(default=5)
    evaluation_period_days = models.PositiveSmallIntegerField(
        default=30,
        help_text="Days that the counts stored with a change of status cover; the rules judge the "
        "newest runs, however old.",
    )
    min_runs = models.PositiveSmallIntegerField(
        default=10, help_text="Reviewed runs before a rate is judged at all."
    )
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
        verbose_name = "policy"
        verbose_name_plural = "policies"
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
