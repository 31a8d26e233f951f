"""Earnings beside costs."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

import pytest
from django.test import Client
from django.urls import reverse

from ai_artist.kit.caching import cache
from artists.models import Artist, PerformanceEntry
from runs.audience.earnings import balance_of_artist, balance_of_roster, balance_of_runs
from runs.models import Review, Run
from tests.factories import CONCEPT, NOON, ArtistFactory, RunFactory

pytestmark = pytest.mark.django_db


def earned(run: Run, series: str, usd: float, *, currency: str = "USD") -> None:
    PerformanceEntry.objects.create(
        artist=run.artist,
        run_id=run.pk,
        kind="audience",
        metric="revenue",
        value=usd,
        series=series,
        dimensions={"currency": currency},
        external_key=sha256(f"{run.pk} {series} {usd} {currency}".encode()).hexdigest(),
        at=NOON,
    )


def approved(artist: Artist, cost: str) -> Run:
    run = RunFactory(
        artist=artist,
        status="approved",
        concept=dict(CONCEPT),
        finished_at=NOON,
        decided_at=NOON,
        created_at=NOON,
        cost_usd=Decimal(cost),
    )
    Review.objects.create(run=run, decision="approved", active_seconds=90, content_hash="0" * 64)
    return run


def test_statements_count_instead_of_estimates_and_costs_are_taken_off(boss: Client) -> None:
    cache.clear()
    artist = ArtistFactory()
    first, second = approved(artist, "0.40"), approved(artist, "0.10")
    earned(first, "youtube/day/track/youtube_studio", 9.0)
    earned(first, "youtube/month/track/labelgrid", 5.5)
    earned(second, "spotify/month/track/distrokid", 2.0)
    earned(second, "spotify/month/track/distrokid", 1.0, currency="EUR")

    balance = balance_of_artist(artist)

    assert (balance.earned_usd, balance.spent_usd) == (Decimal("7.5"), Decimal("0.5"))
    assert balance.profit_usd == 7
    assert balance.per_hour_usd == 140  # three minutes of review
    assert balance.elsewhere == (("EUR", Decimal(1)),)
    assert balance_of_runs([second.pk]).profit_usd == Decimal("1.9")
    assert balance_of_roster(NOON) == balance
    address = reverse("admin:artists_artist_change", args=[artist.pk])
    page = boss.get(address, {"tab": "audience"}).content.decode()
    assert "$140.00" in page and "and 1.00 EUR" in page


def test_without_the_cache_the_balance_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(cache, "get", away)
    monkeypatch.setattr(cache, "set", away)
    approved(ArtistFactory(), "0.25")

    assert balance_of_roster(NOON).spent_usd == Decimal("0.25")
