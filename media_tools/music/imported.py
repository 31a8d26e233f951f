"""Music an operator brings: a file in the inbox folder, or an upload, for a waiting run.

The run with the id R waits for `<inbox>/R.wav` (or .flac, .mp3 ...). A side file, `<inbox>/R.json`,
may declare where it comes from; see Declaration. A file that is taken moves to `<inbox>/taken/`, so
that a later take of the same run waits for a new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from media_tools.errors import MediaInvalid, ProviderError, ProviderRejected
from media_tools.files import atomic_output, fsync_folder
from media_tools.foreign import Refused
from media_tools.media_types import AUDIO
from media_tools.music.base import MusicProvider, MusicRequest, MusicTrack
from media_tools.music.declaration import MAX_UPLOAD_BYTES, NAME, TAKEN, Declaration
from media_tools.music.intake import LONGEST_S, SHORTEST_S, Song, to_wav
from media_tools.provenance import Provenance
from media_tools.providers.downloads import Arrival, DownloadLimits
from media_tools.providers.health import ProviderHealth
from media_tools.side_files import read_texts, side_file

SUFFIXES = (
    *(".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".opus", ".aif", ".aiff"),
    *(".mp4", ".webm"),
)
UPLOAD_LIMITS = DownloadLimits(max_bytes=MAX_UPLOAD_BYTES, max_seconds=1800.0, media=(AUDIO,))

# Decoding a song to check it takes some hundred megabytes: a web server does one at a time.
_checking = threading.Lock()


class ImportedMusic(MusicProvider):
    """Waits for a file, for ever. inbox: common to all workers and the panel.

    settle_s: a file younger than this may still be being copied. clock: Unix seconds, for tests.
    """

    name = NAME
    model = "operator's file"
    resubmit_safe = True
    sings = True

    def __init__(
        self, *, inbox: Path, settle_s: float = 5.0, clock: Callable[[], float] = time.time
    ) -> None:
        self.inbox = inbox
        self._settle_s = settle_s
        self._clock = clock

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        """Opens the wait. The key begins with the run's id, up to a colon."""
        return re.sub(r"[^\w-]+", ".", idempotency_key)

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack | None:
        """The operator's song, or None until its file lies complete in the inbox.

        Raises ProviderRejected for a file that cannot be used; it stays where it is, and once it
        is replaced a retry of the run collects the new one.
        """
        source = self._taken(external_id)
        if source is None:
            source = self._waiting(run_of(external_id))
            if source is None or self._still_copied(source):
                return None
        song = self._decoded(source, workdir / "take-1.wav")
        declared = self._declaration(source)
        if source.parent == self.inbox:
            self._take(source, external_id)
        return MusicTrack(
            audio=song.path,
            duration_s=song.duration_s,
            tempo_bpm=None,
            key=None,
            sections=(),
            provenance=Provenance(
                provider=NAME,
                model=declared.model or self.model,
                licence=declared.licence,
                generator=declared.generator,
                author=declared.author,
                source_url=declared.source_url,
            ),
            facts={"take": 1, "file": source.name, "gain_db": song.gain_db},
        )

    @contextlib.contextmanager
    def received(self, chunks: Iterable[bytes]) -> Iterator[Path]:
        """An uploaded song as a hidden file of the inbox, checked and whole, until the block ends.

        What it is tells its content, not its name.
        Raises ProviderRejected (not audio, too large, broken, no space).
        """
        arriving = self.inbox / f".arriving-{uuid.uuid4().hex}"
        try:
            yield self._receive(chunks, arriving)
        finally:
            for path in self.inbox.glob(f"{arriving.name}*"):
                path.unlink(missing_ok=True)

    def _receive(self, chunks: Iterable[bytes], arriving: Path) -> Path:
        try:
            deadline = time.monotonic() + UPLOAD_LIMITS.max_seconds
            arrival = Arrival(NAME, "the upload", UPLOAD_LIMITS, deadline)
            media = arrival.save(chunks, arriving).media
            with _checking:
                self._decoded(arriving, arriving.with_suffix(".checked.wav"), "the upload")
            return arriving.replace(arriving.with_suffix(media.suffix))
        except ProviderError as error:
            # Nobody tries an upload again but the person at the browser.
            raise self._refused(error.cause, "nothing was kept; choose another file") from None
        except OSError as error:
            raise self._refused(
                f"the upload could not be kept ({error.strerror})", "see to the inbox folder"
            ) from error

    def publish(self, song: Path, run_id: str, declared: Declaration) -> Path:
        """Lay a received song into the inbox with its declaration; it can be collected at once.

        One at a time for a run: the caller holds its lock.
        Raises ProviderRejected when another song waits for the run already.
        """
        target = self.inbox / f"{_checked_run(run_id)}{song.suffix}"
        if waiting := self._waiting(run_id):
            raise self._refused(
                f"{waiting.name} waits for this run already", "let the run collect it, or remove it"
            )
        try:
            declaration = side_file(target) or target.with_suffix(".json")
        except Refused as error:
            raise self._refused(str(error), "leave one of them in the inbox") from None
        # First, so that the song is never collected without it.
        write_declaration(declaration, declared)
        # It is whole: nobody needs to wait until its copying settles.
        settled = self._clock() - self._settle_s
        os.utime(song, (settled, settled))
        song.replace(target)
        fsync_folder(self.inbox)
        return target

    def declare(self, song: Path, declared: Declaration) -> Path:
        """Write the declaration of a received song beside it, hidden like it; it goes with it."""
        path = song.with_name(f"{song.name}.json")
        write_declaration(path, declared)
        return path

    def waits_for(self, external_id: str) -> str:
        run = run_of(external_id)
        return f"waits for a song: upload one, or put {run}.wav (.flac, .mp3 ...) into the inbox"

    def poll_after_s(self, waited_s: float) -> float:
        return 30.0

    def health(self) -> ProviderHealth:
        """Whether the inbox can be written, and how many files wait there."""
        if not self.inbox.is_dir() or not os.access(self.inbox, os.R_OK | os.W_OK | os.X_OK):
            raise self._refused(
                "the inbox folder is missing or cannot be written", "create it for the workers"
            )
        waiting = sum(path.suffix.lower() in SUFFIXES for path in self._files())
        return ProviderHealth(NAME, self.model, note=f"{waiting} waiting in the inbox")

    def _files(self) -> list[Path]:
        """Files an operator has put there; hidden ones are being written."""
        try:
            found = sorted(self.inbox.iterdir())
        except FileNotFoundError:
            return []
        return [path for path in found if path.is_file() and not path.name.startswith(".")]

    def _waiting(self, run_id: str) -> Path | None:
        found = [
            path
            for path in self._files()
            if path.stem.lower() == run_id.lower() and path.suffix.lower() in SUFFIXES
        ]
        if len(found) > 1:
            names = " and ".join(path.name for path in found)
            raise self._refused(
                f"the inbox holds {names} for one run", "leave one of them, then retry the run"
            )
        return found[0] if found else None

    def _still_copied(self, source: Path) -> bool:
        return self._clock() - source.stat().st_mtime < self._settle_s

    def _taken(self, external_id: str) -> Path | None:
        """The file an interrupted attempt of the same take has moved already."""
        folder = self.inbox / TAKEN
        return next(
            (path for suffix in SUFFIXES if (path := folder / f"{external_id}{suffix}").is_file()),
            None,
        )

    def _take(self, source: Path, external_id: str) -> None:
        folder = self.inbox / TAKEN
        folder.mkdir(exist_ok=True)
        declaration = side_file(source)
        # A copy first: whenever this is interrupted, the song has its declaration beside it.
        if declaration:
            with atomic_output(folder / f"{external_id}.json") as partial:
                partial.write_bytes(declaration.read_bytes())
        source.replace(folder / f"{external_id}{source.suffix.lower()}")
        if declaration:
            declaration.unlink(missing_ok=True)
        fsync_folder(folder)

    def _decoded(self, source: Path, target: Path, name: str = "") -> Song:
        try:
            return to_wav(source, target, shortest_s=SHORTEST_S, longest_s=LONGEST_S)
        except MediaInvalid as error:
            raise self._refused(
                f"{name or source.name} cannot be used: {error.cause}",
                "replace the file, then retry the run",
            ) from None

    def _declaration(self, source: Path) -> Declaration:
        try:
            beside = side_file(source)
            return Declaration.from_json(read_texts(beside, Declaration.names()) if beside else {})
        except Refused as error:
            raise self._refused(
                f"the declaration of {source.name} cannot be used: {error}",
                "correct it, then retry the run",
            ) from None

    def _refused(self, cause: str, action: str) -> ProviderRejected:
        return ProviderRejected(NAME, cause, code="file", action=action)


def write_declaration(path: Path, declared: Declaration) -> None:
    with atomic_output(path) as partial:
        partial.write_text(json.dumps(declared.as_json(), ensure_ascii=False, indent=1), "utf-8")


def run_of(external_id: str) -> str:
    """The run a wait belongs to: the part before the first dot."""
    return external_id.partition(".")[0]


def _checked_run(run_id: str) -> str:
    if not re.fullmatch(r"[\w-]{1,64}", run_id):
        raise ProviderRejected(
            NAME, "the run's id is none", code="file", action="upload from its page"
        )
    return run_id
