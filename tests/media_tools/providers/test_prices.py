"""The one table of prices, and an operator's own in place of the dated ones."""

from __future__ import annotations

from decimal import Decimal

import pytest

from media_tools.providers.prices import DATED, Price, Unit, find_price, with_own
from tests.prices import price_of

MUSIC, PICTURE, SPEECH = (Unit.JOB, Unit.MINUTE), (Unit.JOB,), (Unit.CHARACTERS,)


@pytest.mark.parametrize(
    ("unit", "usd"), [(Unit.JOB, "0.2"), (Unit.MINUTE, "0.3"), (Unit.CHARACTERS, "0.05")]
)
def test_a_price_is_for_a_unit(unit: Unit, usd: str) -> None:
    price = Price("mine", Decimal("0.2"), unit)

    assert price.cost_usd(duration_s=90.0, characters=250) == Decimal(usd)


def test_every_dated_price_has_a_name_of_its_own_and_a_day() -> None:
    assert len({price.name for price in DATED}) == len(DATED)
    assert all(price.as_of and price.note for price in DATED)


def test_an_entry_names_its_unit() -> None:
    entries = ["suno/sunoapi=0.10", "elevenlabs=0.30/min", "speech=0.02/1000"]

    own = with_own(entries)[:3]

    assert {(price.name, price.usd, price.unit) for price in own} == {
        ("suno/sunoapi", Decimal("0.10"), Unit.JOB),
        ("elevenlabs", Decimal("0.30"), Unit.MINUTE),
        ("speech", Decimal("0.02"), Unit.CHARACTERS),
    }


@pytest.mark.parametrize(
    "entry", ["suno", "suno=", "=1", "suno=cheap", "suno=NaN", "suno=1/h", "suno=-1"]
)
def test_a_price_that_cannot_be_read_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=rf"'{entry}' is no price"):
        with_own([entry])


def test_the_last_own_price_comes_before_the_dated_one() -> None:
    prices = with_own(["suno/sunoapi=0.10", "suno/sunoapi=0.20"])

    found = find_price(prices, "suno/sunoapi", MUSIC)

    assert found is not None
    assert found.usd == Decimal("0.20")


def test_a_price_for_another_unit_does_not_hide_the_dated_one() -> None:
    prices = with_own(["elevenlabs=0.02/1000", "openai/gpt-image-2=1/min"])

    assert find_price(prices, "elevenlabs", MUSIC) == price_of("elevenlabs")
    assert find_price(prices, "openai/gpt-image-2", PICTURE) == price_of("openai/gpt-image-2")
    assert find_price(prices, "speech", SPEECH) is None


def test_a_flat_price_of_a_picture_replaces_the_one_by_tokens() -> None:
    found = find_price(with_own(["openai/gpt-image-2=0.20"]), "openai/gpt-image-2", PICTURE)

    assert found == Price("openai/gpt-image-2", Decimal("0.20"), note="set by the operator")
