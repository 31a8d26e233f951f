"""Stops asking a provider that is down, and finds out by one call when it is back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Protocol, Self

from media_tools.errors import ProviderUnavailable

CIRCUIT_OPEN = "circuit_open"
# The clocks of two workers may differ by this much.
CLOCKS_APART_S = 5.0


class BreakerPhase(StrEnum):
    """closed: calls go through; open: none does; half_open: one call tries."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class BreakerState:
    """What has to be remembered of one provider; times are Unix seconds.

    failures: unavailable answers in a row. opened_at: when it opened, None while closed.
    probe_until: until when the one trying call is awaited. last_error: for the operator.
    """

    failures: int = 0
    opened_at: float | None = None
    cooldown_s: float = 0.0
    probe_until: float | None = None
    last_error: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Unknown names are left out, missing ones take their default."""
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})

    def phase(self, *, now: float) -> BreakerPhase:
        if self.opened_at is None:
            return BreakerPhase.CLOSED
        left_s = self.opened_at + self.cooldown_s - now
        if _is_ahead(left_s, longest_s=self.cooldown_s):
            return BreakerPhase.OPEN
        return BreakerPhase.HALF_OPEN


@dataclass(frozen=True)
class BreakerLimits:
    """Opens after `failures` unavailable calls in a row, for `cooldown_s`.

    Every failed trying call doubles the cool-down up to `longest_cooldown_s`. A trying call that
    never reports (its worker died) is forgotten after `probe_s`.
    """

    failures: int = 5
    cooldown_s: float = 30.0
    longest_cooldown_s: float = 600.0
    probe_s: float = 180.0


class BreakerStore(Protocol):
    """Keeps the state of every breaker; several workers may share one."""

    def change(self, name: str, step: Callable[[BreakerState], BreakerState]) -> BreakerState:
        """Replace the state of `name` by step(state), atomically; the state before it.

        A name never seen starts as BreakerState(). `step` may run more than once.
        """


class MemoryBreakerStore:
    """States of one process."""

    def __init__(self) -> None:
        self._states: dict[str, BreakerState] = {}
        self._lock = threading.Lock()

    def change(self, name: str, step: Callable[[BreakerState], BreakerState]) -> BreakerState:
        with self._lock:
            before = self._states.get(name, BreakerState())
            self._states[name] = step(before)
            return before


def _is_ahead(left_s: float, *, longest_s: float) -> bool:
    """Whether a time is still to come; one further ahead than ever was left by a faster clock."""
    return 0 < left_s <= longest_s + CLOCKS_APART_S


def admitted(state: BreakerState, *, now: float, limits: BreakerLimits) -> bool:
    """Whether a call may go out in this state."""
    phase = state.phase(now=now)
    if phase is BreakerPhase.HALF_OPEN:
        awaited_until = state.probe_until
        return awaited_until is None or not _is_ahead(awaited_until - now, longest_s=limits.probe_s)
    return phase is BreakerPhase.CLOSED


def after_admission(state: BreakerState, *, now: float, limits: BreakerLimits) -> BreakerState:
    """The state once admitted() was asked: a half-open breaker books its one trying call."""
    if state.opened_at is not None and admitted(state, now=now, limits=limits):
        return replace(state, probe_until=now + limits.probe_s)
    return state


def after_failure(
    state: BreakerState, *, now: float, limits: BreakerLimits, error: str
) -> BreakerState:
    """The state after an unavailable answer."""
    failures = state.failures + 1
    if state.opened_at is None:
        if failures < limits.failures:
            return replace(state, failures=failures, last_error=error)
        return BreakerState(failures, now, limits.cooldown_s, None, error)
    if state.phase(now=now) is BreakerPhase.OPEN:
        # A call that left before the breaker opened: it says nothing new.
        return replace(state, failures=failures, last_error=error)
    cooldown_s = min(limits.longest_cooldown_s, 2 * state.cooldown_s)
    return BreakerState(failures, now, cooldown_s, None, error)


class CircuitBreaker:
    """The breaker of one provider. clock: Unix seconds (shared between processes)."""

    def __init__(
        self,
        provider: str,
        *,
        limits: BreakerLimits | None = None,
        store: BreakerStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.provider = provider
        self.limits = limits or BreakerLimits()
        self._store = store or MemoryBreakerStore()
        self._clock = clock

    def before_call(self) -> None:
        """Let a call out, or raise ProviderUnavailable (code CIRCUIT_OPEN)."""
        now = self._clock()
        state = self._store.change(
            self.provider, lambda state: after_admission(state, now=now, limits=self.limits)
        )
        if admitted(state, now=now, limits=self.limits):
            return
        reopens = (state.opened_at or now) + state.cooldown_s
        if state.probe_until is not None:
            reopens = max(reopens, now + 1.0)
        raise ProviderUnavailable(
            self.provider,
            f"not asked: its last {state.failures} calls failed ({state.last_error})",
            code=CIRCUIT_OPEN,
            action="it is tried again by itself; see the provider's status if this lasts",
            retry_after_s=max(1.0, reopens - now),
        )

    def succeeded(self) -> None:
        """The provider answered (a refusal is an answer too)."""
        self._store.change(self.provider, lambda _: BreakerState())

    def failed(self, error: str) -> None:
        """The provider was unavailable. error: redacted, for the operator."""
        now = self._clock()
        self._store.change(
            self.provider,
            lambda state: after_failure(state, now=now, limits=self.limits, error=error[:300]),
        )

    def state(self) -> BreakerState:
        return self._store.change(self.provider, lambda state: state)
