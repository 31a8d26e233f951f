"""The door for what strangers send: text, numbers and JSON, cleaned and bounded once.

Whatever comes from a provider, a model, a callback, a file or a form passes here before anything
else looks at it. Two readings of JSON: an answer that was paid for is used as far as it goes
(`read_json`); a body that costs nothing to refuse is refused (`read_strict_json`).
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

MAX_JSON_BYTES = 8 * 1024 * 1024
MAX_JSON_DEPTH = 64
LONGEST_LABEL = 200
# A job's id at a provider has to fit into the address it is collected from.
LONGEST_ID = 8_000
# Nothing the product pays for costs this much: such an amount is a fault of the answer.
LARGEST_USD = Decimal(100_000)

# Controls but tab and line feed, lone surrogates, noncharacters: no column, font or log wants them.
# Control characters, those that turn the writing of what stands around them, and no characters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_DIGITS = re.compile(r"[0-9]{1,18}")
_DIGITS_SHOWN = 24
_LONGEST_FIGURE = 60
# int64, the widest column.
_WIDEST_INT = 2**63 - 1

Item = TypeVar("Item")


class Refused(ValueError):
    """What a stranger sent cannot be used; the message says what and why, in words for people."""


def clean_text(text: str) -> str:
    """`text` in NFC, line ends as "\\n", without control characters and lone surrogates.

    Marks that turn the direction of the text around them count as control characters. Tabs
    and line feeds stay. Returns the same object for text that is clean already.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNWANTED.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def label(value: object, *, longest: int = LONGEST_LABEL) -> str:
    """A short text on one line: an id, a title, a tag list, a name.

    Cleaned, white space collapsed, cut to `longest` characters. Whole numbers are written out;
    anything that is neither text nor a whole number gives "".
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return _shown(value)[:longest]
    if not isinstance(value, str):
        return ""
    # Cut first: cleaning megabytes to keep a line would be work for nothing.
    words = clean_text(value[: 4 * longest]).split()
    return " ".join(words)[:longest].rstrip()


def reference(value: object, *, longest: int = LONGEST_ID) -> str:
    """An id or an address exactly as it was written: cut or cleaned it would lead nowhere.

    Whole numbers are written out. "" for anything that cannot be one: no text, longer than
    `longest`, with white space or control characters inside.
    """
    text = label(value, longest=longest + 1)
    exact = not isinstance(value, str) or text == value
    return text if exact and len(text) <= longest and " " not in text else ""


def finite(value: object, *, low: float = -math.inf, high: float = math.inf) -> float | None:
    """A number as a float, or None if it is none, not finite, or outside low..high."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) and low <= number <= high else None


def figure(value: object, *, low: float = -math.inf, high: float = math.inf) -> float | None:
    """As finite(), and from a number's text too: some services write all numbers as text."""
    if isinstance(value, str):
        try:
            value = float(value) if len(value) <= _LONGEST_FIGURE else None
        except ValueError:
            return None
    return finite(value, low=low, high=high)


def whole(value: object, *, low: int = 0, high: int = 2**63 - 1) -> int | None:
    """A whole number within low..high, or None. 3.0 counts as whole, text does not."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and low <= value <= high else None


def digits(text: str) -> int | None:
    """The whole number that a text of 1 to 18 ASCII digits writes, else None.

    18 fit every column. str.isdigit() takes "²", and int() refuses more than 4,300 digits.
    """
    return int(text) if _DIGITS.fullmatch(text) else None


def moment(value: object) -> datetime | None:
    """The moment that a text writes in ISO 8601, in UTC where it names no zone, or None."""
    try:
        written = datetime.fromisoformat(label(value))
    except ValueError:
        return None
    return written if written.tzinfo else written.replace(tzinfo=UTC)


def amount_usd(value: object) -> Decimal:
    """An amount of money in USD, from a number or its text.

    Raises Refused, naming the amount, for what is no number, not finite, negative or above
    LARGEST_USD.
    """
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise InvalidOperation
        # An int is compared as it is: writing one of 5,000 digits out is refused by Python.
        amount = Decimal(str(value)) if not isinstance(value, int) else Decimal(value)
    except (InvalidOperation, ValueError):
        raise Refused(f"{_shown(value)} is no amount of money") from None
    if not amount.is_finite() or not 0 <= amount <= LARGEST_USD:
        raise Refused(f"{_shown(value)} USD is no believable amount (0 to {LARGEST_USD:,} are)")
    return amount


def first_of(items: Iterable[Item], most: int) -> list[Item]:
    """The first `most` items: a stranger's list is as long as the stranger likes."""
    return list(islice(items, most))


