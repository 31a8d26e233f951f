"""Uses the cache where it answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from django.core.cache import BaseCache, caches
from django.utils.connection import ConnectionProxy

logger = logging.getLogger(__name__)

# What all processes share: Redis if there is one, else the table.
cache = cast("BaseCache", ConnectionProxy(caches, "shared"))

Value = TypeVar("Value")
# What takes longer is kept, and worked out again so rarely that this takes a hundredth of the time.
LONG_S = 0.1
KEPT_TIMES = 100
# The sweep works out what would be too old before it comes again.
SWEEP_S = 60
LATE_S = 90  # a sweep may be late
FORGOTTEN_S = 24 * 3600


@contextmanager
def cache_or_not() -> Iterator[None]:
    """Go on without the cache if it fails: a page then only takes longer."""
    try:
        yield
    except Exception as error:  # of any client library
        logger.warning("The cache does not answer: %s", error)


def kept(
    name: str,
    work_out: Callable[[], Value],
    *,
    until_sweep: bool = False,
    however_quick: bool = False,
) -> Value:
    """Return what work_out returned lately; call it if that is too old.

    What takes two seconds is 200 seconds old at most; what is quicker, two sweeps.
    until_sweep: also if it will be too old before the next sweep, which renews it, so that no
    request has to. however_quick: also keep what takes less than LONG_S.
    """
    known: Any = None
    name = f"kept-{name}"
    with cache_or_not():
        known = cache.get(name)
    if known and known[1] > time.time() + LATE_S * until_sweep:
        value: Value = known[0]
        return value
    started = time.perf_counter()
    value = work_out()
    took_s = time.perf_counter() - started
    if took_s < LONG_S and not however_quick:
        return value
    until = time.time() + max(2 * SWEEP_S, KEPT_TIMES * took_s)
    with cache_or_not():
        cache.set(name, (value, until), FORGOTTEN_S)
    return value
