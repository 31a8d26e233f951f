"""Trend sources through the ledger: the command, the task, paid calls and budgets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from runs import tasks
from runs.models import Budget, ProviderCall
from runs.providers.trend_calls import TrendLedger, collect_trends
from tests.contract_servers.x import CREDITS_DEPLETED, TOKEN, XServer
from tests.factories import NOON
from trends.models import Observation, Topic, TrendSource
from trends.sources.local import LocalCalendar

pytestmark = pytest.mark.django_db
KEY = "trends:x:counts:20260302T0000Z:0123456789abcdef"
PRICE = Decimal("0.005")


def output_of(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def reserve(ledger: TrendLedger | None = None, key: str = KEY) -> None:
    (ledger or TrendLedger(NOON)).reserve(
        key=key, provider="x", purpose="counts", estimate_usd=PRICE
    )


# --- Command and task ---


def test_collect_trends_lists_the_strongest() -> None:
    text = output_of("collect_trends")

    assert "local-calendar:" in text
    strongest = Topic.objects.rising().first()
    assert f"{strongest.score:.2f}  {strongest.name}" in text


def test_collect_trends_says_when_a_source_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: LocalCalendar, visit: object) -> Iterable[Any]:
        raise ProviderUnavailable(self.name, "no answer")

    monkeypatch.setattr(LocalCalendar, "sightings", fail)
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("collect_trends", "--json", stdout=out)

    assert ended.value.code == 1
    assert json.loads(out.getvalue())["sources"][0]["error"] == "local-calendar: no answer"


def test_a_done_window_is_skipped_unless_asked_again() -> None:
    output_of("collect_trends")

    assert "its window is done already" in output_of("collect_trends")
    assert "0 new, 0 updated" in output_of("collect_trends", "--again")


def test_a_source_that_the_settings_do_not_name_is_refused() -> None:
    with pytest.raises(CommandError, match="does not name 'apple'; it names local-calendar"):
        call_command("collect_trends", "--source", "apple")


def test_a_misspelt_source_in_the_settings_is_named(settings) -> None:
    settings.TRENDS = {**settings.TRENDS, "sources": ["spotify"]}

    with pytest.raises(ImproperlyConfigured, match=r"names spotify; use some of: local-calendar,"):
        collect_trends(now=NOON)


def test_the_scheduled_task_collects() -> None:
    assert list(tasks.collect_trends()) == ["local-calendar"]
    assert TrendSource.objects.get().last_collected_at is not None
    assert Observation.objects.exists()


# --- A paid source through real HTTP ---


@pytest.fixture
def x(settings) -> Iterable[XServer]:
    with XServer() as server:
        settings.TRENDS = {
            **settings.TRENDS,
            "sources": ["x"],
            "x_bearer_token": TOKEN,
            "x_base_url": server.url,
            "x_queries": ["synthwave", "techno=#techno", "rain"],
        }
        yield server


def test_every_paid_call_is_a_row_of_the_ledger(x: XServer) -> None:
    text = output_of("collect_trends")

    rows = list(ProviderCall.objects.order_by("pk"))
    assert [(row.status, row.provider, row.cost_usd) for row in rows] == [
        ("succeeded", "x", PRICE),
        ("succeeded", "x", PRICE),
        ("succeeded", "x", PRICE),
    ]
    assert "3 calls, $0.015" in text
    assert sum(row.cost_usd for row in rows) == x.billed_usd


def test_asking_again_never_pays_twice(x: XServer) -> None:
    output_of("collect_trends")

    with pytest.raises(SystemExit):
        call_command("collect_trends", "--again", stdout=StringIO())

    assert x.count() == 3
    assert ProviderCall.objects.count() == 3


def test_a_refusal_costs_nothing_and_may_be_asked_again(x: XServer) -> None:
    x.fault(CREDITS_DEPLETED)
    with pytest.raises(SystemExit):
        call_command("collect_trends", stdout=StringIO())

    output_of("collect_trends")

    statuses = ProviderCall.objects.order_by("pk").values_list("status", "cost_usd")
    assert list(statuses) == [("failed", 0)] + 3 * [("succeeded", PRICE)]


def test_a_lost_answer_waits_in_the_inbox(x: XServer) -> None:
    x.fault(reset="after")
    with pytest.raises(SystemExit):
        call_command("collect_trends", stdout=StringIO())

    call = ProviderCall.objects.get()
    assert (call.status, call.committed_usd) == (ProviderCall.Status.UNKNOWN, PRICE)
    assert x.count() == 1


def test_a_budget_stops_before_the_call_that_would_pass_it(x: XServer) -> None:
    Budget.objects.create(provider="x", period=Budget.Period.MONTH, cap_usd=Decimal("0.01"))
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("collect_trends", stdout=out)

    assert "Budget reached: x may cost 0.01 USD" in out.getvalue()
    assert x.count() == ProviderCall.objects.count() == 2
    # What was paid for is kept.
    assert set(Topic.objects.values_list("name", flat=True)) == {"synthwave", "techno"}


def test_the_token_shows_nowhere(x: XServer, caplog: pytest.LogCaptureFixture) -> None:
    x.fault(status=401, body={"detail": f"Unauthorized: {TOKEN}"})
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("collect_trends", stdout=out)

    source = TrendSource.objects.get()
    left = f"{source.last_error}{source.memory}{caplog.text}{out.getvalue()}"
    assert TOKEN not in left + "".join(ProviderCall.objects.values_list("error", flat=True))
    assert "check X_BEARER_TOKEN" in left


# --- The ledger's rules ---


@pytest.mark.parametrize("settled", [False, True])
def test_a_question_is_paid_once_a_window(settled: bool) -> None:
    reserve()
    if settled:
        TrendLedger(NOON).settle(key=KEY, cost_usd=PRICE, reads=0)

    with pytest.raises(ProviderRejected) as refusal:
        reserve(TrendLedger(NOON + timedelta(hours=1)))

    assert refusal.value.code == "already_paid"
    assert ProviderCall.objects.count() == 1


def test_an_unknown_outcome_is_not_asked_again() -> None:
    reserve()
    TrendLedger(NOON).settle(key=KEY, cost_usd=PRICE, reads=0, error="lost", unknown=True)

    with pytest.raises(ProviderRejected):
        reserve()


def test_a_failed_call_may_be_repeated() -> None:
    reserve()
    TrendLedger(NOON).settle(key=KEY, cost_usd=Decimal(0), reads=0, error="down")

    reserve()

    assert ProviderCall.objects.count() == 2


def test_a_refused_budget_leaves_no_row() -> None:
    Budget.objects.create(provider="", period=Budget.Period.DAY, cap_usd=Decimal("0.001"))

    with pytest.raises(ProviderError) as refusal:
        reserve()

    assert refusal.value.code == "budget"
    assert not ProviderCall.objects.exists()
