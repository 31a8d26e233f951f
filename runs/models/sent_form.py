"""Forms that were sent, so that sending one twice does its work once."""

from __future__ import annotations

from django.db import models


class SentForm(models.Model):
    """One form of the panel as it was shown once, and where its first sending led."""

    key = models.UUIDField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    answer = models.CharField(
        max_length=500, blank=True, help_text="Address; empty while it is at work."
    )

    def __str__(self) -> str:
        return str(self.key)
