"""What a video should show: plain data, stored with the run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self

from media_tools.music.base import Section
from media_tools.seeds import derive_seed

SHAPES = {"9:16": (9, 16), "16:9": (16, 9), "1:1": (1, 1)}
"""Width to height; the first is what phones show."""

STYLES = ("aurora", "horizon", "drift", "tunnel", "ribbons")

DEFAULT_PALETTE = ("#0b1026", "#2b3a80", "#7a5cff", "#ff6fae", "#ffe9c9")

# Words of a genre or of a persona's visual style, and the styles that suit them, best first.
_FITTING: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("synthwave", "retro", "80s", "outrun", "vapor", "neon"), ("horizon", "aurora")),
    (
        ("lofi", "lo-fi", "chill", "jazz", "rain", "cosy", "nostalg", "r&b", "rnb"),
        ("drift", "aurora"),
    ),
    (
        ("ambient", "dream", "ocean", "meditat", "cinematic", "orchestra", "piano"),
        ("aurora", "drift"),
    ),
    (
        ("house", "disco", "dance", "funk", "reggaeton", "afro", "amapiano"),
        ("ribbons", "aurora", "tunnel"),
    ),
    (("techno", "industrial", "minimal", "geometr", "drum", "bass", "dnb"), ("tunnel", "ribbons")),
    (("trap", "hip", "rap", "drill", "dark", "phonk", "metal"), ("tunnel", "aurora")),
    (("folk", "acoustic", "country", "nature", "paper", "soft"), ("ribbons", "drift")),
    (("indie", "pop", "rock"), ("aurora", "ribbons", "drift")),
)


@dataclass(frozen=True)
class VideoSpec:
    """Size in pixels (even), frames per second, and x264's preset and CRF."""

    width: int = 1080
    height: int = 1920
    fps: int = 24
    preset: str = "superfast"
    crf: int = 23

    def shaped(self, shape: str) -> Self:
        """Return the same spec in one of SHAPES, with its shorter side. Raises ValueError."""
        if shape not in SHAPES:
            raise ValueError(f"unknown shape {shape!r}; use one of {', '.join(SHAPES)}")
        across, down = SHAPES[shape]
        unit = min(self.width, self.height) / min(across, down)
        return replace(self, width=_even(across * unit), height=_even(down * unit))


def _even(length: float) -> int:
    return 2 * round(length / 2)


@dataclass(frozen=True)
class Caption:
    """Words on the picture from start_s to end_s."""

    start_s: float
    end_s: float
    text: str
    word_starts_s: tuple[float, ...] = ()  # when each word is sung, in order; empty if unknown

    def __post_init__(self) -> None:
        """Raise ValueError unless there is one time per word, in order."""
        starts = self.word_starts_s
        if starts and len(starts) != len(self.text.split()):
            raise ValueError(f'caption "{self.text[:40]}": not one time for each word')
        if any(later < earlier for earlier, later in pairwise(starts)):
            raise ValueError(f'caption "{self.text[:40]}": the times of its words go backwards')

    def within(self, start_s: float, end_s: float) -> Self | None:
        """Return what of the caption falls into a part of the song, in that part's own time."""
        if self.end_s <= start_s or self.start_s >= end_s:
            return None
        return replace(
            self,
            start_s=max(self.start_s, start_s) - start_s,
            end_s=min(self.end_s, end_s) - start_s,
            word_starts_s=tuple(at - start_s for at in self.word_starts_s),
        )


@dataclass(frozen=True)
class VisualPlan:
    """The moving picture behind the words."""

    # "generated": `style` drawn from the music; "footage": the files in `footage`, cut to fill the
    # frame.
    kind: Literal["generated", "footage"]
    style: str = STYLES[0]
    palette: tuple[str, ...] = DEFAULT_PALETTE  # three to five "#rrggbb" colours, dark to light
    seed: int = 0
    footage: tuple[str | Path, ...] = ()
    graded: bool = False  # footage is brought towards the palette


@dataclass(frozen=True)
class LyricVideo:
    """Everything a song's video is made of."""

    audio: Path
    plan: VisualPlan
    title: str
    artist: str
    genre: str = ""  # decides, with the artist's name, what the words look like
    captions: tuple[Caption, ...] = ()
    sections: tuple[Section, ...] = ()  # of the song: every one begins with a cut
    tempo_bpm: float | None = None  # words of which no times are known come on its beats
    hook: str = ""  # the line that opens the film
    titled: bool = True  # with a title card; the end card names the song in any case
    subtitle: str = ""  # below title and name, such as "a silent poem"
    call: str = ""  # what the viewer is to do, on the end card
    cover: Path | None = None  # for the end card
    art: Path | None = None  # the cover's picture without words
    motif: str = ""  # one of images.motif.MOTIFS, above the title on its card


def choose_style(genre: str, visual_style: str, seed: int) -> str:
    """Choose a generated style that suits the words; the seed decides between equal ones.

    Every keyword that occurs adds weight to its styles; without any, all styles are equally likely.
    """
    words = f"{genre} {visual_style}".lower()
    weights = dict.fromkeys(STYLES, 0)
    for keywords, styles in _FITTING:
        hits = sum(keyword in words for keyword in keywords)
        for rank, style in enumerate(styles):
            weights[style] += hits * (len(styles) - rank)
    if not any(weights.values()):
        weights = dict.fromkeys(STYLES, 1)
    ticket = derive_seed("visual style", genre, visual_style, seed) % sum(weights.values())
    for style, weight in weights.items():
        if ticket < weight:
            return style
        ticket -= weight
    raise AssertionError("the ticket is below the sum of the weights")
