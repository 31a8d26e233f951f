"""What is asked of long tables goes by an index."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from artists.models import PerformanceEntry, StatusChange
from runs.models import Artifact, Packing, Release, Run
from trends.models import Observation

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

QUERIES = {
    "performance_newest": PerformanceEntry.objects.select_related("artist")[:40],
    "statuschange_newest": StatusChange.objects.select_related("artist")[:40],
    "observation_newest": Observation.objects.select_related("topic", "source")[:40],
    "artifact_newest": Artifact.objects.current().order_by("-created_at")[:50],
    "artifact_by_file": Artifact.objects.filter(file__in=["a/1.mp3", "b/2.mp3"]),
    "run_due": Run.objects.due(now=timezone.now())[:1],
    "packing_due": Packing.objects.due(now=timezone.now())[:1],
}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL for its plan")
@pytest.mark.parametrize("index", QUERIES)
def test_the_plan_uses_the_index(index: str) -> None:
    """The tables of a test are empty: without these settings reading them whole is cheapest.

    PostgreSQL takes a table for ten pages long until it is vacuumed, then for as empty as it is,
    and reads any index of it whole. Truncating makes it unknown again, whatever ran before.
    """
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE artists_artist, trends_topic, trends_trendsource CASCADE")
        for way in ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")

    plan = QUERIES[index].explain()

    assert f"Index Scan using {index}" in plan or f"Index Only Scan using {index}" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan or not index.endswith("newest")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL for its plan")
@pytest.mark.parametrize(("model", "index"), [(Run, "run"), (Release, "release")])
def test_words_inside_titles_are_found_by_trigrams(model: Any, index: str) -> None:
    with connection.cursor() as cursor:
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")

    plan = model.objects.filter(title__icontains="paper").order_by().explain()

    assert f"{index}_title_trigrams" in plan


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite for its plan")
@pytest.mark.parametrize(("model", "index"), [(Run, "run"), (Release, "release")])
def test_titles_are_read_without_their_rows(model: Any, index: str) -> None:
    newest = model.objects.order_by("-created_at", "-pk").filter(title__icontains="paper")

    assert f"COVERING INDEX {index}_newest_titles" in newest.values_list("pk")[:8].explain()
