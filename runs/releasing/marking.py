"""Marks in the files of a release: what each says of how it was made, and its signature.

Two signatures of one file differ. So a signed file is kept, under a key of what was marked and by
whom, and used again: a release packaged twice has the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from media_tools.errors import MediaInvalid
from media_tools.files import atomic_output, link_file, sha256_of
from media_tools.marking.certificates import Certificate, CertificateUnusable
from media_tools.marking.credentials import MEDIA_TYPES, sign
from media_tools.marking.mark import Mark, Source
from media_tools.marking.plain import WRITERS, write_marked
from media_tools.marking.sources import holds_credentials
from media_tools.marking.verifying import State, verify_file
from media_tools.provenance import COMPOSITE, MADE_BY_PEOPLE, digital_source_type
from runs.errors import ReleaseRefused
from runs.models import Artifact, Run
from runs.releasing.file_marks import BundleMarks, FileMark, Signature
from runs.releasing.signing import signing_certificate, trusted_roots
from runs.storage.artifacts import artifact_storage
from runs.storage.kept import SIGNED

Kind = Artifact.Kind
# Contributions to the files of each folder of a bundle. Words count in sound that is sung.
PARTS = {
    "audio": ("composition", "instruments", "vocals", "lyrics", "post_production"),
    "cover": ("artwork",),
    # A film shows the cover.
    "video": (
        "composition",
        "instruments",
        "vocals",
        "lyrics",
        "post_production",
        "artwork",
        "video",
    ),
}
# Raised when plain marks or what is signed change; a new version of the product alone keeps old
# signatures.
SIGNED_AS = 2
# Of a poster, which stands beside its video.
STILL = ("artwork", "video")
# Where a provider's file ends up, by its name; clips of footage in the video alone.
USED_IN = {
    "music": ("audio", "video"),
    "voice": ("audio", "video"),
    "cover": ("cover", "video"),
}
TRAINED = digital_source_type("ai")
MIXED_WITH_TRAINED = digital_source_type("ai", mixed=True)


@dataclass(frozen=True)
class Told:
    """What is told of a work.

    title: with its artist. disclosure: as disclosure_of returns it. sources: by folder of the
    bundle, files of providers that hold Content Credentials (sources_of). isrc: of its recording.
    """

    title: str
    disclosure: Mapping[str, Any]
    sources: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    isrc: str = ""


def mark_bundle(
    folder: Path, told: Callable[[str], Told], *, copied: Mapping[str, str], now: datetime
) -> BundleMarks:
    """Mark and sign the media of a bundle, in place; before checksums are taken.

    told: by a file's path in the bundle, the work it belongs to. copied: checksums of files that
    are known, by path. Returns what the files say now.
    Raises ReleaseRefused if there is no usable certificate, or a file is broken.
    """
    said = []
    try:
        certificate = signing_certificate(now=now) if settings.SIGN else None
        for path in media_in(folder):
            name = path.relative_to(folder).as_posix()
            mark = mark_of(told(name), name)
            signer = certificate if is_signed(path) else None
            mark_file(path, mark, signer, sha256=copied.get(name, ""))
            said.append(file_mark(name, mark, signer))
    except MediaInvalid as error:
        raise ReleaseRefused(f"{name}: {error.cause}") from error
    except CertificateUnusable as error:
        raise ReleaseRefused(str(error)) from error
    return BundleMarks(tuple(said))


def is_signed(path: Path) -> bool:
    """Whether the settings ask for a signature in this kind of file."""
    return settings.SIGN and (settings.SIGN_WAV or path.suffix != ".wav")


def file_mark(name: str, mark: Mark, signer: Certificate | None) -> FileMark:
    """Return what a marked file says. name: its path in the bundle."""
    kind = name.partition("/")[0]
    unsigned = Signature.WAV if settings.SIGN else Signature.OFF
    return FileMark(
        name=name,
        source_type=mark.source_type,
        signature=Signature.SIGNED if signer else unsigned,
        signer=signer.name if signer else "",
        signer_known=signer is not None and not signer.local,
        # Videos are made before the approval, and only what was approved is marked.
        watermark=None if name.endswith(".jpg") else kind == "audio" and settings.WATERMARK,
    )


def mark_file(path: Path, mark: Mark, certificate: Certificate | None, *, sha256: str = "") -> None:
    """Put the marked file in the place of the unmarked one. None does not sign.

    sha256: of the unmarked file, if it is known. Raises MediaInvalid, CertificateUnusable.
    """
    # They become an ingredient. A plain mark would break them.
    holds = holds_credentials(path)
    if holds:
        mark = replace(mark, sources=(Source(path, path.name), *mark.sources))
    plain = path.suffix in WRITERS and not holds
    if certificate:
        kept = kept_signed(path, mark, certificate, sha256=sha256, plain=plain)
        path.unlink()
        link_file(kept, path)
    elif plain:
        with atomic_output(path) as partial:
            write_marked(path, partial, mark)


def media_in(folder: Path) -> Iterator[Path]:
    """The files of a bundle that can carry a mark, in a fixed order."""
    for part in PARTS:
        for path in sorted((folder / part).rglob("*")):
            if path.suffix.lower() in MEDIA_TYPES:
                yield path


def mark_of(told: Told, name: str) -> Mark:
    """The mark of a file. name: its path in the bundle."""
    contributions = told.disclosure["contributions"]
    sung = contributions["vocals"]["extent"] != "none"
    kind = name.partition("/")[0]
    wanted = STILL if kind == "video" and name.endswith(".jpg") else PARTS[kind]
    parts = {
        part: contributions[part] for part in wanted if part != "lyrics" or sung or kind == "video"
    }
    return Mark(
        title=told.title,
        source_type=source_type_of(parts),
        statement=told.disclosure["statement"],
        parts=parts,
        sources=told.sources.get(kind, ()),
        isrc=told.isrc if kind == "audio" else "",
    )


def sources_of(run: Run) -> dict[str, tuple[Source, ...]]:
    """By folder of the bundle, the providers' files in it that hold Content Credentials."""
    files = run.artifacts.current().filter(kind__in=(Kind.SOURCE, Kind.FOOTAGE), purged_at=None)
    found: dict[str, list[Source]] = {folder: [] for folder in PARTS}
    for file in files.order_by("kind", "name"):
        if file.path.is_file() and holds_credentials(file.path):
            source = Source(file.path, f"{file.name}{file.path.suffix}")
            for folder in USED_IN.get(file.name, ("video",)):
                found[folder].append(source)
    return {folder: tuple(sources) for folder, sources in found.items()}


