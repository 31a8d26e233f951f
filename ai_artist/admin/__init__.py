"""Registers the models of other packages in the panel's style."""

from ai_artist.admin import accounts, lists, logins, schedules  # noqa: F401 - register their pages
