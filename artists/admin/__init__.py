"""Registers the pages of the artists app."""

from artists.admin import artists, history, lessons, policy  # noqa: F401 - register their pages
