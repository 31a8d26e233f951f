"""Registers the roster's pages; those of artists and lessons are registered with what runs add."""

from artists.admin import history, policy  # noqa: F401 - register their pages
