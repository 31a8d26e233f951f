"""A small roster with released songs, and files of figures written as the platforms write them."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from artists.models import Artist, PerformanceEntry
from runs.models import Run
from tests.factories import CONCEPT, ArtistFactory, RunFactory, single_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def nova(db: None) -> Artist:
    return ArtistFactory(name="Nova Lune", slug="nova-lune")


@pytest.fixture
def song() -> Callable[..., Run]:
    """An approved run; with isrc or upc, its release too."""

    def make(artist: Artist, title: str = "Neon Rain", *, isrc: str = "", upc: str = "") -> Run:
        run = RunFactory(
            artist=artist,
            status=Run.Status.APPROVED,
            title=title,
            concept=dict(CONCEPT),
            finished_at=NOW,
            decided_at=NOW,
        )
        if isrc or upc:
            single_of(run, isrc=isrc, upc=upc)
        return run

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A file whose own date is 2026-11-20."""

    def write_file(text: str, name: str = "metrics.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        changed = datetime(2026, 11, 20, 12, 0, tzinfo=UTC).timestamp()
        os.utime(path, (changed, changed))
        return path

    return write_file


@pytest.fixture
def figures(db: None) -> Callable[..., list[tuple[Any, ...]]]:
    """Standing audience entries as (day, metric, value), oldest first."""

    def standing(**conditions: Any) -> list[tuple[Any, ...]]:
        entries = PerformanceEntry.objects.standing().filter(kind="audience", **conditions)
        return [
            (timezone.localdate(entry.at).isoformat(), entry.metric, entry.value)
            for entry in entries.order_by("at", "metric", "pk")
        ]

    return standing
