"""What adapters need to make an item once, whatever happens to the worker or to an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from media_tools.errors import ProviderError, ProviderRejected, SubmissionUnknown
from media_tools.foreign import Refused, read_file
from media_tools.providers.multipart import MultipartBody
from media_tools.publishing.base import MediaFile, Memory, Sent

LOOKED_FOR = "it is looked for at the channel before it is sent again"
_REPORT_BYTES = 1024 * 1024


def remembered(memory: Memory) -> Sent | None:
    """The item an earlier attempt is known to have made."""
    external_id = memory.get("external_id")
    return Sent(external_id, memory.get("url")) if external_id else None


def remember(memory: Memory, sent: Sent) -> Sent:
    """Keep what was made, so that no later attempt makes it again."""
    memory.put(external_id=sent.external_id, url=sent.url, trying="")
    return sent


def lost(provider: str, cause: str) -> SubmissionUnknown:
    """The error for a sending of which nobody knows whether it arrived."""
    return SubmissionUnknown(provider, cause, code="submission_unknown", action=LOOKED_FOR)


def send_once(
    provider: str, memory: Memory, *, make: Callable[[], Sent], find: Callable[[], Sent | None]
) -> Sent:
    """Make an item in one request that must not be repeated, unless an earlier attempt made it.

    That an attempt begins is written down first. Raises SubmissionUnknown if one was cut off and
    nothing is found yet; the attempt after that makes the item.
    """
    if made := remembered(memory):
        return made
    if memory.get("trying"):
        if found := find():
            return remember(memory, found)
        memory.put(trying="")
        raise lost(provider, "an earlier attempt broke off, and what it sent is not there yet")
    memory.put(trying="1")
    try:
        made = make()
    except SubmissionUnknown:
        memory.put(trying="")
        raise lost(provider, "the answer was lost; the item may be there") from None
    except ProviderError:
        # Known to the caller from here on; only a killed worker leaves the note behind.
        memory.put(trying="")
        raise
    return remember(memory, made)


class ReportedBody:
    """A multipart body that notes how far it is sent. Noting may raise, which stops the upload."""

    def __init__(self, body: MultipartBody, memory: Memory) -> None:
        self.content_type = body.content_type
        self._body = body
        self._memory = memory

    def __len__(self) -> int:
        return len(self._body)

    def __iter__(self) -> Iterator[bytes]:
        total, sent, reported = len(self._body), 0, 0
        for chunk in self._body:
            yield chunk
            sent += len(chunk)
            if sent - reported >= _REPORT_BYTES or sent == total:
                self._memory.sent(sent, total)
                reported = sent


def part_of(provider: str, file: MediaFile, start: int, size: int) -> bytes:
    """Bytes of a file from `start` on. Raises ProviderRejected if it is not the file of before."""
    try:
        if file.path.stat().st_size != file.size_bytes:
            raise unreadable(provider, file.path, "it has another size now")
        with file.path.open("rb") as opened:
            opened.seek(start)
            return opened.read(size)
    except OSError as error:
        raise unreadable(provider, file.path, error.strerror or "no reason") from error


def small_file(provider: str, path: Path, largest: int) -> bytes:
    """A whole small file. Raises ProviderRejected if it is missing or larger."""
    try:
        return read_file(path, max_bytes=largest)
    except Refused as error:
        raise unreadable(provider, path, str(error)) from error


def unreadable(provider: str, path: Path, why: str) -> ProviderRejected:
    """The error for a file of ours that cannot be sent."""
    return ProviderRejected(
        provider,
        f"the file {path.name} cannot be sent: {why}",
        code="file",
        action="package the release again, then retry the publication",
    )
