"""Takes secrets out of text before it reaches a log, the ledger or a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"

# Shorter values are no keys, and replacing them would shred ordinary words.
_SHORTEST_SECRET = 4

_SENSITIVE_NAME = (
    r"(?!keywords?=|tokens=)(?:[\w.-]*(?:key|token|secret|passw(?:or)?d|signature|credential"
    r"|authorization|cookie|jwt)[\w.-]*|auth|sig|pwd|x-(?:amz|goog)-[\w-]+|policy|hdnts"
    r"|se|sp|sv|sr|st|spr|skoid|sktid|ske)"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # user:password@ in an address
    (re.compile(r"(?P<lead>[a-z][a-z0-9+.-]*://)[^\s/?#@\"']+@", re.I), rf"\g<lead>{REDACTED}@"),
    # a signed or keyed query parameter
    (re.compile(rf"(?P<lead>[?&;]{_SENSITIVE_NAME}=)[^&\s\"'<>#]+", re.I), rf"\g<lead>{REDACTED}"),
    # "Authorization: Basic x"; "Bearer x" anywhere; "Token x" where x is no mere word
    (
        re.compile(
            r"(?P<lead>authorization[\"']?\s*[:=]\s*[\"']?\w+\s+|\bbearer\s+"
            r"|\b(?:basic|token)\s+(?=[\w.~+/=-]*\d)(?=[\w.~+/=-]{12}))[\w.~+/=-]{6,}",
            re.I,
        ),
        rf"\g<lead>{REDACTED}",
    ),
    # header or JSON style: "xi-api-key": "x", api_key=x
    (
        re.compile(
            r"(?P<lead>[\"']?\b[\w-]*(?:api[_-]?key|access[_-]?token|secret|passw(?:or)?d"
            r"|authorization|private[_-]?key|refresh[_-]?token|id[_-]?token)[\"']?\s*[:=]\s*[\"']?)"
            r"(?!\[redacted\])(?!(?:bearer|basic|token)\s)[^\s\"',;&}]{4,}",
            re.I,
        ),
        rf"\g<lead>{REDACTED}",
    ),
    # keys known by their shape: OpenAI and kin, xAI, Google, Replicate, GitHub, Telegram, JWT
    (re.compile(r"\b(?:sk|pk|rk|xai|gsk|r8|ghp|gho|glpat)[-_][\w-]{12,}"), REDACTED),
    (re.compile(r"\bAIza[\w-]{30,}"), REDACTED),
    (re.compile(r"(?<!\d)\d{6,12}:[\w-]{30,}"), REDACTED),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), REDACTED),
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the given secrets and without anything that looks like one.

    Known values go first, plain and percent-encoded; then bearer tokens, key-like header and
    JSON fields, keyed or signed query parameters, user:password in addresses, keys known by shape.
    """
    known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
    forms = {
        form for secret in known for form in (secret, quote(secret, safe=""), quote_plus(secret))
    }
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, REDACTED)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