def fields(value: object) -> Mapping[str, Any]:
    """The fields of a JSON object; none for anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: object, most: int) -> list[Any]:
    """The first `most` entries of a JSON list; none for anything else."""
    return value[:most] if isinstance(value, list) else []


def read_file(path: Path, *, max_bytes: int) -> bytes:
    """The content of a regular file. Raises Refused when it cannot be read or is larger."""
    try:
        if not path.is_file() and path.exists():
            raise Refused("is a folder or a device, no file")
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})") from error
    if len(content) > max_bytes:
        raise Refused(f"is larger than {_size(max_bytes)}")
    return content


def read_json(body: bytes | str, *, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """The clean JSON of an answer that may have been paid for.

    All texts are cleaned; raw control characters inside them are forgiven. A number that no column
    can hold (NaN, Infinity, 1e999, more than 64 bits) becomes its text, so that it fits no number
    field and a message can still name it.
    Raises Refused for what is no JSON, too large or nested too deeply.
    """
    return _read(body, max_bytes, odd_number=lambda written: written, strict=False)


def read_strict_json(body: bytes | str, *, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """The clean JSON of a body that may simply be refused: callbacks, updates, our own pages.

    Raises Refused as read_json does, for bytes that are no text, and for numbers that JSON or the
    database does not know.
    """

    def refuse(written: str) -> Any:
        raise Refused(f"the number {written} cannot be used")

    return _read(body, max_bytes, odd_number=refuse, strict=True)


def _read(
    body: bytes | str, max_bytes: int, *, odd_number: Callable[[str], Any], strict: bool
) -> Any:
    if len(body) > max_bytes:
        raise Refused(f"the JSON is larger than {_size(max_bytes)}")

    def integer(written: str) -> Any:
        if len(written) <= len(str(-_WIDEST_INT)) and abs(value := int(written)) <= _WIDEST_INT:
            return value
        return odd_number(_short(written))

    def real(written: str) -> Any:
        value = float(written)
        return value if math.isfinite(value) else odd_number(_short(written))

    try:
        if isinstance(body, bytes):
            body = body.decode(json.detect_encoding(body), "strict" if strict else "replace")
        value = json.loads(
            body.removeprefix("\ufeff"),
            parse_int=integer,
            parse_float=real,
            parse_constant=odd_number,
            strict=strict,
        )
        return _cleaned(value, MAX_JSON_DEPTH)
    except Refused:
        raise
    except UnicodeDecodeError as error:
        raise Refused(f"it is not {error.encoding.upper()} text") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Refused(f"it is no JSON from {place} on") from None
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        why = "it is nested too deeply" if deep else "it is no JSON"
        raise Refused(why) from None


def clean_json(value: Any) -> Any:
    """A JSON value, from wherever it came, as read_json would have returned it.

    Raises Refused if it is nested too deeply.
    """
    return _cleaned(value, MAX_JSON_DEPTH)


def _cleaned(value: Any, depth: int) -> Any:
    if depth < 0:
        raise Refused(f"it is nested more than {MAX_JSON_DEPTH} levels deep")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(str(key)): _cleaned(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item, depth - 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) > _WIDEST_INT:
        return _shown(value)
    return value


def _size(size_bytes: int) -> str:
    for unit, bytes_of_it in (("MB", 1000**2), ("MiB", 1024**2)):
        if size_bytes % bytes_of_it == 0:
            return f"{size_bytes // bytes_of_it} {unit}"
    return f"{size_bytes // 1024} KiB"


def _shown(value: object) -> str:
    """A value for a message, short however long it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 10**_DIGITS_SHOWN:
            return f"{Decimal(value):.2e}"
        return str(value)
    if isinstance(value, str):
        return _short(clean_text(value))
    return _short(str(value) if isinstance(value, Decimal) else repr(value))


def _short(written: str) -> str:
    return written if len(written) <= _DIGITS_SHOWN else f"{written[:_DIGITS_SHOWN]}…"
