from __future__ import annotations

import pytest

from media_tools.video.plan import STYLES, Caption, VisualPlan, choose_style


def test_a_plan_survives_json() -> None:
    plan = VisualPlan("footage", "drift", ("#000000", "#ffffff"), 7, ("a.mp4", "b.mp4"))

    assert VisualPlan.from_json(plan.as_json()) == plan


def test_a_plan_of_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="plan kind"):
        VisualPlan.from_json({**VisualPlan("generated").as_json(), "kind": "magic"})


def test_a_caption_survives_json() -> None:
    caption = Caption(1.0, 2.5, "words", "title")

    assert Caption.from_json(caption.as_json()) == caption


def test_a_caption_is_a_lyric_unless_told() -> None:
    assert Caption.from_json({"start_s": 0, "end_s": 1, "text": "a"}).kind == "lyric"


def test_a_caption_of_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="caption kind"):
        Caption.from_json({"start_s": 0, "end_s": 1, "text": "a", "kind": "joke"})


def test_synthwave_gets_the_horizon_more_often_than_not() -> None:
    chosen = [choose_style("synthwave", "neon", seed) for seed in range(60)]

    assert chosen.count("horizon") > 30
    assert set(chosen) == {"horizon", "aurora"}


def test_unknown_words_reach_every_style() -> None:
    assert {choose_style("polka", "", seed) for seed in range(80)} == set(STYLES)


def test_the_choice_is_stable() -> None:
    assert choose_style("techno", "dark", 5) == choose_style("techno", "dark", 5)
