"""Benchmarks of the video engine, compared with ffmpeg alone and with moviepy's own compositing."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from ai_artist.benchmarks.measuring import (
    Cost,
    Result,
    cost_of,
    cost_of_python,
    interleaved,
    median_cpu_s,
    median_ratio,
)
from ai_artist.benchmarks.visuals import visuals
from media_tools.ffmpeg import ffmpeg_exe, run_ffmpeg

CLIP_S = 20
SONG_S = 90
FPS = 30
ENCODER = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"]
SOUND = ["-c:a", "aac", "-b:a", "192k"]

# Draws with moviepy what the command draws: white on a translucent box, faded in and out. Either
# tuned (opaque background, two threads) or with moviepy's defaults.
MOVIEPY = """
from moviepy import CompositeVideoClip, TextClip, VideoFileClip, vfx
from media_tools.fonts import font_path
video = VideoFileClip({source!r})
text = TextClip(
    font=str(font_path("inter")), text="Neon rivers", font_size=72, color="white",
    stroke_color="black", stroke_width=4, margin=(20, 20), bg_color=(0, 0, 0, 150),
).with_duration(video.duration).with_position(("center", 1500))
text = text.with_effects([vfx.CrossFadeIn(0.3), vfx.CrossFadeOut(0.3)])
composed = CompositeVideoClip([video, text], use_bgclip={tuned})
composed = composed.with_duration(video.duration)
composed.write_videofile(
    {output!r}, codec="libx264", preset="veryfast", audio_codec="aac", fps={fps}, logger=None,
    threads={threads}, ffmpeg_params=["-crf", "20"], temp_audiofile_path={folder!r},
)
"""


def make_clip(path: Path, seconds: float) -> None:
    """Make moving, noisy 1080x1920 footage with sound, about as hard to encode as a stock clip."""
    source = f"testsrc2=size=1080x1920:rate={FPS}:duration={seconds},noise=alls=8:allf=t"
    run_ffmpeg(
        [
            *("-f", "lavfi", "-i", source),
            *("-f", "lavfi", "-i", f"sine=220:duration={seconds}"),
            *("-c:v", "libx264", "-preset", "veryfast", "-b:v", "10M", "-pix_fmt", "yuv420p"),
            *(*SOUND, "-shortest", str(path)),
        ],
        timeout_s=600,
        what="benchmark clip",
    )


def manage(*arguments: str) -> Callable[[], Cost]:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    return lambda: cost_of(command)


def plain(source: Path, output: Path, *options: str) -> Callable[[], Cost]:
    """Return work for ffmpeg alone: decode and encode, draw nothing."""
    command = [ffmpeg_exe(), "-v", "error", "-y", *options, "-i", str(source)]
    return lambda: cost_of([*command, *ENCODER, *SOUND, "-movflags", "+faststart", str(output)])


def moviepy(source: Path, folder: Path, *, tuned: bool) -> Callable[[], Cost]:
    code = MOVIEPY.format(
        source=str(source),
        output=str(folder / f"moviepy-{tuned}.mp4"),
        folder=str(folder),
        tuned=tuned,
        fps=FPS,
        threads=2 if tuned else None,
    )
    return lambda: cost_of_python(code)


def overlay() -> Result:
    """Measure the command's text over a 20 s clip, start-up included, against plain ffmpeg."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        clip = folder / "clip.mp4"
        make_clip(clip, CLIP_S)
        costs = interleaved(
            {
                "plain": plain(clip, folder / "plain.mp4"),
                "command": manage(
                    "add_text_overlay",
                    str(clip),
                    str(folder / "overlay.mp4"),
                    "--text=Neon rivers",
                    "--preset=veryfast",
                    "--crf=20",
                ),
                "moviepy_tuned": moviepy(clip, folder, tuned=True),
                "moviepy_defaults": moviepy(clip, folder, tuned=False),
            }
        )
    return Result(
        "overlay",
        figures_of(costs),
        {
            "command_cpu_by_plain": median_ratio(costs["command"], costs["plain"]),
            "moviepy_tuned_cpu_by_command": median_ratio(costs["moviepy_tuned"], costs["command"]),
            "moviepy_defaults_cpu_by_command": median_ratio(
                costs["moviepy_defaults"], costs["command"]
            ),
        },
    )


