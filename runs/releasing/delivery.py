"""The masters and the cover as they lie in a bundle, marks and all: what is handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from media_tools.errors import MediaInvalid
from media_tools.finished import PictureFacts, SoundFacts, picture_facts, sound_facts
from runs.errors import ReleaseRefused
from runs.releasing.sheet import ReleaseSheet
from runs.storage.bundles import CHECKSUMS, sums_in

COVER = "cover/cover.jpg"


@dataclass(frozen=True)
class DeliveredSound:
    """A master. name: its path in the bundle."""

    name: str
    sha256: str
    facts: SoundFacts


@dataclass(frozen=True)
class DeliveredPicture:
    """A cover. name: its path in the bundle."""

    name: str
    sha256: str
    facts: PictureFacts


@dataclass(frozen=True)
class Delivery:
    """What a shop gets of a release's files. sounds: by the track's position."""

    sounds: Mapping[int, DeliveredSound]
    cover: DeliveredPicture


def read_delivery(folder: Path, sheet: ReleaseSheet) -> Delivery:
    """Read the facts of a bundle's files. Raises ReleaseRefused if one is missing or broken."""
    sums = checksums_in(folder)
    try:
        sounds = {
            track.position: DeliveredSound(
                track.audio, sums[track.audio], sound_facts(folder / track.audio)
            )
            for track in sheet.tracks
            if track.audio
        }
        cover = DeliveredPicture(COVER, sums[COVER], picture_facts(folder / COVER))
    except KeyError as missing:
        raise ReleaseRefused(
            f"The bundle of {sheet.title} has no {missing.args[0]}; have it packaged again."
        ) from missing
    except MediaInvalid as error:
        raise ReleaseRefused(
            f"{error.path.name} of {sheet.title}: {error.cause}; have the bundle packaged again."
        ) from error
    return Delivery(sounds, cover)


def checksums_in(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a bundle by its path there. Raises ReleaseRefused."""
    try:
        text = (folder / CHECKSUMS).read_text(encoding="utf-8")
    except OSError as error:
        raise ReleaseRefused(
            f"The bundle's folder {folder.name} cannot be read ({error.strerror}); have the "
            "bundle packaged again."
        ) from error
    return sums_in(text)
