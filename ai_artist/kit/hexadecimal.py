"""Finds ids and checksums by their first digits, as pages show them."""

from __future__ import annotations

import re
import uuid

from django.db.models import Model, Q, UUIDField

# As many as pages show of an id; fewer are rather a word.
FEWEST_DIGITS = 8
DIGITS = re.compile(rf"[0-9a-f]{{{FEWEST_DIGITS},64}}")
NOTHING = Q(pk__in=[])


def uuid_in(text: str) -> uuid.UUID | None:
    """Return the id that a text writes, or None."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def begins_with_digits(model: type[Model], field: str, word: str) -> Q:
    """Return the condition that a column begins with these hexadecimal digits.

    It is a range, which any index serves. No row matches unless the word is FEWEST_DIGITS or more
    such digits.
    """
    digits = word.lower().replace("-", "")
    if not DIGITS.fullmatch(digits):
        return NOTHING
    if not isinstance(model._meta.get_field(field), UUIDField):
        return Q(**{f"{field}__gte": digits, f"{field}__lt": f"{digits}g"})
    if len(digits) > 32:
        return NOTHING
    first, last = uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f"))
    return Q(**{f"{field}__range": (first, last)})
