"""Real tiny media files for the servers to hand out, made by ffmpeg once a process."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from media_tools.ffmpeg import run_ffmpeg


def _made(suffix: str, *arguments: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made{suffix}"
        run_ffmpeg(
            [*arguments, "-threads", "1", "-bitexact", "-y", str(path)], timeout_s=60, what="sample"
        )
        return path.read_bytes()


@functools.cache
def audio(suffix: str = ".mp3", *, duration_s: float = 3.0, tone_hz: int = 220) -> bytes:
    """Two tones in stereo at 44.1 kHz; suffix: .mp3, .wav, .flac, .ogg, .m4a ..."""
    left = f"sine=f={tone_hz}:r=44100:d={duration_s}"
    right = f"sine=f={tone_hz * 3 // 2}:r=44100:d={duration_s}"
    return _made(
        suffix,
        *("-f", "lavfi", "-i", left, "-f", "lavfi", "-i", right),
        *("-filter_complex", "[0][1]join=inputs=2:channel_layout=stereo"),
    )


@functools.cache
def video(*, width: int = 270, height: int = 480, duration_s: float = 2.0, fps: int = 15) -> bytes:
    """A moving test picture as H.264 MP4 without sound."""
    source = f"testsrc2=s={width}x{height}:r={fps}:d={duration_s}"
    return _made(
        ".mp4",
        *("-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "ultrafast"),
        *("-pix_fmt", "yuv420p", "-movflags", "+faststart"),
    )


@functools.cache
def image(suffix: str = ".png", *, width: int = 256, height: int = 256) -> bytes:
    """A colourful test picture; suffix: .png, .jpg or .webp."""
    return _made(suffix, "-f", "lavfi", "-i", f"testsrc2=s={width}x{height}:d=1", "-frames:v", "1")
