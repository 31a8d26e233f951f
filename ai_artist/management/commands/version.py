"""`manage.py version`: which version this is, and of what it is made."""

from __future__ import annotations

import platform
from typing import Any

import django

from ai_artist.kit.commands import JsonCommand, Report
from media_tools import VERSION


class Command(JsonCommand):
    help = "Prints the version of the product, of Python and of Django."
    requires_system_checks: list[str] = []

    def perform(self, **options: Any) -> Report:
        told = {
            "version": VERSION,
            "python": platform.python_version(),
            "django": django.get_version(),
        }
        words = f"AI Artist Platform {VERSION}, Python {told['python']}, Django {told['django']}"
        return Report(told, words)
