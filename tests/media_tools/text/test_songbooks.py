"""Every wording of a couplet rhymes, scans and says only what the writer can fill in."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import pytest

from media_tools.text.artist_names import real_artists
from media_tools.text.bank.songbooks import JOBS, TRENDS, Songbook, Stanza, songbooks, stanza
from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.voices import VOICES
from media_tools.text.checks import cliches, explicit_words
from media_tools.text.phonemes import clean_words, has_sound, last_word, rhymes, syllables

EVERY_BOOK = pytest.mark.parametrize("book", songbooks().values(), ids=songbooks())
SAMPLES = {
    "obj": "brass key", "did": "left the gate open", "turn": "kept the light on",
    "where": "by the station", "who": "my sister", "S": "she", "O": "her", "D": "her",
    "were": "was", "trend": "paper birds",
}  # fmt: skip
LEAST = {
    "scene": 22, "deed": 14, "turn": 14, "after": 20, "lift": 18, "bridge": 18, "close": 8,
    "frame": 8,
}  # fmt: skip


def wordings(parts: tuple[tuple[str, ...], ...]) -> list[str]:
    """Every wording of a line, its gaps filled."""
    drawn = ("".join(choices) for choices in itertools.product(*parts))
    return [re.sub(r"\{(\w+)\}", lambda match: SAMPLES[match[1]], text) for text in drawn]


def couplets(book: Songbook) -> list[Stanza]:
    return [one for stanzas in book.couplets.values() for one in stanzas]


def unrhymed(one: list[str], other: list[str]) -> list[tuple[str, str]]:
    """Last words of two lines that do not rhyme, whatever is chosen."""
    pairs = itertools.product({last_word(x): x for x in one}.values(), other)
    return [(x, y) for x, y in pairs if last_word(x) == last_word(y) or not rhymes(x, y)]


def test_every_voice_and_every_theme_has_a_songbook() -> None:
    assert set(songbooks()) == {*VOICES, *(name.casefold() for name in THEMES)}


@EVERY_BOOK
def test_a_songbook_has_couplets_for_every_job_and_hooks(book: Songbook) -> None:
    assert {job: len(book.couplets[job]) >= LEAST[job] for job in JOBS} == dict.fromkeys(JOBS, True)
    assert all("{did}" in one.text for one in book.couplets["deed"])
    assert all("{turn}" in one.text for one in book.couplets["turn"])
    with_thing = ["{obj}" in chorus.hook.line for chorus in book.choruses]
    assert with_thing.count(False) >= 20
    assert with_thing.count(True) >= 8


@EVERY_BOOK
def test_couplets_rhyme_in_every_wording(book: Songbook) -> None:
    stanzas = [*couplets(book), *TRENDS]

    assert [x for one in stanzas for x in unrhymed(*map(wordings, one.parts))] == []
    texts = Counter(one.text for one in stanzas)
    assert [text for text, count in texts.items() if count > 1] == []


@EVERY_BOOK
def test_choruses_rhyme_with_their_hooks(book: Songbook) -> None:
    for chorus in book.choruses:
        hook = [re.sub(r"\{obj\}", SAMPLES["obj"], chorus.hook.line)]
        for rest in chorus.rest:
            two, three, four = map(wordings, rest.parts)
            in_pairs = [*unrhymed(hook, two), *unrhymed(three, four)]
            crossed = [*unrhymed(hook, three), *unrhymed(two, four)]
            assert not (in_pairs and crossed), (chorus.hook.line, rest.text)


@EVERY_BOOK
def test_lines_can_be_sung_and_hold_no_worn_phrase(book: Songbook) -> None:
    stanzas = [*couplets(book), *(rest for chorus in book.choruses for rest in chorus.rest)]
    lines = [text for one in stanzas for parts in one.parts for text in wordings(parts)]
    lines += [chorus.hook.line.format(**SAMPLES) for chorus in book.choruses]
    text = "\n".join(lines)

    assert [line for line in lines if not 4 <= syllables(line) <= 13] == []
    assert [line for line in lines if not has_sound(last_word(line))] == []
    assert cliches(text) == explicit_words(text) == real_artists(text) == []


def test_no_two_songbooks_share_a_hook_or_a_title_without_a_gap() -> None:
    hooks = [chorus.hook for book in songbooks().values() for chorus in book.choruses]

    for texts in ([h.title for h in hooks if "{" not in h.title], [h.line for h in hooks]):
        counts = Counter(" ".join(clean_words(text)) for text in texts)
        assert [text for text, count in counts.items() if count > 1] == []


def test_the_notation_of_a_couplet() -> None:
    one = stanza("a [red|blue] door / {S} came [in|out] for more")

    assert one.parts == (
        (("a ",), ("red", "blue"), (" door",)),
        (("{S} came ",), ("in", "out"), (" for more",)),
    )
    assert not one.speaks_to_somebody
    assert stanza("you're late / at the gate").speaks_to_somebody
