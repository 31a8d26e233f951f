"""Marks in plain metadata, which survive tools that drop Content Credentials.

MP3 and FLAC get theirs with their other tags (media_tools/audio/encode.py); these are for files
that are finished: XMP in JPEG, XMP and the comment in MP4, the comment and iXML in WAV.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

from media_tools.errors import MediaInvalid
from media_tools.files import CHUNK_BYTES
from media_tools.marking.mark import SOFTWARE, Mark
from media_tools.provenance import SOURCE_TYPES

# Of a file's start and of its end: where tags are.
_SEARCHED_BYTES = 1024 * 1024
# Nothing ends a text in ID3, so only IPTC's own words count.
_CODES = (
    *("algorithmicallyEnhanced", "algorithmicMedia", "compositeCapture", "compositeSynthetic"),
    *("compositeWithTrainedAlgorithmicMedia", "composite", "computationalCapture"),
    *("dataDrivenMedia", "digitalArt", "digitalCapture", "digitalCreation", "humanEdits"),
    *("minorHumanEdits", "multiFrameComputationalCapture", "negativeFilm", "positiveFilm"),
    *("print", "screenCapture", "softwareImage", "trainedAlgorithmicMedia", "virtualRecording"),
)
_SOURCE_TYPE = re.compile(f"{re.escape(SOURCE_TYPES)}({'|'.join(_CODES)})".encode())
_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\x00"
_SEGMENT_BYTES = 65_533
# Adobe's "XMP specification part 3": the box of an XMP packet in MP4.
_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
# Boxes of MP4 that lead to the places of the samples.
_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_TEXT = (1).to_bytes(4, "big") + bytes(4)  # type and locale of a text in iTunes' list


def xmp_packet(source_type: str, statement: str = "") -> bytes:
    """XMP that tells machines how a work was made (IPTC Extension), and people in words."""
    about = (
        '<rdf:Description rdf:about="" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'Iptc4xmpExt:DigitalSourceType="{source_type}"'
    )
    if statement:
        about += (
            ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt>'
            f'<rdf:li xml:lang="x-default">{escape(statement)}</rdf:li>'
            "</rdf:Alt></dc:description></rdf:Description>"
        )
    else:
        about += "/>"
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"{about}</rdf:RDF></x:xmpmeta>"
    ).encode()


def ixml(mark: Mark) -> bytes:
    """What a WAV tells editors and broadcasters (iXML 3.01): the source type, the words, the ISRC.

    The ISRC stands where Sony's extension ASWG-G006 has it. User-defined values go below USER.
    """
    code = f"<ASWG><isrcId>{escape(mark.isrc)}</isrcId></ASWG>" if mark.isrc else ""
    source_type = f"<DIGITAL_SOURCE_TYPE>{escape(mark.source_type)}</DIGITAL_SOURCE_TYPE>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><BWFXML><IXML_VERSION>3.01</IXML_VERSION>'
        f"<NOTE>{escape(mark.statement)}</NOTE><USER>{source_type}</USER>{code}</BWFXML>"
    ).encode()


def write_marked(path: Path, target: Path, mark: Mark) -> None:
    """Write a copy of a finished file with the mark. Its suffix is one of WRITERS.

    Raises MediaInvalid if the file is broken.
    """
    try:
        with path.open("rb") as source, target.open("wb") as marked:
            WRITERS[path.suffix](source, marked, mark)
    except (ValueError, OverflowError) as error:
        raise MediaInvalid(path, f"it cannot be marked ({error}); make it again.") from error


def source_type_in(path: Path) -> str:
    """IPTC's address for how a file was made, as its tags tell it; empty if they do not."""
    size = path.stat().st_size
    with path.open("rb") as source:
        searched = source.read(_SEARCHED_BYTES)
        source.seek(max(size - _SEARCHED_BYTES, len(searched)))
        searched += source.read(_SEARCHED_BYTES)
    found = _SOURCE_TYPE.search(searched)
    return SOURCE_TYPES + found[1].decode("ascii") if found else ""


def _comment(mark: Mark) -> str:
    return f"{mark.statement} {mark.source_type}"


def _copy(source: BinaryIO, target: BinaryIO, start: int, size: int) -> None:
    source.seek(start)
    while size and (chunk := source.read(min(size, CHUNK_BYTES))):
        target.write(chunk)
        size -= len(chunk)


def _mark_jpeg(source: BinaryIO, target: BinaryIO, mark: Mark) -> None:
    """Put one XMP segment behind JFIF's, in place of earlier ones."""
    if source.read(2) != b"\xff\xd8":
        raise ValueError("no JPEG")
    packet = _XMP_SEGMENT + xmp_packet(mark.source_type, mark.statement)
    if len(packet) > _SEGMENT_BYTES:
        raise ValueError("the statement is too long for XMP")
    first, others = b"", b""
    while b"\xff\xe0" <= (marker := source.read(2)) <= b"\xff\xef":
        size = source.read(2)
        segment = marker + size + source.read(int.from_bytes(size, "big") - 2)
        if marker == b"\xff\xe0":
            first += segment
        elif not segment.startswith(_XMP_SEGMENT, 4):
            others += segment
    xmp = b"\xff\xe1" + (len(packet) + 2).to_bytes(2, "big") + packet
    if marker[:1] != b"\xff" or len(marker) < 2:
        raise ValueError("a JPEG cut short")
    target.write(b"\xff\xd8" + first + xmp + others + marker)
    shutil.copyfileobj(source, target, CHUNK_BYTES)


