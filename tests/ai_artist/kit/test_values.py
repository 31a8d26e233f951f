"""Each kind of value has one rendering."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from ai_artist.kit import values


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (Decimal("0"), "$0.00"),
        (Decimal("0.110236"), "$0.11"),
        (Decimal("0.004"), "$0.004"),
        (Decimal("0.000004"), "under $0.001"),
        (Decimal("-1234.5"), "-$1,234.50"),
        (None, "–"),
    ],
)
def test_money(usd: Decimal | None, shown: str) -> None:
    assert values.money(usd) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(67.12008770619204, "67.12"), (446.0, "446"), (1204, "1,204"), (-0.0, "0")]
)
def test_numbers_lose_their_tail(value: float, shown: str) -> None:
    assert values.number(value) == shown


def test_a_length_is_that_of_the_player() -> None:
    assert values.minutes(74.9) == "1:14"


def test_times_and_days_are_those_of_the_site() -> None:
    at = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
    with timezone.override("Europe/Berlin"):
        assert values.moment(at) == "2026-11-29 00:30"
        assert values.day(at) == "2026-11-29"
        assert "CET" in values.since(at)
    assert values.day(date(2026, 2, 1)) == "2026-02-01"


@pytest.mark.parametrize(("name", "shown"), [("lofi", "Lo-fi hip hop"), ("dream_pop", "Dream pop")])
def test_genres_are_written_as_people_do(name: str, shown: str) -> None:
    assert values.genre(name) == shown


@pytest.mark.parametrize(("count", "shown"), [(1, "1 run"), (0, "0 runs"), (1204, "1,204 runs")])
def test_a_number_agrees_with_its_noun(count: int, shown: str) -> None:
    assert values.counted(count, "run") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (["A minor", "too_similar"], "A minor, too similar"),
        (True, "yes"),
        ({}, "–"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_recorded_values_are_words(value: Any, shown: str) -> None:
    assert str(values.facts({"x": value})) == (
        f'<dl class="panel-facts"><div><dt>X</dt><dd>{shown}</dd></div></dl>'
    )


def test_a_hash_is_short_and_can_be_copied_whole() -> None:
    shown = values.fact("ab" * 32)

    assert ">abababab</code>" in shown
    assert f'data-copies="{"ab" * 32}"' in shown
