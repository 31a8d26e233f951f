"""Proofs: what was seen of a publication, and when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from runs.models.publication import LONGEST_URL, Publication


class Proof(models.Model):
    """One look at a publication. Rows stay as they are."""

    class What(models.TextChoices):
        CHANNEL = "channel", "The channel, with our token"
        STRANGER = "stranger", "From outside, without our token"
        PERSON = "person", "A person's word"

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="proofs")
    what = models.CharField(max_length=8, choices=What)
    at = models.DateTimeField(default=timezone.now)
    there = models.BooleanField(null=True, help_text="Empty: the answer proves nothing.")
    address = models.CharField(max_length=LONGEST_URL, blank=True)
    status = models.PositiveSmallIntegerField(default=0, help_text="Of HTTP; 0: none.")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, help_text="Of the body.")
    words = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("publication", "at", "pk")

    def __str__(self) -> str:
        seen = {True: "there", False: "gone", None: "not seen"}[self.there]
        return f"{self.get_what_display()}: {seen}"
