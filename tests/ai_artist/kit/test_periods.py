from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from ai_artist.kit.periods import day_start, midnight, month_start


@pytest.fixture(autouse=True)
def in_auckland() -> Iterator[None]:
    with timezone.override("Pacific/Auckland"):
        yield


def test_a_day_and_a_month_begin_at_the_sites_midnight() -> None:
    # 2 March, 01:00 there: 13 hours ahead, summer time.
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    assert day_start(now) == datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
    assert month_start(now) == datetime(2026, 2, 28, 11, 0, tzinfo=UTC)


def test_a_day_begins_at_midnight_on_either_side_of_summer_time() -> None:
    assert midnight(date(2026, 4, 5)) == datetime(2026, 4, 4, 11, 0, tzinfo=UTC)
    assert midnight(date(2026, 4, 6)) == datetime(2026, 4, 5, 12, 0, tzinfo=UTC)
