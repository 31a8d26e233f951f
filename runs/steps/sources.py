"""Providers' files that hold Content Credentials, kept for the signature of a release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from media_tools.marking.sources import kept_source
from media_tools.media_types import SNIFF_BYTES, sniff
from media_tools.provenance import Provenance
from runs.models import Artifact
from runs.storage import NewArtifact


def source_of(made: Path, name: str, provenance: Provenance) -> Iterator[NewArtifact]:
    """The provider's file behind a finished one, if it was kept. name: of its part of the work."""
    kept = kept_source(made)
    if kept is None:
        return
    with kept.open("rb") as source:
        media = sniff(source.read(SNIFF_BYTES))
    yield NewArtifact(
        path=kept,
        kind=Artifact.Kind.SOURCE,
        media_type=media.name if media else "application/octet-stream",
        provenance=provenance,
        name=name,
    )
