"""The streamed form body."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from media_tools.providers.multipart import FilePart, MultipartBody


def make(folder: Path, size: int = 200_000, filename: str = "a.mp4") -> MultipartBody:
    path = folder / "file"
    path.write_bytes(bytes(range(256)) * (size // 256))
    return MultipartBody(
        {"caption": "Grüße\r\n--x", "chat_id": "7"},
        [FilePart("video", path, filename, "video/mp4")],
    )


def parsed(body: MultipartBody) -> dict[str, bytes]:
    whole = f"Content-Type: {body.content_type}\r\n\r\n".encode() + b"".join(body)
    parts = message_from_bytes(whole, policy=policy.HTTP).iter_parts()
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in parts
    }


def test_length_is_that_of_the_bytes(tmp_path: Path) -> None:
    body = make(tmp_path)

    assert len(body) == len(b"".join(body))


def test_fields_and_files_arrive_whole(tmp_path: Path) -> None:
    body = make(tmp_path)

    parts = parsed(body)

    assert parts["caption"].decode() == "Grüße\r\n--x"
    assert parts["video"] == (tmp_path / "file").read_bytes()


def test_file_is_read_in_pieces(tmp_path: Path) -> None:
    assert max(len(chunk) for chunk in make(tmp_path, size=1_000_000)) <= 64 * 1024


def test_name_cannot_break_out_of_its_header(tmp_path: Path) -> None:
    body = make(tmp_path, filename='x"\r\nX-Evil: 1')

    assert b"\r\nX-Evil" not in b"".join(body)


def test_missing_file_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        MultipartBody({}, [FilePart("video", tmp_path / "gone", "a.mp4", "video/mp4")])
