"""The artifact store: files under the hash of their content, in MEDIA_ROOT."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic

from django.conf import settings

from ai_artist.kit.columns import fitted
from media_tools.files import atomic_output, sha256_of
from media_tools.provenance import Provenance
from runs.models import Artifact, Run
from runs.outputs import AnOutput


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
class StoredFile:
    """A complete file in the store."""

    relative: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class StepResult(Generic[AnOutput]):
    """What a step made: committed together or not at all."""

    output: AnOutput  # kept on the step as JSON
    fields: dict[str, Any] = field(default_factory=dict)  # columns of the run
    artifacts: tuple[NewArtifact, ...] = ()  # files to be stored


def store_file(path: Path) -> StoredFile:
    """Move a finished file into the store; the same content is kept once.

    The row that points to it is written afterwards, so a crash in between leaves at most an unused
    file.
    """
    digest = sha256_of(path)
    size = path.stat().st_size
    relative = f"artifacts/{digest[:2]}/{digest}{path.suffix.lower()}"
    target = Path(settings.MEDIA_ROOT) / relative
    if not target.exists():
        with atomic_output(target) as partial:
            try:
                os.link(path, partial)
            except OSError:  # the store is on another file system
                shutil.copyfile(path, partial)
    else:
        # A new time protects it from a purge that runs now: the row that needs it is about to be
        # written.
        os.utime(target)
    return StoredFile(relative=relative, sha256=digest, bytes=size)


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
