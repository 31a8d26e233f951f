"""Single pictures of a video: a poster made from its plan, or a frame of the finished file."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from media_tools.errors import ToolFailed
from media_tools.ffmpeg import piped_ffmpeg
from media_tools.files import atomic_output
from media_tools.images.reading import open_rgb
from media_tools.video.background import background
from media_tools.video.captions import Clock, title_card, title_centre
from media_tools.video.plan import VideoSpec, VisualPlan
from media_tools.video.probe import probe, safe_input
from media_tools.video.render import check_spec, checked_music


def render_poster(
    plan: VisualPlan,
    audio: Path,
    output: Path,
    spec: VideoSpec | None = None,
    *,
    title: str = "",
    artist: str = "",
    font: str = "inter",
) -> Path:
    """Write one JPEG of the video's liveliest moment, made from its plan without rendering it.

    With a title or an artist it shows the title card. Raises as render_lyric_video does.
    """
    spec = spec or VideoSpec()
    check_spec(spec)
    music = checked_music(audio, spec.fps)
    frame = int((music.energy + music.beat).argmax())
    behind = background(plan, music, [spec], first=frame, count=1)
    arguments = ["-v", "error", *behind.inputs]
    still = _still(
        [*arguments, "-filter_complex", behind.graph, "-map", "[background0]"],
        what=f"poster of {title or audio.name}",
        stdin=next(iter(behind.frames), b""),
    )
    if title or artist:
        clock = Clock((spec.width, spec.height), spec.fps, music.frames)
        card = title_card(title, artist, clock=clock, font=font).picture()
        left = (spec.width - card.width) // 2
        top = title_centre(clock) - card.height // 2
        still.paste(card, (left, top), card)
    return _save_jpeg(still, output)


def poster_frame(video: Path, output_jpg: Path, at_s: float) -> Path:
    """Save the video's picture at at_s as JPEG. Raises MediaInvalid, ToolFailed."""
    info = probe(video)
    at_s = min(max(at_s, 0.0), max(info.duration_s - 2 / info.fps, 0.0))
    still = _still(
        ["-v", "error", "-ss", f"{at_s:.3f}", *safe_input(video), "-map", "0:V:0"],
        what=f"picture of {video.name}",
    )
    return _save_jpeg(still, output_jpg)


def _still(arguments: Sequence[str], *, what: str, stdin: bytes = b"") -> Image.Image:
    """Return the first picture that ffmpeg makes of these arguments."""
    with tempfile.TemporaryDirectory(prefix="still-") as folder:
        target = Path(folder) / "still.png"
        options = [*arguments, "-frames:v", "1", "-update", "1", f"file:{target}"]
        with piped_ffmpeg(options, timeout_s=60.0, what=what) as process:
            assert process.stdin is not None
            process.stdin.write(stdin)
        if not target.is_file():
            raise ToolFailed(f"{what}: ffmpeg gave no picture.")
        return open_rgb(target)


def _save_jpeg(picture: Image.Image, output: Path) -> Path:
    with atomic_output(output) as partial:
        picture.save(partial, "JPEG", quality=90, optimize=True)
    return output
