"""How films are encoded."""

from __future__ import annotations

from pathlib import Path

from media_tools.ffmpeg import run_ffmpeg
from media_tools.video.encoding import h264
from media_tools.video.plan import VideoSpec


def test_the_default_preset_takes_far_less_room_than_ffmpegs_own(tmp_path: Path) -> None:
    spec = VideoSpec()
    ours, plain = tmp_path / "ours.mp4", tmp_path / "plain.mp4"
    source = ["-f", "lavfi", "-i", f"testsrc2=s=270x480:d=3:r={spec.fps}"]
    own = ["-c:v", "libx264", "-preset", spec.preset, "-crf", str(spec.crf), "-pix_fmt", "yuv420p"]

    for output, encoder in ((ours, h264(spec.preset, spec.crf, spec.fps)), (plain, own)):
        run_ffmpeg([*source, *encoder, str(output)], timeout_s=60.0, what=output.name)

    assert ours.stat().st_size < 0.7 * plain.stat().st_size
