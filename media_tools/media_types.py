"""What a file is, by its first bytes: names and headers of a stranger prove nothing."""

from __future__ import annotations

from dataclasses import dataclass

# Enough for every signature below.
SNIFF_BYTES = 64

AUDIO, VIDEO, IMAGE = "audio", "video", "image"


@dataclass(frozen=True)
class MediaType:
    """name: such as "audio/mpeg". kinds: what it may hold, since some containers hold either."""

    name: str
    kinds: frozenset[str]
    suffix: str


def _media(name: str, suffix: str, *kinds: str) -> MediaType:
    return MediaType(name, frozenset(kinds), suffix)


_PREFIXES: tuple[tuple[bytes, MediaType], ...] = (
    (b"ID3", _media("audio/mpeg", ".mp3", AUDIO)),
    (b"fLaC", _media("audio/flac", ".flac", AUDIO)),
    (b"OggS", _media("application/ogg", ".ogg", AUDIO, VIDEO)),
    (b"\x1a\x45\xdf\xa3", _media("video/webm", ".webm", AUDIO, VIDEO)),
    (b"\x89PNG\r\n\x1a\n", _media("image/png", ".png", IMAGE)),
    (b"\xff\xd8\xff", _media("image/jpeg", ".jpg", IMAGE)),
    (b"GIF87a", _media("image/gif", ".gif", IMAGE)),
    (b"GIF89a", _media("image/gif", ".gif", IMAGE)),
)
# (outer name, inner name at byte 8)
_CONTAINERS: dict[tuple[bytes, bytes], MediaType] = {
    (b"RIFF", b"WAVE"): _media("audio/wav", ".wav", AUDIO),
    (b"RIFF", b"WEBP"): _media("image/webp", ".webp", IMAGE),
    (b"RIFF", b"AVI "): _media("video/x-msvideo", ".avi", VIDEO),
    (b"RF64", b"WAVE"): _media("audio/wav", ".wav", AUDIO),
    (b"FORM", b"AIFF"): _media("audio/aiff", ".aiff", AUDIO),
    (b"FORM", b"AIFC"): _media("audio/aiff", ".aiff", AUDIO),
}
_STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")


def sniff(head: bytes) -> MediaType | None:
    """The media type of a file that begins with `head` (SNIFF_BYTES are enough), or None."""
    for prefix, media in _PREFIXES:
        if head.startswith(prefix):
            return media
    if found := _CONTAINERS.get((head[:4], head[8:12])):
        return found
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _STILL_BRANDS:
            return _media("image/avif", ".avif", IMAGE)
        if brand in (b"M4A ", b"M4B "):
            return _media("audio/mp4", ".m4a", AUDIO)
        return _media("video/mp4", ".mp4", AUDIO, VIDEO)
    return _mpeg_audio(head)


def _mpeg_audio(head: bytes) -> MediaType | None:
    """MPEG audio or ADTS AAC without a tag: 11 set bits, then a header that makes sense."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = (head[1] >> 3) & 3, (head[1] >> 1) & 3
    if layer == 0 and head[1] & 0xF0 == 0xF0:
        rate_index = (head[2] >> 2) & 15
        return _media("audio/aac", ".aac", AUDIO) if rate_index < 13 else None
    bitrate, rate = head[2] >> 4, (head[2] >> 2) & 3
    if version == 1 or layer == 0 or bitrate == 15 or rate == 3:
        return None
    return _media("audio/mpeg", ".mp3", AUDIO)
