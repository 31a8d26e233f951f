"""Front covers: a generated or a given picture with title and artist set on it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageFilter, ImageOps

from media_tools.errors import MediaError
from media_tools.files import atomic_output
from media_tools.images.families import FAMILIES, Canvas, Family, choose_family
from media_tools.images.families.canvas import soft_shadow
from media_tools.images.fields import axes, grain_added, mask_of, smoothstep
from media_tools.images.gates import MAX_BYTES
from media_tools.images.palette import FloatArray, Palette, Rgb, contrast_ratio, luminance
from media_tools.images.reading import open_rgb
from media_tools.images.typography import (
    LAYOUTS,
    MARGIN,
    Block,
    Layout,
    clean,
    face_for,
    placed,
    set_artist,
    set_title,
)

DEFAULT_SIZE_PX = 3000
MIN_SIZE_PX = 160
MAX_SIZE_PX = 6000
JPEG_QUALITY = 92
# A painted picture has texture that a drawn one has not; stepped down while the file is too big.
ART_QUALITIES = (95, 92, 90)
# A picture is not cropped a second time ("print"), nor is its middle covered ("label").
ART_LAYOUTS = ("top", "top-left", "bottom", "bottom-left", "split", "center-small", "band")
# Hides that the picture was enlarged and the text was not.
ART_GRAIN = 4.0
DPI = (300, 300)
# WCAG 2.2 asks 4.5 for text; the proof aims higher to leave room for grain and JPEG.
MIN_CONTRAST = 4.5
WANTED_CONTRAST = 5.4
# Up to this step the picture still shows through; beyond it another layout is better.
CALM_SHADE_STEP = 3
SHADE_STEPS = (0.0, 0.22, 0.38, 0.52, 0.64, 0.76, 0.87, 0.96)
PROOF_PX = 480
# Equal contrast to black and to white: sqrt(1.05 * 0.05) - 0.05 = 0.18; a little higher, since
# light text on a shaded picture looks better than dark text on a bleached one.
MIDDLE_LUMINANCE = 0.30
# Reach of what counts as "around a glyph", as a share of the side.
HALO = 0.008
THUMBNAIL_PX = 160

# Largest capitals of a title, by temper: quiet, plain, loud.
CAP_SHARES = (0.088, 0.115, 0.165)
ARTIST_CAP = 0.0225
ARTIST_GAP = 0.042
TITLE_HEIGHT = 0.38
PANEL_TITLE_HEIGHT = 0.27
PRINT_FRAME = 0.055
# Motifs sit above the middle, so a print loses more of the foot than of the head.
PRINT_CROP_TOP = 0.35
PANEL_PADDING = 0.05


@dataclass(frozen=True)
class CoverRequest:
    """One cover to be made.

    palette: two or more "#rrggbb", dark to light. style: the persona's visual style in words.
    size_px: side of the square. family, layout: names of FAMILIES and LAYOUTS to insist on; empty
    lets genre, style and seed choose.
    """

    title: str
    artist: str
    genre: str
    palette: tuple[str, ...]
    style: str
    seed: int
    size_px: int = DEFAULT_SIZE_PX
    family: str = ""
    layout: str = ""


@dataclass(frozen=True)
class CoverResult:
    """What was drawn.

    family: kind of picture. text_contrast: WCAG ratio of title or artist, the lower one, against
    the brightest or darkest tenth of what surrounds their glyphs, measured on the finished
    picture. font: family of the title. facts: layout, lines, capital height at 160 px, the title's
    box in shares of the side, shades.
    """

    width: int
    height: int
    family: str
    text_contrast: float
    font: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Ground:
    """The picture to set text on. layouts, grain: as in Family."""

    name: str
    picture: Image.Image
    layouts: tuple[str, ...]
    grain: float


@dataclass(frozen=True)
class _Setting:
    """Text placed on the cover.

    panel: box of the flat ground under it, in pixels, if any.
    """

    layout: Layout
    title: Block
    artist: Block
    panel: tuple[int, int, int, int] | None

    @property
    def groups(self) -> tuple[tuple[Block, ...], ...]:
        """Blocks that stand together and share colour and shade."""
        if self.layout.artist == "opposite":
            return ((self.title,), (self.artist,))
        return ((self.title, self.artist),)


@dataclass(frozen=True)
class _Tone:
    """Colours of one group: its text, and how strongly the other end of the ramp shades it."""

    text: Rgb
    shade: Rgb
    step: int

    @property
    def strength(self) -> float:
        return SHADE_STEPS[self.step]


def render_cover(request: CoverRequest, output: Path) -> CoverResult:
    """Draw a cover and write it as an sRGB JPEG (4:4:4, profile embedded), whole or not at all.

    The same request gives the same bytes. Raises ValueError on a bad palette, size, name or empty
    text; fonts.TextNotDrawable if no font has the glyphs; MediaError if the contrast of the text
    stays below MIN_CONTRAST.
    """
    family = _checked_family(request)
    canvas = Canvas(request.size_px, Palette.from_hex(request.palette), request.seed)
    ground = _Ground(family.name, family.render(canvas), family.layouts, family.grain)
    return _made(request, canvas, ground, output, (JPEG_QUALITY,))


def set_cover(request: CoverRequest, art: Path, output: Path) -> CoverResult:
    """As render_cover, on a given picture: cut to its middle square and scaled to size_px.

    Only the picture is scaled; the text is drawn at full size. The request's family does not
    count. facts also tell "art_px", the picture's width and height. What is wrong with the
    picture itself, gates.art_findings tell. Raises MediaInvalid if it cannot be read, else as
    render_cover.
    """
    _check(request)
    canvas = Canvas(request.size_px, Palette.from_hex(request.palette), request.seed)
    picture = open_rgb(art)
    side = (request.size_px, request.size_px)
    square = ImageOps.fit(picture, side, Image.Resampling.LANCZOS)
    ground = _Ground("art", square, ART_LAYOUTS, ART_GRAIN)
    result = _made(request, canvas, ground, output, ART_QUALITIES)
    return replace(result, facts={**result.facts, "art_px": list(picture.size)})


def _made(
    request: CoverRequest,
    canvas: Canvas,
    ground: _Ground,
    output: Path,
    qualities: Sequence[int],
) -> CoverResult:
    setting = _chosen_setting(request, canvas, ground)
    image, contrast, tones = _finished(canvas, ground, setting)
    _save(image, output, qualities)
    return CoverResult(
        width=image.width,
        height=image.height,
        family=ground.name,
        text_contrast=round(contrast, 2),
        font=setting.title.face.family,
        facts={
            "layout": setting.layout.name,
            "lines": [line.text for line in setting.title.lines],
            "cap_height_at_160_px": round(setting.title.cap_px / request.size_px * THUMBNAIL_PX, 1),
            "title_box": [round(edge / request.size_px, 4) for edge in setting.title.box],
            "shades": [tone.strength for tone in tones],
        },
    )


def _save(image: Image.Image, output: Path, qualities: Sequence[int]) -> None:
    """Write the JPEG at the first of the qualities that keeps it within MAX_BYTES, or the last."""
    for quality in qualities:
        encoded = io.BytesIO()
        image.save(
            encoded,
            "JPEG",
            quality=quality,
            subsampling=0,
            optimize=False,
            icc_profile=srgb_profile(),
            dpi=DPI,
        )
        if encoded.tell() <= MAX_BYTES:
            break
    with atomic_output(output) as partial:
        partial.write_bytes(encoded.getbuffer())


@cache
def srgb_profile() -> bytes:
    """An sRGB ICC profile with a fixed date in place of the clock's."""
    raw = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # ICC.1:2010, 7.2: creation date at 24 (six 16-bit numbers), profile ID at 84.
    raw[24:36] = b"".join(number.to_bytes(2, "big") for number in (2000, 1, 1, 0, 0, 0))
    raw[84:100] = bytes(16)
    return bytes(raw)


