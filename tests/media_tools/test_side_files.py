"""Small files of texts beside media files."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from media_tools.foreign import Refused
from media_tools.side_files import MAX_BYTES, read_texts, side_file

KNOWN = ("author", "licence")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "Cafe\u0301.mp4"
    path.touch()
    return path


@pytest.mark.parametrize("name", ["Café.mp4.json", "CAFÉ.MP4.JSON", "café.json", "Café.mp4.Json"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_it_is_found_in_any_spelling(clip: Path, name: str, form: str) -> None:
    beside = clip.with_name(unicodedata.normalize(form, name))
    beside.touch()

    assert side_file(clip) == beside


@pytest.mark.parametrize("name", ["Café.mp4.json.bak", "Café 2.mp4.json", ".Café.mp4.json"])
def test_other_files_are_not_taken_for_it(clip: Path, name: str) -> None:
    clip.with_name(name).touch()

    assert side_file(clip) is None


def test_two_of_them_are_refused_by_name(clip: Path) -> None:
    for name in ("Café.mp4.json", "Café.mp4.JSON"):
        clip.with_name(name).touch()

    with pytest.raises(Refused, match=r"Café\.mp4\.JSON and Café\.mp4\.json both describe"):
        side_file(clip)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_texts_are_cleaned(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"author": " Zoe\u0308\\u0000 \\n B ", "licence": ""}', encoding)

    assert read_texts(path, KNOWN) == {"author": "Zoë B"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is no JSON"),
        (b"{broken", "it is no JSON"),
        (b"[1]", "it is no JSON object"),
        (b'{"author": 7}', "author has to be a text"),
        (b'{"author": null}', "author has to be a text"),
        (b'{"author": ["A"]}', "author has to be a text"),
        (b'{"author": "' + b"x" * 501 + b'"}', "author has to be a text of at most 500"),
        (b'{"license": "CC BY"}', "'license' is not one of author, licence"),
        (b'{"author": NaN}', "the number NaN cannot be used"),
        (b"[" * 5_000, "nested too deeply"),
        ('{"author": "J\u00f6rg"}'.encode("latin-1"), "it is not UTF-8"),
        (b" " * (MAX_BYTES + 1), "is larger than 64 KiB"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_name(
    tmp_path: Path, content: bytes, why: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)

    with pytest.raises(Refused) as refused:
        read_texts(path, KNOWN)

    assert str(refused.value).startswith("a.json: ")
    assert why in str(refused.value)


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    folder, pipe, lost = (tmp_path / name for name in ("a.json", "b.json", "c.json"))
    folder.mkdir()
    os.mkfifo(pipe)
    lost.symlink_to(tmp_path / "nowhere")

    for path in (folder, pipe):
        with pytest.raises(Refused, match="is a folder or a device"):
            read_texts(path, KNOWN)
    with pytest.raises(Refused, match=r"c\.json: cannot be read"):
        read_texts(lost, KNOWN)
