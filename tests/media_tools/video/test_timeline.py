"""How a song is cut into shots."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from media_tools.music.base import Section
from media_tools.video.features import AudioFeatures
from media_tools.video.timeline import Compositions, Entry, Timeline, plan_timeline

FPS = 24
SECTIONS = tuple(
    Section(kind, start, start + 12.0)
    for kind, start in zip(
        ("intro", "verse", "chorus", "verse", "chorus", "outro"), range(0, 72, 12), strict=True
    )
)
ALL = Compositions(scenes=3, quiet=2, art=True, hooked=True)


def music(seconds: float = 72.0) -> AudioFeatures:
    """A beat every half second, louder in the choruses."""
    frames = round(seconds * FPS)
    beat = (np.arange(frames) % 12 == 0).astype(np.float32)
    chorus = (np.arange(frames) // (12 * FPS)) % 2 == 0
    energy = np.where(chorus, 0.8, 0.3).astype(np.float32)
    return AudioFeatures(FPS, seconds, np.zeros((frames, 64), np.float32), beat, beat, beat, energy)


def timeline(compositions: Compositions = ALL, seed: int = 1) -> Timeline:
    return plan_timeline(music(), SECTIONS, compositions, seed=seed)


@pytest.mark.parametrize("seed", range(5))
def test_shots_cover_the_song_and_every_section_begins_with_a_cut(seed: int) -> None:
    shots = timeline(seed=seed).shots

    assert shots[0].first == 0 and shots[-1].last == 72 * FPS
    assert all(before.last == after.first for before, after in pairwise(shots))
    assert {round(part.start_s * FPS) for part in SECTIONS} <= {shot.first for shot in shots}


@pytest.mark.parametrize("seed", range(5))
def test_neighbours_are_different_compositions(seed: int) -> None:
    looks = [(shot.scene, shot.art, shot.mirrored) for shot in timeline(seed=seed).shots]

    assert all(before != after for before, after in pairwise(looks[:-1]))


def test_every_composition_is_used() -> None:
    assert {(shot.scene, shot.art) for shot in timeline().shots} == {
        (0, False),
        (1, False),
        (2, False),
        (2, True),
    }


def test_choruses_are_loud_and_come_in_with_light() -> None:
    shots = timeline().shots
    chorus = next(shot for shot in shots if shot.first == 24 * FPS)
    verse = next(shot for shot in shots if shot.first == 12 * FPS)

    assert chorus.tone > 0.8 > 0.6 > verse.tone
    assert chorus.entry in (Entry.FLASH, Entry.CUT)
    assert chorus.zoom > 0.0 == verse.zoom
    assert not chorus.art


def test_cards_stand_in_order_on_quiet_shots() -> None:
    plan = timeline()

    assert 2 * FPS < plan.opening < 3.5 * FPS
    assert plan.title[0] == plan.opening
    assert plan.closing is not None
    title = plan.shots[plan.shot_at(plan.title[0])]
    assert title.art and not title.lit
    closing = plan.shots[plan.shot_at(plan.closing[0])]
    assert (closing.scene, closing.first) == (ALL.quiet, plan.closing[0])


def test_without_words_the_film_opens_with_its_title() -> None:
    plan = timeline(replace(ALL, hooked=False))

    assert (plan.opening, plan.title[0]) == (0, 0)


def test_a_short_film_has_no_end_card() -> None:
    plan = plan_timeline(music(8.0), (), ALL, seed=1)

    assert (plan.opening, plan.closing) == (0, None)
    assert plan.shots[-1].last == 8 * FPS
