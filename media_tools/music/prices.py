"""What a track costs: figures with the day they were read, which settings may override."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from media_tools.providers.prices import NOTE, OwnPrice


@dataclass(frozen=True)
class MusicPrice:
    """USD for one submission: a fixed part and one by the length asked for.

    as_of: day the figure was read. note: where, and what makes it doubtful.
    """

    per_track_usd: Decimal = Decimal(0)
    per_minute_usd: Decimal = Decimal(0)
    as_of: date | None = None
    note: str = ""

    def cost_usd(self, duration_s: float) -> Decimal:
        """To four decimals, as the ledger keeps it."""
        minutes = Decimal(str(duration_s)) / 60
        return (self.per_track_usd + self.per_minute_usd * minutes).quantize(Decimal("0.0001"))


PRICES: Mapping[str, MusicPrice] = {
    "suno/sunoapi": MusicPrice(
        per_track_usd=Decimal("0.06"),
        as_of=date(2026, 3, 10),
        note="12 credits a call of two songs; measured before the V6 models",
    ),
    "elevenlabs": MusicPrice(
        per_minute_usd=Decimal("0.15"),
        as_of=date(2026, 9, 8),
        note="pay as you go, by the minute generated",
    ),
    "acestep": MusicPrice(note="own hardware"),
    "replicate/fishaudio/ace-step-1.5": MusicPrice(
        per_track_usd=Decimal("0.095"), as_of=date(2026, 6, 30), note="seen during 2026"
    ),
    "replicate/minimax/music-2.6": MusicPrice(
        per_track_usd=Decimal("0.15"), as_of=date(2026, 6, 30), note="price of MiniMax itself"
    ),
}


def with_own(own: Iterable[OwnPrice]) -> dict[str, MusicPrice]:
    """PRICES with the operator's: for a submission or for a minute."""
    prices = dict(PRICES)
    for price in own:
        if price.unit == "":
            prices[price.name] = MusicPrice(per_track_usd=price.usd, note=NOTE)
        elif price.unit == "min":
            prices[price.name] = MusicPrice(per_minute_usd=price.usd, note=NOTE)
    return prices
