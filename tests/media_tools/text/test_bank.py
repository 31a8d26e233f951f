from __future__ import annotations

import re

import pytest

from artists.starter_roster import STARTER_ROSTER
from media_tools.luminance import contrast, hex_luminance
from media_tools.text import grammar
from media_tools.text.artist_names import real_artists
from media_tools.text.bank.genres import GENRES, Genre, line_count_of
from media_tools.text.bank.lexicon import KINDS, Kind
from media_tools.text.bank.model import Hook, Noun, Theme, event, hook, noun
from media_tools.text.bank.templates import ROLES, TEMPLATES, TREND_TEMPLATES, Gap, Template
from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.voices import VOICES, Voice
from media_tools.text.bank.words import HOOKS, TREND_HOOKS
from media_tools.text.checks import cliches, explicit_words
from media_tools.text.colours import MIN_CONTRAST
from media_tools.text.phonemes import clean_words, has_sound, last_word

EVERY_THEME = pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
EVERY_VOICE = pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)

PERSON_GAPS = {"S", "O", "D", "are", "were", "have", "do"}
PLAN_GAPS = {"obj", "did", "turn", "where", "who"}
COMPOSED = {"np", "a", "n", "thing", "pp", "hide", "vp", "ev"}
FORMS = {"vp": {"", "past", "ing", "s", "3"}, "ev": {"", "past", "ing", "base"}}
FORMS |= {"did": FORMS["vp"], "turn": FORMS["vp"]}


def every_template() -> list[Template]:
    own = [t for voice in VOICES.values() for some in voice.templates.values() for t in some]
    return [*(t for some in TEMPLATES.values() for t in some), *TREND_TEMPLATES, *own]


def every_noun() -> set[Noun]:
    kinds = [{name: kind.nouns for name, kind in KINDS.items()}]
    kinds += [dict(theme.nouns) for theme in THEMES.values()]
    kinds += [dict(voice.nouns) for voice in VOICES.values()]
    return {one for nouns in kinds for some in nouns.values() for one in some}


def theme_text(theme: Theme) -> str:
    parts = [*theme.places, *theme.acts, *theme.things, *theme.plurals, *theme.adjectives]
    parts += [f"{e.subject} {e.verb}" for e in theme.events]
    return "\n".join([*parts, *nouns_text(theme.nouns)])


def nouns_text(nouns: object) -> list[str]:
    assert isinstance(nouns, dict)
    return [one.text for some in nouns.values() for one in some]


def voice_text(voice: Voice) -> str:
    parts = [*voice.did, *voice.turns, *voice.objects, *voice.places, *voice.adjectives]
    parts += [h.line for h in voice.hooks]
    return "\n".join([*parts, *nouns_text(voice.nouns)])


def test_there_are_six_hundred_templates_in_twelve_roles() -> None:
    assert len(ROLES) >= 12
    assert {role for voice in VOICES.values() for role in voice.templates} <= set(ROLES)
    assert len({t.text for t in every_template()}) >= 600


def test_every_artist_of_the_starter_roster_has_a_voice_with_openings_of_its_own() -> None:
    assert set(VOICES) == {persona.name.casefold() for persona in STARTER_ROSTER}
    heads: dict[str, str] = {}
    for name, voice in VOICES.items():
        fixed = {
            " ".join(str(t.parts[0]).split()[:2])
            for some in voice.templates.values()
            for t in some
            if isinstance(t.parts[0], str) and len(t.parts[0].split()) >= 2
        }
        assert len(fixed) >= 15
        assert not fixed & set(heads)
        heads |= dict.fromkeys(fixed, name)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_shared_templates_in_each_tense(role: str) -> None:
    for tense in ("past", "now") if role not in ("plea",) else ("now",):
        fitting = [t for t in TEMPLATES[role] if t.tense in (tense, "any")]
        assert len(fitting) >= 8


def test_templates_are_well_formed() -> None:
    for template in every_template():
        assert template.tense in ("past", "now", "any")
        assert template.about in ("any", "you", "other")
        assert "{" not in "".join(part for part in template.parts if isinstance(part, str))
        for gap in (part for part in template.parts if isinstance(part, Gap)):
            assert gap.name in PERSON_GAPS | PLAN_GAPS | COMPOSED | {"trend"}
            assert gap.form in FORMS.get(gap.name, {""})
            assert not gap.kind or gap.kind in KINDS


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_has_words_for_each_job(kind: Kind) -> None:
    for words in (kind.adjectives, kind.events, kind.verbs, kind.nouns, kind.prepositions):
        assert len(set(words)) == len(words) >= 1
    assert kind.determiners in ("any", "the", "own")
    assert any(not one.plural for one in kind.nouns)


@EVERY_THEME
def test_a_theme_has_nouns_of_ten_kinds(theme: Theme) -> None:
    assert not {"you", "your"} & set(" ".join(theme.acts).split())  # {D} follows the person
    assert len(theme.nouns) >= 10
    assert set(theme.nouns) <= set(KINDS)
    assert len(theme.acts) >= 12


@EVERY_VOICE
def test_a_voice_has_material_for_three_hundred_plans(voice: Voice) -> None:
    assert len(voice.people) * len(voice.did) * len(voice.objects) * len(voice.turns) >= 10_000
    assert set(voice.nouns) <= set(KINDS)
    for words in (voice.did, voice.turns, voice.objects, voice.places):
        assert len(set(words)) == len(words)
    assert set(re.findall(r"\{(\w+)\}", "\n".join(voice.did))) <= {"D"}


def test_the_sound_of_every_noun_is_in_the_dictionary() -> None:
    assert [one.text for one in every_noun() if not has_sound(last_word(one.text))] == []


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


@pytest.mark.parametrize(
    "hooks", [HOOKS, *(voice.hooks for voice in VOICES.values())], ids=["shared", *VOICES]
)
def test_gaps_in_hooks_are_known(hooks: tuple[Hook, ...]) -> None:
    for one in hooks:
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
    acts = [act for theme in THEMES.values() for act in theme.acts]
    acts += [act for voice in VOICES.values() for act in (*voice.did, *voice.turns)]
    acts += [e.verb for theme in THEMES.values() for e in theme.events]
    acts += [verb for kind in KINDS.values() for verb in (*kind.verbs, *kind.events)]
    verbs = {act.split()[0] for act in acts}
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


def test_a_star_marks_a_plural_noun() -> None:
    assert noun("headlights*") == Noun("headlights", plural=True)


def test_event_clauses_agree_in_number() -> None:
    assert grammar.event_clause(event("the sirens*: fade"), "present") == "the sirens fade"
    assert grammar.event_clause(event("the radio: hum"), "present") == "the radio hums"
    assert grammar.event_clause(event("the clock: punch in"), "past") == "the clock punched in"


def test_every_word_of_the_bank_has_syllables() -> None:
    words = {word for theme in THEMES.values() for word in clean_words(theme_text(theme))}
    assert len(words) > 1000
