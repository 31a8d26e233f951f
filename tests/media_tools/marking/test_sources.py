"""Providers' credentials are found in every container, and kept when a file is decoded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from media_tools.files import CHUNK_BYTES
from media_tools.marking.sources import holds_credentials, keep_source, kept_source
from media_tools.music.intake import to_wav
from tests.media_tools.marking.media import KINDS

STORE = b"jumdc2pa\x00\x11\x00\x10"


@pytest.mark.parametrize("kind", KINDS)
def test_credentials_are_found_in_every_container(
    kind: str, marked: dict[str, Path], signed: dict[str, Path]
) -> None:
    assert holds_credentials(signed[kind])
    assert not holds_credentials(marked[kind])


@pytest.mark.parametrize("place", [0, CHUNK_BYTES - 5, CHUNK_BYTES - 1, 2 * CHUNK_BYTES])
def test_credentials_are_found_across_the_edges_of_reading(place: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(place) + STORE + bytes(9))

    assert holds_credentials(path)


def test_a_song_with_credentials_is_kept_as_it_came(
    signed: dict[str, Path], tmp_path: Path
) -> None:
    raw = tmp_path / "take-1.download"
    shutil.copyfile(signed["mp3"], raw)

    song = to_wav(raw, tmp_path / "take-1.wav")

    kept = kept_source(song.path)
    assert kept is not None
    assert kept.name == "take-1.source.mp3"
    assert kept.read_bytes() == signed["mp3"].read_bytes()


def test_another_song_in_its_place_has_its_own_or_none(
    signed: dict[str, Path], marked: dict[str, Path], tmp_path: Path
) -> None:
    made = tmp_path / "take-1.wav"
    keep_source(signed["mp3"], made)
    keep_source(signed["png"], made)
    assert [path.name for path in tmp_path.iterdir()] == ["take-1.source.png"]

    keep_source(marked["mp3"], made)

    assert kept_source(made) is None
