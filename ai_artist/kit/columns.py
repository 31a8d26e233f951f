"""Fits values into their columns: cleaned, and cut."""

from __future__ import annotations

from typing import Any

from django.db import models

from media_tools.foreign import clean_json, clean_text, finite, label

LONGEST_REASON = 1_000


def reason(text: object) -> str:
    """Return a sentence for the log, the ledger and the pages: one line, cleaned and cut."""
    return label(str(text), longest=LONGEST_REASON)


def fitted(model: type[models.Model], /, **values: Any) -> dict[str, Any]:
    """Return values that every database accepts for a model's columns.

    Texts are cleaned and cut to their column, JSON is cleaned, a number that is not finite becomes
    None.
    """
    return {name: _fitted(model._meta.get_field(name), value) for name, value in values.items()}


def _fitted(field: Any, value: Any) -> Any:
    if isinstance(field, models.JSONField):
        return clean_json(value)
    if isinstance(value, str):
        return label(value, longest=field.max_length) if field.max_length else clean_text(value)
    return finite(value) if isinstance(value, float) else value
