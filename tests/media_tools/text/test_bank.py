from __future__ import annotations

import re

import pytest

from artists.starter_roster import STARTER_ROSTER
from media_tools.luminance import contrast, hex_luminance
from media_tools.text import grammar
from media_tools.text.artist_names import real_artists
from media_tools.text.bank.genres import GENRES, Genre, line_count_of
from media_tools.text.bank.model import Theme, hook
from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.voices import VOICES, Voice
from media_tools.text.bank.words import HOOKS, TREND_HOOKS
from media_tools.text.checks import cliches, explicit_words
from media_tools.text.colours import MIN_CONTRAST
from media_tools.text.dictionary import look_up
from media_tools.text.phonemes import clean_words

EVERY_THEME = pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
EVERY_VOICE = pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)


def theme_text(theme: Theme) -> str:
    parts = [*theme.places, *theme.acts, *theme.things, *theme.plurals, *theme.adjectives]
    return "\n".join(parts)


def voice_text(voice: Voice) -> str:
    parts = [*voice.did, *voice.turns, *voice.objects, *voice.places, *voice.adjectives]
    return "\n".join(parts)


def test_every_artist_of_the_starter_roster_has_a_voice() -> None:
    assert set(VOICES) == {persona.name.casefold() for persona in STARTER_ROSTER}


@EVERY_THEME
def test_a_theme_has_acts_of_no_person(theme: Theme) -> None:
    assert not {"you", "your"} & set(" ".join(theme.acts).split())  # {D} follows the person
    assert len(theme.acts) >= 12


@EVERY_VOICE
def test_a_voice_has_material_for_three_hundred_plans(voice: Voice) -> None:
    assert len(voice.people) * len(voice.did) * len(voice.objects) * len(voice.turns) >= 10_000
    for words in (voice.did, voice.turns, voice.objects, voice.places):
        assert len(set(words)) == len(words)
    assert set(re.findall(r"\{(\w+)\}", "\n".join(voice.did))) <= {"D"}


@EVERY_THEME
def test_a_theme_holds_no_cliche_no_explicit_word_and_no_real_artist(theme: Theme) -> None:
    text = theme_text(theme)

    assert cliches(text) == []
    assert explicit_words(text) == []
    assert real_artists(text) == []


@EVERY_VOICE
def test_a_voice_holds_no_cliche_no_explicit_word_and_no_real_artist(voice: Voice) -> None:
    text = voice_text(voice)

    assert cliches(text) == []
    assert explicit_words(text) == []
    assert real_artists(text) == []


def test_gaps_in_hooks_are_known() -> None:
    for one in HOOKS:
        gaps = set(re.findall(r"\{(\w+)\}", f"{one.title} {one.line}"))
        assert gaps <= {"obj", "Obj", "adj", "Adj"}


def test_gaps_in_trend_hooks_are_known() -> None:
    for one in TREND_HOOKS:
        assert set(re.findall(r"\{(\w+)\}", f"{one.title} {one.line}")) == {"trend", "Trend"}


@pytest.mark.parametrize("genre", GENRES.values(), ids=lambda genre: genre.name)
def test_genres_are_complete(genre: Genre) -> None:
    assert set(genre.themes) <= set(THEMES)
    assert genre.tempo[0] < genre.tempo[1]
    for palette in genre.palettes:
        assert contrast(hex_luminance(palette[0]), hex_luminance(palette[-1])) >= MIN_CONTRAST
    for form in genre.forms:
        assert line_count_of(form) >= 16
        assert form.count("C") >= 2
        assert form.startswith("V")


@pytest.mark.parametrize(
    ("verb", "past"),
    [
        *(("turn", "turned"), ("write", "wrote"), ("carry", "carried"), ("stay", "stayed")),
        *(("skip", "skipped"), ("wrap", "wrapped"), ("hum", "hummed"), ("map", "mapped")),
        *(("open", "opened"), ("fix", "fixed"), ("row", "rowed"), ("wait", "waited")),
    ],
)
def test_verb_forms(verb: str, past: str) -> None:
    assert grammar.past(verb) == past


def verbs_of_the_bank() -> set[str]:
    acts = [act for theme in THEMES.values() for act in theme.acts]
    acts += [act for voice in VOICES.values() for act in (*voice.did, *voice.turns)]
    return {act.split()[0] for act in acts}


def test_verb_forms_of_the_whole_bank_are_words() -> None:
    for verb in verbs_of_the_bank():
        past = grammar.past(verb)
        assert look_up(past) or past in ("hummed", "scrolled", "shovelled"), f"{past} is no word"


@pytest.mark.parametrize(("word", "article"), [("hour", "an"), ("amber", "an"), ("unicorn", "a")])
def test_articles_follow_the_sound(word: str, article: str) -> None:
    assert grammar.article(word) == article


def test_the_notation_names_what_is_missing() -> None:
    with pytest.raises(ValueError, match="unpack"):
        hook("A title without a line")


def test_every_word_of_the_bank_has_syllables() -> None:
    words = {word for theme in THEMES.values() for word in clean_words(theme_text(theme))}
    assert len(words) > 400
