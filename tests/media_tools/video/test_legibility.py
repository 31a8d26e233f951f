"""Words against the brightest tenth of what surrounds them, on pictures hard to read on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageColor

from media_tools.images.palette import luminances
from media_tools.images.typography import Face
from media_tools.luminance import contrast, luminance
from media_tools.seeds import stream
from media_tools.video.captions import Clock, Stage, highlight_color, lyric_cues
from media_tools.video.cards import title_card
from media_tools.video.plan import DEFAULT_PALETTE, Caption, LyricVideo, VisualPlan
from media_tools.video.text import TextStyle, letter
from media_tools.video.typography import Manner, Typography, typography_of

Pixels = npt.NDArray[np.floating]

LEAST_CONTRAST = 4.5
RING_PX = 6
STROKE_PX = 4
CLOCK = Clock((1080, 1920), 24, 480)
WORDS = "We were chasing city light"


def white(height: int, width: int) -> Pixels:
    return np.full((height, width, 3), 255.0)


def noise(height: int, width: int) -> Pixels:
    return stream("noise").uniform(0, 255, (height, width, 3))


def checks(height: int, width: int) -> Pixels:
    rows, columns = np.indices((height, width)) // 9
    return np.repeat(((rows + columns) % 2 * 255.0)[..., None], 3, axis=2)


def stripes(height: int, width: int) -> Pixels:
    colors = [ImageColor.getrgb(name) for name in ("yellow", "cyan", "white", "red", "lime")]
    return np.asarray(colors, float)[np.indices((height, width)).sum(axis=0) // 14 % 5]


def lights(height: int, width: int) -> Pixels:
    """Bright discs on a dark street, as in a city at night."""
    random, rows, columns = stream("lights"), *np.indices((height, width))
    picture = np.full((height, width, 3), 20.0)
    for _ in range(90):
        y, x, radius = random.uniform(0, height), random.uniform(0, width), random.uniform(8, 40)
        picture[np.hypot(rows - y, columns - x) < radius] = random.uniform(180, 255, 3)
    return picture


BACKGROUNDS = (white, noise, checks, stripes, lights)


def lyric(manner: Manner = Manner.KARAOKE) -> Image.Image:
    """A line at the foot, all its words there and white."""
    stage = Stage(CLOCK, Typography(Face("inter", 700, "as written"), manner))
    (cue,) = lyric_cues([Caption(0, 3, WORDS, (0.0, 0.5, 1.0, 1.5, 2.0))], stage).foot
    return cue.drawing.picture()


def built() -> Image.Image:
    return lyric(Manner.BUILT)


def written() -> Image.Image:
    return lyric(Manner.WRITTEN)


def stacked() -> Image.Image:
    return lyric(Manner.STACKED)


def title() -> Image.Image:
    return card("Neon Rivers", "")


def artist() -> Image.Image:
    return card("", "Vera Halogen")


def with_motif() -> Image.Image:
    return card("Neon Rivers", "Vera Halogen", motif="bell")


def card(title: str, artist: str, motif: str = "") -> Image.Image:
    video = LyricVideo(
        Path("song.wav"), VisualPlan("generated"), title, artist, "synthwave", motif=motif
    )
    return title_card(video, Stage(CLOCK, typography_of(artist, "synthwave"))).picture()


def overlay() -> Image.Image:
    """As add_text_overlay draws unless told otherwise."""
    return letter(WORDS, TextStyle(), max_width_px=900, max_height_px=600).picture()


def grown(mask: npt.NDArray[np.bool_], pixels: int) -> npt.NDArray[np.bool_]:
    for _ in range(pixels):
        wider = mask.copy()
        wider[1:] |= mask[:-1]
        wider[:-1] |= mask[1:]
        wider[:, 1:] |= mask[:, :-1]
        wider[:, :-1] |= mask[:, 1:]
        mask = wider
    return mask


def brightest_around(picture: Image.Image, behind: Pixels) -> float:
    """Relative luminance that a tenth of the pixels around letters and their strokes exceed."""
    fill = (np.asarray(picture)[..., :3].min(axis=2) > 8) & (np.asarray(picture)[..., 3] > 8)
    inked = grown(fill, STROKE_PX)
    shown = Image.fromarray(behind.astype(np.uint8)).convert("RGBA")
    shown.alpha_composite(picture)
    around = np.asarray(shown)[..., :3][grown(inked, RING_PX) & ~inked]
    return float(np.quantile(luminances(around), 0.9))


@pytest.mark.parametrize("behind", BACKGROUNDS)
@pytest.mark.parametrize(
    "words", [lyric, built, written, stacked, title, artist, with_motif, overlay]
)
def test_words_are_legible_on(
    words: Callable[[], Image.Image], behind: Callable[[int, int], Pixels]
) -> None:
    picture = words()
    width, height = picture.size

    brightest = brightest_around(picture, behind(height, width))

    assert contrast(1.0, brightest) >= LEAST_CONTRAST


@pytest.mark.parametrize(
    "palette", [(), DEFAULT_PALETTE, ("#100000", "#a00000"), ("#000010", "#0000c0", "#303030")]
)
def test_the_highlighted_word_is_legible_too(palette: tuple[str, ...]) -> None:
    color = luminance(ImageColor.getrgb(highlight_color(palette))[:3])
    picture = lyric()
    width, height = picture.size

    brightest = max(brightest_around(picture, behind(height, width)) for behind in (white, stripes))

    assert contrast(color, brightest) >= LEAST_CONTRAST
    assert contrast(1.0, color) > 1.1
