"""Legible text on any picture: how far to shade the ground, and the contrast that came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from media_tools.images.families import Canvas
from media_tools.images.fields import axes, smoothstep
from media_tools.images.palette import FloatArray, Rgb, luminances
from media_tools.images.typography import Block
from media_tools.luminance import contrast

# The proof aims above the 4.5 that WCAG 2.2 asks of text, to leave room for grain and JPEG.
WANTED_CONTRAST = 5.4
SHADE_STEPS = (0.0, 0.22, 0.38, 0.52, 0.64, 0.76, 0.87, 0.96)
PROOF_PX = 480
# Equal contrast to black and to white: sqrt(1.05 * 0.05) - 0.05 = 0.18; a little higher, since
# light text on a shaded picture looks better than dark text on a bleached one.
MIDDLE_LUMINANCE = 0.30
# Bleaching for dark text looks like fog unless nearly all of the shaded ground is light itself.
LIGHT_GROUND_SHARE = 0.85
# Reach of what counts as "around a glyph", as a share of the side.
HALO = 0.008


@dataclass(frozen=True)
class Tone:
    """Colours of one group: its text, and how strongly the other end of the ramp shades it."""

    text: Rgb
    shade: Rgb
    step: int

    @property
    def strength(self) -> float:
        return SHADE_STEPS[self.step]


def tone_for(canvas: Canvas, proof: FloatArray, group: Sequence[Block]) -> Tone:
    """Light or dark text, whichever needs less shade; a tint of the palette where it suffices.

    proof: the picture as proof_of gives it.
    """
    palette = canvas.palette
    side = canvas.size_px
    reach = shade_field(group, PROOF_PX, side_px=side)[..., None]
    halos = [_halo(_proof_mask(block, side), PROOF_PX) for block in group]
    tint = palette.at(0.86) if canvas.rng("tint").random() < 0.4 else palette.paper
    light_text = ((tint, palette.ink), (palette.paper, palette.ink))
    dark_text = ((palette.ink, palette.paper),)
    seen = luminances(proof.astype(np.uint8))
    around = np.concatenate([seen[halo] for halo in halos])
    shaded = seen[reach[..., 0] > 0.25]
    light_ground = (
        float(np.median(around)) > MIDDLE_LUMINANCE
        and float(np.mean(shaded > MIDDLE_LUMINANCE)) >= LIGHT_GROUND_SHARE
    )
    natural = dark_text if light_ground else light_text
    # Only what is seen beside the glyphs counts: a small part of the picture.
    beside = [(proof[halo], reach[halo]) for halo in halos]
    for step, strength in enumerate(SHADE_STEPS):
        # Shading against the picture's own light looks like fog: only with what it has.
        choices = natural if step else (*natural, *light_text, *dark_text)
        scores = []
        for text, shade in choices:
            own = float(luminances(np.array(text, np.uint8)))
            grounds = (
                near + share * strength * (np.array(shade, np.float32) - near)
                for near, share in beside
            )
            lights = (luminances(np.round(ground).astype(np.uint8)) for ground in grounds)
            scores.append(min(_worst_contrast(own, light) for light in lights))
        passing = [index for index, score in enumerate(scores) if score >= WANTED_CONTRAST]
        if passing:
            text, shade = choices[passing[0]]
            return Tone(text, shade, step)
    text, shade = natural[-1]
    return Tone(text, shade, len(SHADE_STEPS) - 1)


def proof_of(picture: Image.Image) -> FloatArray:
    """The picture at PROOF_PX, on which shades are tried: (rows, columns, 3), 0..255."""
    small = picture.resize((PROOF_PX, PROOF_PX), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32)


def _proof_mask(block: Block, side_px: int) -> Image.Image:
    return block.mask(side_px).resize((PROOF_PX, PROOF_PX), Image.Resampling.BOX)


def shade_field(group: Sequence[Block], size_px: int, side_px: int | None = None) -> FloatArray:
    """Where to shade, 0..1: from the near edge over the text, or a soft oval in the middle."""
    side = side_px or size_px
    left = min(block.box[0] for block in group) / side
    top = min(block.box[1] for block in group) / side
    right = max(block.box[2] for block in group) / side
    bottom = max(block.box[3] for block in group) / side
    work_px = min(size_px, PROOF_PX)
    x, y = axes(work_px)
    shade: FloatArray
    if top < 0.12 and bottom < 0.75:
        shade = smoothstep(bottom + 0.18, bottom + 0.015, y) + np.zeros_like(x)
    elif bottom > 0.88 and top > 0.25:
        shade = smoothstep(top - 0.18, top - 0.015, y) + np.zeros_like(x)
    else:
        # A rounded box grown by its own soft border.
        out_x = np.maximum(np.maximum(left - x, x - right), 0) / np.float32(0.20)
        out_y = np.maximum(np.maximum(top - y, y - bottom), 0) / np.float32(0.20)
        shade = smoothstep(1.0, 0.08, np.hypot(out_x, out_y).astype(np.float32))
    return shade.astype(np.float32)


def measured_contrast(
    image: Image.Image, mask: Image.Image, box: tuple[int, int, int, int]
) -> float:
    """WCAG contrast of drawn text against what surrounds it.

    The text's luminance is the median inside the glyphs of `mask`; the surroundings are those
    pixels within HALO of a glyph, represented by the mean of their brightest and of their
    darkest tenth, whichever is closer to the text.
    """
    reach = max(round(HALO * image.width), 2)
    window = (
        max(box[0] - 2 * reach, 0),
        max(box[1] - 2 * reach, 0),
        min(box[2] + 2 * reach, image.width),
        min(box[3] + 2 * reach, image.height),
    )
    cover = mask.crop(window)
    light = luminances(np.asarray(image.crop(window)))
    inside = np.asarray(cover)
    core = light[inside >= min(250, int(inside.max()))]
    return _worst_contrast(float(np.median(core)), light[_halo(cover, image.width)])


def contrast_on(image: Image.Image, box: tuple[int, int, int, int], colour: Rgb) -> float:
    """Return the WCAG contrast of a colour with what lies in a box of a picture.

    The box is represented as in measured_contrast.
    """
    around = luminances(np.asarray(image.crop(box)))
    return _worst_contrast(float(luminances(np.array(colour, np.uint8))), around)


def _halo(mask: Image.Image, side_px: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Pixels near the glyphs but outside them."""
    reach = max(round(HALO * side_px), 2)
    near = np.asarray(mask.filter(ImageFilter.BoxBlur(reach)))
    return (near > 2) & (np.asarray(mask) < 6)


def _worst_contrast(text: float, around: FloatArray) -> float:
    tenth = max(around.size // 10, 1)
    ordered = np.sort(around, axis=None)
    darkest, brightest = float(ordered[:tenth].mean()), float(ordered[-tenth:].mean())
    if darkest <= text <= brightest:
        return 1.0
    return min(contrast(text, darkest), contrast(text, brightest))
