"""The OFL fonts the product draws with, from installed packages.

The one place that knows where font files are. Pillow draws a box for a character a font lacks and
tells nobody, so `missing_characters` reads the font's own character map before anything is drawn.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import fontpkg
import uharfbuzz as hb
from fontpkg.errors import FontpkgError
from PIL import ImageFont

from media_tools.errors import MediaError, ToolMissing
from media_tools.foreign import clean_text

CJK_FAMILY = "noto-sans-cjk"
# Used in this order when a nicer face lacks a character: Latin, Greek, Cyrillic and Devanagari;
# Hebrew; Arabic; Thai; Khmer; Chinese, Japanese and Korean. Each draws Latin letters too.
FALLBACK_FAMILIES = (
    "noto-sans",
    "heebo",
    "noto-sans-arabic",
    "noto-sans-thai",
    "noto-sans-khmer",
    CJK_FAMILY,
)
FALLBACK_FAMILY = FALLBACK_FAMILIES[0]

FAMILIES = (
    "anton",
    "bebas-neue",
    "caveat",
    "inter",
    "montserrat",
    "orbitron",
    "playfair-display",
    "righteous",
    "space-grotesk",
    *FALLBACK_FAMILIES,
)

# The one family that does not come as a `fontpkg-*` package, and has a single weight, bold.
_CJK_PACKAGE, _CJK_FILE = "noto_cjk_sans_jp_bold", "NotoSansCJKjp-Bold.otf"

LINE_BREAKS = "\n\r"

# Pictures among the letters: symbols, skin tones, key caps, unassigned and private code points.
_PICTOGRAPHS = frozenset({"So", "Sk", "Me", "Cn", "Co"})
# What joins pictographs; zero width joiners join letters too.
_JOINERS = re.compile("[\u200d\U000e0020-\U000e007f]")
# Marks that turn the direction of what follows, space without width, and the choice between an
# emoji and its letter-like form.
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff]")


class TextNotDrawable(MediaError):
    """No installed font has glyphs for the text."""

    def __init__(self, text: str, missing: str) -> None:
        shown = " ".join(f"{character} (U+{ord(character):04X})" for character in missing[:8])
        why = f"no installed font draws {shown}" if missing else "it holds nothing that is drawn"
        super().__init__(
            f'Text "{text[:60]}": {why}; use other characters or install a font for this script.'
        )
        self.text = text
        self.missing = missing


def families() -> tuple[str, ...]:
    """Those of FAMILIES that are installed."""
    installed = set(fontpkg.families())
    if _cjk_path() is not None:
        installed.add(CJK_FAMILY)
    return tuple(family for family in FAMILIES if family in installed)


def font_path(family: str, *, italic: bool = False) -> Path:
    """The family's font file; the italic one on demand, where the family has it.

    family: a name of FAMILIES in any case, spaces or hyphens ("Bebas Neue", "bebas-neue").
    Raises ToolMissing if the family or the file is not there.
    """
    style = "italic" if italic else "normal"
    if family.lower().replace(" ", "-") == CJK_FAMILY and not italic:
        path = _cjk_path()
        if path is None:
            raise _not_installed(family, style)
        return path
    try:
        path = Path(fontpkg.path(family, weight=400, style=style, nearest=True))
    except FontpkgError as error:
        raise _not_installed(family, style) from error
    if not path.is_file():
        raise ToolMissing(
            f"Font {family}: its package lacks {path.name}. "
            f"Run: pip install --force-reinstall fontpkg-{family}"
        )
    return path


def load_font(
    family: str, size_px: int, weight: int | None = None, *, italic: bool = False
) -> ImageFont.FreeTypeFont:
    """A new font object, its variable axes set.

    size_px: em size in pixels. weight: 100..900, held to the range the font has; None keeps the
    font's default; static fonts (Anton, Bebas Neue, Righteous) have one weight whatever is asked.
    Raises ToolMissing if the font is not installed or cannot be read.
    """
    path = font_path(family, italic=italic)
    try:
        font = ImageFont.truetype(path, size_px)
    except OSError as error:
        raise ToolMissing(
            f"Font {family}: {path.name} is not readable. "
            "Run: pip install --force-reinstall -r requirements.txt"
        ) from error
    if axes := _axis_values(_face(path), size_px, weight):
        font.set_variation_by_axes(axes)
    return font


def covers_text(path: Path, text: str) -> bool:
    """Whether the font file has a glyph for every character of `text` (line breaks aside)."""
    return not missing_characters(path, text)


def missing_characters(path: Path, text: str) -> str:
    """Characters of `text` the font cannot draw, each once, in order of appearance.

    Text is composed (NFC) first, as a shaping engine does. Line breaks, invisible format
    characters and variation selectors need no glyph.
    """
    codes = _coverage(path)
    missing = dict.fromkeys(
        character
        for character in unicodedata.normalize("NFC", text)
        if not _needs_no_glyph(character) and ord(character) not in codes
    )
    return "".join(missing)


def family_for_text(text: str, preferred: str) -> str:
    """`preferred` if it draws all of `text`, else the first fallback family that does.

    Raises TextNotDrawable if none has all glyphs. It names the characters that no font has; of a
    text that mixes scripts of two fonts, those that the best font lacks.
    """
    lacking: list[str] = []
    for family in (preferred, *FALLBACK_FAMILIES):
        missing = missing_characters(font_path(family), text)
        if not missing:
            return family
        lacking.append(missing)
    nowhere = "".join(one for one in lacking[0] if all(one in missing for missing in lacking))
    raise TextNotDrawable(text, nowhere or min(lacking, key=len))


def drawable(text: str) -> str:
    """`text` as titles and names are drawn: on one line, emoji that no font has left out.

    The one judge of what a cover, a video and a caption can show, asked before anything is paid.
    Raises TextNotDrawable if letters are left that no installed font draws, or nothing is left.
    """
    text = _UNSEEN.sub("", " ".join(clean_text(text).split()))
    if text and text.isascii():
        return text
    words = "".join(c for c in text if unicodedata.category(c) not in _PICTOGRAPHS)
    family = family_for_text(words, FALLBACK_FAMILY)
    family_for_text(words.upper(), FALLBACK_FAMILY)  # covers set names in capitals
    missing = missing_characters(font_path(family), text)
    kept: list[str] = []
    left_out = False
    for character in text:
        if character in missing or (left_out and _JOINERS.match(character)):
            left_out = True
        else:
            left_out = False
            kept.append(character)
    shown = " ".join("".join(kept).split())
    if not any(not c.isspace() and not _needs_no_glyph(c) for c in shown):
        raise TextNotDrawable(text, missing)
    return shown


def _not_installed(family: str, style: str) -> ToolMissing:
    face = f"{style} {family}" if style != "normal" else family
    return ToolMissing(f"Font {face}: not installed. Run: pip install -r requirements.txt")


@lru_cache(maxsize=1)
def _cjk_path() -> Path | None:
    """The file of CJK_FAMILY, its package not imported; None if it is not installed."""
    package = find_spec(_CJK_PACKAGE)
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).with_name(_CJK_FILE)
    return path if path.is_file() else None


def _axis_values(face: hb.Face, size_px: int, weight: int | None) -> list[float]:
    """A value for each variation axis, in the font's order; empty for a static font."""
    values: list[float] = []
    for axis in face.axis_infos:
        wanted = axis.default_value
        if axis.tag == "wght" and weight is not None:
            wanted = weight
        elif axis.tag == "opsz":
            wanted = size_px
        values.append(min(max(wanted, axis.min_value), axis.max_value))
    return values


def _needs_no_glyph(character: str) -> bool:
    code = ord(character)
    return (
        character in LINE_BREAKS
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
        or unicodedata.category(character) == "Cf"
    )


@lru_cache(maxsize=64)
def _face(path: Path) -> hb.Face:
    """The font's tables, mapped from the file. HarfBuzz takes what is no font for an empty one."""
    return hb.Face(hb.Blob.from_file_path(str(path)))


@lru_cache(maxsize=64)
def _coverage(path: Path) -> hb.Set:
    """The code points the font has glyphs for.

    Raises ToolMissing if the file is no font or has no Unicode character map.
    """
    try:
        codes = _face(path).unicodes
    except hb.HarfBuzzError:
        codes = hb.Set()
    if not codes:
        raise ToolMissing(
            f"Font {path.name}: no readable character map; reinstall the font's package."
        )
    return codes
