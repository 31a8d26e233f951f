"""Footage from a folder of the operator's own: works without keys and without a network."""

from __future__ import annotations

import re
import shutil
from functools import lru_cache
from pathlib import Path

from media_tools.errors import MediaInvalid, ProviderRejected, ProviderUnavailable
from media_tools.files import atomic_output
from media_tools.foreign import Refused
from media_tools.seeds import derive_seed
from media_tools.side_files import read_texts, side_file
from media_tools.stock.base import SUFFIXES, ClipFile, FootageRequest, StockClip
from media_tools.video.probe import FOOTAGE_LIMITS, VideoInfo, probe

OWN_LICENCE = "operator"
CREDIT = ("author", "author_url", "licence", "source_url")
# Reading a header takes some 50 ms; of a large folder the likeliest clips are enough.
MOST_PROBED = 24
MOST_FILES = 20_000

_WORD = re.compile(r"[^\W\d_]{3,}")


class LocalFootage:
    """Clips in `folder` and below it, found by the words of their names.

    "night-rain/neon street 02.mp4" is found by night, rain, neon and street. A side file of a clip
    (media_tools/side_files.py) may hold the texts in CREDIT; without one the clip counts as the
    operator's own, and with one that cannot be read it has a fault.
    """

    name = "local"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def search(self, query: str, request: FootageRequest) -> list[StockClip]:
        """Clips with words of the query, most of them first; those without any come last.

        Among equals the seed decides. Files that are no usable video are left out.
        Raises ProviderRejected if the folder is not there.
        """
        wanted = _words(query)
        found = [path for path in self._paths() if self._key(path) not in request.excluded]
        found.sort(
            key=lambda path: (
                -len(wanted & _words(self._relative(path))),
                derive_seed("local footage", request.seed, query, self._relative(path)),
            )
        )
        return [clip for path in found[:MOST_PROBED] if (clip := self._clip(path)) is not None]

    def fetch(self, file: ClipFile, target: Path) -> None:
        """Copy the clip (no link: the operator may edit it later, a run's file must not change).

        Raises ProviderUnavailable if it has gone meanwhile.
        """
        try:
            with atomic_output(target) as partial:
                shutil.copyfile(file.link, partial)
        except OSError as error:
            raise ProviderUnavailable(
                self.name,
                f"{Path(file.link).name} could not be read ({error.strerror})",
                code="missing",
                action="another clip is used",
            ) from None

    def _paths(self) -> list[Path]:
        if not self._folder.is_dir():
            raise ProviderRejected(
                self.name,
                "its folder of footage is not there",
                code="configuration",
                action="make the folder, or take local out of the footage sources",
            )
        root = self._folder.resolve()
        found = []
        for path in self._folder.rglob("*"):
            if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
                continue
            # A link must not lead out of the folder the operator gave.
            if path.is_file() and path.resolve().is_relative_to(root):
                found.append(path)
            if len(found) >= MOST_FILES:
                break
        return sorted(found)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _key(self, path: Path) -> str:
        return f"{self.name}:{self._relative(path)}"

    def _clip(self, path: Path) -> StockClip | None:
        try:
            state = path.stat()
            info = _shape(path, state.st_mtime_ns, state.st_size)
        except (MediaInvalid, OSError):
            return None
        credit, fault = _credit(path)
        return StockClip(
            provider=self.name,
            clip_id=self._relative(path),
            page_url=credit.get("source_url", ""),
            author=credit.get("author", ""),
            author_url=credit.get("author_url", ""),
            duration_s=info.duration_s,
            licence=credit.get("licence", "") or OWN_LICENCE,
            files=(ClipFile(str(path), info.width, info.height, info.fps, state.st_size),),
            words=tuple(sorted(_words(self._relative(path)))),
            fault=fault,
        )


@lru_cache(maxsize=512)
def _shape(path: Path, _modified_ns: int, _size_bytes: int) -> VideoInfo:
    return probe(path, limits=FOOTAGE_LIMITS)


def _credit(path: Path) -> tuple[dict[str, str], str]:
    """The texts of a clip's side file, and why they cannot be read."""
    try:
        beside = side_file(path)
        return (read_texts(beside, CREDIT) if beside else {}), ""
    except Refused as error:
        return {}, str(error)


def _words(text: str) -> frozenset[str]:
    """Words in lower case, plural endings cut off."""
    return frozenset(word.lower().removesuffix("s") for word in _WORD.findall(text))
