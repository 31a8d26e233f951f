"""What a picture costs: figures with the day they were read, which settings may override."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from media_tools.providers.prices import NOTE, OwnPrice


@dataclass(frozen=True)
class ArtPrice:
    """USD for one picture, and for a million tokens where the provider counts them.

    per_picture_usd: what one costs at most, for the estimate. as_of: day the figures were read.
    """

    per_picture_usd: Decimal
    text_in_usd: Decimal | None = None
    image_in_usd: Decimal | None = None
    image_out_usd: Decimal | None = None
    as_of: date | None = None
    note: str = ""


PRICES: dict[str, ArtPrice] = {
    "openai/gpt-image-2.5-flare": ArtPrice(
        Decimal("0.10"), as_of=date(2026, 11, 22), note="at a reseller, 3840x2160, high quality"
    ),
    "openai/gpt-image-2.5-sunburst": ArtPrice(
        Decimal("0.10"), as_of=date(2026, 11, 22), note="at a reseller, 3840x2160, high quality"
    ),
    "openai/gpt-image-2": ArtPrice(
        Decimal("0.40"),
        text_in_usd=Decimal(5),
        image_in_usd=Decimal(8),
        image_out_usd=Decimal(30),
        as_of=date(2026, 11, 22),
        note="0.211 at a reseller for 1024x1024, high quality",
    ),
    "replicate/black-forest-labs/flux-schnell": ArtPrice(
        Decimal("0.003"), as_of=date(2026, 11, 22), note="at Black Forest Labs or fal"
    ),
    "replicate/black-forest-labs/flux-1.1-pro": ArtPrice(
        Decimal("0.04"), as_of=date(2026, 11, 22), note="at Black Forest Labs or fal"
    ),
}


def with_own(own: Iterable[OwnPrice]) -> dict[str, ArtPrice]:
    """PRICES with the operator's, for one picture."""
    return PRICES | {
        price.name: ArtPrice(price.usd, note=NOTE) for price in own if price.unit == ""
    }
