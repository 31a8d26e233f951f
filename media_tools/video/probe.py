"""Finds out what a video file is, without trusting it.

Only ffmpeg is asked (its bundled build has no ffprobe): `ffmpeg -i` prints the streams, a copy to
`framecrc` lists every packet, and a decode to nothing proves that the pictures are whole.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from media_tools.errors import MediaInvalid, ToolFailed
from media_tools.ffmpeg import (
    MEMORY_FOR_STRANGERS_BYTES,
    SAFE_INPUT,
    lacking_filters,
    run_ffmpeg,
)

# The containers we read. A text playlist named .mp4 is not one, so ffmpeg refuses to open it.
_CONTAINERS = ("-format_whitelist", "mov,matroska,webm")
_MATROSKA_MAGIC = b"\x1aE\xdf\xa3"
_MOV_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_MATRICES = frozenset({"bt709", "smpte170m", "bt470bg", "fcc", "smpte240m", "bt2020nc", "bt2020c"})
HDR_TRANSFERS = {"arib-std-b67": "HLG", "smpte2084": "PQ"}
_WIDE_PRIMARIES = frozenset({"bt2020", "smpte431", "smpte432"})
WIDE_COLOR_FILTERS = ("zscale", "tonemap")
# The widest real pixels are those of half-width PAL in 16:9, 128:45.
_MOST_PIXEL_ASPECT = 4.0
_PROBE_TIMEOUT_S = 30.0
# Every further thread holds its own pictures: memory must not depend on the number of cores.
_VET_THREADS = ("-filter_threads", "1", "-threads", "4")


@dataclass(frozen=True)
class Limits:
    """What is accepted: durations in seconds, sides in pixels, codecs in ffmpeg's names."""

    min_duration_s: float
    max_duration_s: float
    min_side_px: int = 64
    max_side_px: int = 4096
    max_pixels: int = 9_000_000
    min_fps: float = 5.0
    max_fps: float = 120.0
    codecs: frozenset[str] = frozenset({"h264", "hevc", "vp8", "vp9", "av1"})


OUTPUT_LIMITS = Limits(min_duration_s=1.0, max_duration_s=600.0)
"""For files this product made, or that an operator hands to a command."""

FOOTAGE_LIMITS = Limits(
    min_duration_s=1.0,
    max_duration_s=120.0,
    min_side_px=240,
    codecs=frozenset({"h264", "hevc", "vp9", "av1"}),
)
"""For footage from strangers: what a stock clip is, and no more."""


@dataclass(frozen=True)
class VideoInfo:
    """A video's shape. Fields with defaults are missing in what earlier versions stored."""

    duration_s: float
    # As displayed: cropped, with pixel_aspect and rotation applied.
    width: int
    height: int
    fps: float
    rotation: int  # degrees
    # width of a stored pixel over its height
    pixel_aspect: float = field(default=1.0, kw_only=True)
    video_codec: str
    pixel_format: str
    # ffmpeg's names; "" if the file does not say.
    color_matrix: str
    color_primaries: str = field(default="", kw_only=True)
    color_transfer: str = field(default="", kw_only=True)
    full_range: bool  # luma uses 0..255 instead of 16..235
    has_audio: bool
    audio_codec: str | None

    @property
    def is_hdr(self) -> bool:
        return self.color_transfer in HDR_TRANSFERS

    @property
    def is_wide_color(self) -> bool:
        """Whether more than a matrix is needed to reach BT.709: for HDR, or colours outside it."""
        return self.is_hdr or self.color_primaries in _WIDE_PRIMARIES

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class StreamLengths:
    """Presented length of the first video and the first audio stream, from their packets.

    audio_s is 0.0 without audio.
    """

    video_s: float
    audio_s: float
    frames: int


def safe_input(path: Path, *, limits: Limits = OUTPUT_LIMITS) -> list[str]:
    """Return ffmpeg's input options and name for an untrusted video file."""
    return [
        *SAFE_INPUT,
        *_CONTAINERS,
        "-max_pixels",
        str(limits.max_pixels),
        "-i",
        f"file:{path}",
    ]


