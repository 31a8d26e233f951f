"""`manage.py doctor`: say what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from ai_artist.operations.doctor import CHECKS, Level, Result, examine
from ai_artist.operations.provider_checks import examine_providers


class Command(BaseCommand):
    help = (
        "Looks at Python, settings, database, queue, tools, fonts, disk, media and clock. "
        "Exit code 0: all right; 1: a problem (with --strict also a warning)."
    )
    # The doctor runs the checks itself: a failed check must not keep it from looking.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")
        parser.add_argument("--strict", action="store_true", help="Count warnings as problems.")
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--providers",
            action="store_true",
            help="Instead ask every configured provider over the network; costs nothing.",
        )
        what.add_argument(
            "--only", nargs="+", choices=CHECKS, metavar="CHECK", help=f"Of {', '.join(CHECKS)}."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["providers"]:
            results = examine_providers(now=now)
        else:
            results = examine(options["only"] or CHECKS, now=now)
        bad = {Level.PROBLEM, Level.WARNING} if options["strict"] else {Level.PROBLEM}
        healthy = not any(result.level in bad for result in results)
        if options["json"]:
            report = {"ok": healthy, "results": [result.as_json() for result in results]}
            self.stdout.write(json.dumps(report, indent=2))
        else:
            self.print_table(results)
        if not healthy:
            sys.exit(1)

    def print_table(self, results: list[Result]) -> None:
        style = {
            Level.OK: self.style.SUCCESS,
            Level.WARNING: self.style.WARNING,
            Level.PROBLEM: self.style.ERROR,
        }
        for result in results:
            mark = style[result.level](f"{result.level.value:<8}")
            self.stdout.write(f"{mark} {result.check:<10} {result.found}")
            if result.advice and result.level is not Level.OK:
                self.stdout.write(f"{'':<20}> {result.advice}")
        problems = sum(result.level is Level.PROBLEM for result in results)
        warnings = sum(result.level is Level.WARNING for result in results)
        self.stdout.write(f"{problems} problems, {warnings} warnings.")
