"""What every use of Replicate shares: its throttling answer, and the files a prediction names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from media_tools.http import HttpReply

NAME = "replicate"
BASE_URL = "https://api.replicate.com/v1"
THROTTLED_S = 30.0


def throttled_s(reply: HttpReply) -> float:
    """Seconds a 429 asks to wait: the body's retry_after, the number in its sentence, or the
    header."""
    data = reply.data
    fields = data if isinstance(data, Mapping) else {}
    asked = fields.get("retry_after")
    if isinstance(asked, int | float) and not isinstance(asked, bool) and 0 <= asked <= 86_400:
        return float(asked)
    if found := re.search(r"~\s*(\d{1,5})\s*s\b", str(fields.get("detail") or "")):
        return float(found.group(1))
    return reply.retry_after_s or THROTTLED_S


def addresses(output: Any) -> list[str]:
    """The files in a prediction's output, which is an address, a list or an object of them."""
    if isinstance(output, str):
        return [output] if output.startswith(("https://", "http://")) else []
    values = output.values() if isinstance(output, Mapping) else output
    if not isinstance(values, list) and not isinstance(output, Mapping):
        return []
    return [address for value in values for address in addresses(value)]