def source_type_of(parts: Mapping[str, Mapping[str, Any]]) -> str:
    """IPTC's address for a file made of these contributions."""
    types = {str(part["digital_source_type"]) for part in parts.values()} - {""}
    people = any(part["made_by"] == "person" for part in parts.values())
    unknown = any(part["extent"] == "undeclared" for part in parts.values())
    if len(types) == 1 and not people and not unknown:
        return next(iter(types))
    if types & {TRAINED, MIXED_WITH_TRAINED}:
        return MIXED_WITH_TRAINED
    if types:
        return digital_source_type("algorithm", mixed=True)
    return MADE_BY_PEOPLE if people and not unknown else COMPOSITE


def kept_signed(
    path: Path, mark: Mark, certificate: Certificate, *, sha256: str, plain: bool
) -> Path:
    """The signed form of a file as it is kept: the one signed before, if there is any.

    plain: it gets plain marks first. Raises MediaInvalid, CertificateUnusable.
    """

    def signed(partial: Path) -> None:
        marked = path.with_name(f".marked-{path.name}") if plain else path
        if plain:
            write_marked(path, marked, mark)
        sign(marked, partial, mark, certificate)
        if plain:
            marked.unlink()

    name = signed_name(path, mark, certificate, sha256=sha256)
    kept = artifact_storage().put_first(name, signed, whole=is_whole)
    # Looks fresh to a purge that goes on meanwhile.
    os.utime(kept)
    return kept


def signed_name(path: Path, mark: Mark, certificate: Certificate, *, sha256: str) -> str:
    """What the signed form of a file is kept under: a key of all that it says, and by whom."""
    said = [mark.title, mark.source_type, mark.statement, dict(mark.parts), mark.isrc]
    sources = [[source.title, sha256_of(source.path)] for source in mark.sources]
    whole = [SIGNED_AS, sha256 or sha256_of(path), certificate.fingerprint, said, sources]
    key = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    return f"{SIGNED}/{key[:2]}/{key}{path.suffix.lower()}"


def is_whole(kept: Path) -> bool:
    """Whether a kept file is there and still as it was signed."""
    with contextlib.suppress(FileNotFoundError):
        return verify_file(kept, roots_pem=trusted_roots()).state in (
            State.TRUSTED,
            State.UNKNOWN_SIGNER,
        )
    return False
