"""Stores sightings as topics and observations, each window once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from media_tools import foreign
from trends.models import (
    GENRE_CHARACTERS,
    TOPIC_CHARACTERS,
    Observation,
    Topic,
    TrendSource,
)
from trends.sources.base import Sighting

ROWS_AT_A_TIME = 500

# Key of the topic (lower-case name) and start of the window.
Window = tuple[str, datetime]


@dataclass(frozen=True)
class Recorded:
    """What was stored. rows = observations_new + updated + skipped; topics: new ones."""

    rows: int = 0
    topics: int = 0
    observations_new: int = 0
    updated: int = 0
    skipped: int = 0


def clean_name(name: str) -> str:
    """Return a topic's name as it is stored: composed characters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def usable(sighting: Sighting) -> Sighting | None:
    """Return the sighting with a clean name, or None if the columns cannot hold it.

    A name that is too long is skipped: cut short, it would be another topic.
    """
    name = foreign.label(sighting.topic, longest=TOPIC_CHARACTERS + 1)
    figures = (sighting.volume, sighting.engagement)
    if (
        not 0 < len(name) <= TOPIC_CHARACTERS
        or len(sighting.genre) > GENRE_CHARACTERS
        or any(foreign.finite(figure, low=0.0) is None for figure in figures)
    ):
        return None
    return replace(sighting, topic=name)


def window_of(moment: datetime, length: timedelta) -> datetime:
    """Return the start of the window of this length that contains `moment`.

    Windows count from the site's midnight; length: whole hours, at most a day.
    """
    local = timezone.localtime(moment)
    hours = max(1, min(24, int(length.total_seconds() // 3600)))
    return local.replace(hour=local.hour - local.hour % hours, minute=0, second=0, microsecond=0)


def record(source: TrendSource, sightings: Iterable[Sighting], *, now: datetime) -> Recorded:
    """Store sightings in one transaction; the source's last collection is then `now`.

    One row per topic, source and window: a later sighting in it replaces the figures. A sighting's
    genre is used only when it creates the topic; later the panel owns it. A sighting that the
    columns cannot hold is skipped, and the others are stored.
    """
    with transaction.atomic():
        # Only one collection of a source at a time.
        TrendSource.objects.select_for_update(no_key=True).get(pk=source.pk)
        rows = 0
        latest: dict[Window, Sighting] = {}
        for seen in sightings:
            rows += 1
            if (sighting := usable(seen)) is None:
                continue
            key = sighting.topic.lower()
            # A later sighting of the same window replaces the earlier one.
            latest[key, window_of(sighting.observed_at, source.window)] = sighting
        topic_ids, topics_new = _topic_ids(latest)
        new, updated = _store(source, latest, topic_ids)
        TrendSource.objects.filter(pk=source.pk).update(last_collected_at=now, last_error="")
    return Recorded(
        rows=rows,
        topics=topics_new,
        observations_new=new,
        updated=updated,
        skipped=rows - new - updated,
    )


def _topic_ids(latest: dict[Window, Sighting]) -> tuple[dict[str, int], int]:
    """Return topic ids by key, and how many topics were created."""
    wanted: dict[str, Sighting] = {}
    for (key, _), sighting in latest.items():
        wanted.setdefault(key, sighting)
    ids = _ids_among(wanted)
    missing = [
        Topic(name=sighting.topic, genre=sighting.genre)
        for key, sighting in wanted.items()
        if key not in ids
    ]
    # Another source may create the same topic at this moment.
    Topic.objects.bulk_create(missing, batch_size=ROWS_AT_A_TIME, ignore_conflicts=True)
    return (_ids_among(wanted) if missing else ids), len(missing)


def _ids_among(wanted: dict[str, Sighting]) -> dict[str, int]:
    # Compared in Python: SQLite's LOWER leaves letters beyond ASCII as they are.
    names = Topic.objects.values_list("name", "pk").order_by().iterator()
    return {name.lower(): pk for name, pk in names if name.lower() in wanted}


def _store(
    source: TrendSource, latest: dict[Window, Sighting], topic_ids: dict[str, int]
) -> tuple[int, int]:
    """Store the observations; returns (new, updated)."""
    if not latest:
        return 0, 0
    windows = [window for _, window in latest]
    stored = {
        (observation.topic_id, observation.observed_at): observation
        for observation in Observation.objects.filter(
            source=source, observed_at__gte=min(windows), observed_at__lte=max(windows)
        )
    }
    new, changed = [], []
    for (key, window), sighting in latest.items():
        observation = stored.get((topic_ids[key], window))
        figures = (float(sighting.volume), float(sighting.engagement))
        if observation is None:
            new.append(
                Observation(
                    source=source,
                    topic_id=topic_ids[key],
                    observed_at=window,
                    volume=figures[0],
                    engagement=figures[1],
                )
            )
        elif (observation.volume, observation.engagement) != figures:
            observation.volume, observation.engagement = figures
            changed.append(observation)
    Observation.objects.bulk_create(new, batch_size=ROWS_AT_A_TIME)
    Observation.objects.bulk_update(changed, ["volume", "engagement"], batch_size=ROWS_AT_A_TIME)
    return len(new), len(changed)
