from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from artists.starter_roster import STARTER_ROSTER
from media_tools.text import ledger
from media_tools.text.bank.genres import GENRES
from media_tools.text.bank.songbooks import SPEAKS_TO, songbooks
from media_tools.text.bank.voices import VOICES, voice_of
from media_tools.text.base import (
    Concept,
    ConceptBrief,
    Lyrics,
    LyricsBrief,
    Persona,
    PersonaBrief,
    UsedWords,
    Writer,
)
from media_tools.text.checks import cliches, lyric_findings
from media_tools.text.dice import Dice
from media_tools.text.filling import content_words
from media_tools.text.grammar import YOU
from media_tools.text.lessons import uses_word
from media_tools.text.offline import OfflineWriter
from media_tools.text.phonemes import clean_words, last_word, rhymes, syllables
from media_tools.text.song_measures import measure_song
from media_tools.text.story import in_past, plan_of
from media_tools.text.write_song import WRITINGS, theme_for, write_song
from tests.media_tools.text.conftest import song
from tests.media_tools.text.rhyming import section_rhymes

WORDS_OF_THE_BANK = sorted(
    {
        word
        for book in songbooks().values()
        for stanzas in book.couplets.values()
        for stanza in stanzas
        for word in content_words(re.sub(r"[{}|\[\]]", " ", stanza.text))
        if word != "radio"
    }
)
Songs = list[tuple[Concept, Lyrics]]


@pytest.fixture(scope="module")
def songs() -> Songs:
    """A song of each genre by an artist who was invented, and one of each of the roster."""
    writer = OfflineWriter()
    invented = [writer.persona(PersonaBrief(genre, frozenset(), 1)) for genre in GENRES]
    made = []
    for seed, artist in enumerate((*invented, *STARTER_ROSTER)):
        concept = writer.concept(ConceptBrief(artist, (), None, (), "", (60, 120), seed))
        brief = LyricsBrief(concept, artist, (), seed)
        made.append((concept, write_song(brief, writings=2)))
    return made


def test_songs_rhyme_and_repeat_nothing_by_accident(songs: Songs) -> None:
    lines = rhymed = 0
    for concept, lyrics in songs:
        assert lyric_findings(lyrics) == []
        assert repeated_lines(concept, lyrics) == []
        for section in map(section_rhymes, lyrics.sections):
            lines += section.lines
            rhymed += section.perfect

    assert lines > 300
    assert rhymed / lines >= 0.98


def repeated_lines(concept: Concept, lyrics: Lyrics) -> list[str]:
    """Lines that come again though neither chorus nor hook."""
    own = Counter(
        line
        for section in lyrics.sections
        if section.kind != "chorus"
        for line in section.lines
        if concept.hook.lower() not in line.lower()
    )
    return [line for line, count in own.items() if count > 1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "🔥🔥👩‍👩‍👧‍👦 🎧",
        "night drive rain " * 640,
        "x" * 10_240,
        "أغنية الليل والمطر שיר",
        "\x00\x07\x1b[31m\u202e\ufeff{}{0}%s {place}",
        "夜の歌",
        "\ud800 lone",
        "!!! --- ... 1234",
        "<script>alert(1)</script>",
    ],
    ids=[
        "empty",
        "space",
        "emoji",
        "10 kB",
        "one long word",
        "right to left",
        "control characters",
        "no Latin letter",
        "lone surrogate",
        "no letter",
        "markup",
    ],
)
def test_any_text_in_a_persona_still_gives_a_song(
    writer: OfflineWriter, persona: Persona, text: str
) -> None:
    odd = replace(
        persona,
        **dict.fromkeys(
            ("name", "genre", "backstory", "voice", "audience", "style_notes", "visual_style"), text
        ),
        themes=(text, f"{text}b"),
        keys=(text,),
    )

    brief = ConceptBrief(odd, (text,), text, (text,), text, (60, 120), 1)
    concept = writer.concept(brief)
    lyrics = write_song(LyricsBrief(concept, odd, brief.lessons, 1), writings=1)

    assert lyrics.line_count >= 16
    assert lyric_findings(lyrics) == []
    assert repeated_lines(concept, lyrics) == []


