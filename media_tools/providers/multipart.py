"""A multipart/form-data body that is read from its files while it is sent (RFC 7578)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class FilePart:
    """A file to upload. field: its name in the form; filename: what the receiver is told."""

    field: str
    path: Path
    filename: str
    media_type: str


class MultipartBody:
    """Pass it as `data` of a request, with `content_type` as its header.

    It has a length and yields chunks, so that a video of any size is uploaded with a
    Content-Length and without being held in memory.
    """

    def __init__(
        self, fields: Mapping[str, str | Sequence[str]], files: Sequence[FilePart] = ()
    ) -> None:
        """A field may have several values. Raises OSError when a file cannot be looked at."""
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._head = b"".join(
            f"--{boundary}\r\nContent-Disposition: form-data; {_quoted('name', name)}"
            f"\r\n\r\n{value}\r\n".encode()
            for name, values in fields.items()
            for value in ([values] if isinstance(values, str) else values)
        )
        self._parts = [
            (
                f"--{boundary}\r\nContent-Disposition: form-data; {_quoted('name', file.field)}; "
                f"{_quoted('filename', file.filename)}\r\nContent-Type: {file.media_type}"
                "\r\n\r\n".encode(),
                file.path,
                file.path.stat().st_size,
            )
            for file in files
        ]
        self._tail = f"--{boundary}--\r\n".encode()

    def __len__(self) -> int:
        """Bytes of the whole body."""
        parts = sum(len(head) + size + 2 for head, _, size in self._parts)
        return len(self._head) + parts + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        for head, path, _ in self._parts:
            yield head
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield chunk
            yield b"\r\n"
        yield self._tail


def _quoted(name: str, value: str) -> str:
    """A parameter of a part's header; browsers escape these three characters the same way."""
    safe = value.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    return f'{name}="{safe}"'
