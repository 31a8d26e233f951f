"""Registers other packages' models in the panel's clothes."""

from ai_artist.admin import accounts, logins, schedules  # noqa: F401 - register their pages
