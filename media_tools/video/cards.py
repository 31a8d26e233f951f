"""The cards of a film: the hook that opens it, title and name as on the cover, the end card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw

from media_tools.fonts import drawable
from media_tools.images.motif import motif_mark
from media_tools.images.palette import Palette
from media_tools.images.reading import open_rgb
from media_tools.images.typography import Block, Face, face_for, placed, set_artist, set_title
from media_tools.video.captions import Cue, Revealed, Stage, highlight_color, middle_room
from media_tools.video.plan import LyricVideo
from media_tools.video.text import TextStyle, letter
from media_tools.video.timeline import Timeline
from media_tools.video.typography import Manner, backed, margin_px, set_verse

# Shares of the frame's shorter side.
_TITLE_CAP, _NAME_CAP = 0.088, 0.038
_SMALL_SIZE = 0.044
_MOTIF_SIDE = 0.095
_HOOK_SIZE = 0.10
_COVER_SIDE = 0.50
_PAD = 0.055
_GAP = 0.045
_PANEL_OPACITY = 235
# Shares of the middle's height: of the title, and what a motif above takes of it.
_TITLE_HEIGHT, _MOTIF_HEIGHT = 0.6, 0.15
_REVEAL_STEPS = 9
# The cover's picture within a shot: its side, when it comes, and how long it must have.
_ART_SIDE, _ART_AFTER_S, _ART_FOR_S = 0.66, 0.4, 2.0
_CORNERS = {"tunnel": (6, 0), "drift": (4, 45)}
_STRIPES = 7
# Words of the hook come at most this far apart.
_HOOK_STEP_S = 0.30


@dataclass(frozen=True)
class Card:
    """Something drawn beforehand."""

    drawn: Image.Image

    @property
    def size(self) -> tuple[int, int]:
        return self.drawn.size

    def picture(self) -> Image.Image:
        return self.drawn.copy()


def card_cues(video: LyricVideo, timeline: Timeline, stage: Stage) -> list[Cue]:
    """Return what stands in the middle: the hook, the title, the end card.

    A film that opens with its title shows it in the first frame.
    Raises TextNotDrawable; ValueError without title and artist.
    """
    clock = stage.clock
    cues = []
    if timeline.opening and (hook := _hook_cue(video.hook, timeline.opening, stage)):
        cues.append(hook)
    first, last = timeline.title
    if last > first:
        last = min(last, clock.frames)
        cues.append(Cue(title_card(video, stage), first, last, at_once=not first))
    if timeline.closing:
        first, last = timeline.closing
        cues.append(Cue(end_card(video, stage), first, last))
    return cues


def _hook_cue(text: str, last: int, stage: Stage) -> Cue | None:
    """Return the song's line that stops the viewer, its words from the first frame on."""
    clock = stage.clock
    size_px = round(min(clock.frame) * _HOOK_SIZE)
    verse = set_verse(
        text, stage.typography, Manner.STACKED, size_px=size_px, room=middle_room(clock)
    )
    if verse is None:
        return None
    step = min(round(_HOOK_STEP_S * clock.fps), last * 2 // 3 // verse.word_count)
    frames = tuple(number * step for number in range(verse.word_count))
    return Cue(verse, 0, last, frames, highlight_color(stage.palette), at_once=True)


def title_card(video: LyricVideo, stage: Stage) -> Card:
    """Return title and artist in the artist's face, with the mark, and the subtitle below.

    The song's motif, if it has one, is above them.
    """
    width, height = middle_room(stage.clock)
    shorter = min(stage.clock.frame)
    parts = [_motif(video.motif, shorter)] if video.motif else []
    if title := _shown(video.title):
        block = set_title(
            title,
            face_for(title, video.genre, video.artist),
            side_px=shorter,
            width_px=width,
            height_px=height * (_TITLE_HEIGHT - _MOTIF_HEIGHT * bool(video.motif)),
            max_cap=_TITLE_CAP,
        )
        parts.append(_written(block))
    parts += _signature(video, shorter, width)
    if not (video.title.strip() or video.artist.strip()):
        raise ValueError("a video needs a title or an artist's name")
    if subtitle := _shown(video.subtitle):
        parts.append(_small(subtitle, stage.typography.face, shorter, width))
    return _column(parts, shorter)


def end_card(video: LyricVideo, stage: Stage) -> Card:
    """Return cover, name and what to do, on a ground of their own: nothing shines through them."""
    shorter = min(stage.clock.frame)
    width = middle_room(stage.clock)[0] - 2 * round(_PAD * shorter)
    parts = []
    if video.cover is not None:
        parts.append(_Part(_cover(video.cover, round(_COVER_SIDE * shorter))))
    if video.cover is None and (title := _shown(video.title)):
        parts.append(_small(title, stage.typography.face, shorter, width))
    parts += _signature(video, shorter, width)
    if call := _shown(video.call):
        parts.append(_small(call, stage.typography.face, shorter, width))
    return _on_panel(_column(parts, shorter).drawn, stage.palette, round(_PAD * shorter))


def art_cue(
    video: LyricVideo, timeline: Timeline, stage: Stage, words: Sequence[Cue]
) -> Cue | None:
    """Return the cover's picture in the style's shape, in the first drawn shot without words.

    words: cues that stand already, in the middle or at the foot.
    """
    clock = stage.clock
    for shot in timeline.shots:
        first, last = shot.first + round(_ART_AFTER_S * clock.fps), shot.last
        long_enough = last - first >= _ART_FOR_S * clock.fps
        busy = any(cue.first < shot.last and cue.last > shot.first for cue in words)
        if video.art is None or shot.art or not long_enough or busy:
            continue
        side = round(min(clock.frame) * _ART_SIDE)
        side += side % 2
        picture = open_rgb(video.art).resize((side, side), Image.Resampling.LANCZOS)
        masks = tuple(
            _shape(video.plan.style, side, 1 - (1 - step / _REVEAL_STEPS) ** 2)
            for step in range(1, _REVEAL_STEPS + 1)
        )
        frames = tuple(first + step for step in range(_REVEAL_STEPS))
        return Cue(Revealed(picture, masks), first, last, frames, at_once=True)
    return None


def _shape(style: str, side: int, share: float) -> Image.Image:
    """Return the shape a style shows a picture in, grown to a share of its size."""
    mask = Image.new("L", (side * 2, side * 2), 0)
    pen = ImageDraw.Draw(mask)
    middle, reach = side, side * share
    if style in _CORNERS:
        count, turn = _CORNERS[style]
        pen.regular_polygon((middle, middle, reach), count, rotation=turn, fill=255)
    elif style == "ribbons":
        wide = 2 * side // _STRIPES
        for left in range(0, 2 * side, wide):
            pen.rectangle((left, 0, left + round(wide * 0.9 * share), 2 * side), fill=255)
    else:
        box = (middle - reach, middle - reach, middle + reach, middle + reach)
        pen.ellipse(box, fill=255)
    return mask.resize((side, side), Image.Resampling.BOX)


def _shown(text: str) -> str:
    return drawable(text) if text.strip() else ""


@dataclass(frozen=True)
class _Part:
    """A part of a card. margin_px: of shadow above and below it, which others may reach into."""

    drawn: Image.Image
    margin_px: int = 0


def _signature(video: LyricVideo, shorter: int, width: int) -> list[_Part]:
    name = _shown(video.artist)
    if not name:
        return []
    face = face_for(name, video.genre, video.artist)
    return [_written(set_artist(name, side_px=shorter, width_px=width, cap=_NAME_CAP, face=face))]


def _written(block: Block) -> _Part:
    """Return a block as white letters on a soft shadow, in a picture of its own."""
    margin = margin_px(block.size_px)
    width, height = block.box[2] + 2 * margin, block.box[3] + 2 * margin
    inner_px = width - 2 * margin
    moved = placed(block, left_px=margin, top_px=margin, align="center", width_px=inner_px)
    mask = moved.mask(max(width, height)).crop((0, 0, width, height))
    return _Part(backed(mask, block.size_px), margin)


def _motif(name: str, shorter: int) -> _Part:
    """Return the motif in white on a soft shadow, as the letters below it."""
    side = round(_MOTIF_SIDE * shorter)
    margin = margin_px(side)
    mask = Image.new("L", (side + 2 * margin, side + 2 * margin))
    mask.paste(motif_mark(name, side), (margin, margin))
    return _Part(backed(mask, side), margin)


def _small(text: str, face: Face, shorter: int, width: int) -> _Part:
    style = TextStyle(
        font=face.family,
        weight=600,
        size_px=round(shorter * _SMALL_SIZE),
        stroke_px=max(1, round(shorter * 0.0028)),
        backing="soft",
        backing_opacity=0.8,
    )
    lettering = letter(text, style, max_width_px=width, max_height_px=shorter // 3)
    return _Part(lettering.picture(), margin_px(lettering.style.size_px))


def _cover(path: Path, side: int) -> Image.Image:
    return open_rgb(path).resize((side, side), Image.Resampling.LANCZOS).convert("RGBA")


def _column(parts: Sequence[_Part], shorter: int) -> Card:
    """Put parts below each other, centred; shadows may overlap, letters never."""
    gap = round(_GAP * shorter)
    tops = [0]
    for upper, lower in pairwise(parts):
        step = upper.drawn.height - upper.margin_px + gap - lower.margin_px
        tops.append(tops[-1] + step)
    width = max(part.drawn.width for part in parts)
    height = max(top + part.drawn.height for top, part in zip(tops, parts, strict=True))
    sheet = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    for top, part in zip(tops, parts, strict=True):
        sheet.alpha_composite(part.drawn, ((width - part.drawn.width) // 2, max(top, 0)))
    return Card(_even(sheet))


def _even(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    return picture.crop((0, 0, width + width % 2, height + height % 2))


def _on_panel(content: Image.Image, palette: tuple[str, ...], pad: int) -> Card:
    ink = Palette.from_hex(palette).ink if len(palette) > 1 else (12, 12, 16)
    size = (content.width + 2 * pad, content.height + 2 * pad)
    ground = Image.new("L", (size[0] * 2, size[1] * 2), 0)
    ImageDraw.Draw(ground).rounded_rectangle(
        (0, 0, ground.width - 1, ground.height - 1), pad, fill=_PANEL_OPACITY
    )
    panel = Image.new("RGBA", size, (*ink, 0))
    panel.putalpha(ground.resize(size, Image.Resampling.BOX))
    panel.alpha_composite(content, (pad, pad))
    return Card(_even(panel))
