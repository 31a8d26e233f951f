"""What providers charge: one table with the day each figure was read, and prices of the operator.

Language models are priced by tokens, in a setting of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from media_tools.foreign import Refused, amount_usd

LEDGER_USD = Decimal("0.000001")  # as exact as the ledger


class Unit(StrEnum):
    """What a price is for, as operators write it."""

    JOB = ""  # a song, a picture
    MINUTE = "min"  # of music
    CHARACTERS = "1000"  # of speech


@dataclass(frozen=True)
class ImageTokenPrice:
    """USD for a million tokens of an image model that counts them."""

    text_in: Decimal
    image_in: Decimal
    image_out: Decimal

    def cost_usd(self, *, text_in: int, image_in: int, out: int) -> Decimal:
        spent = text_in * self.text_in + image_in * self.image_in + out * self.image_out
        return (spent / 1_000_000).quantize(LEDGER_USD)


@dataclass(frozen=True)
class Price:
    """name: provider, or provider/model. as_of: day the figure was read.

    usd: for one unit; what it costs at most where tokens are counted as well.
    note: where it was read, and what makes it doubtful.
    """

    name: str
    usd: Decimal
    unit: Unit = Unit.JOB
    _: KW_ONLY
    as_of: date | None = None
    note: str = ""
    tokens: ImageTokenPrice | None = None

    def cost_usd(self, *, duration_s: float = 0.0, characters: int = 0) -> Decimal:
        """What one job of this length costs, as exact as the ledger."""
        amount = {
            Unit.JOB: Decimal(1),
            Unit.MINUTE: Decimal(str(duration_s)) / 60,
            Unit.CHARACTERS: Decimal(characters) / 1000,
        }[self.unit]
        return (self.usd * amount).quantize(LEDGER_USD)


_NOVEMBER = date(2026, 11, 22)

DATED: tuple[Price, ...] = (
    Price(
        "suno/sunoapi",
        Decimal("0.06"),
        as_of=date(2026, 3, 10),
        note="12 credits a call of two songs; measured before the V6 models",
    ),
    Price(
        "elevenlabs",
        Decimal("0.15"),
        Unit.MINUTE,
        as_of=date(2026, 9, 8),
        note="pay as you go, by the minute generated",
    ),
    Price(
        "replicate/fishaudio/ace-step-1.5",
        Decimal("0.095"),
        as_of=date(2026, 6, 30),
        note="seen during 2026",
    ),
    Price(
        "replicate/minimax/music-2.6",
        Decimal("0.15"),
        as_of=date(2026, 6, 30),
        note="price of MiniMax itself",
    ),
    *(
        Price(
            f"openai/gpt-image-2.5-{model}",
            Decimal("0.10"),
            as_of=_NOVEMBER,
            note="at a reseller, 3840x2160, high quality",
        )
        for model in ("flare", "sunburst")
    ),
    Price(
        "openai/gpt-image-2",
        Decimal("0.40"),
        as_of=_NOVEMBER,
        note="0.211 at a reseller for 1024x1024, high quality",
        tokens=ImageTokenPrice(text_in=Decimal(5), image_in=Decimal(8), image_out=Decimal(30)),
    ),
    *(
        Price(
            f"replicate/black-forest-labs/{model}",
            Decimal(usd),
            as_of=_NOVEMBER,
            note="at Black Forest Labs or fal",
        )
        for model, usd in (("flux-schnell", "0.003"), ("flux-1.1-pro", "0.04"))
    ),
    *(
        Price(
            f"elevenlabs/{model}",
            Decimal(usd),
            Unit.CHARACTERS,
            as_of=_NOVEMBER,
            note="pay as you go",
        )
        for model, usd in (
            ("eleven_v4", "0.08"),
            ("eleven_v3", "0.08"),
            ("eleven_multilingual_v2", "0.08"),
            ("eleven_v4_turbo", "0.04"),
            ("eleven_v3_conversational", "0.04"),
            ("eleven_flash_v2_5", "0.04"),
            ("eleven_turbo_v2_5", "0.04"),
        )
    ),
)


def find_price(prices: Iterable[Price], name: str, units: tuple[Unit, ...]) -> Price | None:
    """The first price of this name in one of the units; None: it is not known."""
    return next((price for price in prices if price.name == name and price.unit in units), None)


def with_own(entries: Iterable[str]) -> tuple[Price, ...]:
    """The operator's prices before the dated ones, from entries such as "suno/sunoapi=0.06".

    "elevenlabs=0.15/min" is for a minute of music, "speech=0.02/1000" for a thousand characters.
    The last entry of a name counts. Raises ValueError naming the entry that cannot be read.
    """
    own = [_parsed(entry) for entry in entries]
    return (*reversed(own), *DATED)


def _parsed(entry: str) -> Price:
    name, _, text = entry.partition("=")
    amount, _, unit = text.partition("/")
    try:
        if not name or unit not in tuple(Unit):
            raise Refused
        return Price(name, amount_usd(amount), Unit(unit), note="set by the operator")
    except Refused:
        raise ValueError(
            f"{entry!r} is no price; write NAME=USD for a song or a picture, NAME=USD/min for a "
            "minute of music or NAME=USD/1000 for a thousand characters of speech"
        ) from None
