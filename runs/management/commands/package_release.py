"""Make the bundle of a release again: `package_release ID`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from runs.errors import ReleaseRefused
from runs.management.runref import find_release
from runs.releasing.releases import CodeChanges, package_release, set_codes
from runs.storage.artifacts import artifact_storage
from runs.storage.bundles import CHECKSUMS, bundle_sums


class Command(JsonCommand):
    help = "Write the bundle (folder and zip) of a release, replacing an earlier one."
    refusals = (ReleaseRefused,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("release", help="Id of the release, or of the run of a single.")
        parser.add_argument("--isrc", help="Code of a single's track, for tags and metadata.")
        parser.add_argument("--upc", help="UPC or EAN of the release, for the metadata.")

    def perform(self, **options: Any) -> Report:
        release = find_release(options["release"])
        now = timezone.now()
        isrc, upc = options["isrc"], options["upc"]
        if isrc is not None and not release.is_single:
            raise bad_usage("--isrc is for a single; give each track its code on the page.")
        if isrc is not None or upc is not None:
            isrcs = {} if isrc is None else {release.tracks.get().pk: isrc}
            changes = CodeChanges(upc=upc, isrcs=isrcs)
            set_codes(release_id=release.pk, changes=changes, actor=None, now=now)
        release = package_release(release_id=release.pk, now=now)
        assert release.bundle is not None  # it was just made
        store = artifact_storage()
        archive = store.place(str(release.bundle.file))
        # In a bucket the ZIP has all of them.
        folder = archive if store.bucket else store.place(release.folder)
        return Report(
            data={
                "runs": [str(pk) for pk in release.tracks.values_list("run_id", flat=True)],
                "release": str(release.pk),
                "status": release.status,
                "folder": folder,
                "zip": archive,
                "sha256": release.bundle.sha256,
                "files": sorted([CHECKSUMS, *bundle_sums(release.bundle.sha256)]),
            },
            text=f"{release}: {folder}\n{archive}",
        )
