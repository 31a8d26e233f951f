"""Writes ID3v2.4 tags: ffmpeg puts lyrics and key in free text frames, which players ignore.

Version 2.4 in UTF-8, since that is what signing (media_tools/marking) writes a tag as.
"""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = b"eng"
_FRONT_COVER = b"\x03"
_UTF8 = b"\x03"


def id3v24(
    *,
    texts: Mapping[str, str],
    comment: str = "",
    lyrics: str = "",
    cover: bytes = b"",
    cover_media_type: str = "image/jpeg",
) -> bytes:
    """Return a whole tag, to be put before the first MPEG frame (id3.org, "ID3 tag version 2.4.0").

    texts: frame id (TIT2, TPE1 ...) -> value; empty values are left out. What has no frame of its
    own is named behind TXXX, such as TXXX:REPLAYGAIN_ALBUM_GAIN.
    """
    frames = [_text(name, value) for name, value in texts.items() if value]
    if comment:
        frames.append(_frame("COMM", _described(comment)))
    if lyrics:
        frames.append(_frame("USLT", _described(lyrics)))
    if cover:
        head = b"\x00" + cover_media_type.encode("ascii") + b"\x00" + _FRONT_COVER + b"\x00"
        frames.append(_frame("APIC", head + cover))
    body = b"".join(frames)
    return b"ID3\x04\x00\x00" + _syncsafe(len(body)) + body


def _text(name: str, value: str) -> bytes:
    name, _, description = name.partition(":")
    described = description.encode() + b"\x00" if description else b""
    return _frame(name, _UTF8 + described + value.encode())


def _frame(name: str, body: bytes) -> bytes:
    return name.encode("ascii") + _syncsafe(len(body)) + b"\x00\x00" + body


def _described(text: str) -> bytes:
    """Return the body of COMM and USLT: encoding, language, empty description, text."""
    return _UTF8 + _ENGLISH + b"\x00" + text.encode()


def _syncsafe(size: int) -> bytes:
    """Return 28 bits as four bytes of seven, so that no byte looks like the start of a frame."""
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
