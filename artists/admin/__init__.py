"""Registers the pages of the artists app."""

from artists.admin import (  # noqa: F401 - register their pages
    artists,
    history,
    lessons,
    performance,
    policy,
)
