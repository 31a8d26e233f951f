"""Benchmark of generated pictures: their cost, and how strongly they follow the beat."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.conf import settings

from ai_artist.benchmarks.measuring import (
    Cost,
    Result,
    cost_of,
    interleaved,
    median_cpu_s,
    median_ratio,
)
from media_tools.ffmpeg import ffmpeg_exe, run_ffmpeg
from media_tools.video.encoding import h264
from media_tools.video.features import features
from media_tools.video.plan import STYLES, VideoSpec
from media_tools.video.probe import probe

SECONDS = 30
# Changes slower than this follow the song's course, not its beat.
BEAT_WITHIN_S = 1.5
SMALL = (54, 96)


def visuals() -> Result:
    """Measure each style for 30 s at default size and quality, against re-encoding its output."""
    figures: dict[str, float] = {}
    ratios: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        song = folder / "song.wav"
        cost_of(
            command(
                "compose_track",
                "--genre=techno",
                "--seed=1",
                f"--seconds={SECONDS}",
                f"--output={song}",
            )
        )
        for style in STYLES:
            video = folder / f"{style}.mp4"
            costs = interleaved({"made": made(style, song, video), "again": encoded_again(video)})
            figures[f"{style}_cpu_s"] = median_cpu_s(costs["made"])
            figures[f"{style}_peak_mib"] = max(cost.peak_mib for cost in costs["made"])
            # The composer ends a song with its last bar, so it is a little longer than asked for.
            length_s = probe(video).duration_s
            figures[f"{style}_kbit_s"] = video.stat().st_size * 8 / length_s / 1000
            figures[f"{style}_beat_correlation"] = beat_correlation(video, song)
            ratios[f"{style}_cpu_by_reencode"] = median_ratio(costs["made"], costs["again"])
    return Result("visuals", figures, ratios)


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def made(style: str, song: Path, video: Path) -> Callable[[], Cost]:
    options = [f"--style={style}", f"--audio={song}", f"--output={video}"]
    words = ["--title=Neon Rivers", "--artist=Vera Halogen", "--seed=3"]
    return lambda: cost_of(command("render_lyric_video", *options, *words))


def encoded_again(video: Path) -> Callable[[], Cost]:
    """Return work for ffmpeg alone with the same settings; draws nothing."""
    spec = VideoSpec()
    encoder = h264(spec.preset, spec.crf, spec.fps)
    sound = ["-c:a", "aac", "-b:a", "192k"]
    output = video.with_name("again.mp4")
    arguments = ["-v", "error", "-y", "-i", str(video), *encoder, *sound, str(output)]
    return lambda: cost_of([ffmpeg_exe(), *arguments])


def beat_correlation(video: Path, song: Path) -> float:
    """Return Pearson's r of the picture's mean brightness and the beat's strength, frame by frame.

    The moving average over 1.5 s is subtracted from both.
    """
    width, height = SMALL
    raw = run_ffmpeg(
        [
            *("-v", "error", "-i", str(video), "-vf", f"scale={width}:{height}:flags=area"),
            *("-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"),
        ],
        timeout_s=300,
        what="brightness",
    ).stdout
    brightness = np.frombuffer(raw, np.uint8).reshape(-1, width * height).mean(axis=1)
    fps = VideoSpec().fps
    beat = features(song, fps).beat[: len(brightness)].astype(np.float64)
    window = round(BEAT_WITHIN_S * fps)
    correlation = np.corrcoef(_quick(brightness[: len(beat)], window), _quick(beat, window))
    return float(correlation[0, 1])


def _quick(values: npt.NDArray[np.float64], window: int) -> npt.NDArray[np.float64]:
    padded = np.pad(values, (window // 2, window - 1 - window // 2), mode="edge")
    return values - np.convolve(padded, np.full(window, 1 / window), "valid")
