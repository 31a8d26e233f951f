"""The roster: artists, the policy they are judged by, and what happened to them."""

from __future__ import annotations

from artists.models.artist import Artist, ArtistQuerySet
from artists.models.evolution import Evolution, EvolutionQuerySet
from artists.models.lesson import EvidenceQuerySet, Lesson, LessonEvidence, LessonQuerySet
from artists.models.performance import PerformanceEntry, PerformanceQuerySet
from artists.models.policy import LifecyclePolicy
from artists.models.status_change import StatusChange

__all__ = [
    "Artist",
    "ArtistQuerySet",
    "EvidenceQuerySet",
    "Evolution",
    "EvolutionQuerySet",
    "Lesson",
    "LessonEvidence",
    "LessonQuerySet",
    "LifecyclePolicy",
    "PerformanceEntry",
    "PerformanceQuerySet",
    "StatusChange",
]
