"""Checks the quality of a finished video before a person sees it."""

from __future__ import annotations

import re
from pathlib import Path

from media_tools.errors import MediaInvalid, ToolFailed
from media_tools.ffmpeg import run_ffmpeg
from media_tools.findings import Finding, Severity
from media_tools.video.encoding import LENGTH_TOLERANCE_S
from media_tools.video.probe import VideoInfo, probe, safe_input, stream_lengths

LONGEST_STILL_S = 2.0

# Black: 98 % of the pixels below a tenth of full luma. Frozen: mean change below 0.1 % of full
# scale; slow gradients move more than that, and a stopped picture changes less at its key frames.
_BLACK = f"blackdetect=d={LONGEST_STILL_S}:pic_th=0.98:pix_th=0.06"
_FROZEN = f"freezedetect=n=0.001:d={LONGEST_STILL_S}"


def video_findings(
    path: Path,
    *,
    audio_duration_s: float,
    size: tuple[int, int] | None = None,
    timeout_s: float = 600.0,
) -> list[Finding]:
    """Decode a video once, at reduced size, and return its faults; empty if there are none.

    audio_duration_s: length of the song it was made for. size: (width, height) it must have. A file
    that cannot be read is a finding too, not an error.
    """
    try:
        info = probe(path)
        lengths = stream_lengths(path)
    except MediaInvalid as error:
        return [_fail("video_unreadable", error.cause)]
    findings = _shape_findings(info, size)
    if abs(lengths.video_s - audio_duration_s) > LENGTH_TOLERANCE_S:
        findings.append(
            _fail(
                "video_length",
                f"The picture is {lengths.video_s:.2f} s long, the song {audio_duration_s:.2f} s.",
            )
        )
    if abs(lengths.video_s - lengths.audio_s) > LENGTH_TOLERANCE_S:
        findings.append(
            _fail(
                "video_av_length",
                f"Picture ({lengths.video_s:.2f} s) and sound ({lengths.audio_s:.2f} s) differ.",
            )
        )
    # Frames that no other frame refers to are not decoded. That saves half the cost, and no part of
    # 2 s is missed, because at least every fourth frame is a reference.
    scaled = f"scale=180:-2:flags=fast_bilinear,{_BLACK},{_FROZEN}"
    try:
        log = run_ffmpeg(
            [
                *("-v", "info", "-xerror", "-skip_frame", "noref", *safe_input(path)),
                *("-map", "0:V:0", "-vf", scaled, "-an", "-f", "null", "-"),
            ],
            timeout_s=timeout_s,
            what=f"check of {path.name}",
        ).log
    except ToolFailed as error:
        return [*findings, _fail("video_damaged", f"It does not decode to its end: {error}")]
    return findings + _still_findings(log, lengths.video_s)


def _shape_findings(info: VideoInfo, size: tuple[int, int] | None) -> list[Finding]:
    findings = []
    if size is not None and (info.width, info.height) != size:
        wanted = f"{size[0]}x{size[1]}"
        findings.append(
            _fail("video_size", f"It is {info.width}x{info.height} instead of {wanted}.")
        )
    if info.pixel_format != "yuv420p":
        findings.append(
            _fail("video_format", f"Pixel format {info.pixel_format}; phones play yuv420p.")
        )
    if not info.has_audio:
        findings.append(_fail("video_silent", "It has no sound track."))
    return findings


def _still_findings(log: str, duration_s: float) -> list[Finding]:
    findings = [
        _fail(
            "video_black",
            f"Black from {float(start):.1f} to {float(end):.1f} s.",
            float(start),
            float(end),
        )
        for start, end in re.findall(r"black_start:([\d.]+) black_end:([\d.]+)", log)
    ]
    starts = [float(start) for start in re.findall(r"freeze_start: ([\d.]+)", log)]
    ends = [float(end) for end in re.findall(r"freeze_end: ([\d.]+)", log)]
    # A freeze that lasts to the end of the file has no end in the log.
    for index, start_s in enumerate(starts):
        end_s = ends[index] if index < len(ends) else duration_s
        message = f"No movement from {start_s:.1f} to {end_s:.1f} s."
        findings.append(_fail("video_frozen", message, start_s, end_s))
    return findings


def _fail(
    code: str, message: str, start_s: float | None = None, end_s: float | None = None
) -> Finding:
    return Finding(code, Severity.FAIL, message, start_s, end_s)