def test_form_and_hook_of_every_song(songs: Songs) -> None:
    for concept, lyrics in songs:
        kinds = lyrics.form
        choruses = {s.lines for s in lyrics.sections if s.kind == "chorus"}

        assert kinds[0] == "verse"
        assert kinds.count("verse") >= 2
        assert kinds.count("chorus") >= 2
        assert lyrics.line_count >= 16
        assert len(choruses) == 1
        assert concept.hook.lower() in " ".join(next(iter(choruses))).lower()
        assert not lyrics.explicit


def test_lines_keep_their_measure(songs: Songs) -> None:
    inside = total = 0
    for _, lyrics in songs:
        for section in lyrics.sections:
            counts = sorted(syllables(line) for line in section.lines)
            middle = counts[len(counts) // 2]
            total += len(counts)
            inside += sum(abs(count - middle) <= 2 for count in counts)

    assert inside / total >= 0.92


def test_the_story_is_in_the_words(songs: Songs) -> None:
    shares = []
    for concept, lyrics in songs:
        told = set(content_words(concept.story.split(" The chorus holds")[0]))
        shares.append(len(told & set(content_words(lyrics.as_text()))) / len(told))

    assert sum(shares) / len(shares) >= 0.35


@pytest.mark.parametrize(
    ("hook", "said"),
    [("He never came by", {"he", "him", "his"}), ("We asked her twice", {"she", "her"})],
)
def test_a_song_is_about_whom_its_hook_names(
    lyrics_brief: LyricsBrief, hook: str, said: set[str]
) -> None:
    for seed in range(6):
        concept = replace(lyrics_brief.concept, hook=hook)
        lyrics = write_song(replace(lyrics_brief, concept=concept, seed=seed), writings=1)
        verses = [line for s in lyrics.sections if s.kind == "verse" for line in s.lines]

        assert not SPEAKS_TO & set(clean_words(lyrics.as_text()))
        assert said & set(clean_words(" ".join(verses)))


def test_what_the_speaker_did_is_told_of_the_same_person(lyrics_brief: LyricsBrief) -> None:
    """The theme's act is "read {D} letter"."""
    concept = replace(
        lyrics_brief.concept,
        theme="rain on the window",
        hook="She never wrote back",
        story="My sister left. In the end I read your letter.",
    )
    somebody = replace(lyrics_brief.persona, name="Nobody Known")

    lyrics = write_song(replace(lyrics_brief, concept=concept, persona=somebody), writings=1)

    assert "read her letter" in lyrics.as_text().lower()


def test_a_long_row_of_bridges_has_words(writer: OfflineWriter, lyrics_brief: LyricsBrief) -> None:
    form = ("verse", *["bridge"] * 12, "chorus", *["outro"] * 6)

    lyrics = write_song(replace(lyrics_brief, form=form), writings=1)

    assert lyrics.form == form


def test_a_trend_does_not_take_the_place_of_what_the_speaker_did(
    writer: OfflineWriter, concept_brief: ConceptBrief
) -> None:
    concept = writer.concept(replace(concept_brief, trend="world cup final"))
    brief = LyricsBrief(concept, concept_brief.persona, (), 1)
    turned = concept.story.split(" The chorus")[0].split(" I ")[-1].strip(". ").lower()

    lyrics = write_song(replace(brief, form=("verse", "chorus", "verse", "chorus")), writings=1)

    assert turned in lyrics.as_text().lower()


def test_no_line_rhymes_a_word_with_itself(songs: Songs) -> None:
    for concept, lyrics in songs:
        for section in lyrics.sections:
            ends = [last_word(x) for x in section.lines if x.lower() != concept.hook.lower()]
            assert len(set(ends)) == len(ends)


def test_used_openings_and_endings_do_not_come_again(
    writer: OfflineWriter, lyrics_brief: LyricsBrief
) -> None:
    first = writer.lyrics(lyrics_brief)
    used = UsedWords(
        openings=frozenset(ledger.openings(first)), endings=frozenset(ledger.endings(first))
    )

    second = writer.lyrics(replace(lyrics_brief, used=used))

    hook = lyrics_brief.concept.hook.lower()
    lines = [x for s in second.sections for x in s.lines if x.lower() != hook]
    assert not {ledger.line_opening(line) for line in lines} & used.openings
    assert not {ledger.line_ending(line) for line in lines} & used.endings


def leads_in(lyrics: Lyrics, artist: str) -> list[str]:
    """The artist's leads that lines begin with."""
    lines = {line for section in lyrics.sections for line in section.lines}
    leads = VOICES[artist.casefold()].leads
    return [lead for line in lines for lead in leads if line.startswith(f"{lead} ")]


def test_an_artist_says_once_a_song_when_something_happened(songs: Songs) -> None:
    own = songs[-len(STARTER_ROSTER) :]
    led = [leads_in(song[1], a.name) for a, song in zip(STARTER_ROSTER, own, strict=True)]
    assert max(map(len, led)) == 1
    assert sum(map(len, led)) >= 5, led


def test_a_lead_starts_what_somebody_did_and_is_dropped_if_avoided() -> None:
    writer, vera = OfflineWriter(), STARTER_ROSTER[0]
    concept = writer.concept(ConceptBrief(vera, (), None, (), "", (60, 120), 3))
    briefs = [LyricsBrief(concept, vera, (), seed) for seed in range(12)]
    lessons = ("Avoid the words dawn and shift",)
    story = plan_of(
        concept.story, voice_of(vera.name, theme_for(concept, vera)), frozenset(), Dice()
    )

    free = [writer.lyrics(brief) for brief in briefs]
    held = [writer.lyrics(replace(brief, lessons=lessons)) for brief in briefs]

    lines = [x for song in free for section in song.sections for x in section.lines]
    led = [x for x in lines if x.startswith(VOICES[vera.name.casefold()].leads)]
    acts = [
        in_past(act, person)
        for act in (story.did, story.turn)
        for person in (YOU, story.who.person)
    ]
    assert all(any(act in line for act in acts) for line in led), led
    assert {"Near dawn", "Off shift"} & {x for song in free for x in leads_in(song, vera.name)}
    assert {x for song in held for x in leads_in(song, vera.name)} == {"That night", "Past two"}


def test_the_best_of_the_writings_is_kept(lyrics_brief: LyricsBrief) -> None:
    best = write_song(lyrics_brief, writings=WRITINGS)

    assert measure_song(best).worth >= measure_song(write_song(lyrics_brief, writings=1)).worth


def test_measures_of_a_song_tell_even_lines_and_new_words() -> None:
    even = song(("verse", ("I kept the lantern", "because the road went dark")))
    uneven = song(("verse", ("I kept the lantern", "the lantern, the lantern on the road to town")))

    assert measure_song(even).even > measure_song(uneven).even
    assert measure_song(even).varied > measure_song(uneven).varied


def test_the_same_brief_gives_the_same_bytes(
    writer: OfflineWriter, lyrics_brief: LyricsBrief
) -> None:
    one, two = writer.lyrics(lyrics_brief), OfflineWriter().lyrics(lyrics_brief)

    assert one.as_text().encode() == two.as_text().encode()


def test_another_seed_gives_another_song(writer: OfflineWriter, lyrics_brief: LyricsBrief) -> None:
    one = writer.lyrics(lyrics_brief)
    two = writer.lyrics(replace(lyrics_brief, seed=8))

    assert len(set(one.sections[0].lines) & set(two.sections[0].lines)) <= 1


@pytest.mark.parametrize("seed", range(2))
def test_avoided_words_stay_out_in_every_inflection(
    writer: OfflineWriter, concept_brief: ConceptBrief, seed: int
) -> None:
    lessons = ("Avoid the words night, radio and drive",)
    concept = writer.concept(replace(concept_brief, lessons=lessons, seed=seed))

    lyrics = writer.lyrics(LyricsBrief(concept, concept_brief.persona, lessons, seed))

    assert not uses_word(lyrics.as_text(), frozenset({"night", "radio", "drive"}))


def test_a_trend_is_heard_in_the_lyrics(writer: OfflineWriter, concept_brief: ConceptBrief) -> None:
    for seed in range(2):
        concept = writer.concept(replace(concept_brief, trend="world cup final", seed=seed))
        lyrics = writer.lyrics(LyricsBrief(concept, concept_brief.persona, (), seed))
        outside = [
            line for s in lyrics.sections if s.kind in ("verse", "bridge") for line in s.lines
        ]

        assert any("world cup final" in line.lower() for line in outside)
        chorus = next(s for s in lyrics.sections if s.kind == "chorus")
        assert "world cup final" in " ".join(chorus.lines).lower()


@pytest.mark.parametrize(
    "hook",
    [
        "We orbit the month",
        "Hold me, silver",
        "go",
        "A very long hook that nobody could ever sing in one breath tonight",
    ],
)
def test_a_hook_from_somewhere_else_still_makes_a_chorus(
    writer: OfflineWriter, lyrics_brief: LyricsBrief, hook: str
) -> None:
    concept = replace(lyrics_brief.concept, hook=hook, theme="an office romance")

    lyrics = writer.lyrics(replace(lyrics_brief, concept=concept))

    chorus = next(s for s in lyrics.sections if s.kind == "chorus")
    assert hook[0].upper() + hook[1:] in chorus.lines
    assert len(chorus.lines) == 4
    assert lyric_findings(lyrics) == []


def test_a_short_song_has_fewer_lines_than_a_long_one(
    writer: OfflineWriter, lyrics_brief: LyricsBrief
) -> None:
    short = writer.lyrics(
        replace(lyrics_brief, concept=replace(lyrics_brief.concept, duration_s=60))
    )
    long = writer.lyrics(
        replace(lyrics_brief, concept=replace(lyrics_brief.concept, duration_s=180))
    )

    assert short.line_count == 16
    assert long.line_count >= 24


def test_a_song_uses_no_worn_phrase(songs: Songs) -> None:
    for _, lyrics in songs:
        assert cliches(lyrics.as_text()) == []


def test_the_chorus_answers_its_hook(lyrics: Lyrics) -> None:
    chorus = next(s for s in lyrics.sections if s.kind == "chorus").lines

    assert any(rhymes(chorus[0], line) for line in chorus[1:])


def test_every_persona_of_a_new_roster_can_sing(writer: OfflineWriter) -> None:
    persona = writer.persona(PersonaBrief("bossa nova", frozenset(), 1))
    concept = writer.concept(ConceptBrief(persona, (), None, (), "", (60, 120), 1))

    assert writer.lyrics(LyricsBrief(concept, persona, (), 1)).line_count >= 16


def test_lessons_that_leave_no_words_lose_to_the_song(
    writer: OfflineWriter, lyrics_brief: LyricsBrief
) -> None:
    everything = " ".join(WORDS_OF_THE_BANK)
    lessons = ("Avoid the word radio", f"Avoid the words {everything.replace(' ', ', ')}")

    lyrics = writer.lyrics(replace(lyrics_brief, lessons=lessons))

    outside = [line for s in lyrics.sections if s.kind == "verse" for line in s.lines]
    assert lyrics.line_count >= 16
    assert not uses_word(" ".join(outside), frozenset({"radio"}))


def test_the_offline_writer_is_a_writer(writer: OfflineWriter) -> None:
    as_writer: Writer = writer

    assert (as_writer.name, as_writer.model) == ("offline", "offline-writer-3")
