"""What shops ask about rights: label, lines, legal names. Defaults for releases, and their values.

A legal name is private: it stands on pages of operators and in files that go to a distributor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q

from media_tools.records import from_json, to_json

WORLDWIDE = "Worldwide"


class Role(models.TextChoices):
    """What a person did, in the words of DDEX."""

    COMPOSER = "Composer"
    LYRICIST = "Lyricist"
    PRODUCER = "Producer"


@dataclass(frozen=True)
class Credit:
    """A person by the legal name, and what the person did. role: one of Role."""

    legal_name: str
    role: Role


@dataclass(frozen=True)
class _Credits:
    credits: tuple[Credit, ...]


def credits_from(stored: Any) -> tuple[Credit, ...]:
    """Read a column of credits. Raises Unreadable."""
    return from_json(_Credits, {"credits": stored}).credits


def credits_to_json(credits: Iterable[Credit]) -> list[dict[str, Any]]:
    """What a column of credits stores."""
    return [to_json(credit) for credit in credits]


class LabelData(models.Model):
    """The columns a profile and a release share. Empty on a release: its profile's."""

    label = models.CharField(max_length=120, blank=True, help_text="The label's name in shops.")
    c_owner = models.CharField(
        "(C) owner",
        max_length=120,
        blank=True,
        help_text="Owner of cover and text, without the year: it is the release date's.",
    )
    p_owner = models.CharField(
        "(P) owner", max_length=120, blank=True, help_text="Owner of the recording, likewise."
    )
    credits = models.JSONField(
        "writers and producers",
        default=list,
        blank=True,
        help_text="People by their legal names; shops refuse artist names there.",
    )
    territories = models.JSONField(
        default=list, blank=True, help_text="Country codes of two letters, or Worldwide."
    )
    language = models.CharField(
        max_length=3, blank=True, help_text="Language of titles, such as en."
    )
    recording_country = models.CharField(
        max_length=2, blank=True, help_text="Where the recording was made, such as DE."
    )

    class Meta:
        abstract = True

    @property
    def own_credits(self) -> tuple[Credit, ...]:
        """The credits of this row alone. Raises Unreadable."""
        return credits_from(self.credits)


class LabelProfile(LabelData):
    """Defaults for releases. One is the default; a release may name another."""

    name = models.CharField(max_length=80, unique=True)
    is_default = models.BooleanField("default", default=False)
    lead_time_days = models.PositiveSmallIntegerField(
        default=28, help_text="Days from making a release to its date, if it has none of its own."
    )
    sub_genres = models.JSONField(
        default=dict,
        blank=True,
        help_text="Genre and sub-genre in shops, by the artist's genre.",
    )

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="label_profile_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.name
