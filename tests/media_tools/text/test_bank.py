from __future__ import annotations

import re
from collections import defaultdict
from string import Formatter

import pytest

from media_tools.luminance import contrast, hex_luminance
from media_tools.text import grammar
from media_tools.text.artist_names import real_artists
from media_tools.text.bank.endings import RHYME_GROUPS, SHARED_ENDINGS
from media_tools.text.bank.genres import GENRES, Genre, line_count_of
from media_tools.text.bank.model import ENDING_KINDS, Ending, Theme, event, hook
from media_tools.text.bank.templates import ROLES, TEMPLATES, TREND_TEMPLATES
from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.words import SUNG, TREND_HOOKS
from media_tools.text.checks import cliches, explicit_words
from media_tools.text.colours import MIN_CONTRAST
from media_tools.text.dictionary import look_up
from media_tools.text.phonemes import clean_words, last_word, rhyme_part, rhymes

EVERY_THEME = pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)


def theme_text(theme: Theme) -> str:
    parts = [*theme.places, *theme.acts, *theme.things, *theme.plurals, *theme.adjectives]
    parts += [e.text for e in theme.endings]
    parts += [f"{e.subject} {e.verb}" for e in theme.events]
    parts += [f"{h.title} / {h.line}" for h in theme.hooks]
    return "\n".join(parts)


def test_there_are_enough_templates_and_themes() -> None:
    assert set(TEMPLATES) == set(ROLES)
    assert len(ROLES) >= 6
    assert sum(len(templates) for templates in TEMPLATES.values()) >= 150
    assert len(THEMES) >= 8


@EVERY_THEME
def test_a_theme_has_a_hundred_phrases(theme: Theme) -> None:
    lists = (
        theme.places, theme.acts, theme.events, theme.things, theme.plurals, theme.adjectives,
        theme.endings,
    )  # fmt: skip
    assert sum(map(len, lists)) >= 100
    for phrases_of_kind in lists:
        assert len(set(phrases_of_kind)) == len(phrases_of_kind)


@pytest.mark.parametrize("group", RHYME_GROUPS, ids=lambda group: group[0].last_word)
def test_endings_of_a_group_rhyme_by_sound(group: tuple[Ending, ...]) -> None:
    assert {ending.kind for ending in group} <= set(ENDING_KINDS)
    assert len({rhyme_part(ending.text) for ending in group}) == 1
    assert len({ending.last_word for ending in group}) >= 2


@EVERY_THEME
def test_each_ending_of_a_theme_has_a_partner(theme: Theme) -> None:
    others = [*theme.endings, *SHARED_ENDINGS]

    alone = [e.text for e in theme.endings if not any(rhymes(e.text, o.text) for o in others)]

    assert alone == []


@EVERY_THEME
def test_each_hook_can_be_answered(theme: Theme) -> None:
    words_by_rhyme: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for ending in (*theme.endings, *SHARED_ENDINGS):
        words_by_rhyme[rhyme_part(ending.text)].add(ending.last_word)

    for one in theme.hooks:
        answers = words_by_rhyme[rhyme_part(one.line)] - {last_word(one.line)}
        assert answers, one.line


def test_sung_titles_and_trend_hooks_can_be_answered() -> None:
    last_words = [e.text for e in SHARED_ENDINGS]
    for line in (*SUNG, *(one.line for one in TREND_HOOKS)):
        assert any(rhymes(line, other) for other in last_words), line


@EVERY_THEME
def test_the_sound_of_every_closing_word_is_written_down(theme: Theme) -> None:
    unknown = [
        e.text for e in (*theme.endings, *SHARED_ENDINGS) if not look_up(e.last_word.lower())
    ]

    assert unknown == []


@EVERY_THEME
def test_a_theme_holds_no_cliche_no_explicit_word_and_no_real_artist(theme: Theme) -> None:
    text = theme_text(theme)

    assert cliches(text) == []
    assert explicit_words(text) == []
    assert real_artists(text) == []


@EVERY_THEME
def test_gaps_in_hooks_and_stories_are_known(theme: Theme) -> None:
    texts = [t for h in theme.hooks for t in (h.title, h.line)] + list(theme.stories)
    named = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}

    assert named <= {"adj", "Adj", "thing", "plural"}


@EVERY_THEME
def test_verbs_and_predicates_fit_any_person(theme: Theme) -> None:
    """They follow I, you and we alike, so they must not speak of "my" or "your"."""
    general = [*theme.acts, *(e.text for e in theme.endings if e.kind in "VA")]
    general += [e.text for e in SHARED_ENDINGS if e.kind in "VA"]

    assert [text for text in general if {"my", "me", "mine"} & set(text.split())] == []


@pytest.mark.parametrize("role", [*ROLES, "trend"])
def test_templates_are_well_formed(role: str) -> None:
    templates = TREND_TEMPLATES if role == "trend" else TEMPLATES[role]
    known = {"place", "thing", "plural", "adj", "act", "acting", "acted", "acts", "event"}
    known |= {"event_past", "event_ing", "event_bare", "trend", "T", "N", "V", "A"}

    for template in templates:
        gaps = re.findall(r"\{(\w+)\}", template.text)
        assert template.tense in ("past", "now", "any")
        assert template.ending in ENDING_KINDS
        assert {gap.rstrip("2") for gap in gaps} <= known
        assert template.text.endswith(("{T}", "{N}", "{V}", "{A}", "{N2}"))


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
    ("verb", "past", "continuous", "third"),
    [
        ("turn", "turned", "turning", "turns"),
        ("write", "wrote", "writing", "writes"),
        ("skip", "skipped", "skipping", "skips"),
        ("carry", "carried", "carrying", "carries"),
        ("miss", "missed", "missing", "misses"),
        ("swim", "swam", "swimming", "swims"),
        ("tie", "tied", "tying", "ties"),
        ("see", "saw", "seeing", "sees"),
    ],
)
def test_verb_forms(verb: str, past: str, continuous: str, third: str) -> None:
    assert (grammar.past(verb), grammar.continuous(verb)) == (past, continuous)
    assert grammar.third_person(verb) == third


def test_verb_forms_of_the_whole_bank_keep_one_syllable_verbs_right() -> None:
    verbs = {act.split()[0] for theme in THEMES.values() for act in theme.acts}
    verbs |= {e.verb.split()[0] for theme in THEMES.values() for e in theme.events}
    doubled = re.compile(r"^[^aeiou]*[aeiou][bdgmnpt]$")

    for verb in verbs:
        past = grammar.past(verb)
        if doubled.match(verb) and past == f"{verb}ed":
            pytest.fail(f"{verb} doubles its last letter")


@pytest.mark.parametrize(("word", "article"), [("hour", "an"), ("amber", "an"), ("unicorn", "a")])
def test_articles_follow_the_sound(word: str, article: str) -> None:
    assert grammar.article(word) == article


def test_the_notation_names_what_is_missing() -> None:
    with pytest.raises(ValueError, match="unpack"):
        event("the radio hums")
    with pytest.raises(ValueError, match="unpack"):
        hook("A title without a line")


def test_event_clauses_agree_in_number() -> None:
    assert grammar.event_clause(event("the sirens*: fade"), "present") == "the sirens fade"
    assert grammar.event_clause(event("the radio: hum"), "present") == "the radio hums"
    assert grammar.event_clause(event("the clock: punch in"), "past") == "the clock punched in"


def test_every_word_of_the_bank_has_syllables() -> None:
    words = {word for theme in THEMES.values() for word in clean_words(theme_text(theme))}
    assert len(words) > 1000
