"""Does a film develop, and do its words come with the music? One run of every style."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.conf import settings

from ai_artist.benchmarks.measuring import Result
from media_tools.ffmpeg import run_ffmpeg
from media_tools.images.cover import CoverRequest, render_cover
from media_tools.music.base import MusicRequest, Section
from media_tools.music.local.engine import LocalMusic
from media_tools.video.beats import beat_times, on_beats
from media_tools.video.features import features
from media_tools.video.plan import STYLES, Caption, LyricVideo, VideoSpec, VisualPlan
from media_tools.video.render import render_lyric_video, timeline_of

SMALL = VideoSpec(width=270, height=480, preset="ultrafast")
KEYFRAME = (45, 80)
NEAR_S = 0.06
WORDS = "We leave the light on for the river"


def films() -> Result:
    """Five films of one song, small: correlation of keyframes, cuts a section, words on beats."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        request = MusicRequest(
            "Films", "house", "", "bright", 75.0, 122, None, "", ("verse", "chorus") * 2, True,
            "films", 1,
        )  # fmt: skip
        track = LocalMusic(settings.SOUNDFONT).collect("films", request, folder)
        sections = track.sections
        figures: dict[str, float] = {}
        for style in STYLES:
            video = film(style, track.audio, sections, track.tempo_bpm, folder)
            output = folder / f"{style}.mp4"
            render_lyric_video(video, output, spec=SMALL)
            figures[f"{style}_keyframe_correlation"] = keyframe_correlation(
                output, middles(sections)
            )
            figures[f"{style}_cuts_a_section"] = cuts_a_section(video)
        beats = [number * 60 / request.tempo_bpm for number in range(10_000)]
        figures["words_on_beats_percent"] = 100 * on_beat_share(video, beats)
    return Result("films", figures)


def film(
    style: str, audio: Path, sections: Sequence[Section], tempo_bpm: float | None, folder: Path
) -> LyricVideo:
    """A video with cover, drawn scenes, and a line every three seconds."""
    palette = ("#150a2e", "#5b1a8b", "#e0348b", "#ffb45e")
    cover, art = folder / f"{style}.jpg", folder / f"{style}-art.jpg"
    wanted = CoverRequest("Films", "Nova", "house", palette, "", 1, 700)
    render_cover(wanted, cover, art=art)
    lines = [
        start for part in sections[1:-1] for start in np.arange(part.start_s, part.end_s - 3, 3)
    ]
    return LyricVideo(
        audio=audio,
        plan=VisualPlan("generated", style, palette, 1),
        title="Films",
        artist="Nova",
        genre="house",
        captions=tuple(Caption(start + 0.25, start + 2.8, WORDS) for start in lines),
        sections=tuple(sections),
        tempo_bpm=tempo_bpm,
        hook=WORDS,
        cover=cover,
        art=art,
    )


def middles(sections: Sequence[Section]) -> list[float]:
    return [(part.start_s + part.end_s) / 2 for part in sections]


def keyframe_correlation(video: Path, times_s: Sequence[float]) -> float:
    """Median of Pearson's r of the edges of any two pictures."""
    edges = [_edges(video, at_s) for at_s in times_s]
    return statistics.median(float(np.corrcoef(a, b)[0, 1]) for a, b in combinations(edges, 2))


def _edges(video: Path, at_s: float) -> npt.NDArray[np.float64]:
    """How fast brightness changes at each place of a small picture."""
    width, height = KEYFRAME
    raw = run_ffmpeg(
        [
            *("-v", "error", "-ss", f"{at_s:.3f}", "-i", str(video), "-frames:v", "1"),
            *("-vf", f"scale={width}:{height}:flags=area", "-pix_fmt", "gray"),
            *("-f", "rawvideo", "pipe:1"),
        ],
        timeout_s=60,
        what="keyframe",
    ).stdout
    picture = np.frombuffer(raw, np.uint8).reshape(height, width).astype(np.float64)
    down, across = np.gradient(picture)
    return np.hypot(down, across).ravel()


def cuts_a_section(video: LyricVideo) -> float:
    """Fewest shots that begin within a section, its own start included."""
    music = features(video.audio, SMALL.fps)
    starts = [shot.first / music.fps for shot in timeline_of(video, music).shots]
    return min(
        sum(part.start_s - 0.05 <= start < part.end_s - 0.05 for start in starts)
        for part in video.sections
    )


def on_beat_share(video: LyricVideo, beats: Sequence[float]) -> float:
    """Share of lines that begin within 60 ms of a beat of the score, rounded to frames."""
    music = features(video.audio, SMALL.fps)
    moved = on_beats(video.captions, beat_times(music, video.tempo_bpm))
    starts = [round(caption.start_s * SMALL.fps) / SMALL.fps for caption in moved]
    return float(np.mean([np.abs(np.asarray(beats) - at).min() <= NEAR_S for at in starts]))
