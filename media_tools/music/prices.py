"""What a track costs: figures with the day they were read, which settings may override."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation


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


def with_overrides(entries: Iterable[str]) -> dict[str, MusicPrice]:
    """PRICES with the operator's own: "suno/sunoapi=0.06" a submission, "elevenlabs=0.15/min".

    Raises ValueError naming the entry that cannot be read.
    """
    prices = dict(PRICES)
    for entry in entries:
        name, _, text = entry.partition("=")
        amount, _, unit = text.partition("/")
        try:
            usd = Decimal(amount)
        except InvalidOperation:
            usd = Decimal(-1)
        if not name or usd < 0 or unit not in ("", "min"):
            raise ValueError(
                f"{entry!r} is no price; write PROVIDER=USD for a submission or PROVIDER=USD/min"
            )
        prices[name] = MusicPrice(
            per_track_usd=Decimal(0) if unit else usd,
            per_minute_usd=usd if unit else Decimal(0),
            note="set by the operator",
        )
    return prices