def _check(request: CoverRequest) -> None:
    if not clean(request.title) or not clean(request.artist):
        raise ValueError("Cover: title and artist must not be empty.")
    if not MIN_SIZE_PX <= request.size_px <= MAX_SIZE_PX:
        raise ValueError(
            f"Cover: size {request.size_px} px; choose {MIN_SIZE_PX} to {MAX_SIZE_PX}."
        )
    if request.layout and request.layout not in LAYOUTS:
        raise ValueError(f"Cover: no layout {request.layout!r}; choose of {', '.join(LAYOUTS)}.")


def _checked_family(request: CoverRequest) -> Family:
    _check(request)
    if request.family and request.family not in FAMILIES:
        raise ValueError(f"Cover: no family {request.family!r}; choose of {', '.join(FAMILIES)}.")
    if request.family:
        return FAMILIES[request.family]
    return choose_family(request.genre, request.style, request.seed)


# --- placing text


def _chosen_setting(request: CoverRequest, canvas: Canvas, ground: _Ground) -> _Setting:
    """A layout drawn by the seed, unless its text would need a strong shade here.

    Text over the brightest part of a motif would need it darkened until it is gone; then the
    next open layout is tried, then one with a panel.
    """
    if request.layout:
        return _set_text(request, LAYOUTS[request.layout], canvas)
    names = [str(name) for name in canvas.rng("layout").permutation(ground.layouts)]
    panels = [name for name in names if LAYOUTS[name].panel]
    if names[0] in panels:
        return _set_text(request, LAYOUTS[names[0]], canvas)
    proof = _proof(ground.picture)
    best: tuple[int, _Setting] | None = None
    for name in names:
        if name in panels:
            continue
        setting = _set_text(request, LAYOUTS[name], canvas)
        step = max(_tone_for(canvas, proof, group).step for group in setting.groups)
        if step <= CALM_SHADE_STEP:
            return setting
        if best is None or step < best[0]:
            best = (step, setting)
    if panels or best is None:
        return _set_text(request, LAYOUTS[panels[0]], canvas)
    return best[1]


