"""Uses the cache where it answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.cache import cache

logger = logging.getLogger(__name__)

Value = TypeVar("Value")
# What takes longer is kept, and worked out again so rarely that this takes a hundredth of the time.
LONG_S = 0.1
KEPT_TIMES = 100
# The sweep works out what would be too old before it comes again.
SWEEP_S = 60
FORGOTTEN_S = 24 * 3600


@contextmanager
def cache_or_not() -> Iterator[None]:
    """Go on without the cache if it fails: a page then only takes longer."""
    try:
        yield
    except Exception as error:  # of any client library
        logger.warning("The cache does not answer: %s", error)


def kept(name: str, work_out: Callable[[], Value], *, until_sweep: bool = False) -> Value:
    """Return what work_out returned lately; call it if that is too old.

    What takes less than LONG_S is never kept; what takes a second is 100 seconds old at most.
    until_sweep: also if it will be too old before the next sweep, which renews what takes long, so
    that no request has to.
    """
    known: Any = None
    name = f"kept-{name}"
    with cache_or_not():
        known = cache.get(name)
    if known and known[1] > time.time() + SWEEP_S * until_sweep:
        value: Value = known[0]
        return value
    started = time.perf_counter()
    value = work_out()
    took_s = time.perf_counter() - started
    if took_s < LONG_S:
        return value
    with cache_or_not():
        cache.set(name, (value, time.time() + KEPT_TIMES * took_s), FORGOTTEN_S)
    return value
