"""Front covers: a generated or a given picture with title and artist set on it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageOps

from media_tools.errors import MediaError
from media_tools.files import atomic_output
from media_tools.images.families import FAMILIES, Canvas, Family, choose_family
from media_tools.images.families.canvas import soft_shadow
from media_tools.images.fields import axes, grain_added, mask_of, smoothstep
from media_tools.images.gates import MAX_BYTES
from media_tools.images.motif import MOTIFS, motif_mark
from media_tools.images.palette import Palette
from media_tools.images.placing import PRINT_FRAME, Setting, motif_places, set_text
from media_tools.images.reading import open_rgb
from media_tools.images.shading import (
    PROOF_PX,
    SHADE_STEPS,
    Tone,
    contrast_on,
    measured_contrast,
    proof_of,
    shade_field,
    tone_for,
)
from media_tools.images.typography import LAYOUTS, Layout
from media_tools.marking.plain import xmp_packet
from media_tools.provenance import digital_source_type

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
# A film shows the picture without words, enlarged to its longer side.
ART_PX, ART_QUALITY = 1440, 90
DPI = (300, 300)
# What WCAG 2.2 asks of text.
MIN_CONTRAST = 4.5
# And of signs that are no text.
MIN_MOTIF_CONTRAST = 3.0
# Up to this step the picture still shows through; beyond it another layout is better.
CALM_SHADE_STEP = 3
THUMBNAIL_PX = 160
# Motifs sit above the middle, so a print loses more of the foot than of the head.
PRINT_CROP_TOP = 0.35


@dataclass(frozen=True)
class CoverRequest:
    """One cover to be made.

    palette: two or more "#rrggbb", dark to light. style: the persona's visual style in words.
    size_px: side of the square. family, layout: names of FAMILIES and LAYOUTS to insist on; empty
    lets genre, style and seed choose. motif: one of MOTIFS, drawn small where no words are; empty
    for none.
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
    motif: str = ""


@dataclass(frozen=True)
class CoverResult:
    """What was drawn.

    family: kind of picture. text_contrast: WCAG ratio of title or artist, the lower one, against
    the brightest or darkest tenth of what surrounds their glyphs, measured on the finished
    picture. font: family of the title. facts: layout, lines, capital height at 160 px, the title's
    box in shares of the side, shades, the motif if there was room for it.
    """

    width: int
    height: int
    family: str
    text_contrast: float
    font: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Ground:
    """The picture to set text on. layouts, grain: as in Family. generator: as in Provenance."""

    name: str
    picture: Image.Image
    layouts: tuple[str, ...]
    grain: float
    generator: str


def render_cover(request: CoverRequest, output: Path, *, art: Path | None = None) -> CoverResult:
    """Draw a cover and write it as an sRGB JPEG (4:4:4, profile embedded), whole or not at all.

    art: where to write its picture without words, ART_PX square, as well.
    The same request gives the same bytes. Raises ValueError on a bad palette, size, name or empty
    text; fonts.TextNotDrawable if no font has the glyphs; MediaError if the contrast of the text
    stays below MIN_CONTRAST.
    """
    family = _checked_family(request)
    canvas = Canvas(request.size_px, Palette.from_hex(request.palette), request.seed)
    ground = _Ground(family.name, family.render(canvas), family.layouts, family.grain, "algorithm")
    if art is not None:
        save_art(ground.picture, art)
    return _made(request, canvas, ground, output, (JPEG_QUALITY,))


def set_cover(
    request: CoverRequest, painted: Path, output: Path, *, art: Path | None = None
) -> CoverResult:
    """As render_cover, on a picture that a model painted: its middle square, at size_px.

    Only the picture is scaled; the text is drawn at full size. The request's family does not
    count. facts also tell "art_px", the picture's width and height. What is wrong with the
    picture itself, gates.art_findings tell. Raises MediaInvalid if it cannot be read, else as
    render_cover.
    """
    _check(request)
    canvas = Canvas(request.size_px, Palette.from_hex(request.palette), request.seed)
    picture = open_rgb(painted)
    side = (request.size_px, request.size_px)
    square = ImageOps.fit(picture, side, Image.Resampling.LANCZOS)
    if art is not None:
        save_art(square, art)
    ground = _Ground("art", square, ART_LAYOUTS, ART_GRAIN, "ai")
    result = _made(request, canvas, ground, output, ART_QUALITIES)
    return replace(result, facts={**result.facts, "art_px": list(picture.size)})


def save_art(picture: Image.Image, output: Path) -> None:
    """Write a cover's picture without words, at most ART_PX square, whole or not at all."""
    side = min(ART_PX, picture.width)
    with atomic_output(output) as partial:
        picture.resize((side, side), Image.Resampling.BOX).save(
            partial, "JPEG", quality=ART_QUALITY
        )


def _made(
    request: CoverRequest,
    canvas: Canvas,
    ground: _Ground,
    output: Path,
    qualities: Sequence[int],
) -> CoverResult:
    setting = _chosen_setting(request, canvas, ground)
    image, contrast, tones = _finished(canvas, ground, setting)
    has_motif = bool(request.motif) and _with_motif(image, request.motif, setting, canvas, tones)
    _save(image, output, qualities, xmp=xmp_packet(digital_source_type(ground.generator)))
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
            **({"motif": request.motif} if has_motif else {}),
        },
    )


