"""Whether shops are told of what an algorithm made as of AI."""

from __future__ import annotations

import pytest

from runs.releasing.disclosure import Contribution, store_flags, told_extent
from tests.runs.releasing.sheets import ALGORITHM, MODEL, PERSON, made

BY_RULE = Contribution("full", "algorithm")
PARTS = ("composition", "instruments", "vocals", "lyrics", "post_production", "artwork", "video")


@pytest.mark.parametrize(
    ("open_answer", "contribution", "told"),
    [
        (True, made("full", ALGORITHM), "full"),
        (False, made("full", ALGORITHM), "none"),
        (False, made("partial", MODEL), "partial"),
        (False, made("none", PERSON), "none"),
        (False, made("undeclared"), "undeclared"),
    ],
)
def test_extents(settings, open_answer: bool, contribution: dict[str, str], told: str) -> None:
    settings.DISCLOSE_ALGORITHMS_AS_AI = open_answer

    assert told_extent(contribution) == told


@pytest.mark.parametrize(
    ("open_answer", "tags"),
    [(True, ["track", "composition", "artwork", "music_video"]), (False, [])],
)
def test_answers_in_the_shops_forms(settings, open_answer: bool, tags: list[str]) -> None:
    settings.DISCLOSE_ALGORITHMS_AS_AI = open_answer

    flags = store_flags(dict.fromkeys(PARTS, BY_RULE))

    assert flags == {
        "apple_music_transparency_tags": tags,
        "youtube_contains_synthetic_media": open_answer,
        "tiktok_is_aigc": open_answer,
    }