def probe(path: Path, *, limits: Limits = OUTPUT_LIMITS) -> VideoInfo:
    """Read a video's shape and check it against the limits.

    Reads only headers; vet_decode proves that the pictures are whole.
    Raises MediaInvalid naming the cause.
    """
    _check_magic(path)
    try:
        log = run_ffmpeg(
            safe_input(path, limits=limits),
            timeout_s=_PROBE_TIMEOUT_S,
            what=f"probe of {path.name}",
            ok_codes=(0, 1),  # 1 is normal: there is no output file
            memory_bytes=MEMORY_FOR_STRANGERS_BYTES,
        ).log
    except ToolFailed as error:
        raise MediaInvalid(path, f"cannot be read as a video: {error}") from error
    info = _parse(path, log)
    _check_limits(path, info, limits)
    if info.is_wide_color and (lacking := lacking_filters(WIDE_COLOR_FILTERS)):
        kind = HDR_TRANSFERS.get(info.color_transfer, "wide-gamut")
        raise MediaInvalid(
            path,
            f"its colours are {kind}, and this ffmpeg lacks {' and '.join(lacking)} to bring them "
            "to BT.709; convert the video first, or use the ffmpeg of imageio-ffmpeg.",
        )
    return info


def vet_decode(path: Path, *, timeout_s: float = 300.0) -> None:
    """Decode every picture once.

    Raises MediaInvalid if the file is truncated or damaged, or takes more time or memory than
    allowed for footage.
    """
    try:
        run_ffmpeg(
            [
                *("-v", "error", "-xerror", *_VET_THREADS, *safe_input(path)),
                *("-map", "0:V:0", "-an", "-f", "null", "-"),
            ],
            timeout_s=timeout_s,
            what=f"decoding {path.name}",
            memory_bytes=MEMORY_FOR_STRANGERS_BYTES,
        )
    except ToolFailed as error:
        raise MediaInvalid(path, f"does not decode to its end: {error}") from error


def stream_lengths(path: Path) -> StreamLengths:
    """Count and time the packets without decoding. Raises MediaInvalid."""
    arguments = [*safe_input(path), "-map", "0:V:0", "-map", "0:a:0?"]
    try:
        result = run_ffmpeg(
            ["-v", "error", *arguments, "-c", "copy", "-f", "framecrc", "-"],
            timeout_s=120.0,
            what=f"packets of {path.name}",
            memory_bytes=MEMORY_FOR_STRANGERS_BYTES,
        )
    except ToolFailed as error:
        raise MediaInvalid(path, f"its packets cannot be read: {error}") from error
    unit_s: dict[str, float] = {}
    end_s = {"0": 0.0, "1": 0.0}
    frames = 0
    for line in result.stdout.decode(errors="replace").splitlines():
        if match := re.match(r"#tb (\d+): (\d+)/(\d+)", line):
            unit_s[match[1]] = int(match[2]) / int(match[3])
        elif match := re.match(r"([01]), *-?\d+, *(-?\d+), *(\d+),", line):
            stream = match[1]
            end_s[stream] = max(end_s[stream], (int(match[2]) + int(match[3])) * unit_s[stream])
            frames += stream == "0"
    return StreamLengths(video_s=end_s["0"], audio_s=end_s["1"], frames=frames)


def _check_magic(path: Path) -> None:
    if not path.is_file():
        raise MediaInvalid(path, "there is no such file.")
    with path.open("rb") as source:
        head = source.read(512)
    if not head:
        raise MediaInvalid(path, "the file is empty; the download or the render did not finish.")
    if head.startswith(_MATROSKA_MAGIC) or head[4:8] in _MOV_ATOMS:
        return
    start = head.lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise MediaInvalid(path, "this is a web page, not a video; check the download link.")
    if start.startswith((b"ffconcat", b"#extm3u")):
        raise MediaInvalid(path, "this is a playlist, not a video; playlists are never followed.")
    raise MediaInvalid(path, "not an MP4, MOV, Matroska or WebM file.")


