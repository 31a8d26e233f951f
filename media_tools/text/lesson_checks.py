"""Checks whether a finished song follows a lesson, as far as that can be measured.

A limit ("below 100 BPM") is compared with the song's own figure. A direction ("slower") is compared
with the artist's usual figure: the median of songs made before the lesson came up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from media_tools.text.base import Lyrics
from media_tools.text.checks import cliches
from media_tools.text.lessons import Wish, is_major, uses_word, wishes_of

# Measured tempo and length differ this much from what was asked for.
LIMIT_SLACK = {"tempo_bpm": 1.0, "duration_s": 1.0}
# A step in the wanted direction is at least this share of the usual value.
LEAST_STEP = 0.02
FEWEST_USUAL = 3

Figures = Mapping[str, float | None]


@dataclass(frozen=True)
class Song:
    """A finished song."""

    title: str
    key: str  # such as "A minor"
    lyrics: Lyrics
    # tempo_bpm, duration_s, centroid_hz, high_share (of the power above 4 kHz), crest_db,
    # repeated_share (of the lines); None for what was not measured.
    figures: Figures


@dataclass(frozen=True)
class Judgement:
    """Whether a song follows a lesson."""

    obeyed: bool | None  # None if nothing of the lesson can be measured
    measured: str  # the figures behind it


@dataclass(frozen=True)
class _Direction:
    figure: str
    sign: int
    show: Callable[[float], str]


def _bpm(value: float) -> str:
    return f"{value:.0f} BPM"


def _seconds(value: float) -> str:
    return f"{value:.0f} s"


def _centre(value: float) -> str:
    return f"spectral centre at {value:.0f} Hz"


_DIRECTIONS = {
    "slower": _Direction("tempo_bpm", -1, _bpm),
    "faster": _Direction("tempo_bpm", 1, _bpm),
    "shorter": _Direction("duration_s", -1, _seconds),
    "longer": _Direction("duration_s", 1, _seconds),
    "brighter": _Direction("centroid_hz", 1, _centre),
    "darker": _Direction("centroid_hz", -1, _centre),
    "warmer": _Direction("high_share", -1, lambda value: f"{value:.1%} of the power above 4 kHz"),
    "punchier": _Direction("crest_db", 1, lambda value: f"{value:.1f} dB of crest"),
    "varied": _Direction("repeated_share", -1, lambda value: f"{value:.0%} of the lines repeat"),
}
_LIMITED = {"tempo": ("tempo_bpm", _bpm), "duration": ("duration_s", _seconds)}


def judge(lesson: str, song: Song, earlier: Sequence[Figures]) -> Judgement:
    """Compare a song with each wish of a lesson; one broken wish breaks the lesson.

    earlier: figures of the artist's songs from before the lesson.
    """
    judged = [_judge_wish(wish, song, earlier) for wish in wishes_of(lesson)]
    if not judged:
        return Judgement(None, "Nothing in it that can be measured is understood.")
    results = [judgement.obeyed for judgement in judged if judgement.obeyed is not None]
    return Judgement(
        obeyed=all(results) if results else None,
        measured=" ".join(judgement.measured for judgement in judged),
    )


def _judge_wish(wish: Wish, song: Song, earlier: Sequence[Figures]) -> Judgement:
    measure, _, side = wish.kind.partition("_")
    if measure in _LIMITED and side:
        return _judge_limit(wish, song)
    if wish.kind in _DIRECTIONS:
        return _judge_direction(wish.kind, song, earlier)
    if wish.kind in ("major", "minor"):
        return Judgement(is_major(song.key) == (wish.kind == "major"), f"The key is {song.key}.")
    sung = f"{song.title}\n{song.lyrics.as_text()}"
    if wish.kind == "avoid":
        used = [word for word in wish.words if uses_word(sung, frozenset({word}))]
        return Judgement(not used, f"Used: {', '.join(used)}." if used else "No such word is used.")
    if wish.kind == "fresh":
        worn = cliches(sung)
        return Judgement(not worn, f"Found: {', '.join(worn)}." if worn else "No worn phrase.")
    return Judgement(None, f"No measure tells whether it is {wish.kind}.")


def _judge_limit(wish: Wish, song: Song) -> Judgement:
    measure, _, side = wish.kind.partition("_")
    figure, show = _LIMITED[measure]
    value = song.figures.get(figure)
    if value is None:
        return Judgement(None, "It was not measured.")
    slack = LIMIT_SLACK[figure]
    inside = value <= wish.number + slack if side == "max" else value >= wish.number - slack
    limit = "at most" if side == "max" else "at least"
    return Judgement(inside, f"{show(value)}; {limit} {wish.number} is asked for.")


def _judge_direction(kind: str, song: Song, earlier: Sequence[Figures]) -> Judgement:
    direction = _DIRECTIONS[kind]
    value = song.figures.get(direction.figure)
    before = [known for figures in earlier if (known := figures.get(direction.figure)) is not None]
    if value is None:
        return Judgement(None, "It was not measured.")
    if len(before) < FEWEST_USUAL:
        return Judgement(
            None,
            f"{direction.show(value)}; {len(before)} earlier songs are too few to compare with.",
        )
    usual = median(before)
    step = direction.sign * (value - usual)
    return Judgement(
        step > 0 and step >= LEAST_STEP * usual,
        f"{direction.show(value)}; the median of {len(before)} earlier songs is "
        f"{direction.show(usual)}.",
    )
