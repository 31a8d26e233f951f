"""The model's notes on finished runs, and what they propose."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ai_artist.kit.values import fact
from runs.models.run import Run


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
        indexes = [models.Index(fields=["-created_at", "-id"], name="reflection_newest")]

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
            ),
            models.Index(fields=["-created_at", "id"], name="proposal_newest"),
        ]

    def __str__(self) -> str:
        subject = self.field.replace("_", " ") if self.field else "lesson"
        return f"{subject[:1].upper()}{subject[1:]}: {fact(self.new)}"
