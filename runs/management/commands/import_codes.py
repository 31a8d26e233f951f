"""Fill the pool of UPC and EAN codes: `import_codes codes.csv`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from ai_artist.kit.values import counted
from media_tools.foreign import Refused
from runs.models import Code
from runs.releasing.codes import import_codes

LINES_SHOWN = 20


class Command(JsonCommand):
    help = (
        "Put UPC and EAN codes of a file into the pool: one a line, or the first column of a CSV."
    )
    refusals = (Refused,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="A text or CSV file, as GS1 exports it.")

    def perform(self, **options: Any) -> Report:
        path: Path = options["file"]
        try:
            done = import_codes(path, now=timezone.now())
        except Refused as error:
            raise Refused(f"{path} {error}.") from error
        free = Code.objects.free().count()
        lines = [f"{counted(done.new, 'new code')}, {done.known} known; {free} free now."]
        lines += [f"line {line}: {why}" for line, why in done.refused[:LINES_SHOWN]]
        if len(done.refused) > LINES_SHOWN:
            lines.append(f"... and {len(done.refused) - LINES_SHOWN} more.")
        return Report(
            data={
                "new": done.new,
                "known": done.known,
                "refused": [{"line": line, "why": why} for line, why in done.refused],
                "free": free,
            },
            text="\n".join(lines),
            ok=not done.refused,
        )
