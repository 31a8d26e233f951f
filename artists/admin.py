"""Registers the roster's pages; the artists' own is registered with runs, in ai_artist/admin.py."""

from artists.panel import history, lessons, policy  # noqa: F401 - register their pages
