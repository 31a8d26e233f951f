"""Lyrics as a composition plan, within the provider's limits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from media_tools.errors import ProviderRejected
from media_tools.music.base import MusicRequest
from media_tools.music.elevenlabs_plan import CompositionPlan, composition_plan

Asked = Callable[..., MusicRequest]


def plan_of(request: MusicRequest) -> CompositionPlan:
    return composition_plan(request, provider="elevenlabs")


def test_short_song_has_no_intro(asked: Asked) -> None:
    plan = plan_of(asked(duration_s=24.0))

    assert [part.kind for part in plan.parts] == ["verse", "chorus"]
    assert plan.duration_ms == 24_000


def test_sections_shrink_to_the_length_but_stay_singable(asked: Asked) -> None:
    plan = plan_of(asked(duration_s=5.0))

    assert [part.duration_ms for part in plan.parts] == [3_000, 3_000]


@pytest.mark.parametrize("duration_s", [28.0, 31.0, 40.0, 61.5, 120.0, 180.0])
def test_parts_fill_the_length(asked: Asked, duration_s: float) -> None:
    plan = plan_of(asked(duration_s=duration_s))

    assert plan.duration_ms == pytest.approx(duration_s * 1000, abs=5)
    assert all(3_000 <= part.duration_ms <= 120_000 for part in plan.parts)


def test_long_sections_are_divided(asked: Asked) -> None:
    lyrics = "[Verse]\n" + "one more line\n" * 65

    plan = plan_of(asked(lyrics=lyrics, duration_s=240.0))

    sung = [part for part in plan.parts if part.lines]
    assert [len(part.lines) for part in sung] == [30, 30, 5]


def test_long_lines_are_divided_between_words(asked: Asked) -> None:
    plan = plan_of(asked(lyrics="[Verse]\n" + "word " * 70))

    (sung,) = (part for part in plan.parts if part.lines)
    assert [len(line) for line in sung.lines] == [199, 149]


def test_directions_cannot_come_from_the_lyrics(asked: Asked) -> None:
    plan = plan_of(asked(lyrics="[Verse]\nsing {louder} [now] please"))

    (sung,) = (part for part in plan.parts if part.lines)
    assert sung.lines == ("sing louder now please",)


def test_styles_are_few_and_short(asked: Asked) -> None:
    plan = plan_of(asked(prompt=", ".join(f"style {number} {'x' * 120}" for number in range(9))))

    assert len(plan.styles) == 7
    assert all(len(style) <= 100 for style in plan.styles)


def test_too_many_sections_are_refused(asked: Asked) -> None:
    with pytest.raises(ProviderRejected, match="31 sections"):
        plan_of(asked(lyrics="[Verse]\nla\n" * 31, duration_s=100.0))


def test_lyrics_for_more_than_ten_minutes_are_refused(asked: Asked) -> None:
    lyrics = "\n".join("[Verse]\n" + "la la\n" * 30 for _ in range(20))

    with pytest.raises(ProviderRejected, match=r"need 15\.0 min"):
        plan_of(asked(lyrics=lyrics, duration_s=600.0))


def test_sections_are_stretched_to_the_real_length(asked: Asked) -> None:
    sections = plan_of(asked(duration_s=60.0)).sections(66.0)

    assert (sections[0].start_s, sections[-1].end_s) == (0.0, pytest.approx(66.0))
    assert sections[0].end_s == sections[1].start_s
