"""Files are known by their first bytes."""

from __future__ import annotations

import pytest

from media_tools.media_types import sniff
from tests.contract_servers import media


@pytest.mark.parametrize(
    ("suffix", "name", "kind"),
    [
        (".mp3", "audio/mpeg", "audio"),
        (".wav", "audio/wav", "audio"),
        (".flac", "audio/flac", "audio"),
        (".ogg", "application/ogg", "audio"),
        (".m4a", "audio/mp4", "audio"),
    ],
)
def test_audio_files_are_recognised(suffix: str, name: str, kind: str) -> None:
    found = sniff(media.audio(suffix, duration_s=0.2))

    assert found is not None and found.name == name and kind in found.kinds


def test_video_and_pictures_are_recognised() -> None:
    heads = [media.video(duration_s=0.2), media.image(".png"), media.image(".jpg")]
    names = [found.name for head in heads if (found := sniff(head[:64]))]

    assert names == ["video/mp4", "image/png", "image/jpeg"]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xfb\x90\x00" + b"\0" * 60, "audio/mpeg"),
        (b"\xff\xf1\x50\x80" + b"\0" * 60, "audio/aac"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x20ftypavif" + b"\0" * 50, "image/avif"),
        (b"\x1a\x45\xdf\xa3" + b"\0" * 60, "video/webm"),
    ],
)
def test_bare_headers_are_recognised(head: bytes, name: str) -> None:
    found = sniff(head)

    assert found is not None and found.name == name


@pytest.mark.parametrize(
    "head",
    [b"", b"<html><body>", b"#EXTM3U\n#EXT-X", b"%PDF-1.7", b"PK\x03\x04", b"\xff\xff\xff\xff" * 8,
     b"RIFF\0\0\0\0JUNK", b"MZ\x90\0", b"<svg xmlns"],
)  # fmt: skip
def test_other_files_are_not(head: bytes) -> None:
    assert sniff(head) is None