def _mark_wav(source: BinaryIO, target: BinaryIO, mark: Mark) -> None:
    """Put iXML and the list INFO with the comment to the end, in place of earlier ones.

    What else the list says stays.
    """
    riff = source.read(12)
    if riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
        raise ValueError("no WAV")
    info = {b"ISFT": SOFTWARE.encode() + b"\x00"}
    target.write(riff)
    while len(header := source.read(8)) == 8:
        start, size = source.tell(), int.from_bytes(header[4:], "little")
        padded = size + size % 2
        if header[:4] == b"LIST" and source.read(4) == b"INFO":
            info |= _info_in(source.read(size - 4))
        elif header[:4] != b"iXML":
            target.write(header)
            _copy(source, target, start, padded)
        source.seek(start + padded)
    info[b"ICMT"] = _comment(mark).encode() + b"\x00"
    body = b"INFO" + b"".join(_chunk(name, value) for name, value in info.items())
    target.write(_chunk(b"iXML", ixml(mark)))
    target.write(_chunk(b"LIST", body))
    size = target.tell() - 8
    target.seek(4)
    target.write(size.to_bytes(4, "little"))


def _info_in(body: bytes) -> dict[bytes, bytes]:
    info, place = {}, 0
    while place + 8 <= len(body):
        size = int.from_bytes(body[place + 4 : place + 8], "little")
        info[body[place : place + 4]] = body[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
    return info


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


def _mark_mp4(source: BinaryIO, target: BinaryIO, mark: Mark) -> None:
    """Set the comment of the movie and put XMP at the end, in place of earlier ones."""
    boxes = list(_boxes_of(source))
    movies = [(start, size) for kind, start, size in boxes if kind == b"moov"]
    if len(movies) != 1:
        raise ValueError("no MP4 with one movie")
    movie_start, movie_size = movies[0]
    source.seek(movie_start)
    movie = source.read(movie_size)
    marked = _with_comment(movie, _comment(mark))
    # What stands behind the movie moves.
    marked = _moved(marked, len(marked) - len(movie), behind=movie_start)
    for kind, start, size in boxes:
        if kind == b"moov":
            target.write(marked)
        elif kind != b"uuid" or not _is_xmp(source, start):
            _copy(source, target, start, size)
    target.write(_box(b"uuid", _XMP_BOX + xmp_packet(mark.source_type, mark.statement)))


def _is_xmp(source: BinaryIO, start: int) -> bool:
    source.seek(start + 8)
    return source.read(16) == _XMP_BOX


def _boxes_of(source: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """(kind, start, whole size) of the boxes of a file."""
    end = source.seek(0, 2)
    start = 0
    while start < end:
        source.seek(start)
        header = source.read(16)
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:], "big")
        if size < 8 or start + size > end:
            raise ValueError("an MP4 cut short")
        yield header[4:8], start, size
        start += size


def _inner(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, content) of the boxes in a box."""
    place = 0
    while place + 8 <= len(body):
        size = int.from_bytes(body[place : place + 4], "big")
        if size < 8 or place + size > len(body):
            raise ValueError("a broken MP4")
        yield body[place + 4 : place + 8], body[place + 8 : place + size]
        place += size


def _box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def _with_comment(movie: bytes, comment: str) -> bytes:
    """The movie with this comment in iTunes' list of its user data."""
    rest, user_data, kept = [], b"", []
    for kind, body in _inner(movie[8:]):
        if kind == b"udta":
            user_data = body
        else:
            rest.append(_box(kind, body))
    others = []
    for kind, body in _inner(user_data):
        if kind == b"meta":
            lists = [content for name, content in _inner(body[4:]) if name == b"ilst"]
            kept = [
                _box(name, content)
                for content in lists
                for name, content in _inner(content)
                if name != b"\xa9cmt"
            ]
        else:
            others.append(_box(kind, body))
    kept.append(_box(b"\xa9cmt", _box(b"data", _TEXT + comment.encode())))
    handler = _box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    meta = _box(b"meta", bytes(4) + handler + _box(b"ilst", b"".join(kept)))
    return _box(b"moov", b"".join(rest) + _box(b"udta", b"".join(others) + meta))


def _moved(box: bytes, by: int, *, behind: int) -> bytes:
    """A box in which every place in the file that is behind another has moved by some bytes."""
    kind, body = box[4:8], box[8:]
    if kind in _CONTAINERS:
        inner = (_moved(_box(name, content), by, behind=behind) for name, content in _inner(body))
        return _box(kind, b"".join(inner))
    wide = {b"stco": 4, b"co64": 8}.get(kind)
    if wide is None:
        return box
    places = (int.from_bytes(body[at : at + wide], "big") for at in range(8, len(body), wide))
    moved = (place + by if place > behind else place for place in places)
    return _box(kind, body[:8] + b"".join(place.to_bytes(wide, "big") for place in moved))


WRITERS = {".jpg": _mark_jpeg, ".wav": _mark_wav, ".mp4": _mark_mp4, ".m4a": _mark_mp4}
