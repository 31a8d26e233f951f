"""Writes words as a picture track: one ffmpeg input and one overlay for any number of captions.

Each caption is drawn once and saved at every step of its fade; an ffconcat list says how long each
picture is shown. Only the box the words need is blended, and only while words are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from media_tools.video.captions import FADE_S, Clock, Cue
from media_tools.video.text import faded

# Words this close together form one span: the empty picture between them costs less than another
# term of the condition, which ffmpeg evaluates for every frame.
_STRETCH_GAP_S = 1.0
# Of words that come at once: those of the next line may follow at once.
_SHORT_FADE_S = 0.15
# Opacity in steps of 4: soft shadows then have runs of equal pixels, which halves the files.
_COARSE = [min(255, (opacity + 2) // 4 * 4) for opacity in range(256)]


@dataclass(frozen=True)
class Track:
    """A written picture track. playlist: the ffconcat file; spans_s: when words are shown."""

    playlist: Path
    corner: tuple[int, int]
    spans_s: tuple[tuple[float, float], ...]

    def input_arguments(self) -> list[str]:
        # -safe 0 allows the list's own options; we wrote it, and it names only files beside it.
        return ["-f", "concat", "-safe", "0", "-i", f"file:{self.playlist}"]

    def overlay(self, index: int, below: str, result: str) -> str:
        """Return filters that put input `index` on [below] and end in [result]."""
        due = "+".join(f"between(t,{start:.4f},{end:.4f})" for start, end in self.spans_s)
        x, y = self.corner
        return (
            f"[{index}:v]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[words{index}];"
            f"[{below}][words{index}]overlay={x}:{y}:eof_action=pass:enable='{due}'[{result}]"
        )


def write_track(
    cues: Sequence[Cue],
    folder: Path,
    *,
    name: str,
    clock: Clock,
    centre: int,
) -> Track | None:
    """Write the pictures and the list that times them. Returns None without cues.

    centre: the middle of the pictures, in pixels from the top of the frame.
    """
    if not cues:
        return None
    size = (
        max(cue.drawing.size[0] for cue in cues),
        max(cue.drawing.size[1] for cue in cues),
    )
    sheets = _Sheets(folder, name, size, clock.fps)
    at = 0
    for number, cue in enumerate(cues):
        sheets.stand_empty(cue.first - at)
        sheets.stand_cue(cue, number)
        at = cue.last
    sheets.stand_empty(max(1, clock.frames - at + 1))
    return Track(sheets.playlist(), _corner(size, clock.frame, centre), _spans_s(cues, clock.fps))


class _Sheets:
    """Pictures of one size on disk, and the list of how long each is shown."""

    def __init__(self, folder: Path, name: str, size: tuple[int, int], fps: int) -> None:
        self._folder, self._name, self._size, self._fps = folder, name, size, fps
        self._lines = ["ffconcat version 1.0"]
        self._empty = self._save(Image.new("RGBA", size, (0, 0, 0, 0)), "empty")

    def stand_empty(self, frames: int) -> None:
        if frames > 0:
            self._stand(self._empty, frames)

    def stand_cue(self, cue: Cue, number: int) -> None:
        """Show a cue: it fades in, unless it comes at once, changes with its words, fades out."""
        fade_s = _SHORT_FADE_S if cue.at_once else FADE_S
        steps = min(round(fade_s * self._fps), (cue.last - cue.first) // 2)
        last = self._centred(cue.opening())
        shown = self._save(last, f"{number}-full")
        fades = [] if cue.at_once else self._faded(last, steps, f"{number}-fade")
        for file in fades:
            self._stand(file, 1)
        at, end = cue.first + len(fades), cue.last - steps
        for word, (start, picture) in enumerate(cue.changes()):
            if at < start < end:
                self._stand(shown, start - at)
                at = start
            if start < end:
                last = self._centred(picture)
                shown = self._save(last, f"{number}-word{word}")
        if end > at:
            self._stand(shown, end - at)
        for file in reversed(fades or self._faded(last, steps, f"{number}-out")):
            self._stand(file, 1)

    def _faded(self, picture: Image.Image, steps: int, label: str) -> list[str]:
        """Save a picture at every step of its fade, palest first."""
        return [
            self._save(faded(picture, step / (steps + 1)), f"{label}{step}")
            for step in range(1, steps + 1)
        ]

    def playlist(self) -> Path:
        path = self._folder / f"{self._name}.ffconcat"
        path.write_text("\n".join([*self._lines, f"file {self._empty}", ""]), encoding="utf-8")
        return path

    def _stand(self, file: str, frames: int) -> None:
        # The image reader assumes 1/25 s by default; its clock must be the video's.
        duration_s = frames / self._fps
        self._lines += [
            f"file {file}",
            f"option framerate {self._fps}",
            f"duration {duration_s:.6f}",
        ]

    def _centred(self, picture: Image.Image) -> Image.Image:
        sheet = Image.new("RGBA", self._size, (0, 0, 0, 0))
        left = (self._size[0] - picture.width) // 2
        top = (self._size[1] - picture.height) // 2
        sheet.paste(picture, (left, top))
        return sheet

    def _save(self, picture: Image.Image, label: str) -> str:
        """Save a picture as Targa: written in a third of PNG's time, read in a tenth.

        Returns its name for the list: a pattern of the one file, as of a numbered sequence. Targa
        has no magic number, and ffmpeg takes some pictures for tracker music by their content; of
        a pattern it looks at the name alone.
        """
        pattern = f"{self._name}-{label}-%d.tga"
        picture.putalpha(picture.getchannel("A").point(_COARSE))
        picture.save(self._folder / (pattern % 0), compression="tga_rle")
        return pattern


def _spans_s(cues: Sequence[Cue], fps: int) -> tuple[tuple[float, float], ...]:
    """Return the spans in which words are shown, half a frame wider than the frames themselves."""
    spans: list[tuple[float, float]] = []
    for cue in cues:
        start_s, end_s = (cue.first - 0.5) / fps, (cue.last - 0.5) / fps
        if spans and start_s - spans[-1][1] < _STRETCH_GAP_S:
            spans[-1] = (spans[-1][0], end_s)
        else:
            spans.append((start_s, end_s))
    return tuple(spans)


def _corner(size: tuple[int, int], frame: tuple[int, int], centre: int) -> tuple[int, int]:
    x = max(0, (frame[0] - size[0]) // 2)
    y = min(max(0, centre - size[1] // 2), max(0, frame[1] - size[1]))
    return x - x % 2, y - y % 2
