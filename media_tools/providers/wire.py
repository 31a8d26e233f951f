"""What every HTTP client of the product shares."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from media_tools import VERSION

USER_AGENT = f"ai-artist-platform/{VERSION}"

# A provider that asks for more than a day is believed to have answered nonsense.
LONGEST_RETRY_AFTER_S = 86_400.0


# By names, for several libraries raise faults of the same kinds.
_FAULT_WORDS = (
    ("CertVerification", "its certificate is not valid"),
    ("SSL", "the encryption failed"),
    ("Timeout", "it took too long"),
    ("Resolution", "its name was not found"),
    ("Refused", "it refuses connections"),
    ("Reset", "the connection was reset"),
    ("Incomplete", "the connection was closed early"),
    ("Protocol", "the connection was closed early"),
    ("Disconnected", "the connection was closed early"),
    ("Invalid", "it does not keep to HTTP"),
    ("Header", "it does not keep to HTTP"),
    ("Line", "it does not keep to HTTP"),
    ("Decode", "it is packed wrongly"),
)


def fault_words(error: BaseException) -> str:
    """Say what went wrong on the way, by the innermost known cause."""
    found = "the connection failed"
    seen: BaseException | None = error
    for _ in range(6):
        if seen is None:
            break
        name = type(seen).__name__
        found = next((words for part, words in _FAULT_WORDS if part in name), found)
        inner = getattr(seen, "reason", None) or (seen.args[-1] if seen.args else None)
        seen = inner if isinstance(inner, BaseException) else seen.__cause__ or seen.__context__
    return found


@dataclass(frozen=True)
class Timeouts:
    """How long a request may take."""

    connect_s: float = 5.0
    read_s: float = 30.0  # without a byte
    total_s: float = 120.0  # until the last byte


def retry_after_s(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Read `retry-after-ms` or `Retry-After` (seconds or an HTTP date).

    Returns the seconds to wait, or None for negative, unreadable and absurd values.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = lower.get(name, "").strip()
        if re.fullmatch(r"\d+(\.\d+)?", value):
            return _believable(float(value) / scale)
    return _seconds_until(lower.get("retry-after", ""), now=now)


def _seconds_until(date: str, *, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return _believable(max(0.0, (moment - now).total_seconds()))
    except (TypeError, ValueError, OverflowError):
        return None


def _believable(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) and seconds <= LONGEST_RETRY_AFTER_S else None
