"""Trend data: sources, topics, and observations of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Lower

TOPIC_CHARACTERS, GENRE_CHARACTERS = 120, 40


class TrendSource(models.Model):
    """Where observations come from, and how the last collection went."""

    name = models.SlugField(max_length=40, unique=True)
    enabled = models.BooleanField(default=True)
    weight = models.FloatField(default=1.0, help_text="How much its observations count in scores.")
    window_hours = models.PositiveSmallIntegerField(
        default=1, help_text="Length of a window: one observation of a topic in each."
    )
    last_collected_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    collecting_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="A collection is under way since then."
    )
    memory = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="What its reader keeps between collections; may hold a token, never shown.",
    )

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(name="trendsource_weight_positive", condition=Q(weight__gt=0)),
            models.CheckConstraint(
                name="trendsource_window_positive", condition=Q(window_hours__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def window(self) -> timedelta:
        return timedelta(hours=self.window_hours)


@dataclass(frozen=True)
class Spending:
    """What collections used. reads: records the provider charges for, such as posts."""

    collections: int
    calls: int
    reads: int
    cost_usd: Decimal


class CollectionQuerySet(models.QuerySet["Collection"]):
    def since(self, moment: datetime) -> Self:
        return self.filter(at__gte=moment)

    def spending(self) -> Spending:
        total = self.aggregate(
            collections=Count("pk"), calls=Sum("calls"), reads=Sum("reads"), cost=Sum("cost_usd")
        )
        return Spending(
            collections=total["collections"],
            calls=total["calls"] or 0,
            reads=total["reads"] or 0,
            cost_usd=total["cost"] or Decimal(0),
        )


class Collection(models.Model):
    """One visit to a source: what it used and what it returned.

    Written before the first call. A paid call is booked at its highest price before it is sent, and
    corrected by its answer: after a crash the books show too much, never too little.
    """

    source = models.ForeignKey(TrendSource, on_delete=models.CASCADE, related_name="collections")
    at = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)
    reads = models.PositiveIntegerField(
        default=0, help_text="Records the provider charges by, such as posts."
    )
    cost_usd = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0))
    observations = models.PositiveIntegerField(default=0, help_text="New or changed.")
    error = models.TextField(blank=True)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="collection_cost_not_negative", condition=Q(cost_usd__gte=0)
            )
        ]
        indexes = [models.Index(fields=["source", "-at"], name="collection_by_source")]

    def __str__(self) -> str:
        return f"{self.source} at {self.at:%Y-%m-%d %H:%M}"


class TopicQuerySet(models.QuerySet["Topic"]):
    def rising(self) -> Self:
        """Topics worth following, strongest first."""
        return self.filter(blocked=False, score__gt=0).order_by("-score", "pk")

    def for_genre(self, genre: str) -> Self:
        """Topics of this genre and topics without a genre."""
        return self.filter(Q(genre="") | Q(genre=genre))


class Topic(models.Model):
    """Something people talk about, sing about or listen to."""

    name = models.CharField(max_length=TOPIC_CHARACTERS)
    genre = models.CharField(
        max_length=GENRE_CHARACTERS, blank=True, help_text="Empty: for every genre."
    )
    score = models.FloatField(default=0.0, help_text="Momentum, 0 to 1; see trends/scoring.py.")
    scored_at = models.DateTimeField(null=True, blank=True)
    blocked = models.BooleanField(default=False, help_text="Never follow this topic.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ("-score", "name")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="topic_name_unique_ci"),
            models.CheckConstraint(
                name="topic_score_in_unit_range", condition=Q(score__gte=0, score__lte=1)
            ),
        ]
        indexes = [models.Index(fields=["-score", "id"], name="topic_by_score")]

    def __str__(self) -> str:
        return self.name


class ObservationQuerySet(models.QuerySet["Observation"]):
    def since(self, moment: datetime) -> Self:
        return self.filter(observed_at__gte=moment)


class Observation(models.Model):
    """How large a topic was at a source in one window of time."""

    source = models.ForeignKey(TrendSource, on_delete=models.PROTECT, related_name="observations")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="observations")
    observed_at = models.DateTimeField(help_text="Start of the window.")
    volume = models.FloatField(help_text="Mentions, plays or rank points; one scale per source.")
    engagement = models.FloatField(default=0.0, help_text="Likes, shares, saves in the window.")

    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ("-observed_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "topic", "observed_at"], name="observation_once_per_window"
            ),
            models.CheckConstraint(
                name="observation_not_negative", condition=Q(volume__gte=0, engagement__gte=0)
            ),
        ]
        indexes = [
            models.Index(fields=["topic", "-observed_at"], name="observation_by_topic"),
            models.Index(fields=["-observed_at", "-id"], name="observation_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} at {self.source}: {self.volume:g}"