def _save(image: Image.Image, output: Path, qualities: Sequence[int], *, xmp: bytes) -> None:
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
            xmp=xmp,
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
    if not request.title.strip() or not request.artist.strip():
        raise ValueError("Cover: title and artist must not be empty.")
    if not MIN_SIZE_PX <= request.size_px <= MAX_SIZE_PX:
        raise ValueError(
            f"Cover: size {request.size_px} px; choose {MIN_SIZE_PX} to {MAX_SIZE_PX}."
        )
    if request.layout and request.layout not in LAYOUTS:
        raise ValueError(f"Cover: no layout {request.layout!r}; choose of {', '.join(LAYOUTS)}.")
    if request.motif and request.motif not in MOTIFS:
        raise ValueError(f"Cover: no motif {request.motif!r}; choose of {', '.join(MOTIFS)}.")


def _checked_family(request: CoverRequest) -> Family:
    _check(request)
    if request.family and request.family not in FAMILIES:
        raise ValueError(f"Cover: no family {request.family!r}; choose of {', '.join(FAMILIES)}.")
    if request.family:
        return FAMILIES[request.family]
    return choose_family(request.genre, request.style, request.seed)


# --- placing text


def _chosen_setting(request: CoverRequest, canvas: Canvas, ground: _Ground) -> Setting:
    """A layout drawn by the seed, unless its text would need a strong shade here.

    Text over the brightest part of a motif would need it darkened until it is gone; then the
    next open layout is tried, then one with a panel.
    """
    if request.layout:
        return _setting(request, request.layout, canvas)
    names = [str(name) for name in canvas.rng("layout").permutation(ground.layouts)]
    panels = [name for name in names if LAYOUTS[name].panel]
    if names[0] in panels:
        return _setting(request, names[0], canvas)
    proof = proof_of(ground.picture)
    best: tuple[int, Setting] | None = None
    for name in names:
        if name in panels:
            continue
        setting = _setting(request, name, canvas)
        step = max(tone_for(canvas, proof, group).step for group in setting.groups)
        if step <= CALM_SHADE_STEP:
            return setting
        if best is None or step < best[0]:
            best = (step, setting)
    if panels or best is None:
        return _setting(request, panels[0], canvas)
    return best[1]


def _setting(request: CoverRequest, layout: str, canvas: Canvas) -> Setting:
    return set_text(
        request.title, request.artist, request.genre, layout=LAYOUTS[layout], canvas=canvas
    )


# --- drawing


def _finished(
    canvas: Canvas, ground: _Ground, setting: Setting
) -> tuple[Image.Image, float, list[Tone]]:
    """Panel, shade, grain and text put on the picture; contrast measured, shade raised if short."""
    side = canvas.size_px
    picture = ground.picture
    tones: list[Tone]
    if setting.panel:
        picture, tone = _with_panel(canvas, setting.layout, setting.panel, picture)
        tones = [tone]
    else:
        picture = _vignetted(canvas, picture)
        proof = proof_of(picture)
        tones = [tone_for(canvas, proof, group) for group in setting.groups]
    masks = {block: block.mask(side) for group in setting.groups for block in group}
    while True:
        image = picture.copy()
        for group, tone in zip(setting.groups, tones, strict=True):
            if tone.strength:
                shade = mask_of(shade_field(group, side) * np.float32(tone.strength), side)
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
            Tone(tone.text, tone.shade, min(tone.step + (value < MIN_CONTRAST), last))
            for tone, value in zip(tones, found, strict=True)
        ]
        if raised == tones:
            raise MediaError(
                f"Cover: contrast {min(found):.1f} of the text stays below {MIN_CONTRAST}; "
                "choose a palette with darker darks or lighter lights."
            )
        tones = raised


def _with_motif(
    image: Image.Image, motif: str, setting: Setting, canvas: Canvas, tones: Sequence[Tone]
) -> bool:
    """Draw the motif where it stands out most, in the text's colour if it does; False if nowhere.

    It stands too far from the words to change their contrast.
    """
    places = motif_places(setting, canvas.size_px)
    for colour in (tones[-1].text, canvas.palette.paper, canvas.palette.ink):
        contrasts = [contrast_on(image, place, colour) for place in places]
        if contrasts and max(contrasts) >= MIN_MOTIF_CONTRAST:
            place = places[contrasts.index(max(contrasts))]
            image.paste(colour, place, motif_mark(motif, place[2] - place[0]))
            return True
    return False


def _with_panel(
    canvas: Canvas, layout: Layout, panel: tuple[int, int, int, int], picture: Image.Image
) -> tuple[Image.Image, Tone]:
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
        return sheet, Tone(text, ground, 0)
    if layout.panel in ("label", "plate"):
        plate = Image.new("L", (side, side))
        ImageDraw.Draw(plate).rectangle(panel, fill=255)
        picture.paste(palette.ink, mask=soft_shadow(plate, blur=0.012, drop=0.008, strength=0.5))
    ImageDraw.Draw(picture).rectangle(panel, fill=ground)
    return picture, Tone(text, ground, 0)


def _vignetted(canvas: Canvas, picture: Image.Image) -> Image.Image:
    x, y = axes(PROOF_PX // 4)
    away = np.hypot(x - 0.5, y - 0.5)
    fall = smoothstep(0.42, 0.78, away.astype(np.float32)) * np.float32(0.28)
    picture.paste(canvas.palette.ink, mask=mask_of(fall, canvas.size_px))
    return picture
