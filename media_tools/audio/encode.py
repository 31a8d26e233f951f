"""Encodes delivery formats with tags: MP3, FLAC, AAC. The same input gives the same bytes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile

from media_tools.audio.gain import Gain
from media_tools.audio.id3 import id3v24
from media_tools.audio.io import check_is_media, ffmpeg_input
from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import SAFE_INPUT, run_ffmpeg
from media_tools.files import CHUNK_BYTES, atomic_output
from media_tools.images.reading import open_picture

MP3_KBPS = 320
AAC_KBPS = 256
# FLAC's limit for a picture, and far above the limit of any shop
MAX_COVER_BYTES = 16 * 1024 * 1024

_TIMEOUT_S = 300.0
_MP3_RATES = (44_100, 48_000)  # the rates with 320 kbit/s, without 32 kHz
_COVER_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
# No encoder version and no creation time: the bytes depend only on the input and the encoder.
_REPEATABLE = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact")
_REPEATABLE_STREAM = ("-flags:a", "+bitexact", "-threads", "1")


@dataclass(frozen=True)
class TrackPlace:
    """Which of how many tracks, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True)
class Tags:
    """The tags of a delivery file; empty fields are left out."""

    title: str
    artist: str
    album: str = ""
    genre: str = ""
    year: int | None = None  # of release
    bpm: float | None = None
    key: str = ""  # such as "A minor"
    lyrics: str = ""
    comment: str = ""
    isrc: str = ""  # without dashes
    source_type: str = ""  # IPTC's address for how it was made
    album_artist: str = ""
    place: TrackPlace | None = None
    gain: Gain | None = None


def encode_mp3(input: Path, output: Path, tags: Tags, cover: Path | None = None) -> None:
    """Write a 320 kbit/s CBR MP3 with ID3v2.4, the lyrics in USLT and the cover in APIC.

    cover: JPEG or PNG. Rates without 320 kbit/s in MP3 are resampled to 44.1 or 48 kHz.
    Raises MediaInvalid, ToolFailed, ToolMissing.
    """
    picture, media_type = _cover(cover)
    tag = id3v24(
        texts={
            "TIT2": tags.title,
            "TPE1": tags.artist,
            "TALB": tags.album,
            "TCON": tags.genre,
            "TDRC": _year(tags),
            "TBPM": _whole_bpm(tags),
            "TKEY": _short_key(tags.key),
            "TSRC": tags.isrc,
            "TXXX:DigitalSourceType": tags.source_type,
            "TPE2": tags.album_artist,
            "TRCK": str(tags.place or ""),
            **{f"TXXX:{name}": value for name, value in _gain(tags).items()},
        },
        comment=tags.comment,
        lyrics=tags.lyrics,
        cover=picture,
        cover_media_type=media_type,
    )
    codec = ("-c:a", "libmp3lame", "-b:a", f"{MP3_KBPS}k", "-ar", str(_mp3_rate(input)))
    with atomic_output(output) as partial:
        frames = partial.with_suffix(".frames")
        try:
            _encode(input, frames, (*codec, "-id3v2_version", "0", "-f", "mp3"))
            with partial.open("wb") as whole, frames.open("rb") as source:
                whole.write(tag)
                shutil.copyfileobj(source, whole, CHUNK_BYTES)
        finally:
            frames.unlink(missing_ok=True)


def encode_flac(input: Path, output: Path, tags: Tags, cover: Path | None = None) -> None:
    """Write a 24-bit FLAC at the input's rate with Vorbis comments and the cover.

    Raises MediaInvalid, ToolFailed, ToolMissing.
    """
    comments = {
        **_common_tags(tags),
        "BPM": _whole_bpm(tags),
        "INITIALKEY": _short_key(tags.key),
        "LYRICS": tags.lyrics,
        "ISRC": tags.isrc,
        "DIGITALSOURCETYPE": tags.source_type,
        **_gain(tags),
    }
    codec = ("-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24")
    with atomic_output(output) as partial:
        _encode(input, partial, (*codec, "-f", "flac"), metadata=comments, cover=cover)


