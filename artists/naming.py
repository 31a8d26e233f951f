"""Which names an artist may have."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from media_tools.text.checks import undrawable


def check_name(name: str) -> None:
    """Refuse a name that covers and videos could not show."""
    if why := undrawable(name):
        raise ValidationError(why, code="undrawable")
