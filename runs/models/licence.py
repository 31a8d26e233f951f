"""The register of licences: under which terms providers let their output be used, and when."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class LicenceQuerySet(models.QuerySet["LicenceEntry"]):
    def valid_on(self, day: date) -> Self:
        """For what was made on a day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class LicenceEntry(models.Model):
    """Terms of a provider as an operator read them. Evidence: entries are corrected, not deleted.

    A plan covers what was made while it ran; buying one later does not reach back.
    """

    provider = models.CharField(max_length=40, help_text="As provenance names it, such as suno.")
    plan = models.CharField(max_length=80, help_text="Such as Premier, or Free.")
    commercial_use = models.BooleanField(
        default=False, help_text="The plan allows to sell what it makes."
    )
    terms_url = models.URLField("address of the terms", max_length=500, blank=True)
    terms_text = models.TextField(
        "text of the terms",
        blank=True,
        help_text="Paste it: addresses change. Its SHA-256 goes into audit exports.",
    )
    read_on = models.DateField(default=timezone.localdate, help_text="When the terms were read.")
    valid_from = models.DateField(help_text="First day of the plan.")
    valid_to = models.DateField(null=True, blank=True, help_text="Last day; empty: it goes on.")
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    noted_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = "licence"
        ordering = ("provider", "-valid_from", "-pk")
        constraints = [
            models.CheckConstraint(
                name="licence_period",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                violation_error_message="The last day is before the first.",
            )
        ]
        indexes = [models.Index(fields=["provider", "valid_from"], name="licence_of_provider")]

    def __str__(self) -> str:
        return f"{self.provider}, {self.plan}"

    @property
    def terms_sha256(self) -> str:
        """SHA-256 of the terms' text; empty without one."""
        return hashlib.sha256(self.terms_text.encode()).hexdigest() if self.terms_text else ""