def lyric_command(
    footage: Path, song: Path, captions: Path, output: Path, *options: str
) -> Callable[[], Cost]:
    return manage(
        "render_lyric_video",
        f"--footage={footage}",
        f"--audio={song}",
        f"--captions={captions}",
        "--title=Neon Rivers",
        "--artist=Vera Halogen",
        f"--output={output}",
        f"--fps={FPS}",
        "--preset=veryfast",
        "--crf=20",
        *options,
    )


def make_song(path: Path, seconds: float) -> None:
    run_ffmpeg(
        ["-f", "lavfi", "-i", f"sine=220:duration={seconds}", "-ac", "2", str(path)],
        timeout_s=60,
        what="benchmark song",
    )


def make_captions(path: Path, seconds: float) -> None:
    """Write captions: a line of three seconds every three and a half."""
    starts = [5 + 3.5 * n for n in range(int((seconds - 6) / 3.5))]
    lines = [
        {"start": start, "end": start + 3, "text": f"Line {n} runs on neon rivers"}
        for n, start in enumerate(starts)
    ]
    path.write_text(json.dumps(lines))


def lyric_video() -> Result:
    """Measure a 90 s lyric video from 20 s footage with 24 captions, against a plain re-encode."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        clip, song, captions = folder / "clip.mp4", folder / "song.wav", folder / "captions.json"
        make_clip(clip, CLIP_S)
        make_song(song, SONG_S)
        make_captions(captions, SONG_S)
        looped = ["-stream_loop", "-1", "-t", str(SONG_S)]
        costs = interleaved(
            {
                "plain": plain(clip, folder / "plain.mp4", *looped),
                "command": lyric_command(clip, song, captions, folder / "lyric.mp4"),
            }
        )
    return Result(
        "lyric_video",
        figures_of(costs),
        {"command_cpu_by_plain": median_ratio(costs["command"], costs["plain"])},
    )


def shapes() -> Result:
    """Measure an upright and a wide video of 20 s in one run, against one run for each."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        clip, song, captions = folder / "clip.mp4", folder / "song.wav", folder / "captions.json"
        make_clip(clip, CLIP_S)
        make_song(song, CLIP_S)
        make_captions(captions, CLIP_S)

        def render(*options: str) -> Callable[[], Cost]:
            return lyric_command(clip, song, captions, folder / "out.mp4", *options)

        costs = interleaved(
            {
                "upright": render("--shape=9:16"),
                "wide": render("--shape=16:9"),
                "both": render("--shape=9:16", "--shape=16:9"),
            }
        )
    rounds = zip(costs["upright"], costs["wide"], costs["both"], strict=True)
    shares = [both.cpu_s / (upright.cpu_s + wide.cpu_s) for upright, wide, both in rounds]
    return Result("shapes", figures_of(costs), {"both_cpu_by_two_runs": statistics.median(shares)})


def video() -> Result:
    """Measure all video benchmarks, one after the other."""
    parts = [overlay(), lyric_video(), shapes(), visuals()]
    return Result(
        "video",
        {f"{part.name}_{key}": value for part in parts for key, value in part.figures.items()},
        {f"{part.name}_{key}": value for part in parts for key, value in part.ratios.items()},
    )


def figures_of(costs: dict[str, list[Cost]]) -> dict[str, float]:
    """Return CPU seconds (median) and peak memory (largest) of each work."""
    return {f"{way}_cpu_s": median_cpu_s(of_way) for way, of_way in costs.items()} | {
        f"{way}_peak_mib": max(cost.peak_mib for cost in of_way) for way, of_way in costs.items()
    }
