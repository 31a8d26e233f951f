from __future__ import annotations

from dataclasses import replace

import pytest

from media_tools.findings import Severity
from media_tools.text.base import Lyrics
from media_tools.text.checks import (
    cliches,
    explicit_words,
    lyric_findings,
    rhyming_share,
)
from media_tools.text.trends import spoken_trend
from tests.media_tools.text.conftest import song
from tests.media_tools.text.rhyming import section_rhymes

VERSE = (
    "I left the kettle on the stove",
    "A yellow bus went down the lane",
    "You kept the ticket in your coat",
    "We never saw that town again",
)
CHORUS = (
    "Carry me over the water",
    "Carry me over the sand",
    "Tell it to nobody's daughter",
    "Give me the back of your hand",
)
LATER = (
    "The morning paper came too late",
    "Somebody painted every door",
    "I stood a while beside the gate",
    "There was no letter any more",
)
GOOD = song(("verse", VERSE), ("chorus", CHORUS), ("verse", LATER), ("chorus", CHORUS))


def codes(lyrics: Lyrics, **options: int) -> set[str]:
    return {finding.code for finding in lyric_findings(lyrics, **options)}


def test_a_whole_song_has_no_findings() -> None:
    assert lyric_findings(GOOD) == []


@pytest.mark.parametrize("lyrics", [song(), song(("verse", ())), song(("verse", ("", "...")))])
def test_empty_lyrics_fail_whatever_their_shape(lyrics: Lyrics) -> None:
    assert codes(lyrics) == {"lyrics_empty"}


def test_too_few_lines_fail() -> None:
    assert "lyrics_too_few_lines" in codes(GOOD, min_lines=17)


def test_a_song_without_chorus_fails() -> None:
    assert codes(song(("verse", VERSE), ("verse", LATER)), min_lines=8) == {"lyrics_no_chorus"}


def test_a_looping_verse_fails() -> None:
    looped = song(("verse", (VERSE[0],) * 4), ("chorus", CHORUS), ("verse", VERSE))

    assert "lyrics_looping" in codes(looped, min_lines=8)


def test_a_song_of_one_line_fails() -> None:
    assert "lyrics_looping" in codes(song(*(("chorus", ("Oh my river runs",) * 4),) * 4))


def test_a_stuttering_line_fails() -> None:
    stuck = song(("verse", ("rain rain rain rain rain", *VERSE)), ("chorus", CHORUS))

    assert "lyrics_looping_word" in codes(stuck, min_lines=8)


def test_lines_of_one_or_two_words_are_a_warning() -> None:
    stubs = ("Oh no", "Go", "My love", "Stay here", "All night")
    short = song(("verse", stubs), ("chorus", stubs), ("chorus", VERSE))
    found = lyric_findings(short, min_lines=10)

    assert [(f.code, f.severity) for f in found] == [("lyrics_short_lines", Severity.WARN)]


def test_blank_lines_between_words_fail() -> None:
    assert "lyrics_blank_lines" in codes(song(("verse", (*VERSE, "—")), ("chorus", CHORUS)))


def test_a_pile_of_worn_phrases_is_a_warning() -> None:
    worn = (
        "My broken heart is meant to be",
        "We dance the night away",
        "Reach for the stars and set me free",
        "I cry you a river today",
    )

    assert "lyrics_cliches" in codes(song(("verse", worn), ("chorus", CHORUS)), min_lines=8)
    assert cliches("A broken heart, mended") == ["broken heart"]


def test_explicit_words_need_the_flag() -> None:
    rude = song(("verse", (*VERSE[:3], "Fucking rain again")), *[("chorus", CHORUS)] * 3)

    assert codes(rude) == {"lyrics_explicit_unflagged"}
    flagged = lyric_findings(replace(rude, explicit=True))
    assert [(f.code, f.severity) for f in flagged] == [("lyrics_explicit", Severity.WARN)]


@pytest.mark.parametrize("text", ["peacock feathers", "a cocktail", "Scunthorpe", "cumulus"])
def test_harmless_words_with_rude_letters_inside_pass(text: str) -> None:
    assert explicit_words(text) == []


def test_a_real_artist_named_in_a_song_fails() -> None:
    named = song(("verse", (*VERSE[:3], "Singing taylor swift again")), *[("chorus", CHORUS)] * 3)

    assert codes(named) == {"lyrics_real_artist"}


@pytest.mark.parametrize(
    ("lines", "scheme"),
    [
        (("a light", "a stone", "the night", "alone"), "ABAB"),
        (("a light", "the night", "a stone", "alone"), "AABB"),
        (("a light", "a river", "the cat", "alone"), "xxxx"),
        (("go north", "a stone", "alone", "go north"), "ABBA"),
        (("a name", "the rain"), "AA"),
        ((), ""),
    ],
)
def test_schemes_are_found_by_sound(lines: tuple[str, ...], scheme: str) -> None:
    assert section_rhymes(song(("verse", lines)).sections[0]).scheme == scheme


def test_perfect_and_near_rhymes_make_lines_rhyme() -> None:
    lyrics = song(("verse", ("a light", "the night", "a name", "the rain", "an ox")))

    assert rhyming_share(lyrics) == pytest.approx(0.8)
    assert section_rhymes(lyrics.sections[0]).perfect == 2


def test_a_line_does_not_rhyme_with_its_repeat_or_another_section() -> None:
    assert rhyming_share(song(("verse", ("a light", "a light")), ("chorus", ("a night",)))) == 0.0


def test_no_lyrics_do_not_rhyme() -> None:
    assert rhyming_share(song()) == 0.0


@pytest.mark.parametrize(
    ("topic", "spoken"),
    [
        ("#CityPop", "city pop"),
        ("World Cup Final 2026 live results", "World Cup Final live"),
        ("slow_living", "slow living"),
        ("vintage cameras https://example.org/x", "vintage cameras"),
        ("Drake", None),
        ("", None),
        (None, None),
        ("#日本", None),
    ],
)
def test_trends_become_short_phrases(topic: str | None, spoken: str | None) -> None:
    assert spoken_trend(topic) == spoken
