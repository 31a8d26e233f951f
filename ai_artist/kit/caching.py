"""Uses the cache where it answers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)


@contextmanager
def cache_or_not() -> Iterator[None]:
    """Go on without the cache if it fails: a page then only takes longer."""
    try:
        yield
    except Exception as error:  # of any client library
        logger.warning("The cache does not answer: %s", error)
