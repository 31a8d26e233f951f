"""Prices an operator gives in place of the dated ones: "elevenlabs=0.15/min"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from media_tools.foreign import Refused, amount_usd

# What a price is for: one submission (a song, a picture), a minute of music, a thousand characters.
UNITS = ("", "min", "1000")
NOTE = "set by the operator"


@dataclass(frozen=True)
class OwnPrice:
    """name: as in the tables, "suno/sunoapi". unit: one of UNITS."""

    name: str
    usd: Decimal
    unit: str = ""


def parse_own_prices(entries: Iterable[str]) -> tuple[OwnPrice, ...]:
    """Prices from entries such as "suno/sunoapi=0.06", "elevenlabs=0.15/min", "speech=0.02/1000".

    Raises ValueError naming the entry that cannot be read.
    """
    return tuple(_parsed(entry) for entry in entries)


def _parsed(entry: str) -> OwnPrice:
    name, _, text = entry.partition("=")
    amount, _, unit = text.partition("/")
    try:
        if not name or unit not in UNITS:
            raise Refused
        return OwnPrice(name, amount_usd(amount), unit)
    except Refused:
        raise ValueError(
            f"{entry!r} is no price; write NAME=USD for a song or a picture, NAME=USD/min for a "
            "minute of music or NAME=USD/1000 for a thousand characters of speech"
        ) from None
