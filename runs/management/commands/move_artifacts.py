"""Move all artifacts into the object store or back: `move_artifacts --to s3|folder`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.template.defaultfilters import filesizeformat
from tqdm import tqdm

from ai_artist.kit.commands import JsonCommand, Report
from ai_artist.kit.values import counted
from runs.errors import StoreRefused, StoreTrouble
from runs.storage.moving import move_files

NAMED = 20


class Command(JsonCommand):
    help = (
        "Copy every file to the other place, prove it there, and remove it here. Runs go on "
        "meanwhile. Stopped, it goes on when it is called again. Exit code 1 if files stayed."
    )
    refusals = (StoreRefused, StoreTrouble)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--to", required=True, choices=("s3", "folder"))
        parser.add_argument(
            "--keep", action="store_true", help="Copy only; the files stay where they are too."
        )

    def perform(self, **options: Any) -> Report:
        with tqdm(
            unit="B", unit_scale=True, desc="Moving", disable=not sys.stderr.isatty()
        ) as progress:
            done = move_files(
                to=options["to"],
                keep=options["keep"],
                each=lambda kept: progress.update(kept.bytes),
            )
        verb = "Copied" if options["keep"] else "Moved"
        lines = [f"{verb} {counted(done.files, 'file')}, {filesizeformat(done.bytes)}."]
        if done.folders:
            lines.append(f"Removed {counted(done.folders, 'release folder')}; the ZIPs have all.")
        lines += [f"{name}: {why}" for name, why in list(done.failed.items())[:NAMED]]
        if done.failed:
            stayed = counted(len(done.failed), "file")
            lines.append(f"{stayed} could not be moved; call this again when that is mended.")
        return Report(data=asdict(done), text="\n".join(lines), ok=not done.failed)
