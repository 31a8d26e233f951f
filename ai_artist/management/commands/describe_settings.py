"""`manage.py describe_settings`: print the configuration page, or `.env.example`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ai_artist.configuration import configuration_page, env_example


class Command(BaseCommand):
    help = "Prints docs/configuration.md, or with --env-example the file .env.example."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--env-example", action="store_true", help="Print .env.example.")

    def handle(self, *args: Any, **options: Any) -> None:
        page = env_example() if options["env_example"] else configuration_page()
        self.stdout.write(page, ending="")
