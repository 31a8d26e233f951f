"""Files under the hash of their content: what steps store, and the rows that name it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic

from ai_artist.kit.columns import fitted
from media_tools.files import sha256_of
from media_tools.provenance import Provenance
from runs.models import Artifact, Run
from runs.outputs import AnOutput
from runs.storage.artifacts import artifact_storage
from runs.storage.kept import StoredFile, artifact_name

__all__ = ["NewArtifact", "StepResult", "StoredFile", "artifact_row", "store_file"]


@dataclass(frozen=True)
class NewArtifact:
    """A finished file in a step's work folder, to be stored."""

    path: Path
    kind: str
    media_type: str
    provenance: Provenance
    name: str = ""
    duration_s: float | None = None
    lufs: float | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class StepResult(Generic[AnOutput]):
    """What a step made: committed together or not at all."""

    output: AnOutput  # kept on the step as JSON
    fields: dict[str, Any] = field(default_factory=dict)  # columns of the run
    artifacts: tuple[NewArtifact, ...] = ()  # files to be stored


def store_file(path: Path) -> StoredFile:
    """Move a finished file into the store; the same content is kept once.

    The row that points to it is written afterwards, so a crash in between leaves at most an unused
    file. Raises StoreTrouble, OSError.
    """
    digest = sha256_of(path)
    stored = StoredFile(artifact_name(digest, path.suffix), digest, path.stat().st_size)
    artifact_storage().put(path, stored)
    return stored


def artifact_row(
    run: Run, step: str, new: NewArtifact, stored: StoredFile, *, cost_usd: Decimal = Decimal(0)
) -> Artifact:
    """Return the unsaved row of a stored file."""
    return Artifact(
        run=run,
        step=step,
        kind=new.kind,
        file=stored.relative,
        sha256=stored.sha256,
        bytes=stored.bytes,
        lufs=new.lufs,
        width=new.width,
        height=new.height,
        cost_usd=cost_usd,
        **fitted(
            Artifact,
            name=new.name,
            media_type=new.media_type,
            duration_s=new.duration_s,
            provenance=new.provenance.as_json(),
        ),
    )
