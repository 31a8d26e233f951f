"""What a provider says of itself when it is asked how it is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class ProviderHealth:
    """A provider that answered. credits: left in the account, in `unit`; None: it does not tell."""

    provider: str
    model: str = ""
    credits: Decimal | None = None
    unit: str = ""
    note: str = ""
