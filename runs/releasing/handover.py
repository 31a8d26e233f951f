"""All that a distributor gets of a release: the bundle, and the papers with the legal names."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.conf import settings

from media_tools.files import CHUNK_BYTES
from runs.errors import ReleaseRefused, StoreTrouble
from runs.models import Release
from runs.releasing.ddex import Feed, release_message, schema_faults
from runs.releasing.delivery import COVER, Delivery, read_delivery
from runs.releasing.distributor_sheets import distrokid_csv, generic_csv, too_lost_csv
from runs.releasing.releases import folder_of
from runs.releasing.sheet import ReleaseSheet
from runs.storage.bundles import CHECKSUMS

MESSAGE = "release.xml"
SHEETS = {
    "sheets/all-fields.csv": generic_csv,
    "sheets/distrokid.csv": distrokid_csv,
    "sheets/too-lost.csv": too_lost_csv,
}


@dataclass(frozen=True)
class Message:
    """The DDEX message of a release. faults: against the official schema, if that is here.

    problem: why there is no message; empty if there is one.
    """

    text: bytes = b""
    problem: str = ""
    faults: tuple[str, ...] = ()
    checked: bool = False


def delivery_of(release: Release, sheet: ReleaseSheet) -> Delivery:
    """The files of a release's bundle. Raises ReleaseRefused."""
    if release.bundle_id is None or not release.folder:
        raise ReleaseRefused(f"{release} has no bundle yet; it is made within minutes.")
    masters = [track.audio for track in sheet.tracks if track.audio]
    try:
        folder = folder_of(release, CHECKSUMS, COVER, *masters)
    except StoreTrouble as error:
        raise ReleaseRefused(error.with_advice) from error
    return read_delivery(folder, sheet)


def message_of(release: Release, sheet: ReleaseSheet, *, now: datetime) -> Message:
    """The message that tells shops of a release, or takes a recalled one down."""
    try:
        recalled = release.status == Release.Status.RECALLED
        text = release_message(
            sheet,
            None if recalled else delivery_of(release, sheet),
            Feed.configured(),
            now=now,
            ended_at=release.recalled_at if recalled else None,
        )
        if not settings.DDEX_SCHEMA:
            return Message(text)
        return Message(text, faults=tuple(schema_faults(text, settings.DDEX_SCHEMA)), checked=True)
    except ReleaseRefused as error:
        return Message(problem=str(error))


def papers_of(release: Release, sheet: ReleaseSheet, *, now: datetime) -> dict[str, bytes]:
    """The files with legal names, by their names in the ZIP; no message if it cannot be written.

    Raises ReleaseRefused for a release without tracks.
    """
    if not sheet.tracks:
        raise ReleaseRefused(f"{release} has no track left; there is nothing to hand over.")
    papers = {name: write(sheet).encode() for name, write in SHEETS.items()}
    message = message_of(release, sheet, now=now)
    return papers | ({MESSAGE: message.text} if message.text else {})


def with_bundle(release: Release, papers: Mapping[str, bytes]) -> IO[bytes]:
    """An open, unnamed ZIP of the bundle and the papers; whoever has it closes it.

    Raises ReleaseRefused without a bundle.
    """
    whole = tempfile.TemporaryFile()  # noqa: SIM115 - the answer that sends it closes it
    try:
        with opened_bundle(release) as bundle:
            shutil.copyfileobj(bundle, whole, CHUNK_BYTES)
        with zipfile.ZipFile(whole, "a", zipfile.ZIP_STORED) as archive:
            for name, content in papers.items():
                archive.writestr(name, content)
        whole.seek(0)
    except BaseException:
        whole.close()
        raise
    return whole


def opened_bundle(release: Release) -> IO[bytes]:
    """The open ZIP of a release's bundle. Raises ReleaseRefused if it cannot be had."""
    try:
        if release.bundle is not None:
            return release.bundle.path.open("rb")
    except StoreTrouble as error:
        raise ReleaseRefused(error.with_advice) from error
    except FileNotFoundError:
        pass
    raise ReleaseRefused(f"{release} has no bundle; have it packaged again.")