def _set_text(request: CoverRequest, layout: Layout, canvas: Canvas) -> _Setting:
    rng = canvas.rng("type")
    face = face_for(clean(request.title), request.genre, rng)
    cap = float(rng.choice(CAP_SHARES))
    side = canvas.size_px
    width_px = layout.width * side
    if layout.panel or layout.width < 0.7:
        cap = min(cap, CAP_SHARES[1])
    title = set_title(
        clean(request.title),
        face,
        side_px=side,
        width_px=width_px,
        height_px=(PANEL_TITLE_HEIGHT if layout.panel else TITLE_HEIGHT) * side,
        max_cap=cap,
    )
    artist = set_artist(
        clean(request.artist),
        side_px=side,
        width_px=width_px,
        cap=ARTIST_CAP,
        family="space-grotesk" if face.family in {"orbitron", "space-grotesk"} else "montserrat",
    )
    return _placed_setting(layout, title, artist, side)


def _placed_setting(layout: Layout, title: Block, artist: Block, side: int) -> _Setting:
    margin, gap, padding = MARGIN * side, ARTIST_GAP * side, PANEL_PADDING * side
    heights = (title.box[3], artist.box[3])
    total = heights[0] + gap + heights[1]
    panel: tuple[int, int, int, int] | None = None
    left, width = margin, side - 2 * margin
    if layout.panel == "label":
        width = max(title.box[2], artist.box[2])
        left, top = (side - width) / 2, (side - total) / 2
        panel = (
            round(left - 1.3 * padding),
            round(top - 1.3 * padding),
            round(left + width + 1.3 * padding),
            round(top + total + 1.3 * padding),
        )
    elif layout.panel:
        frame = PRINT_FRAME * side if layout.panel == "print" else margin
        left, width = frame, side - 2 * frame
        top = side - max(frame, padding) - total
        panel = (0, round(top - padding), side, side)
    else:
        top = {"top": margin, "middle": (side - total) / 2, "bottom": side - margin - total}[
            layout.anchor
        ]
    title_top, artist_top = top, top + heights[0] + gap
    if layout.artist == "above":
        title_top, artist_top = top + heights[1] + gap, top
    elif layout.artist == "opposite":
        artist_top = side - margin - heights[1]
    return _Setting(
        layout,
        placed(title, left_px=left, top_px=title_top, align=layout.align, width_px=width),
        placed(artist, left_px=left, top_px=artist_top, align=layout.align, width_px=width),
        panel,
    )


# --- drawing


def _finished(
    canvas: Canvas, ground: _Ground, setting: _Setting
) -> tuple[Image.Image, float, list[_Tone]]:
    """Panel, shade, grain and text put on the picture; contrast measured, shade raised if short."""
    side = canvas.size_px
    picture = ground.picture
    tones: list[_Tone]
    if setting.panel:
        picture, tone = _with_panel(canvas, setting.layout, setting.panel, picture)
        tones = [tone]
    else:
        picture = _vignetted(canvas, picture)
        proof = _proof(picture)
        tones = [_tone_for(canvas, proof, group) for group in setting.groups]
    masks = {block: block.mask(side) for group in setting.groups for block in group}
    while True:
        image = picture.copy()
        for group, tone in zip(setting.groups, tones, strict=True):
            if tone.strength:
                shade = mask_of(_shade_field(group, side) * np.float32(tone.strength), side)
                image.paste(tone.shade, mask=shade)
        image = grain_added(image, canvas.rng("grain"), ground.grain)
        for group, tone in zip(setting.groups, tones, strict=True):
            for block in group:
                if not setting.panel:
                    cast = soft_shadow(masks[block], blur=0.009, drop=0.002, strength=0.5)
                    image.paste(tone.shade, mask=cast)
                image.paste(tone.text, mask=masks[block])
        found = [
            min(measured_contrast(image, masks[block], block.box) for block in group)
            for group in setting.groups
        ]
        if min(found) >= MIN_CONTRAST:
            return image, min(found), tones
        last = len(SHADE_STEPS) - 1
        raised = [
            _Tone(tone.text, tone.shade, min(tone.step + (value < MIN_CONTRAST), last))
            for tone, value in zip(tones, found, strict=True)
        ]
        if raised == tones:
            raise MediaError(
                f"Cover: contrast {min(found):.1f} of the text stays below {MIN_CONTRAST}; "
                "choose a palette with darker darks or lighter lights."
            )
        tones = raised


