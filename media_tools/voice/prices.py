"""What speech costs: figures with the day they were read, which settings may override."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from media_tools.providers.prices import NOTE, OwnPrice


@dataclass(frozen=True)
class VoicePrice:
    """USD for a thousand characters. as_of: day the figure was read."""

    per_1000_usd: Decimal
    as_of: date | None = None
    note: str = ""

    def cost_usd(self, text: str) -> Decimal:
        return (self.per_1000_usd * len(text) / 1000).quantize(Decimal("0.000001"))


_READ_ON = date(2026, 11, 22)
PRICES: dict[str, VoicePrice] = {
    f"elevenlabs/{model}": VoicePrice(Decimal(usd), _READ_ON, "pay as you go")
    for usd, models in (
        ("0.08", ("eleven_v4", "eleven_v3", "eleven_multilingual_v2")),
        (
            "0.04",
            (
                "eleven_v4_turbo",
                "eleven_v3_conversational",
                "eleven_flash_v2_5",
                "eleven_turbo_v2_5",
            ),
        ),
    )
    for model in models
}


def with_own(own: Iterable[OwnPrice]) -> dict[str, VoicePrice]:
    """PRICES with the operator's, for a thousand characters."""
    return PRICES | {
        price.name: VoicePrice(price.usd, note=NOTE) for price in own if price.unit == "1000"
    }
