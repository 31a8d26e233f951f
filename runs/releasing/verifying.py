"""What the files of a release say of themselves, and whether they are as they were packaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_tools.files import sha256_of
from media_tools.foreign import clean_text, read_file
from media_tools.marking.credentials import MEDIA_TYPES
from media_tools.marking.verifying import State, Verdict, verify_file
from runs.releasing.signing import trusted_roots
from runs.storage.bundles import CHECKSUMS

MAX_SUMS_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Checked:
    """A media file and what it says. fault: why it must not go out as it is; empty if it may."""

    name: str
    verdict: Verdict
    fault: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"file": self.name, **self.verdict.as_json(), "fault": self.fault}


def check_folder(folder: Path) -> list[Checked]:
    """Every media file in a bundle's folder, or in any other.

    Raises CertificateUnusable, Refused for a list of checksums that cannot be read, OSError.
    """
    sums = checksums_in(folder)
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and is_media(path)
    }
    lost = [name for name in sums if is_media(Path(name)) and name not in found]
    return [
        *(check_file(path, name, sums.get(name, "")) for name, path in found.items()),
        *(Checked(name, Verdict(State.INVALID), "it is missing") for name in lost),
    ]


def check_file(path: Path, name: str, sha256: str = "") -> Checked:
    """One media file. sha256: as it was packaged; empty if nobody knows. Raises as check_folder."""
    verdict = verify_file(path, roots_pem=trusted_roots())
    if verdict.state is State.INVALID:
        fault = "changed since it was signed, or broken"
    elif sha256 and sha256_of(path) != sha256:
        fault = f"not the file of {CHECKSUMS}"
    else:
        fault = "" if verdict.source_type else "no mark says how it was made"
    return Checked(name, verdict, fault)


def is_media(path: Path) -> bool:
    return path.suffix.lower() in MEDIA_TYPES


def checksums_in(folder: Path) -> dict[str, str]:
    """SHA-256 by name, as the bundle's list tells; empty if there is none."""
    path = folder / CHECKSUMS
    return dict(checksum_lines(path)) if path.is_file() else {}


def checksum_lines(path: Path) -> Iterator[tuple[str, str]]:
    text = read_file(path, max_bytes=MAX_SUMS_BYTES).decode("utf-8", errors="replace")
    for line in clean_text(text).splitlines():
        sha256, _, name = line.partition("  ")
        yield name, sha256
