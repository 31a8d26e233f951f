"""What is written on a video and when: lyric captions, title card, end card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image, ImageColor

from media_tools.luminance import luminance
from media_tools.video.plan import Caption
from media_tools.video.text import (
    Lettering,
    SafeArea,
    TextStyle,
    letter,
    safe_area,
    stacked,
    without_pictographs,
)

FADE_S = 0.3
TITLE_S = 4.5
SHORTEST_S = 0.3  # of a caption
END_S = 3.5

# A shorter video has only one card: the second would follow the first too soon.
_TWO_CARDS_S = 12.0
_CAPTION_CENTRE = 0.74  # share of a portrait frame's height
_LANDSCAPE_CAPTION_CENTRE = 0.82
_TITLE_CENTRE = 0.205
# Sizes as shares of the frame's shorter side.
_LYRIC_SIZE = 0.066
_TITLE_SIZE = 0.098
_ARTIST_SIZE = 0.044
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
class Cue:
    """A drawing and the video frames it is shown in: first, up to but without last.

    word_frames: when each of its words is highlighted, in the colour `highlight`; may be empty.
    """

    drawing: Drawing
    first: int
    last: int
    word_frames: tuple[int, ...] = ()
    highlight: str = ""

    def highlights(self) -> Iterator[tuple[int, Image.Image]]:
        """Yield pictures with one word highlighted, each with its first frame."""
        if not self.word_frames:
            return
        assert isinstance(self.drawing, Lettering)
        shown = self.drawing.highlights(self.highlight)
        ends = (*self.word_frames[1:], self.last)
        for start, end, picture in zip(self.word_frames, ends, shown, strict=True):
            # A word that ends before the first frame, or at once, is never seen.
            if max(start, self.first) < min(end, self.last):
                yield max(start, self.first), picture


@dataclass(frozen=True)
class Card:
    """Letterings, one under the other."""

    parts: tuple[Lettering, ...]
    gap_px: int

    @property
    def size(self) -> tuple[int, int]:
        height = sum(part.size[1] for part in self.parts) + self.gap_px * (len(self.parts) - 1)
        return max(part.size[0] for part in self.parts), height + height % 2

    def picture(self) -> Image.Image:
        return stacked([part.picture() for part in self.parts], self.gap_px)


def lyric_cues(
    captions: Sequence[Caption], *, clock: Clock, font: str, palette: tuple[str, ...] = ()
) -> list[Cue]:
    """Lay out lyric captions, ordered by time.

    A caption that runs into the next one ends where that begins; at least 0.3 s of it must remain.
    Captions after the last frame are left out. Emoji are removed from the words. If the times of
    words are known, the word being sung is highlighted.
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
    highlight = highlight_color(palette)
    ordered = sorted(captions, key=lambda caption: caption.start_s)
    cues: list[Cue] = []
    for index, caption in enumerate(ordered):
        first = max(0, round(caption.start_s * fps))
        last = min(round(caption.end_s * fps), clock.frames)
        if index + 1 < len(ordered):
            last = min(last, round(ordered[index + 1].start_s * fps))
        words = without_pictographs(caption.text, font)
        if not words or last - first < SHORTEST_S * fps:
            continue
        drawing = letter(
            words, style, max_width_px=area.width, max_height_px=_lyric_room(area, clock)
        )
        frames: tuple[int, ...] = ()
        if drawing.word_count == len(caption.word_starts_s):
            frames = tuple(round(at * fps) for at in caption.word_starts_s)
            # The words appear before the first is sung, unless the previous caption is still shown.
            earliest = cues[-1].last if cues else 0
            first = min(first, max(earliest, first - round(FADE_S * fps)))
        cues.append(Cue(drawing, first, last, frames, highlight))
    return cues


def title_card(title: str, artist: str, *, clock: Clock, font: str) -> Card:
    """Return the title, with the artist's name below.

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
                backing_opacity=0.8,
                line_height=1.08,
            )
            room = round(clock.frame[1] * 0.17)
            parts.append(letter(words, style, max_width_px=area.width, max_height_px=room))
    if not parts:
        raise ValueError("a video needs a title or an artist's name")
    # The shadows' margins overlap, which leaves a gap of about a quarter of a line.
    return Card(tuple(parts), -round(shorter * 0.088))


def card_cues(title: str, artist: str, *, clock: Clock, font: str) -> list[Cue]:
    """Return the title card for the first seconds and again for the end. Raises as title_card."""
    card = title_card(title, artist, clock=clock, font=font)
    opening = Cue(card, 0, min(clock.frames, round(TITLE_S * clock.fps)))
    if clock.frames < _TWO_CARDS_S * clock.fps:
        return [opening]
    return [opening, Cue(card, clock.frames - round(END_S * clock.fps), clock.frames)]


def caption_centre(clock: Clock) -> int:
    """Return the middle of lyric captions, in pixels from the top."""
    width, height = clock.frame
    return round(height * (_CAPTION_CENTRE if height > width else _LANDSCAPE_CAPTION_CENTRE))


def title_centre(clock: Clock) -> int:
    """Return the middle of the title card, in pixels from the top."""
    return round(clock.frame[1] * _TITLE_CENTRE)


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
