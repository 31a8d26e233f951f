from __future__ import annotations

from dataclasses import replace

import jsonschema
import pytest

from media_tools.luminance import contrast, hex_luminance
from media_tools.text.bank.genres import GENRES
from media_tools.text.base import CONCEPT_SCHEMA, Concept, ConceptBrief, PersonaBrief
from media_tools.text.colours import MIN_CONTRAST
from media_tools.text.lessons import uses_word
from media_tools.text.offline import OfflineWriter
from tests.media_tools.text.conftest import with_lessons


@pytest.mark.parametrize("genre", GENRES)
def test_concepts_of_every_genre_are_valid(writer: OfflineWriter, genre: str) -> None:
    persona = writer.persona(PersonaBrief(genre, frozenset(), 1))
    for seed in range(15):
        brief = ConceptBrief(persona, (), None, (), "warm", (60, 120), seed)

        concept = writer.concept(brief)

        jsonschema.validate(concept.as_json(), CONCEPT_SCHEMA)
        assert persona.tempo_min_bpm <= concept.tempo_bpm <= persona.tempo_max_bpm
        assert concept.key in persona.keys
        assert 60 <= concept.duration_s <= 120
        assert concept.theme in persona.themes
        assert Concept.from_json(concept.as_json()) == concept


def test_the_same_brief_gives_the_same_concept(
    writer: OfflineWriter, concept_brief: ConceptBrief
) -> None:
    assert writer.concept(concept_brief) == writer.concept(concept_brief)


def test_seeds_differ(writer: OfflineWriter, concept_brief: ConceptBrief) -> None:
    titles = {writer.concept(replace(concept_brief, seed=seed)).title for seed in range(60)}

    assert len(titles) > 35


def test_a_recent_title_does_not_come_again(
    writer: OfflineWriter, concept_brief: ConceptBrief
) -> None:
    recent: list[str] = []
    for _ in range(40):
        title = writer.concept(replace(concept_brief, recent_titles=tuple(recent))).title
        assert title.casefold() not in {old.casefold() for old in recent}
        recent.append(title.upper())


def test_the_palette_goes_from_dark_to_light_with_contrast(
    writer: OfflineWriter, concept_brief: ConceptBrief
) -> None:
    for seed in range(30):
        palette = writer.concept(replace(concept_brief, seed=seed)).palette
        light = [hex_luminance(colour) for colour in palette]
        assert light == sorted(light)
        assert contrast(light[0], light[-1]) >= MIN_CONTRAST


def test_the_prompt_begins_with_the_experiments_prefix(
    writer: OfflineWriter, concept_brief: ConceptBrief
) -> None:
    concept = writer.concept(replace(concept_brief, music_prompt_prefix="lush and wide"))

    assert concept.music_prompt.startswith("lush and wide, ")
    assert f"{concept.tempo_bpm} BPM" in concept.music_prompt
    assert concept.key in concept.music_prompt


@pytest.mark.parametrize("seed", range(8))
def test_tempo_lessons_are_obeyed(
    writer: OfflineWriter, concept_brief: ConceptBrief, seed: int
) -> None:
    lesson = "Keep the tempo below 100 BPM."

    concept = writer.concept(replace(concept_brief, lessons=(lesson,), seed=seed))

    assert 90 <= concept.tempo_bpm < 100
    assert concept.lessons_applied == (lesson,)


@pytest.mark.parametrize("seed", range(8))
def test_slower_and_faster_move_within_the_range(
    writer: OfflineWriter, concept_brief: ConceptBrief, seed: int
) -> None:
    slow = writer.concept(replace(concept_brief, lessons=("Make it slower",), seed=seed))
    fast = writer.concept(replace(concept_brief, lessons=("faster please",), seed=seed))

    assert 90 <= slow.tempo_bpm <= 100
    assert 110 <= fast.tempo_bpm <= 120


def test_the_stronger_of_two_lessons_that_exclude_each_other_wins(
    writer: OfflineWriter, concept_brief: ConceptBrief
) -> None:
    concept = writer.concept(with_lessons(concept_brief, "darker", "brighter", "major key"))

    assert concept.lessons_applied == ("darker",)
    assert concept.key in ("A minor", "D dorian")


@pytest.mark.parametrize(
    "lesson",
    ["Keep the tempo below 60 BPM", "at least 300 seconds long", "More cowbell", "D major only"],
)
def test_a_lesson_that_cannot_be_obeyed_is_not_claimed(
    writer: OfflineWriter, concept_brief: ConceptBrief, lesson: str
) -> None:
    assert writer.concept(with_lessons(concept_brief, lesson)).lessons_applied == ()


@pytest.mark.parametrize("seed", range(8))
def test_length_lessons_are_obeyed(
    writer: OfflineWriter, concept_brief: ConceptBrief, seed: int
) -> None:
    concept = writer.concept(
        replace(concept_brief, lessons=("Keep it under 80 seconds", "shorter"), seed=seed)
    )

    assert 60 <= concept.duration_s < 70
    assert len(concept.lessons_applied) == 2


@pytest.mark.parametrize("seed", range(20))
def test_an_avoided_word_stays_out(
    writer: OfflineWriter, concept_brief: ConceptBrief, seed: int
) -> None:
    lesson = "Avoid the words 'light' and 'radio'."

    concept = writer.concept(replace(concept_brief, lessons=(lesson,), seed=seed))

    said = " ".join((concept.title, concept.hook, concept.story, *concept.keywords))
    assert not uses_word(said, frozenset({"light", "radio"}))
    assert concept.lessons_applied == (lesson,)


def test_a_word_the_artist_cannot_do_without_is_not_claimed_as_avoided(
    writer: OfflineWriter, concept_brief: ConceptBrief
) -> None:
    persona = replace(concept_brief.persona, themes=("night drives",))
    brief = replace(concept_brief, persona=persona, lessons=("avoid the word night",))

    assert writer.concept(brief).lessons_applied == ()


def test_a_trend_shows_in_title_theme_keywords_and_hook(
    writer: OfflineWriter, concept_brief: ConceptBrief
) -> None:
    concept = writer.concept(replace(concept_brief, trend="#VintageCameras"))

    assert concept.trend == "#VintageCameras"
    assert "vintage cameras" in concept.title.lower()
    assert "vintage cameras" in concept.theme
    assert "vintage cameras" in concept.keywords
    assert "vintage cameras" in concept.hook


@pytest.mark.parametrize("topic", ["Taylor Swift tour", "日本", "fuck monday"])
def test_a_trend_no_song_should_follow_is_left_alone(
    writer: OfflineWriter, concept_brief: ConceptBrief, topic: str
) -> None:
    assert writer.concept(replace(concept_brief, trend=topic)).trend is None


def test_themes_written_by_somebody_else_are_understood(
    writer: OfflineWriter, concept_brief: ConceptBrief
) -> None:
    persona = replace(concept_brief.persona, themes=("lonely harbour stories", "xyzzy"))

    assert writer.concept(replace(concept_brief, persona=persona)).theme == "open water"
