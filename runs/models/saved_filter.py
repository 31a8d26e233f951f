"""Filters of lists that people keep under a name."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def of(self, user_id: int, listed: str) -> Self:
        """One person's filters of a list, by name."""
        return self.filter(user=user_id, listed=listed).order_by("name")


class SavedFilter(models.Model):
    """What a person once filtered, searched and sorted a list by, under a name; for them alone."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    listed = models.CharField(max_length=100, help_text="The list's model: runs.run.")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, help_text="The address behind its question mark.")

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["user", "listed", "name"], name="savedfilter_name_once_per_list"
            )
        ]

    def __str__(self) -> str:
        return self.name
