from __future__ import annotations

import pytest

from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.voices import VOICES, Voice, voice_of
from media_tools.text.dice import Dice
from media_tools.text.grammar import YOU
from media_tools.text.story import draw_plan, person_of, plan_of, tell


def voices() -> list[Voice]:
    return [*VOICES.values(), voice_of("Nobody Known", THEMES["night drives"])]


@pytest.mark.parametrize("voice", voices())
def test_a_plan_is_read_back_from_its_story(voice: Voice) -> None:
    for seed in range(20):
        plan = draw_plan(voice, frozenset(), Dice(seed))
        story = tell(plan, Dice(seed, "told"))

        found = plan_of(story, voice, frozenset(), Dice("other"))

        assert (found.who, found.did, found.turn) == (plan.who, plan.did, plan.turn)
        assert found.obj in story
        assert found.where.casefold() in story.casefold()


def test_a_story_of_somebody_else_gives_a_plan_of_the_voice() -> None:
    voice = VOICES["vera halogen"]

    plan = plan_of("An office romance.", voice, frozenset(), Dice(1))

    assert plan.did in voice.did
    assert plan.obj in voice.objects


def test_avoided_words_stay_out_of_a_plan() -> None:
    voice = VOICES["vera halogen"]

    objects = {draw_plan(voice, frozenset({"ticket"}), Dice(seed)).obj for seed in range(60)}

    assert not any("ticket" in text for text in objects)


def test_the_hook_says_whom_a_song_speaks_to() -> None:
    plan = draw_plan(VOICES["juniper coldwell"], frozenset(), Dice(2))

    assert person_of("leave it where you found it", "", plan, Dice(1)) is YOU
    assert person_of("leave it there", "you'd know it", plan, Dice(1)) is YOU
    assert person_of("he never says", "", plan, Dice(1)).subject == "he"
    assert person_of("she never says", "", plan, Dice(1)).subject == "she"
    third = f"how could {plan.who.person.subject} forget"
    assert person_of(third, "", plan, Dice(1)) is plan.who.person