def encode_aac(input: Path, output: Path, tags: Tags, cover: Path | None = None) -> None:
    """Write 256 kbit/s AAC in M4A with iTunes tags and the cover; M4A has no tag for key or ISRC.

    The source type stands at the end of the comment. Rates over 48 kHz are resampled.
    Raises MediaInvalid, ToolFailed, ToolMissing.
    """
    comment = " ".join(filter(None, (tags.comment, tags.source_type)))
    atoms = {
        **_common_tags(tags),
        "comment": comment,
        "tmpo": _whole_bpm(tags),
        "lyrics": tags.lyrics,
    }
    rate = _rate(input)
    codec = ("-c:a", "aac", "-b:a", f"{AAC_KBPS}k", "-ar", str(min(rate, _mp3_rate(input))))
    with atomic_output(output) as partial:
        _encode(
            input,
            partial,
            (*codec, "-movflags", "+faststart", "-f", "ipod"),
            metadata=atoms,
            cover=cover,
        )


def _encode(
    input: Path,
    output: Path,
    codec: Sequence[str],
    *,
    metadata: dict[str, str] | None = None,
    cover: Path | None = None,
) -> None:
    check_is_media(input)
    arguments = ffmpeg_input(input)
    maps = ["-map", "0:a:0"]
    if cover is not None:
        _, media_type = _cover(cover)
        demuxer = "png_pipe" if media_type == "image/png" else "jpeg_pipe"
        arguments += [*SAFE_INPUT, "-f", demuxer, "-i", f"file:{cover}"]
        maps += ["-map", "1:v:0", "-c:v", "copy", "-disposition:v:0", "attached_pic"]
        maps += ["-metadata:s:v:0", "comment=Cover (front)"]
    for name, value in (metadata or {}).items():
        if value:
            maps += ["-metadata", f"{name}={value}"]
    run_ffmpeg(
        [*arguments, *_REPEATABLE, *maps, *_REPEATABLE_STREAM, *codec, "-y", f"file:{output}"],
        timeout_s=_TIMEOUT_S,
        what=input.name,
    )


def _common_tags(tags: Tags) -> dict[str, str]:
    return {
        "title": tags.title,
        "artist": tags.artist,
        "album": tags.album,
        "genre": tags.genre,
        "date": _year(tags),
        "comment": tags.comment,
        "album_artist": tags.album_artist,
        "track": str(tags.place or ""),
    }


def _cover(path: Path | None) -> tuple[bytes, str]:
    """Return the picture's bytes and media type; empty without a path."""
    if path is None:
        return b"", ""
    try:
        picture = path.read_bytes()
    except OSError as error:
        raise MediaInvalid(path, f"the cover cannot be read ({error.strerror}).") from error
    if len(picture) > MAX_COVER_BYTES:
        raise MediaInvalid(
            path, f"the cover has {len(picture)} bytes; {MAX_COVER_BYTES} are allowed."
        )
    with open_picture(path, picture) as image:
        image.verify()
        kind = image.format or ""
    if kind not in _COVER_TYPES:
        raise MediaInvalid(path, f"the cover is {kind}; use JPEG or PNG.")
    return picture, _COVER_TYPES[kind]


def _rate(input: Path) -> int:
    check_is_media(input)
    try:
        return int(soundfile.info(input).samplerate)
    except soundfile.SoundFileError as error:
        raise MediaInvalid(input, "it is not a readable WAV or FLAC file.") from error


def _mp3_rate(input: Path) -> int:
    rate = _rate(input)
    if rate in _MP3_RATES:
        return rate
    return 44_100 if rate % 11_025 == 0 else 48_000


def _gain(tags: Tags) -> dict[str, str]:
    return tags.gain.tags() if tags.gain else {}


def _year(tags: Tags) -> str:
    return "" if tags.year is None else f"{tags.year:04d}"


def _whole_bpm(tags: Tags) -> str:
    """Return the tempo as a whole number, which is what TBPM and tmpo hold."""
    return "" if tags.bpm is None else str(round(tags.bpm))


def _short_key(key: str) -> str:
    """Return "A minor" as "Am", "F# major" as "F#", as TKEY writes keys; other modes unchanged."""
    tonic, _, mode = key.strip().partition(" ")
    return {"": tonic, "major": tonic, "minor": f"{tonic}m"}.get(mode.lower(), key.strip())
