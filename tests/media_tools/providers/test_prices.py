"""An operator's own prices, in place of the dated ones."""

from __future__ import annotations

from decimal import Decimal

import pytest

from media_tools.images import prices as art
from media_tools.music import prices as music
from media_tools.providers.prices import OwnPrice, parse_own_prices
from media_tools.voice import prices as voice


def test_a_price_has_a_unit() -> None:
    entries = ["suno/sunoapi=0.06", "elevenlabs=0.15/min", "speech=0.02/1000"]

    assert parse_own_prices(entries) == (
        OwnPrice("suno/sunoapi", Decimal("0.06")),
        OwnPrice("elevenlabs", Decimal("0.15"), "min"),
        OwnPrice("speech", Decimal("0.02"), "1000"),
    )


@pytest.mark.parametrize(
    "entry", ["suno", "suno=", "=1", "suno=cheap", "suno=NaN", "suno=1/h", "suno=-1"]
)
def test_a_price_that_cannot_be_read_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=rf"'{entry}' is no price"):
        parse_own_prices([entry])


def test_each_table_takes_the_units_it_knows() -> None:
    own = parse_own_prices(["openai/gpt-image-2=0.20", "elevenlabs=0.30/min", "speech=0.015/1000"])

    assert art.with_own(own)["openai/gpt-image-2"].per_picture_usd == Decimal("0.20")
    assert music.with_own(own)["elevenlabs"].cost_usd(120.0) == Decimal("0.6000")
    assert voice.with_own(own)["speech"].cost_usd("x" * 500) == Decimal("0.0075")
    assert "speech" not in art.with_own(own) and "elevenlabs" not in voice.with_own(own)


def test_the_dated_prices_stay_where_nothing_is_said() -> None:
    own = parse_own_prices(["openai/gpt-image-2=0.20"])
    untouched = "replicate/black-forest-labs/flux-schnell"

    assert art.with_own(own)[untouched] == art.PRICES[untouched]
    assert voice.with_own(own) == voice.PRICES


def test_a_flat_price_of_a_picture_replaces_the_one_by_tokens() -> None:
    own = parse_own_prices(["openai/gpt-image-2=0.20"])

    assert art.with_own(own)["openai/gpt-image-2"].image_out_usd is None
