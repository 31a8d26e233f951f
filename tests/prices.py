"""The dated prices, for tests that name one."""

from __future__ import annotations

from media_tools.providers.prices import DATED, Price


def price_of(name: str) -> Price:
    """The one row of this name."""
    (price,) = (price for price in DATED if price.name == name)
    return price
