"""Circuit breakers in the database."""

from __future__ import annotations

import pytest

from media_tools.errors import ProviderUnavailable
from media_tools.providers.breaker import BreakerPhase
from runs.models import ProviderHealth
from runs.providers.breakers import breaker_for

pytestmark = pytest.mark.django_db


def test_failures_of_all_workers_open_the_breaker() -> None:
    for _ in range(breaker_for("suno").limits.failures):
        breaker_for("suno").failed("HTTP 503")

    with pytest.raises(ProviderUnavailable, match="HTTP 503"):
        breaker_for("suno").before_call()
    assert ProviderHealth.objects.get().state["last_error"] == "HTTP 503"


def test_an_answer_closes_it_again() -> None:
    breaker = breaker_for("suno")
    breaker.failed("HTTP 503")

    breaker.succeeded()

    assert breaker.state().failures == 0
    assert breaker.state().phase(now=0) is BreakerPhase.CLOSED


def test_providers_do_not_share_a_breaker() -> None:
    for _ in range(breaker_for("suno").limits.failures):
        breaker_for("suno").failed("HTTP 503")

    breaker_for("openai").before_call()

    assert breaker_for("openai").state().failures == 0
