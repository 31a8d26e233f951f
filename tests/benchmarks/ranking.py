"""How often a ranking of candidates is in use, on invented decisions with and without a taste."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.ranking import DecidedSong, learn

ROSTERS = 100
ARTISTS = 10
MEASURES = 11
PULLS = (0.3, 0.5, 0.8)  # log-odds for each unit of the first measure, against each of the second
SONGS = (100, 200, 400, 1000)
LOOKS = range(60, 601, 20)


@dataclass(frozen=True)
class Figures:
    """In percent. by_chance: of looks at decisions without a taste; once_by_chance: of rosters.

    found: by pull and number of songs.
    """

    rosters: int
    by_chance: float
    once_by_chance: float
    found: dict[str, dict[str, float]]


def ranking() -> Figures:
    looks = [_looks(seed) for seed in range(ROSTERS)]
    return Figures(
        rosters=ROSTERS,
        by_chance=100 * float(np.mean(looks)),
        once_by_chance=100 * float(np.mean([any(seen) for seen in looks])),
        found={str(pull): {str(n): _found(n, pull) for n in SONGS} for pull in PULLS},
    )


def _looks(seed: int) -> list[bool]:
    songs = invented(LOOKS[-1], pull=0.0, seed=seed)
    return [_in_use(songs[:count]) for count in LOOKS]


def _found(count: int, pull: float) -> float:
    found = [_in_use(invented(count, pull=pull, seed=1000 + seed)) for seed in range(ROSTERS)]
    return 100 * float(np.mean(found))


def _in_use(songs: list[DecidedSong]) -> bool:
    learned = learn(songs)
    return learned is not None and learned.in_use


def invented(
    count: int, *, pull: float, seed: int, measures: int = MEASURES, artists: int = ARTISTS
) -> list[DecidedSong]:
    """Invent decisions by the first two measures of each song, m0 and m1.

    Artists differ in all measures, and those with more of m0 are approved more often.
    """
    rng = np.random.default_rng(seed)
    usual = rng.normal(size=(artists, measures))
    songs = []
    for _ in range(count):
        artist, own = int(rng.integers(artists)), rng.normal(size=measures)
        odds = usual[artist, 0] + pull * (own[0] - own[1])
        names = {f"m{index}": float(value) for index, value in enumerate(usual[artist] + own)}
        songs.append(DecidedSong(artist, bool(rng.random() < 1 / (1 + np.exp(-odds))), names))
    return songs
