"""Changes of artists' profiles that are tried."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from artists.models.artist import Artist
from artists.models.status_change import StatusChange


class EvolutionQuerySet(models.QuerySet["Evolution"]):
    def open(self) -> Self:
        """Proposed or on trial; an artist has at most one."""
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

        indexes = [models.Index(fields=["-created_at", "-id"], name="evolution_newest")]

    def __str__(self) -> str:
        return f"Evolution of {self.artist} ({self.get_state_display().lower()})"