def _with_panel(
    canvas: Canvas, layout: Layout, panel: tuple[int, int, int, int], picture: Image.Image
) -> tuple[Image.Image, _Tone]:
    """The text's flat ground; a print also gets a frame around its picture."""
    side = canvas.size_px
    palette = canvas.palette
    light = bool(canvas.rng("panel").random() < 0.5)
    ground, text = (palette.paper, palette.ink) if light else (palette.ink, palette.paper)
    if layout.panel == "print":
        sheet = Image.new("RGB", (side, side), ground)
        frame = round(PRINT_FRAME * side)
        width, height = side - 2 * frame, panel[1] - frame
        whole = picture.resize((width, width), Image.Resampling.BICUBIC)
        upper = round((width - height) * PRINT_CROP_TOP)
        sheet.paste(whole.crop((0, upper, width, upper + height)), (frame, frame))
        return sheet, _Tone(text, ground, 0)
    if layout.panel == "label":
        plate = Image.new("L", (side, side))
        ImageDraw.Draw(plate).rectangle(panel, fill=255)
        picture.paste(palette.ink, mask=soft_shadow(plate, blur=0.012, drop=0.008, strength=0.5))
    ImageDraw.Draw(picture).rectangle(panel, fill=ground)
    return picture, _Tone(text, ground, 0)


def _vignetted(canvas: Canvas, picture: Image.Image) -> Image.Image:
    x, y = axes(PROOF_PX // 4)
    away = np.hypot(x - 0.5, y - 0.5)
    fall = smoothstep(0.42, 0.78, away.astype(np.float32)) * np.float32(0.28)
    picture.paste(canvas.palette.ink, mask=mask_of(fall, canvas.size_px))
    return picture


def _tone_for(canvas: Canvas, pixels: FloatArray, group: Sequence[Block]) -> _Tone:
    """Light or dark text, whichever needs less shade; a tint of the palette where it suffices."""
    palette = canvas.palette
    side = canvas.size_px
    shade_field = _shade_field(group, PROOF_PX, side_px=side)[..., None]
    halos = [_halo(_proof_mask(block, side), PROOF_PX) for block in group]
    tint = palette.at(0.86) if canvas.rng("tint").random() < 0.4 else palette.paper
    light_text = ((tint, palette.ink), (palette.paper, palette.ink))
    dark_text = ((palette.ink, palette.paper),)
    seen = luminance(pixels.astype(np.uint8))
    ground_light = float(np.median(np.concatenate([seen[halo] for halo in halos])))
    natural = dark_text if ground_light > MIDDLE_LUMINANCE else light_text
    for step, strength in enumerate(SHADE_STEPS):
        # Shading against the picture's own light looks like fog: only with what it has.
        choices = natural if step else (*natural, *light_text, *dark_text)
        scores = []
        for text, shade in choices:
            ground = pixels + shade_field * strength * (np.array(shade, np.float32) - pixels)
            light = luminance(np.round(ground).astype(np.uint8))
            own = float(luminance(np.array(text, np.uint8)))
            scores.append(min(_worst_contrast(own, light[halo]) for halo in halos))
        passing = [index for index, score in enumerate(scores) if score >= WANTED_CONTRAST]
        if passing:
            text, shade = choices[passing[0]]
            return _Tone(text, shade, step)
    text, shade = natural[-1]
    return _Tone(text, shade, len(SHADE_STEPS) - 1)


def _proof(picture: Image.Image) -> FloatArray:
    small = picture.resize((PROOF_PX, PROOF_PX), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32)


def _proof_mask(block: Block, side_px: int) -> Image.Image:
    return block.mask(side_px).resize((PROOF_PX, PROOF_PX), Image.Resampling.BOX)


def _shade_field(group: Sequence[Block], size_px: int, side_px: int | None = None) -> FloatArray:
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


# --- contrast


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
    light = luminance(np.asarray(image.crop(window)))
    inside = np.asarray(cover)
    core = light[inside >= min(250, int(inside.max()))]
    return _worst_contrast(float(np.median(core)), light[_halo(cover, image.width)])


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
    return min(contrast_ratio(text, darkest), contrast_ratio(text, brightest))
