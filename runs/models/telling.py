"""Who wants to be told what needs a hand, what was told, and what is on its way."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

LONGEST_ERROR = 300


class PersonalSettings(models.Model):
    """What a person chose for themselves: mail, and which first steps they have dealt with."""

    class Mail(models.TextChoices):
        OFF = "off", "No mail"
        DAILY = "daily", "A summary once a day"
        AT_ONCE = "at_once", "Alarms at once, and the summary"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal_settings"
    )
    mail = models.CharField(max_length=8, choices=Mail, default=Mail.OFF)
    hour = models.PositiveSmallIntegerField(
        "Hour of the summary", default=8, validators=[MaxValueValidator(23)]
    )
    summed_up_on = models.DateField(
        null=True, blank=True, help_text="The last day whose summary was looked at."
    )
    steps_done = models.JSONField(
        default=list, blank=True, help_text="First steps that the person has dismissed."
    )

    class Meta:
        verbose_name_plural = "personal settings"
        constraints = [
            models.CheckConstraint(name="personalsettings_hour", condition=Q(hour__lte=23))
        ]

    def __str__(self) -> str:
        return f"Settings of {self.user}"


class NoticeLevel(models.Model):
    """How many of a source people were told of last; serial counts the tellings."""

    source = models.CharField(max_length=40, unique=True)
    told = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)
    serial = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.source}: {self.told}"


class LetterQuerySet(models.QuerySet["Letter"]):
    def due(self, *, now: datetime) -> Self:
        """To be sent, and held by no worker. Longest due first."""
        return self.filter(state=Letter.State.PENDING, due_at__lte=now).order_by("due_at", "pk")


class Letter(models.Model):
    """A mail to a person, or a call of the webhook: written down before it is sent.

    due_at: when it is tried next; while a worker sends it, when others take the worker for dead.
    """

    class Way(models.TextChoices):
        MAIL = "mail"
        WEBHOOK = "webhook"

    class State(models.TextChoices):
        PENDING = "pending", "To be sent"
        SENT = "sent"
        DROPPED = "dropped", "Not wanted any more"
        FAILED = "failed"

    event = models.CharField(max_length=60, help_text="What it is about; told once.")
    way = models.CharField(max_length=8, choices=Way)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=LONGEST_ERROR, blank=True, help_text="Redacted.")

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user"], condition=Q(way="mail"), name="letter_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["event"], condition=Q(way="webhook"), name="letter_once_by_webhook"
            ),
            models.CheckConstraint(
                name="letter_mail_has_person",
                condition=Q(way="mail", user__isnull=False) | Q(way="webhook", user__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="letter_due", condition=Q(state="pending")),
            models.Index(fields=["created_at"], name="letter_by_age"),
        ]

    def __str__(self) -> str:
        return self.subject or self.event