def _parse(path: Path, log: str) -> VideoInfo:
    # A stream's own lines follow its first one, indented further.
    streams = re.split(r"^ *(?=Stream #0:)", log, flags=re.MULTILINE)[1:]
    videos = [
        stream
        for stream in streams
        if re.match(r"Stream #0:\S+ Video: (?!.*\(attached pic\))", stream)
    ]
    audio = re.search(r"^ *Stream #0:\S+ Audio: (\w+)", log, flags=re.MULTILINE)
    if not videos:
        if audio:
            raise MediaInvalid(path, "it has sound but no picture.")
        raise MediaInvalid(path, "no video was found in it.")
    stream, _, details = videos[0].partition("\n")
    shape = re.search(r"Video: (\w+).*?, (\w+)(?:\(([^)]*)\))?, (\d+)x(\d+)", stream)
    if shape is None:
        raise MediaInvalid(path, "its picture has no known size; the header is damaged.")
    rate = re.search(r", (\d+(?:\.\d+)?)(k?) fps", stream)
    length = re.search(r"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", log)
    if length is None:
        raise MediaInvalid(path, "its duration is unknown; the file was not finished.")
    if re.search(r"^ *DOVI configuration record: .*compatibility id: 0\b", details, re.M):
        raise MediaInvalid(
            path,
            "it is Dolby Vision without a common base layer; export it as HLG, HDR10 or SDR.",
        )
    turn = re.search(
        r"^ *display ?matrix: rotation of (-?\d+(?:\.\d+)?) degrees", details, re.M | re.I
    )
    rotation = round(float(turn[1])) % 360 if turn else 0
    color = [word.strip() for word in (shape[3] or "").split(",")]
    matrix, primaries, transfer = _color_names(color)
    pixel_aspect = _pixel_aspect(stream)
    width, height = int(shape[4]), int(shape[5])
    if cut := re.search(r"^ *Frame Cropping: (\d+)/(\d+)/(\d+)/(\d+)", details, re.M):
        left, right, top, bottom = (int(pixels) for pixels in cut.groups())
        width, height = width - left - right, height - top - bottom
    width, height = _stretched(width, height, pixel_aspect)
    if rotation in (90, 270):
        width, height = height, width
    return VideoInfo(
        duration_s=int(length[1]) * 3600 + int(length[2]) * 60 + float(length[3]),
        width=width,
        height=height,
        fps=float(rate[1]) * (1000 if rate[2] else 1) if rate else 0.0,
        rotation=rotation,
        pixel_aspect=pixel_aspect,
        video_codec=shape[1],
        pixel_format=shape[2],
        color_matrix=matrix,
        color_primaries=primaries,
        color_transfer=transfer,
        full_range="pc" in color or shape[2].startswith("yuvj"),
        has_audio=audio is not None,
        audio_codec=audio[1] if audio else None,
    )


def _color_names(color: list[str]) -> tuple[str, str, str]:
    """Return matrix, primaries and transfer; "" for what is not stated.

    Reads "tv, bt709, progressive", where one name stands for all three, and "tv,
    bt2020nc/bt2020/unknown, progressive".
    """
    for word in color:
        names = word.split("/")
        if len(names) == 3:
            matrix, primaries, transfer = ("" if name == "unknown" else name for name in names)
            return matrix if matrix in _MATRICES else "", primaries, transfer
        if word in _MATRICES:
            return word, word, word
    return "", "", ""


def _pixel_aspect(stream: str) -> float:
    """Return a pixel's width over its height; 1 if it is not stated, or stated as 0:1 or 1:0."""
    # The container's value comes after the stream's own, and players follow it.
    told = re.findall(r"SAR (\d+):(\d+)", stream)
    across, down = (int(number) for number in told[-1]) if told else (1, 1)
    return across / down if across and down else 1.0


def _stretched(width: int, height: int, pixel_aspect: float) -> tuple[int, int]:
    """Return the size in square pixels; no side shrinks, and one that grows becomes even."""
    if pixel_aspect > 1:
        return 2 * round(width * pixel_aspect / 2), height
    if pixel_aspect < 1:
        return width, 2 * round(height / pixel_aspect / 2)
    return width, height


def _check_limits(path: Path, info: VideoInfo, limits: Limits) -> None:
    sides = (info.width, info.height)
    if not 1 / _MOST_PIXEL_ASPECT <= info.pixel_aspect <= _MOST_PIXEL_ASPECT:
        raise MediaInvalid(
            path,
            f"its pixels are said to be {info.pixel_aspect:.3g} times as wide as high; "
            "encode it again with square ones.",
        )
    if info.video_codec not in limits.codecs:
        wanted = ", ".join(sorted(limits.codecs))
        raise MediaInvalid(path, f"codec {info.video_codec} is not accepted (wanted: {wanted}).")
    if max(sides) > limits.max_side_px or info.width * info.height > limits.max_pixels:
        raise MediaInvalid(
            path,
            f"{info.width}x{info.height} is larger than {limits.max_side_px} px a side "
            f"or {limits.max_pixels / 1e6:.0f} Mpx.",
        )
    if min(sides) < limits.min_side_px:
        raise MediaInvalid(
            path, f"{info.width}x{info.height} is smaller than {limits.min_side_px} px a side."
        )
    if not limits.min_fps <= info.fps <= limits.max_fps:
        raise MediaInvalid(
            path,
            f"{info.fps:g} frames per second is outside {limits.min_fps:g} to {limits.max_fps:g}.",
        )
    if not limits.min_duration_s <= info.duration_s <= limits.max_duration_s:
        raise MediaInvalid(
            path,
            f"{info.duration_s:g} s long; accepted are "
            f"{limits.min_duration_s:g} to {limits.max_duration_s:g} s.",
        )
