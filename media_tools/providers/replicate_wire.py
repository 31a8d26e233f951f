"""What every use of Replicate shares: its throttling answer, and the files a prediction names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from media_tools import foreign
from media_tools.providers.http import HttpReply
from media_tools.providers.wire import LONGEST_RETRY_AFTER_S

NAME = "replicate"
BASE_URL = "https://api.replicate.com/v1"
THROTTLED_S = 30.0
ADDRESSES_READ = 1000


def throttled_s(reply: HttpReply) -> float:
    """Seconds a 429 asks to wait: the body's retry_after, the number in its sentence, or the
    header."""
    told = foreign.fields(reply.data)
    asked = foreign.finite(told.get("retry_after"), low=0.0, high=LONGEST_RETRY_AFTER_S)
    if asked is not None:
        return asked
    if found := re.search(r"~\s*(\d{1,5})\s*s\b", foreign.label(told.get("detail"), longest=1000)):
        return float(found.group(1))
    return reply.retry_after_s or THROTTLED_S


def addresses(output: Any) -> list[str]:
    """The files in a prediction's output, which is an address, a list or an object of them."""
    return list(islice(_addresses(output), ADDRESSES_READ))


def _addresses(output: Any) -> Iterator[str]:
    if isinstance(output, str) and output.startswith(("https://", "http://")):
        if address := foreign.reference(output):
            yield address
    elif isinstance(output, list | Mapping):
        for value in output.values() if isinstance(output, Mapping) else output:
            yield from _addresses(value)
