"""The circuit breaker, on a clock of the test's own."""

from __future__ import annotations

import pytest

from media_tools.errors import ProviderUnavailable
from media_tools.providers.breaker import (
    BreakerLimits,
    BreakerPhase,
    BreakerState,
    CircuitBreaker,
    MemoryBreakerStore,
)

LIMITS = BreakerLimits(failures=3, cooldown_s=30, longest_cooldown_s=100, probe_s=60)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker("acme", limits=LIMITS, clock=clock)


def trip(breaker: CircuitBreaker) -> None:
    for _ in range(LIMITS.failures):
        breaker.failed("HTTP 503")


def test_opens_after_failures_in_a_row(breaker: CircuitBreaker) -> None:
    trip(breaker)

    with pytest.raises(ProviderUnavailable, match="HTTP 503") as caught:
        breaker.before_call()
    assert caught.value.code == "circuit_open" and caught.value.retry_after_s == 30


def test_an_answer_between_failures_keeps_it_closed(breaker: CircuitBreaker) -> None:
    breaker.failed("x")
    breaker.failed("x")
    breaker.succeeded()
    breaker.failed("x")

    breaker.before_call()
    assert breaker.state().failures == 1


def test_after_the_cooldown_one_call_tries(breaker: CircuitBreaker, clock: Clock) -> None:
    trip(breaker)
    clock.now += 30
    breaker.before_call()

    with pytest.raises(ProviderUnavailable):
        breaker.before_call()


def test_a_good_trying_call_closes(breaker: CircuitBreaker, clock: Clock) -> None:
    trip(breaker)
    clock.now += 30
    breaker.before_call()
    breaker.succeeded()

    assert breaker.state() == BreakerState()


def test_failed_trying_calls_lengthen_the_cooldown_to_a_limit(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    trip(breaker)
    lengths = []
    for _ in range(3):
        clock.now += breaker.state().cooldown_s
        breaker.before_call()
        breaker.failed("still down")
        lengths.append(breaker.state().cooldown_s)

    assert lengths == [60, 100, 100]


def test_a_trying_call_that_never_reports_is_forgotten(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    trip(breaker)
    clock.now += 30
    breaker.before_call()
    clock.now += LIMITS.probe_s

    breaker.before_call()
    assert breaker.state().probe_until == clock.now + LIMITS.probe_s


def test_late_failures_do_not_lengthen_an_open_breaker(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    trip(breaker)
    clock.now += 10
    breaker.failed("left before it opened")

    assert breaker.state().opened_at == 1000.0 and breaker.state().cooldown_s == 30


def test_workers_share_a_store(clock: Clock) -> None:
    store = MemoryBreakerStore()
    first, second = (
        CircuitBreaker("acme", limits=LIMITS, store=store, clock=clock) for _ in range(2)
    )
    trip(first)

    with pytest.raises(ProviderUnavailable):
        second.before_call()


def test_state_survives_json(breaker: CircuitBreaker, clock: Clock) -> None:
    trip(breaker)
    state = breaker.state()

    assert BreakerState.from_json(state.as_json() | {"later": "field"}) == state
    assert state.phase(now=clock.now) is BreakerPhase.OPEN
    assert state.phase(now=clock.now + 30) is BreakerPhase.HALF_OPEN


def test_a_clock_that_goes_back_does_not_keep_it_open(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    trip(breaker)
    clock.now -= 3600

    breaker.before_call()

    with pytest.raises(ProviderUnavailable):  # the one trying call is out
        breaker.before_call()
    clock.now -= 3600
    breaker.before_call()
