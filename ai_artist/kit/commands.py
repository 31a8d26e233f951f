"""What all commands of the product share: --json, plain errors, exit codes."""

from __future__ import annotations

import json
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser


@dataclass(frozen=True)
class Report:
    """The result of a command. ok False ends it with exit code 1: something failed."""

    data: dict[str, Any]
    text: str
    ok: bool = True


class JsonCommand(BaseCommand):
    """A command that prints a report for people, or as JSON with --json.

    Exit codes: 0 done, 1 something failed or was refused, 2 bad usage. refusals: services' errors
    that are an answer to the operator, not a fault of the program.
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
        """Do the work of the command."""


def bad_usage(message: str) -> CommandError:
    """Return an error about how the command was called: exit code 2."""
    return CommandError(message, returncode=2)
