"""Which names an artist may have."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from media_tools import fonts


def check_name(name: str) -> None:
    """Refuse a name that covers and videos could not show; emoji are left out there."""
    try:
        fonts.drawable(name)
    except fonts.TextNotDrawable as error:
        raise ValidationError(str(error), code="undrawable") from error
