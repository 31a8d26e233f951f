"""What a video shall show: plain data, stored with the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from media_tools.seeds import derive_seed

STYLES = ("aurora", "horizon", "drift", "tunnel", "ribbons")

DEFAULT_PALETTE = ("#0b1026", "#2b3a80", "#7a5cff", "#ff6fae", "#ffe9c9")

# Words of a genre or of a persona's visual style, and the styles that suit them, best first.
_FITTING: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("synthwave", "retro", "80s", "outrun", "vapor", "neon"), ("horizon", "aurora")),
    (("lofi", "lo-fi", "chill", "jazz", "rain", "cosy", "nostalg"), ("drift", "aurora")),
    (("ambient", "dream", "ocean", "meditat", "cinematic", "orchestra"), ("aurora", "drift")),
    (("house", "disco", "dance", "funk"), ("ribbons", "aurora", "tunnel")),
    (("techno", "industrial", "minimal", "geometr", "drum", "bass", "dnb"), ("tunnel", "ribbons")),
    (("trap", "hip", "rap", "drill", "dark"), ("tunnel", "aurora")),
    (("folk", "acoustic", "country", "nature", "paper", "soft"), ("ribbons", "drift")),
    (("indie", "pop", "rock"), ("aurora", "ribbons", "drift")),
)


@dataclass(frozen=True)
class VideoSpec:
    """Size in pixels (even), frames per second, and x264's preset and CRF."""

    width: int = 1080
    height: int = 1920
    fps: int = 24
    preset: str = "veryfast"
    crf: int = 22


@dataclass(frozen=True)
class Caption:
    """Words on the picture from start_s to end_s."""

    start_s: float
    end_s: float
    text: str
    kind: Literal["lyric", "title"] = "lyric"

    def as_json(self) -> dict[str, Any]:
        return {
            "start_s": self.start_s,
            "end_s": self.end_s,
            "text": self.text,
            "kind": self.kind,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raises KeyError or ValueError on a missing or malformed field."""
        kind = data.get("kind", "lyric")
        if kind not in ("lyric", "title"):
            raise ValueError(f"caption kind must be 'lyric' or 'title', not {kind!r}")
        return cls(
            start_s=float(data["start_s"]),
            end_s=float(data["end_s"]),
            text=str(data["text"]),
            kind=kind,
        )


@dataclass(frozen=True)
class VisualPlan:
    """The moving picture behind the words.

    kind "generated": `style` drawn from the music; "footage": the files in `footage`, cut to
    fill the frame. palette: three to five "#rrggbb" colours, dark to light.
    """

    kind: Literal["generated", "footage"]
    style: str = STYLES[0]
    palette: tuple[str, ...] = DEFAULT_PALETTE
    seed: int = 0
    footage: tuple[str | Path, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "style": self.style,
            "palette": list(self.palette),
            "seed": self.seed,
            "footage": [str(path) for path in self.footage],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raises KeyError or ValueError on a missing or malformed field."""
        kind = data["kind"]
        if kind not in ("generated", "footage"):
            raise ValueError(f"plan kind must be 'generated' or 'footage', not {kind!r}")
        return cls(
            kind=kind,
            style=str(data["style"]),
            palette=tuple(data["palette"]),
            seed=int(data["seed"]),
            footage=tuple(data["footage"]),
        )


def choose_style(genre: str, visual_style: str, seed: int) -> str:
    """A generated style that suits the words; the seed varies it among the fitting ones.

    Every keyword found adds weight to its styles; without any, all styles are equally likely.
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
