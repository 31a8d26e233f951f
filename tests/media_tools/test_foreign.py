"""The door for foreign data: what is cleaned, what is cut, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from media_tools.foreign import (
    LONGEST_ID,
    MAX_JSON_DEPTH,
    Refused,
    amount_usd,
    clean_json,
    clean_text,
    digits,
    fields,
    figure,
    finite,
    first_of,
    items,
    label,
    moment,
    read_json,
    read_strict_json,
    reference,
    whole,
)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\x00b", "ab"),
        ("a\ud800b", "ab"),
        ("a\x1b[31mb\x85", "a[31mb"),
        ("e\u0301", "\u00e9"),
        ("one\r\ntwo\rthree\n\tfour", "one\ntwo\nthree\n\tfour"),
        ("👩‍🚀 می‌خواهم", "👩‍🚀 می‌خواهم"),
        ("\ufdd0x\uffff", "x"),
        ("Night \u202eBus\u202c \u2066Line", "Night Bus Line"),
    ],
)
def test_text_is_cleaned(sent: str, kept: str) -> None:
    assert clean_text(sent) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  two\n words ", "two words"),
        (12, "12"),
        (None, ""),
        (True, ""),
        (["x"], ""),
        (1.5, ""),
        (10**400, "1.00e+400"),
    ],
)
def test_a_label_is_one_line(sent: object, kept: str) -> None:
    assert label(sent) == kept


def test_numbers_too_long_to_write_out() -> None:
    assert label(10**5000) == "1.00e+5000"
    with pytest.raises(Refused, match=r"1\.00e\+5000"):
        amount_usd(10**5000)


def test_a_label_is_cut() -> None:
    assert label("\x00x" * 5_000_000, longest=10) == "x" * 10


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, True, "3", None, [1], -0.5])
def test_a_number_outside_its_range_is_none(value: object) -> None:
    assert finite(value, low=0.0, high=1e6) is None


def test_numbers_within_their_range() -> None:
    assert finite(3, low=0.0) == 3.0
    assert finite(Decimal("0.5")) == 0.5
    assert whole(3.0) == 3
    assert [whole(value) for value in (3.5, "3", True, -1, 2**63, float("nan"))] == [None] * 6


@pytest.mark.parametrize("value", [0, "0.02", 1.5, Decimal(100_000)])
def test_a_believable_amount(value: object) -> None:
    assert amount_usd(value) == Decimal(str(value))


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (1e30, "1e+30"),
        (10**400, "1.00e+400"),
        ("NaN", "NaN"),
        (float("inf"), "inf"),
        ("-1", "-1"),
        (100_001, "100001"),
        (True, "True"),
        (None, "None"),
        ("free", "free"),
    ],
)
def test_an_absurd_amount_is_refused_by_name(value: object, named: str) -> None:
    with pytest.raises(Refused, match=named.replace("+", r"\+")):
        amount_usd(value)


def test_an_answer_keeps_odd_numbers_as_text() -> None:
    body = b'{"a": NaN, "b": 1e999, "c": -Infinity, "d": ' + b"9" * 400 + b', "e": 12}'

    answer = read_json(body)

    assert answer["a"] == "NaN"
    assert answer["b"] == "1e999"
    assert answer["c"] == "-Infinity"
    assert answer["d"].startswith("9999")
    assert len(answer["d"]) < 30
    assert answer["e"] == 12


def test_an_answer_is_clean_at_every_depth() -> None:
    assert read_json('{"a\\u0000": [{"b": "x\\ud800y"}]}') == {"a": [{"b": "xy"}]}
    assert read_json("\ufeff{}") == {}
    assert read_json('{"a": "é"}'.encode("utf-16")) == {"a": "é"}


@pytest.mark.parametrize("written", ["NaN", "1e999", "-Infinity", "9" * 19, "9" * 5000])
def test_a_strict_body_refuses_odd_numbers(written: str) -> None:
    with pytest.raises(Refused, match="cannot be used"):
        read_strict_json(f'{{"a": {written}}}')


@pytest.mark.parametrize("read", [read_json, read_strict_json])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"{}x",
        b"[" * 200_000,
        b"[" * (MAX_JSON_DEPTH + 2) + b"]" * (MAX_JSON_DEPTH + 2),
        b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
        b'"' + b"x" * 2000 + b'"',
    ],
    ids=["empty", "words", "more", "open", "deep", "deep objects", "large"],
)
def test_what_is_no_bounded_json_is_refused(read, body: bytes) -> None:
    with pytest.raises(Refused):
        read(body, max_bytes=1000 if len(body) == 2002 else 8_000_000)


def test_a_value_made_elsewhere_is_cleaned_alike() -> None:
    value = {"a": float("nan"), 1: (10**30, "x\x00")}
    assert clean_json(value) == {"a": "nan", "1": ["1.00e+30", "x"]}


def test_a_list_is_bounded() -> None:
    assert first_of(iter(range(10**9)), 3) == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("task-1", "task-1"),
        (4711, "4711"),
        ("x" * LONGEST_ID, "x" * LONGEST_ID),
        ("x" * (LONGEST_ID + 1), ""),
        ("two words", ""),
        ("line\nbreak", ""),
        ("nul\x00", ""),
        (" blank", ""),
        ("", ""),
        (None, ""),
        (True, ""),
        (1.5, ""),
        (["task-1"], ""),
    ],
)
def test_an_id_is_taken_as_it_is_or_not_at_all(value: object, kept: str) -> None:
    assert reference(value) == kept


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("120.5", 120.5),
        (7, 7.0),
        ("NaN", None),
        ("1e999", None),
        ("9" * 5_000, None),
        ("-1", None),
        ("fast", None),
        ("²", None),
        (None, None),
    ],
)
def test_a_number_may_be_written_as_text(value: object, number: float | None) -> None:
    assert figure(value, low=0.0) == number


def test_what_is_no_object_has_no_fields_and_what_is_no_list_no_items() -> None:
    assert fields([1]) == {} and fields({"a": 1}) == {"a": 1}
    assert items({"a": 1}, 5) == [] and items([1, 2, 3], 2) == [1, 2]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("9" * 5_000, None),
        ("²", None),
        ("٣", None),
        ("-1", None),
        ("1.0", None),
        (" 1", None),
        ("1\n", None),
        ("", None),
    ],
)
def test_digits_of_a_text(written: str, number: int | None) -> None:
    assert digits(written) == number


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01 12:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00+02:00", datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
        (["2026-03-01"], None),
    ],
)
def test_a_moment_without_a_zone_is_in_utc(sent: object, read: datetime | None) -> None:
    assert moment(sent) == read
