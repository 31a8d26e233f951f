"""How finished videos are encoded, and how a file is checked before it is published."""

from __future__ import annotations

from pathlib import Path

from media_tools.errors import MediaInvalid, ToolFailed
from media_tools.video.probe import OUTPUT_LIMITS, VideoInfo, probe, stream_lengths

LENGTH_TOLERANCE_S = 0.1

# The encoder's output depends on its thread count; a fixed count gives the same bytes everywhere.
# Each thread holds its own pictures: a third one would cost 25 MB and save 3 % of the time on two
# cores, where decoder, filters and encoder share them.
_THREADS = "2"
_KEYFRAME_EVERY_S = 2
# What makes a fast preset as good for its size as the next slower one: bits go where later pictures
# build on them, and by how busy each part of a picture is. Figures: docs/video.md.
_OPTIONS = {"superfast": {"mbtree": 1, "rc-lookahead": 10, "aq-mode": 2}}

# ITU-R BT.2408: white on paper is 203 cd/m2. 1000 is the peak of HLG and of most PQ.
_HDR_WHITE_NITS = 203
_HDR_PEAK_NITS = 1000

# Phones and platforms take untagged HD for BT.709; the tag saves them the guess.
TAG_BT709 = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
AAC = ("-c:a", "aac", "-b:a", "192k", "-ar", "44100", "-ac", "2")
# moov first, so that a browser can play before it has the whole file; no date, no version strings.
MP4 = (
    *("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"),
    *("-flags:a", "+bitexact", "-movflags", "+faststart", "-f", "mp4"),
)


def h264(preset: str, crf: int, fps: float, *, lean: bool = False) -> list[str]:
    """Return encoder options: 4:2:0, 8 bit, a key frame at least every two seconds.

    The look-ahead has no thread of its own, which would hold 30 MB of pictures. lean: it is also
    shorter, which saves another 35 MB, for graphs that hold many frames themselves.
    """
    options = _OPTIONS.get(preset, {}) | ({"rc-lookahead": 5} if lean else {})
    given = "".join(f":{name}={value}" for name, value in options.items())
    return [
        *("-c:v", "libx264", "-preset", preset, "-crf", str(crf), "-pix_fmt", "yuv420p"),
        *("-threads:v", _THREADS, "-g", str(round(fps * _KEYFRAME_EVERY_S))),
        *("-x264-params", f"sync-lookahead=0{given}"),
        *("-flags:v", "+bitexact"),
    ]


def to_square_pixels(info: VideoInfo) -> str:
    """Return a filter that scales a clip to its display size; "null" if its pixels are square."""
    return "null" if info.pixel_aspect == 1 else f"scale={info.width}:{info.height}"


def to_bt709(info: VideoInfo) -> str:
    """Return filters that convert a clip to BT.709, video range; "null" if it is that already.

    A clip that does not name its matrix is left as it is: HD footage without tags is BT.709.
    """
    if info.is_wide_color:
        return _from_wide_color(info)
    options = []
    if info.color_matrix not in ("", "bt709"):
        options.append(f"in_color_matrix={info.color_matrix}:out_color_matrix=bt709")
    if info.full_range:
        options.append("in_range=pc:out_range=tv")
    return "scale=" + ":".join(options) if options else "null"


def _from_wide_color(info: VideoInfo) -> str:
    """Return filters from HDR (HLG, PQ) or a wide gamut to BT.709, video range.

    The reference white of BT.2408 becomes white. Light below 60 % of it is unchanged, so that faces
    and colours stay natural; brighter light is compressed and keeps its hue.
    """
    transfer = info.color_transfer if info.is_hdr else "bt709"
    given = [
        f"tin={transfer}",
        f"pin={info.color_primaries or 'bt2020'}",
        f"min={info.color_matrix or 'bt2020nc'}",
        f"rin={'pc' if info.full_range else 'tv'}",
    ]
    linear = f"zscale={':'.join(given)}:t=linear:npl={_HDR_WHITE_NITS},format=gbrpf32le"
    curve = f"tonemap=mobius:param=0.6:peak={_HDR_PEAK_NITS / _HDR_WHITE_NITS:.3f}:desat=0"
    steps = [linear, "zscale=p=bt709", *([curve] if info.is_hdr else [])]
    return ",".join([*steps, "zscale=t=bt709:m=bt709:r=tv", "format=yuv420p"])


def verify(path: Path, *, what: str, expected_s: float) -> VideoInfo:
    """Check a fresh file: playable, as long as expected, with sound. Returns its shape.

    Raises ToolFailed: a wrong result here is a failed render, not a bad input.
    """
    try:
        info = probe(path, limits=OUTPUT_LIMITS)
        lengths = stream_lengths(path)
    except MediaInvalid as error:
        raise ToolFailed(f"{what}: the written file is broken: {error.cause}") from error
    if abs(lengths.video_s - expected_s) > LENGTH_TOLERANCE_S:
        raise ToolFailed(
            f"{what}: the picture came out {lengths.video_s:.2f} s long instead of "
            f"{expected_s:.2f} s; the input may be damaged."
        )
    if info.pixel_format != "yuv420p":
        raise ToolFailed(
            f"{what}: the picture came out as {info.pixel_format}, phones need yuv420p."
        )
    return info
