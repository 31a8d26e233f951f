"""What every command of the product shares: --json, plain errors, exit codes."""

from __future__ import annotations

import json
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser


@dataclass(frozen=True)
class Report:
    """What a command has to say. ok False ends it with exit code 1: some of it failed."""

    data: dict[str, Any]
    text: str
    ok: bool = True


class JsonCommand(BaseCommand):
    """A command that prints a report for people, or as JSON with --json.

    Exit codes: 0 done, 1 something failed or was refused, 2 bad usage. refusals: errors of the
    services that are an answer to the operator and not a fault of the program.
    """

    refusals: ClassVar[tuple[type[Exception], ...]] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print JSON for scripts.")

    def handle(self, **options: Any) -> None:
        try:
            report = self.perform(**options)
        except self.refusals as error:
            raise CommandError(str(error), returncode=1) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.data, indent=2, default=str))
        else:
            self.stdout.write(report.text)
        if not report.ok:
            raise SystemExit(1)

    @abstractmethod
    def perform(self, **options: Any) -> Report:
        """Do the work."""


def bad_usage(message: str) -> CommandError:
    """An error in how the command was called: exit code 2."""
    return CommandError(message, returncode=2)
