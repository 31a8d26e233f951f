"""What of a song's words is on a video and when: lines at the foot, loud parts in the middle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image, ImageColor

from media_tools.luminance import luminance
from media_tools.music.base import Section
from media_tools.video.beats import HOOK_KINDS
from media_tools.video.plan import Caption
from media_tools.video.text import (
    Lettering,
    SafeArea,
    TextStyle,
    letter,
    safe_area,
    without_pictographs,
)
from media_tools.video.typography import Manner, Typography, Verse, set_verse

FADE_S = 0.3
SHORTEST_S = 0.3  # of a caption

_CAPTION_CENTRE = 0.74  # share of a portrait frame's height
_LANDSCAPE_CAPTION_CENTRE = 0.82
_MIDDLE = 0.46
# Sizes as shares of the frame's shorter side.
_LYRIC_SIZE = 0.066
_LOUD_SIZE = 0.082
_LOUD_HEIGHT = 0.40  # of the frame, at most
_LANDSCAPE_LOUD_HEIGHT = 0.56
# Luminance 0..1 of a highlighted word: contrast 4.5:1 against the backing, but not yet white.
_HIGHLIGHT_LUMINANCE = 0.66
# Largest minus smallest part of a colour (0..255) that clearly differs from white.
_VIVID = 90
_GOLD = (255, 213, 74)


@dataclass(frozen=True)
class Clock:
    """The video's size in pixels, frames per second, and number of frames."""

    frame: tuple[int, int]
    fps: int
    frames: int


class Drawing(Protocol):
    """Something that has a size and is drawn when needed."""

    @property
    def size(self) -> tuple[int, int]: ...

    def picture(self) -> Image.Image: ...


@dataclass(frozen=True)
class Revealed:
    """A picture that a growing shape uncovers. masks: of each step, the last of the whole."""

    shown: Image.Image
    masks: tuple[Image.Image, ...]

    @property
    def size(self) -> tuple[int, int]:
        return self.shown.size

    def picture(self) -> Image.Image:
        return self._behind(self.masks[-1])

    def steps(self) -> Iterator[Image.Image]:
        return (self._behind(mask) for mask in self.masks)

    def _behind(self, mask: Image.Image) -> Image.Image:
        picture = self.shown.convert("RGBA")
        picture.putalpha(mask)
        return picture


@dataclass(frozen=True)
class Cue:
    """A drawing and the video frames it is shown in: first, up to but without last.

    word_frames: when each of its words is highlighted or comes, in the colour `highlight`; may be
    empty. at_once: it does not fade in.
    """

    drawing: Drawing
    first: int
    last: int
    word_frames: tuple[int, ...] = ()
    highlight: str = ""
    at_once: bool = False

    def opening(self) -> Image.Image:
        """Return what is seen first."""
        if self.word_frames and isinstance(self.drawing, Verse):
            return next(self.drawing.states(self.highlight))
        if isinstance(self.drawing, Revealed):
            return Image.new("RGBA", self.drawing.size, (0, 0, 0, 0))
        return self.drawing.picture()

    def changes(self) -> Iterator[tuple[int, Image.Image]]:
        """Yield the pictures that follow the opening, each with its first frame."""
        for start, end, picture in self._states():
            # A word that ends before the first frame, or at once, is never seen.
            if max(start, self.first) < min(end, self.last):
                yield max(start, self.first), picture

    def _states(self) -> Iterator[tuple[int, int, Image.Image]]:
        if not self.word_frames:
            return
        ends = (*self.word_frames[1:], self.last)
        if isinstance(self.drawing, Lettering):
            yield from zip(
                self.word_frames, ends, self.drawing.highlights(self.highlight), strict=True
            )
        elif isinstance(self.drawing, Revealed):
            yield from zip(self.word_frames, ends, self.drawing.steps(), strict=True)
        elif isinstance(self.drawing, Verse):
            shown = self.drawing.states(self.highlight)
            for number, (start, end, picture) in enumerate(
                zip(self.word_frames, ends, shown, strict=True)
            ):
                at = start
                for stroke in self.drawing.strokes(number, self.highlight):
                    yield at, min(at + 1, end), stroke
                    at += 1
                yield at, end, picture


@dataclass(frozen=True)
class Stage:
    """Where and how words are shown. taken: frames in which cards stand in the middle."""

    clock: Clock
    typography: Typography
    palette: tuple[str, ...] = ()
    sections: Sequence[Section] = ()
    taken: Sequence[tuple[int, int]] = ()

    def is_loud(self, at_s: float) -> bool:
        return any(
            part.start_s <= at_s < part.end_s and part.kind in HOOK_KINDS for part in self.sections
        )

    def is_free(self, first: int, last: int) -> bool:
        """Whether the middle is free of cards."""
        return all(last <= start or first >= end for start, end in self.taken)


@dataclass
class LyricCues:
    """Captions at the foot of the frame, and those in its middle."""

    foot: list[Cue] = field(default_factory=list)
    middle: list[Cue] = field(default_factory=list)


