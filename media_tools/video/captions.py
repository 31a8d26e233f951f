"""Captions as a picture track: one ffmpeg input and one overlay, however many captions.

Each caption is drawn once and saved at every step of its fade; an ffconcat list says how long
each picture stands. Only the box the words need is blended, and only while words are due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from media_tools.video.plan import Caption
from media_tools.video.text import (
    SafeArea,
    TextStyle,
    faded,
    rasterise,
    safe_area,
    stacked,
    without_pictographs,
)

FADE_S = 0.3
TITLE_S = 4.5

_SHORTEST_S = 0.3
_CAPTION_CENTRE = 0.74  # share of a portrait frame's height
_LANDSCAPE_CAPTION_CENTRE = 0.82
_TITLE_CENTRE = 0.205
# Sizes as shares of the frame's shorter side.
_LYRIC_SIZE = 0.066
_TITLE_SIZE = 0.098
_ARTIST_SIZE = 0.044


@dataclass(frozen=True)
class Clock:
    """The video the words stand in: its size in pixels, frames a second, and frames in all."""

    frame: tuple[int, int]
    fps: int
    frames: int


@dataclass(frozen=True)
class Cue:
    """A drawn picture and the video frames it stands in: first, up to but without last."""

    picture: Image.Image
    first: int
    last: int


@dataclass(frozen=True)
class Track:
    """A written picture track. playlist: the ffconcat file; spans_s: when something is due."""

    playlist: Path
    corner: tuple[int, int]
    spans_s: tuple[tuple[float, float], ...]

    def input_arguments(self) -> list[str]:
        # -safe 0 allows the list's own options; we wrote it, and it names files beside it only.
        return ["-f", "concat", "-safe", "0", "-i", f"file:{self.playlist}"]

    def overlay(self, index: int, below: str, result: str) -> str:
        """Filters that put input `index` on [below] and give [result]."""
        due = "+".join(f"between(t,{start:.4f},{end:.4f})" for start, end in self.spans_s)
        x, y = self.corner
        return (
            f"[{index}:v]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[words{index}];"
            f"[{below}][words{index}]overlay={x}:{y}:eof_action=pass:enable='{due}'[{result}]"
        )


def lyric_cues(captions: Sequence[Caption], *, clock: Clock, font: str) -> list[Cue]:
    """Draw lyric captions in the order of their time.

    A caption that runs into the next one ends where that begins; what is left of it must be 0.3 s,
    and what lies behind the last frame is left out. Emoji are dropped from the words.
    Raises TextNotDrawable, TextDoesNotFit.
    """
    frame, fps = clock.frame, clock.fps
    area = safe_area(*frame)
    style = TextStyle(
        font=font,
        weight=700,
        size_px=round(min(frame) * _LYRIC_SIZE),
        stroke_px=max(2, round(min(frame) * 0.0035)),
        backing="soft",
        backing_opacity=0.8,
    )
    ordered = sorted(captions, key=lambda caption: caption.start_s)
    cues: list[Cue] = []
    for index, caption in enumerate(ordered):
        first = max(0, round(caption.start_s * fps))
        last = min(round(caption.end_s * fps), clock.frames)
        if index + 1 < len(ordered):
            last = min(last, round(ordered[index + 1].start_s * fps))
        words = without_pictographs(caption.text, font)
        if words and last - first >= _SHORTEST_S * fps:
            picture = rasterise(
                words, style, max_width_px=area.width, max_height_px=_lyric_room(area, clock)
            )
            cues.append(Cue(picture, first, last))
    return cues


def title_cue(title: str, artist: str, *, clock: Clock, font: str) -> Cue:
    """The title card of the first seconds: title, and the artist's name below.

    Raises TextNotDrawable, TextDoesNotFit; ValueError if both are empty.
    """
    area = safe_area(*clock.frame)
    shorter = min(clock.frame)
    parts = []
    for text, share, weight in ((title, _TITLE_SIZE, 800), (artist, _ARTIST_SIZE, 500)):
        words = without_pictographs(text, font)
        if words:
            style = TextStyle(
                font=font,
                weight=weight,
                size_px=round(shorter * share),
                stroke_px=max(1, round(shorter * 0.0028)),
                backing="soft",
                backing_opacity=0.7,
                line_height=1.08,
            )
            room = round(clock.frame[1] * 0.17)
            parts.append(rasterise(words, style, max_width_px=area.width, max_height_px=room))
    if not parts:
        raise ValueError("a video needs a title or an artist's name")
    # The shadows' margins overlap; what is left is a gap of about a quarter of a line.
    words_picture = stacked(parts, -round(shorter * 0.088))
    return Cue(words_picture, 0, min(clock.frames, round(TITLE_S * clock.fps)))


def write_track(
    cues: Sequence[Cue],
    folder: Path,
    *,
    name: str,
    clock: Clock,
    centre: int,
) -> Track | None:
    """Write the pictures and the list that times them; None without cues.

    centre: where the middle of the pictures stands, in pixels from the top of the frame.
    """
    if not cues:
        return None
    fps = clock.fps
    width = max(cue.picture.width for cue in cues)
    height = max(cue.picture.height for cue in cues)
    lines = ["ffconcat version 1.0"]

    def stand(file: str, count: int) -> None:
        # The image reader counts in 1/25 s unless told; its clock must be the video's.
        lines.extend([f"file {file}", f"option framerate {fps}", f"duration {count / fps:.6f}"])

    empty = f"{name}-empty.png"
    _save(Image.new("RGBA", (width, height), (0, 0, 0, 0)), folder / empty)
    at = 0
    for number, cue in enumerate(cues):
        if cue.first > at:
            stand(empty, cue.first - at)
        centred = Image.new("RGBA", (width, height), (0, 0, 0, 0))
        centred.paste(
            cue.picture, ((width - cue.picture.width) // 2, (height - cue.picture.height) // 2)
        )
        steps = min(round(FADE_S * fps), (cue.last - cue.first) // 2)
        names = [f"{name}-{number}-{step}.png" for step in range(1, steps + 1)]
        for step, file in enumerate(names, start=1):
            _save(faded(centred, step / (steps + 1)), folder / file)
        full = f"{name}-{number}-full.png"
        _save(centred, folder / full)
        for file in names:
            stand(file, 1)
        stand(full, cue.last - cue.first - 2 * steps)
        for file in reversed(names):
            stand(file, 1)
        at = cue.last
    stand(empty, max(1, clock.frames - at + 1))
    playlist = folder / f"{name}.ffconcat"
    playlist.write_text("\n".join([*lines, f"file {empty}", ""]), encoding="utf-8")
    half = 0.5 / fps
    spans = tuple((cue.first / fps - half, cue.last / fps - half) for cue in cues)
    return Track(playlist, _corner((width, height), clock.frame, centre), spans)


def caption_centre(clock: Clock) -> int:
    """Where lyric captions stand: their middle, in pixels from the top."""
    width, height = clock.frame
    return round(height * (_CAPTION_CENTRE if height > width else _LANDSCAPE_CAPTION_CENTRE))


def title_centre(clock: Clock) -> int:
    """Where the title card stands: its middle, in pixels from the top."""
    return round(clock.frame[1] * _TITLE_CENTRE)


def _lyric_room(area: SafeArea, clock: Clock) -> int:
    """The tallest a caption may be: its centre is fixed, its end inside the safe area.

    The soft backing around the words may reach a little beyond.
    """
    return 2 * (area.bottom - caption_centre(clock)) + round(min(clock.frame) * 0.08)


def _corner(size: tuple[int, int], frame: tuple[int, int], centre: int) -> tuple[int, int]:
    x = max(0, (frame[0] - size[0]) // 2)
    y = min(max(0, centre - size[1] // 2), max(0, frame[1] - size[1]))
    return x - x % 2, y - y % 2


def _save(picture: Image.Image, path: Path) -> None:
    picture.save(path, "PNG", compress_level=1)
