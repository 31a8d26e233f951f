"""The audit export of a release: for a distributor or a court that asks how it came to be."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.text import slugify

from runs.models import Release, RunEvent
from runs.releasing.human import human_record
from runs.releasing.licences import Coverage, licences_of
from runs.releasing.sheet import ReleaseSheet, sheet_of

# An export of the same rows at the same time has the same bytes.
ZIP_TIME = (2020, 1, 1, 0, 0, 0)


def audit_zip(release: Release, *, now: datetime) -> bytes:
    """Write audit.html for people and audit.json for machines, the terms, and checksums."""
    record = audit_of(release, sheet_of(release), now=now)
    files = {
        "audit.html": render_to_string("releases/audit.html", {"audit": record}),
        "audit.json": json.dumps(record, indent=2, ensure_ascii=False, default=str) + "\n",
    }
    for coverage in licences_of(release):
        if coverage.entry and coverage.entry.terms_text:
            files[terms_file(coverage)] = coverage.entry.terms_text
    sums = [
        f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in files.items()
    ]
    return zip_of(files | {"SHA256SUMS": "".join(sums)})


def zip_of(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def audit_of(release: Release, sheet: ReleaseSheet, *, now: datetime) -> dict[str, Any]:
    """Everything recorded of a release, in plain JSON values but for dates."""
    human = human_record(release)
    return {
        "exported_at": now,
        "release": asdict(sheet) | {"full_title": sheet.full_title},
        "packaged_at": release.packaged_at,
        "published_at": release.published_at,
        "recalled_at": release.recalled_at,
        "recall_reason": release.recall_reason,
        "bundle_sha256": release.bundle.sha256 if release.bundle else "",
        "disclosed_when_packaged": release.disclosure,
        "human_work": asdict(human),
        "licences": [licence_in(coverage) for coverage in licences_of(release)],
        "files": files_of(release),
        "log": log_of(release),
    }


def licence_in(coverage: Coverage) -> dict[str, Any]:
    entry = coverage.entry
    told: dict[str, Any] = {"provider": coverage.provider, "made_on": coverage.made_on}
    if entry is None:
        return told | {"plan": None}
    return told | {
        "plan": entry.plan,
        "commercial_use": entry.commercial_use,
        "terms_url": entry.terms_url,
        "terms_read_on": entry.read_on,
        "terms_sha256": entry.terms_sha256,
        "terms_file": terms_file(coverage) if entry.terms_text else "",
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
    }


def terms_file(coverage: Coverage) -> str:
    """Name of a file with terms. entry: there is one."""
    assert coverage.entry is not None
    name = slugify(f"{coverage.provider} {coverage.entry.plan}")
    return f"terms/{name}-{coverage.entry.pk}.txt"


def files_of(release: Release) -> list[dict[str, Any]]:
    """The files of each run as they were approved, with their whole provenance, prompts as well."""
    return [
        {
            "run": artifact.run_id,
            "track": track.position,
            "kind": artifact.get_kind_display(),
            "name": artifact.name,
            "sha256": artifact.sha256,
            "bytes": artifact.bytes,
            "made_at": artifact.created_at,
            "provenance": artifact.provenance,
        }
        for track in release.tracks.select_related("run")
        for artifact in track.run.artifacts.current().order_by("created_at", "pk")
    ]


def log_of(release: Release) -> list[dict[str, Any]]:
    """The log of the runs, oldest first; what was said of the release stands in it too."""
    runs = release.tracks.values("run")
    events = RunEvent.objects.filter(run__in=runs).select_related("actor")
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for event in events.order_by("at", "pk"):
        # What is said of an EP or album stands in the log of each of its songs.
        same = (event.release_id, event.at, event.message) if event.release_id else (event.pk,)
        lines.setdefault(
            same,
            {
                "at": event.at,
                "run": None if event.release_id else event.run_id,
                "kind": event.get_kind_display(),
                "message": event.message,
                "by": event.actor.get_username() if event.actor else "",
            },
        )
    return list(lines.values())