def lyric_cues(captions: Sequence[Caption], stage: Stage) -> LyricCues:
    """Lay out lyric captions, ordered by time.

    A caption that runs into the next one ends where that begins; at least 0.3 s of it must remain.
    Captions after the last frame are left out. Emoji are removed from the words. If the times of
    words are known, they come or are highlighted then; in choruses and drops they stand in the
    middle, larger.
    Raises TextNotDrawable, TextDoesNotFit.
    """
    clock, fps = stage.clock, stage.clock.fps
    highlight = highlight_color(stage.palette)
    ordered = sorted(captions, key=lambda caption: caption.start_s)
    cues = LyricCues()
    previous = 0  # where the last caption ends
    for index, caption in enumerate(ordered):
        first = max(0, round(caption.start_s * fps))
        last = min(round(caption.end_s * fps), clock.frames)
        if index + 1 < len(ordered):
            last = min(last, round(ordered[index + 1].start_s * fps))
        words = without_pictographs(caption.text, stage.typography.face.family)
        if not words or last - first < SHORTEST_S * fps:
            continue
        frames = tuple(round(at * fps) for at in caption.word_starts_s)
        if len(words.split()) != len(frames):
            frames = ()
        loud = stage.is_loud(caption.start_s) and stage.is_free(first, last)
        verse = _verse(words, stage, loud=loud) if frames else None
        if verse is not None:
            row = cues.middle if loud else cues.foot
            row.append(Cue(verse, first, last, frames, highlight, at_once=True))
        else:
            drawing = letter(
                words,
                _lyric_style(stage),
                max_width_px=safe_area(*clock.frame).width,
                max_height_px=_lyric_room(safe_area(*clock.frame), clock),
            )
            if frames:
                # The words appear before the first is sung, unless the previous line still stands.
                first = min(first, max(previous, first - round(FADE_S * fps)))
            cues.foot.append(Cue(drawing, first, last, frames, highlight))
        previous = last
    return cues


def _verse(words: str, stage: Stage, *, loud: bool) -> Verse | None:
    manner = stage.typography.loud if loud else stage.typography.calm
    if manner == Manner.KARAOKE:
        return None
    share = _LOUD_SIZE if loud else _LYRIC_SIZE
    room = middle_room(stage.clock) if loud else foot_room(stage.clock)
    size_px = round(min(stage.clock.frame) * share)
    return set_verse(words, stage.typography, manner, size_px=size_px, room=room)


def _lyric_style(stage: Stage) -> TextStyle:
    shorter = min(stage.clock.frame)
    face = stage.typography.face
    return TextStyle(
        font=face.family,
        weight=max(face.weight or 700, 600),
        size_px=round(shorter * _LYRIC_SIZE),
        stroke_px=max(2, round(shorter * 0.0035)),
        backing="soft",
        backing_opacity=0.8,
    )


def caption_centre(clock: Clock) -> int:
    """Return the middle of lyric captions, in pixels from the top."""
    width, height = clock.frame
    return round(height * (_CAPTION_CENTRE if height > width else _LANDSCAPE_CAPTION_CENTRE))


def middle_centre(clock: Clock) -> int:
    """Return the middle of cards and loud lines, in pixels from the top."""
    return round(clock.frame[1] * _MIDDLE)


def middle_room(clock: Clock) -> tuple[int, int]:
    """Return the width and height that cards and loud lines may fill."""
    width, height = clock.frame
    share = _LOUD_HEIGHT if height > width else _LANDSCAPE_LOUD_HEIGHT
    area = safe_area(width, height)
    return min(area.width, round(height * 1.1)), round(height * share)


def foot_room(clock: Clock) -> tuple[int, int]:
    """Return the width and height of a line at the foot."""
    area = safe_area(*clock.frame)
    return area.width, 2 * (area.bottom - caption_centre(clock))


def highlight_color(palette: tuple[str, ...]) -> str:
    """Return the palette's most vivid colour, made light enough; gold if all are pale."""
    legible = [_lightened(ImageColor.getrgb(color)[:3]) for color in palette]
    vivid = max(legible, key=lambda rgb: (max(rgb) - min(rgb), rgb), default=_GOLD)
    if max(vivid) - min(vivid) < _VIVID:
        vivid = _GOLD
    return "#" + "".join(f"{part:02x}" for part in vivid)


def _lightened(rgb: Sequence[int]) -> tuple[int, ...]:
    """Add as much white as a highlighted word needs."""
    for step in range(21):
        mixed = tuple(round(part + (255 - part) * step / 20) for part in rgb)
        if luminance(mixed) >= _HIGHLIGHT_LUMINANCE:
            break
    return mixed


def _lyric_room(area: SafeArea, clock: Clock) -> int:
    """Return the largest height of a caption: its centre is fixed, its end inside the safe area.

    The soft backing around the words may reach a little further.
    """
    return 2 * (area.bottom - caption_centre(clock)) + round(min(clock.frame) * 0.08)
