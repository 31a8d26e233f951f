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
from media_tools.images.shading import measured_contrast
from media_tools.video.background import Part, background
from media_tools.video.captions import Clock, middle_centre
from media_tools.video.cards import title_card
from media_tools.video.plan import LyricVideo, VideoSpec
from media_tools.video.probe import probe, safe_input
from media_tools.video.render import check_spec, checked_music, picture_of, stage_of, timeline_of


def render_poster(video: LyricVideo, output: Path, spec: VideoSpec | None = None) -> float:
    """Write one JPEG of the film's title, at its liveliest moment, without rendering the film.

    Returns the contrast of the letters as `measured_contrast` does. Raises as render_lyric_video
    does.
    """
    spec = spec or VideoSpec()
    check_spec(spec)
    music = checked_music(video.audio, spec.fps)
    timeline = timeline_of(video, music)
    first, last = timeline.title
    frame = first + int((music.energy + music.beat)[first:last].argmax())
    behind = background(picture_of(video, music, timeline), [spec], Part(frame, 1))
    still = _still(
        ["-v", "error", *behind.inputs, "-filter_complex", behind.graph, "-map", "[background0]"],
        what=f"poster of {video.title or video.audio.name}",
        stdin=next(iter(behind.frames), b""),
    )
    clock = Clock((spec.width, spec.height), spec.fps, music.frames)
    card = title_card(video, stage_of(video, clock, timeline)).picture()
    left = (spec.width - card.width) // 2
    top = middle_centre(clock) - card.height // 2
    still.paste(card, (left, top), card)
    _save_jpeg(still, output)
    letters = Image.new("L", still.size)  # white on black, whatever the opacity
    letters.paste(card.convert("L"), (left, top))
    box = (left, top, left + card.width, top + card.height)
    return measured_contrast(still, letters, box)


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
