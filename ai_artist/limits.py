"""Limits how often one address, or one person, may ask for something."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import caches
from django.http import HttpRequest

from ai_artist.client_address import client_address


@dataclass(frozen=True)
class Limit:
    """So many requests of a kind by one of them in a time. Each process counts its own."""

    kind: str
    most: int
    within_s: int

    def is_over(self, request: HttpRequest) -> bool:
        """Count a request of an address, and tell whether it is one too many."""
        return self.counts(client_address(request) or "an unknown address")

    def counts(self, who: str) -> bool:
        """Count one more of an address or a person, and tell whether it is one too many."""
        cache = caches["limits"]
        key = f"{self.kind}:{who}"
        cache.add(key, 0, self.within_s)
        try:
            return cache.incr(key) > self.most
        except ValueError:  # its time ran out in between
            return False
