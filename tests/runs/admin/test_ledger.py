"""The ledger's totals: right, bounded, and of what is filtered for."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ai_artist.kit import caching
from runs.models import ProviderCall, Run, SpentDay
from runs.providers.totals import providers_called, removed_calls, totals_of
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db

LEDGER = "admin:runs_providercall_changelist"
NUMBERS = iter(range(1_000_000))


def call(provider: str, cost: str, *, days: int = 0, run: Run | None = None, **more: Any) -> None:
    ProviderCall.objects.create(
        provider=provider,
        purpose="music",
        cost_usd=cost,
        run=run,
        idempotency_key=f"key {next(NUMBERS)}",
        created_at=timezone.now() - timedelta(days=days),
        **{"status": "succeeded", **more},
    )


def test_calls_are_added_up_by_provider_day_and_run() -> None:
    run, cheap = RunFactory(title="Neon Rivers"), RunFactory()
    call("suno", "0.50", run=run)
    call("suno", "0.25", days=3, run=run, status="failed")
    call("openai", "0.10", run=cheap)
    call("openai", "9.00", days=90)

    found = totals_of(ProviderCall.objects.all(), now=timezone.now())

    assert (found.whole.calls, found.whole.failed, found.whole.cost_usd) == (4, 1, Decimal("9.85"))
    assert {name: sums.cost_usd for name, sums in found.by_provider.items()} == {
        "openai": Decimal("9.10"),
        "suno": Decimal("0.75"),
    }
    assert list(found.by_provider) == ["openai", "suno"]
    assert found.by_day["suno"][-1] == Decimal("0.50")
    assert found.by_day["suno"][-4] == Decimal("0.25")
    assert sum(found.by_day["openai"]) == Decimal("0.10")
    assert [(row.run, row.calls, row.cost_usd) for row in found.by_run] == [
        (run, 2, Decimal("0.75")),
        (cheap, 1, Decimal("0.10")),
    ]
    assert not found.is_capped


def test_only_the_newest_calls_are_added_up(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr("ai_artist.kit.admin.COUNT_LIMIT", 2)
    for days in range(4):
        call("suno", "1", days=days)

    with django_assert_num_queries(3):
        found = totals_of(ProviderCall.objects.all(), now=timezone.now())

    assert (found.whole.calls, found.is_capped) == (2, True)


def test_the_list_shows_the_totals_of_what_is_filtered(boss: Client) -> None:
    call("suno", "0.50", run=RunFactory(title="Neon Rivers"))
    call("openai", "0.10", status="failed")
    SpentDay.objects.create(day=date(2026, 1, 3), provider="suno", calls=1200, cost_usd="321")

    whole = boss.get(reverse(LEDGER)).content.decode()
    some = boss.get(f"{reverse(LEDGER)}?provider=openai").content.decode()

    assert "$0.60" in whole
    assert "Neon Rivers" in whole
    assert "$321.00" in whole
    assert "1,200 calls" in whole
    assert "$0.10" in some
    assert "Neon Rivers" not in some
    assert "$321.00" not in some


@pytest.mark.usefixtures("bell")
def test_the_list_takes_few_queries(
    boss: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(caching, "SWEEP_S", 60)
    for provider in ("suno", "openai", "replicate"):
        for _ in range(5):
            call(provider, "0.10", run=RunFactory())
    boss.get(reverse(LEDGER))

    with django_assert_max_num_queries(13):
        boss.get(reverse(LEDGER))
    caching.cache.delete("kept-providers-called")


def test_providers_are_named_once() -> None:
    for provider in ("suno", "openai", "suno"):
        call(provider, "0")

    assert providers_called() == ["openai", "suno"]
    assert removed_calls() is None


def test_a_call_is_told_in_sentences_with_its_keys_last(boss: Client) -> None:
    call("suno", "0.110236", run=RunFactory(title="Neon Rivers"), latency_ms=11_320)
    row = ProviderCall.objects.get()

    page = boss.get(reverse("admin:runs_providercall_change", args=[row.pk])).content.decode()

    assert page.index("It answered after 11 s") < page.index("Key against a second order")
    assert "$0.11" in page
