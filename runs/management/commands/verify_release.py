"""Say what the files of a release tell of themselves: `verify_release RELEASE|RUN|FOLDER|FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from media_tools.foreign import Refused, fields, label
from media_tools.marking.certificates import CertificateUnusable
from media_tools.marking.verifying import State
from runs.management.runref import find_release
from runs.releasing.releases import folder_of
from runs.releasing.verifying import Checked, check_file, check_folder, is_media


class Command(JsonCommand):
    help = (
        "Print for each media file who signed it, whether it is unchanged, and what it says of how "
        "it was made. Exit code 1 if a file was changed, is missing or carries no mark."
    )
    refusals = (CertificateUnusable, Refused, OSError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "target", help="Id of a release or of a single's run, a folder, or a media file."
        )

    def perform(self, **options: Any) -> Report:
        target = Path(options["target"])
        if target.is_file():
            if not is_media(target):
                raise bad_usage(f"{target.name} is of no kind that carries marks.")
            checked = [check_file(target, target.name)]
        else:
            folder = target if target.is_dir() else release_folder_of(options["target"])
            checked = check_folder(folder)
            if not checked:
                raise bad_usage(f"There is no media file in {folder}.")
        return Report(
            data={"files": [file.as_json() for file in checked]},
            text="\n".join(map(in_words, checked)),
            ok=not any(file.fault for file in checked),
        )


def release_folder_of(text: str) -> Path:
    """The folder of a release, or of a run's single. Raises CommandError if there is none."""
    release = find_release(text)
    folder = folder_of(release)
    if not release.folder or not folder.is_dir():
        raise bad_usage(f"{release} has no bundle; package_release makes it.")
    return folder


def in_words(file: Checked) -> str:
    """What is said of a file, in some lines."""
    verdict = file.verdict
    state = verdict.state.value
    if verdict.signer:
        state = f"{state}, signed by {verdict.signer}"
    lines = [f"{file.name}: {state}"]
    if file.fault:
        lines.append(f"  FAULT: {'; '.join((file.fault, *verdict.faults))}")
    if verdict.source_type:
        lines.append(f"  {verdict.source_type.rpartition('/')[2]} ({verdict.source_type})")
    if verdict.statement:
        lines.append(f"  {verdict.statement}")
    for name, part in (verdict.contributions or {}).items():
        extent, *how = (label(fields(part).get(told)) for told in ("extent", "made_by", "tools"))
        made = ", ".join(filter(None, how))
        lines.append(f"  {label(name)}: {extent}{f' ({made})' if made else ''}")
    if verdict.ingredients:
        lines.append(f"  made of: {', '.join(verdict.ingredients)}")
    if verdict.state is State.UNSIGNED:
        lines.append("  without a signature anybody can change what it says")
    return "\n".join(lines)
