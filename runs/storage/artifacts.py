"""The one place that knows where files lie: STORAGES["artifacts"].

New files go where AI_ARTIST_STORE says. A file is looked for in the folder first and then in the
bucket, if one is set; so files can be moved either way while runs go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages

from media_tools.files import first_output, link_file, sha256_of
from runs.storage.cache import Cache
from runs.storage.folder import Folder
from runs.storage.kept import Kept, StoredFile, digest_in

if TYPE_CHECKING:
    from runs.storage.bucket import Bucket

MIB = 1024 * 1024


class ArtifactStorage(Storage):
    """Files of runs and releases by their names, in a folder and in a bucket."""

    @property
    def folder(self) -> Folder:
        return Folder(Path(settings.MEDIA_ROOT))

    @property
    def bucket(self) -> Bucket | None:
        """The bucket, if one is set."""
        return _bucket(tuple(sorted(settings.S3.items()))) if settings.S3 else None

    @property
    def cache(self) -> Cache:
        return Cache(Path(settings.CACHE_DIR), settings.CACHE_MB * MIB)

    @property
    def target(self) -> Folder | Bucket:
        """Where new files go."""
        bucket = self.bucket
        return bucket if bucket and settings.STORE == "s3" else self.folder

    @property
    def scratch(self) -> Path:
        """A folder for files that are about to be stored: a link puts them into the folder."""
        return Path(settings.MEDIA_ROOT if self.target == self.folder else settings.WORK_DIR)

    @property
    def disks(self) -> dict[str, Path]:
        """The folders of this machine that fill up, by what they are called."""
        places = {"work folder": Path(settings.WORK_DIR)}
        if self.target == self.folder:
            return {"MEDIA_ROOT": Path(settings.MEDIA_ROOT), **places}
        return {"cache folder": Path(settings.CACHE_DIR), **places}

    def put(self, source: Path, file: StoredFile) -> None:
        """Store a file under its name; equal contents once. Raises StoreTrouble, OSError."""
        target = self.target
        target.put(source, file)
        if target != self.folder:
            self.cache.keep(source, file.relative)

    def put_first(
        self, name: str, make: Callable[[Path], None], *, whole: Callable[[Path], bool]
    ) -> Path:
        """A file that is made once under a name and then used by all.

        whole: whether one that is there can be used. The first of two makers wins; in a bucket,
        where that takes two questions, the last one may.
        """
        kept = Path(self.path(name))
        if kept.is_file() and not whole(kept):
            self.cache.forget(name)
            self.folder.remove(name)
            kept = self.folder.path(name)
        if kept.is_file():
            return kept
        place = self.folder if self.target == self.folder else Folder(self.cache.folder)
        with first_output(place.path(name)) as unfinished:
            make(unfinished)
        made = place.path(name)
        if self.target != self.folder:
            self.target.put(made, StoredFile(name, sha256_of(made), made.stat().st_size))
            self.cache.make_room_for(made)
        return made

    def path(self, name: str) -> str:
        """Where a file lies on this machine; one in the bucket is fetched first.

        If it is nowhere, the path leads to no file. Raises StoreTrouble.
        """
        path, bucket = self.folder.path(name), self.bucket
        if bucket is None or path.exists():
            return str(path)
        fetch = partial(bucket.fetch, name, sha256=digest_in(name))
        try:
            return str(self.cache.get(name, fetch))
        except FileNotFoundError:
            return str(path)

    def hold(self, name: str, folder: Path) -> Path:
        """A path of a file that stays as long as a folder does, whatever is moved or removed.

        If it is nowhere, the path leads to no file. Raises StoreTrouble.
        """
        path = Path(self.path(name))
        if self.bucket is None or not path.is_file():
            return path
        held = folder / path.name
        link_file(path, held)
        return held

    def place(self, name: str) -> str:
        """Where a file lies, for people; nothing is fetched."""
        path, bucket = self.folder.path(name), self.bucket
        return str(path) if bucket is None or path.exists() else bucket.place(name)

    def look(self, name: str) -> Kept | None:
        """The file as it is kept; None if it is nowhere. Raises StoreTrouble."""
        bucket = self.bucket
        return self.folder.look(name) or (bucket.look(name) if bucket else None)

    def exists(self, name: str) -> bool:
        return self.look(name) is not None

    def size(self, name: str) -> int:
        """Bytes of a file. Raises FileNotFoundError."""
        kept = self.look(name)
        if kept is None:
            raise FileNotFoundError(name)
        return kept.bytes

    def seekable(self, name: str) -> IO[bytes]:
        """A file to read parts of; of one in the bucket only these are fetched.

        Raises FileNotFoundError, StoreTrouble.
        """
        bucket = self.bucket
        for path in (self.folder.path(name), self.cache.path(name)):
            with suppress(FileNotFoundError):
                return path.open("rb")
        if bucket is None:
            raise FileNotFoundError(name)
        return bucket.opened(name)

    def link(self, name: str, *, media_type: str, disposition: str) -> str:
        """A signed address of a file in the bucket; empty if it lies in the folder."""
        bucket = self.bucket
        if bucket is None or self.folder.path(name).exists():
            return ""
        return bucket.link(name, media_type=media_type, disposition=disposition)

    def walk(self, prefix: str) -> Iterator[Kept]:
        """All files of a kind; one that is being moved comes twice."""
        yield from self.folder.walk(prefix)
        if bucket := self.bucket:
            yield from bucket.walk(prefix)

    def delete(self, name: str) -> None:
        """Remove a file wherever it lies, if it is there."""
        self.folder.remove(name)
        if bucket := self.bucket:
            bucket.remove(name)
            self.cache.forget(name)

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        return File(self.seekable(name), name)


@lru_cache(maxsize=4)
def _bucket(options: tuple[tuple[str, Any], ...]) -> Bucket:
    from runs.storage.bucket import Bucket, BucketOptions

    return Bucket(BucketOptions(**dict(options)))


def artifact_storage() -> ArtifactStorage:
    """The storage of all artifacts, made when it is first used."""
    return cast("ArtifactStorage", storages["artifacts"])
