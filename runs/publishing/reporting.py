"""The report of a recall: what was taken down where, and who saw what, for people and machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from media_tools.files import write_text
from runs.models import Proof, Publication, Release
from runs.publishing.recall import recall_standing

SEEN = {True: "there", False: "gone", None: "not told"}


@dataclass(frozen=True)
class SeenOnce:
    """One look. status: of HTTP, 0 for none. sha256: of the body."""

    at: datetime
    by: str
    found: str
    address: str
    status: int
    sha256: str
    words: str


@dataclass(frozen=True)
class RecalledPublication:
    """A publication in the report, with every look at it."""

    channel: str
    kind: str
    part: str
    external_id: str
    url: str
    live_at: datetime | None
    taken_down_at: datetime | None
    state: str
    proven: bool
    reason: str
    looks: tuple[SeenOnce, ...]


@dataclass(frozen=True)
class RecallReport:
    """A recall as it stands. proven: nothing of it can be found any more."""

    release: str
    artist: str
    release_id: str
    reason: str
    recalled_at: datetime | None
    reported_at: datetime
    proven: bool
    open: tuple[str, ...]
    publications: tuple[RecalledPublication, ...]

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, default=as_text_of) + "\n"

    def as_text(self) -> str:
        return "\n".join(lines_of(self)) + "\n"

    def write(self, folder: Path) -> list[Path]:
        """Write recall.json and recall.txt into a folder. Returns their paths."""
        files = {"recall.json": self.as_json(), "recall.txt": self.as_text()}
        for name, text in files.items():
            write_text(folder / name, text)
        return [folder / name for name in files]


def as_text_of(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def recall_report(release: Release, *, now: datetime) -> RecallReport:
    """All that is known of a release's recall."""
    standing = recall_standing(release)
    everything = sorted(
        [*standing.proven, *standing.open], key=lambda one: (one.channel.name, one.part)
    )
    return RecallReport(
        release=str(release),
        artist=release.artist.name,
        release_id=str(release.pk),
        reason=release.recall_reason,
        recalled_at=release.recalled_at,
        reported_at=now,
        proven=standing.is_proven,
        open=tuple(str(publication) for publication in standing.open),
        publications=tuple(recalled(publication) for publication in everything),
    )


def recalled(publication: Publication) -> RecalledPublication:
    return RecalledPublication(
        channel=publication.channel.name,
        kind=publication.channel.get_kind_display(),
        part=publication.get_part_display(),
        external_id=publication.external_id,
        url=publication.url,
        live_at=publication.live_at,
        taken_down_at=publication.taken_down_at,
        state=publication.get_status_display(),
        proven=publication.status == Publication.Status.RECALLED,
        reason=publication.reason,
        looks=tuple(seen(proof) for proof in publication.proofs.select_related("by")),
    )


def seen(proof: Proof) -> SeenOnce:
    by = f"{proof.get_what_display()}: {proof.by}" if proof.by else proof.get_what_display()
    return SeenOnce(
        at=proof.at,
        by=by,
        found=SEEN[proof.there],
        address=proof.address,
        status=proof.status,
        sha256=proof.sha256,
        words=proof.words,
    )


def lines_of(report: RecallReport) -> Iterator[str]:
    yield f"Recall of {report.release} by {report.artist}"
    yield f"Reason: {report.reason}"
    yield f"Recalled: {moment(report.recalled_at)}. This report: {moment(report.reported_at)}."
    yield "Proven: nothing of it can be found." if report.proven else "Not proven yet:"
    yield from (f"  - {name}" for name in report.open)
    for publication in report.publications:
        yield ""
        yield f"{publication.channel} ({publication.kind}), {publication.part}: {publication.state}"
        yield f"  {publication.url or publication.external_id or 'It never arrived there.'}"
        yield f"  Out: {moment(publication.live_at)}. Down: {moment(publication.taken_down_at)}."
        if publication.reason:
            yield f"  {publication.reason}"
        for look in publication.looks:
            status = f" HTTP {look.status}" if look.status else ""
            digest = f" sha256 {look.sha256}" if look.sha256 else ""
            found = f"{look.found}{status} {look.words}".rstrip()
            yield f"  {moment(look.at)} {look.by}: {found}{digest}"


def moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S %Z}" if at else "never"
