"""Migrates with releases as they were before they had tracks: `python -m tests.upgrades.releases`.

Migrates a database up to BEFORE, fills it, migrates the rest of the way, and prints as JSON what
became of the releases, and what open_pages saw or which fault ended it. One process does it all:
each would take seconds to start.
"""

from __future__ import annotations

import json
import traceback
import uuid
from typing import Any

from manage import load_apps
from tests.upgrades.open_pages import open_pages

BEFORE = "0009_event_kinds"
# Title, status, ISRC, UPC; the second release has the code of the first, which is out.
RELEASES = (
    ("Draft", "packaged", "QZABC2600001", ""),
    ("Out", "published", "QZABC2600001", "036000291452"),
    ("Back", "recalled", "", "4006381333931"),
    ("Due again", "packaged", "", ""),
)
NEVER_PACKED = "Never packed"


def main() -> None:
    load_apps()
    from django.core.management import call_command

    call_command("migrate", "runs", BEFORE, verbosity=0)
    write()
    call_command("migrate", verbosity=0)
    became = read()
    try:
        opened = {"seen": open_pages(), "fault": ""}
    except Exception:  # what became of the releases is told all the same
        opened = {"seen": {}, "fault": traceback.format_exc()}
    print(json.dumps(became | opened))


def write() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.utils import timezone

    before = MigrationExecutor(connection).loader.project_state(("runs", BEFORE)).apps
    run_model, release = before.get_model("runs", "Run"), before.get_model("runs", "Release")
    artifact, packing = before.get_model("runs", "Artifact"), before.get_model("runs", "Packing")
    approved = run_model.objects.filter(status="approved").first()
    bundle = artifact.objects.filter(run=approved, kind="bundle").first()
    now = timezone.now()

    def copy(row: Any, **fields: Any) -> Any:
        made = type(row).objects.get(pk=row.pk)
        made.pk, made._state.adding = uuid.uuid4(), True
        for name, value in fields.items():
            setattr(made, name, value)
        made.save()
        return made

    for title, status, isrc, upc in RELEASES:
        run = copy(
            approved, title=title, status="released" if status == "published" else "approved"
        )
        release.objects.create(
            run=run,
            bundle=copy(bundle, run=run),
            folder=f"releases/{title}",
            status=status,
            isrc=isrc,
            upc=upc,
            published_at=now if status == "published" else None,
            recalled_at=now if status == "recalled" else None,
            recall_reason="Sample" if status == "recalled" else "",
        )
        run.events.create(kind="packaged", message="Release bundle made.")
        if title == "Due again":
            packing.objects.create(run=run, due_at=now)
    never = copy(approved, title=NEVER_PACKED)
    packing.objects.create(run=never, due_at=None, attempts=6, error="No video.")


def read() -> dict[str, Any]:
    from runs.models import Code, Packing, Release

    titles = [NEVER_PACKED, *(title for title, *_ in RELEASES)]
    releases = Release.objects.filter(title__in=titles)
    return {
        "releases": {
            release.title: [
                release.kind,
                release.status,
                release.upc,
                release.artist_id == release.tracks.get().run.artist_id,
                release.tracks.get().isrc,
                release.folder,
                release.events.count(),
            ]
            for release in releases
        },
        "codes": {
            code.code: str((code.release and code.release.title) or code.run.title)
            for code in Code.objects.select_related("release", "run")
        },
        "due": {
            row.release.title: [row.attempts, row.error]
            for row in Packing.objects.filter(release__in=releases)
        },
    }


if __name__ == "__main__":
    main()
