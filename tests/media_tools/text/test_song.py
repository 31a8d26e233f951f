from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from media_tools.text.bank.endings import SHARED_ENDINGS
from media_tools.text.bank.genres import GENRES
from media_tools.text.bank.themes import THEMES
from media_tools.text.base import (
    Concept,
    ConceptBrief,
    Lyrics,
    LyricsBrief,
    Persona,
    PersonaBrief,
    Writer,
)
from media_tools.text.checks import cliches, lyric_findings, rhyme_report
from media_tools.text.lessons import uses_word
from media_tools.text.offline import OfflineWriter
from media_tools.text.phonemes import last_word, rhyme_part, syllables
from tests.media_tools.text.conftest import SongFor

SEEDS_PER_GENRE = 20  # 200 songs in all

WORDS_OF_THE_BANK = sorted(
    {e.last_word for e in SHARED_ENDINGS}
    | {e.last_word for theme in THEMES.values() for e in theme.endings}
)


def test_songs_of_two_hundred_seeds_keep_rhymes_and_repeat_nothing_by_accident(
    song_for: SongFor,
) -> None:
    sections = held = 0
    for genre in GENRES:
        for seed in range(SEEDS_PER_GENRE):
            concept, lyrics = song_for(genre, seed)
            assert lyric_findings(lyrics) == []
            assert repeated_lines(concept, lyrics) == []
            for section in rhyme_report(lyrics).sections:
                sections += 1
                held += section.scheme in ("AA", "AABB", "ABAB")

    assert sections > 1000
    assert held / sections >= 0.98


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

    for seed, trend in enumerate((None, text)):
        brief = ConceptBrief(odd, (text,), trend, (text,), text, (60, 120), seed)
        concept = writer.concept(brief)
        lyrics = writer.lyrics(LyricsBrief(concept, odd, brief.lessons, seed))

        assert lyrics.line_count >= 16
        assert lyric_findings(lyrics) == []
        assert repeated_lines(concept, lyrics) == []


@pytest.mark.parametrize("genre", GENRES)
def test_form_hook_and_repeats_of_every_genre(song_for: SongFor, genre: str) -> None:
    for seed in range(100, 106):
        concept, lyrics = song_for(genre, seed)
        kinds = lyrics.form
        choruses = {s.lines for s in lyrics.sections if s.kind == "chorus"}
        lines = [line for s in lyrics.sections if s.kind != "chorus" for line in s.lines]

        assert kinds[0] == "verse"
        assert kinds.count("verse") >= 2
        assert kinds.count("chorus") >= 2
        assert lyrics.line_count >= 16
        assert len(choruses) == 1
        assert concept.hook.lower() in " ".join(next(iter(choruses))).lower()
        own = Counter(line for line in lines if concept.hook.lower() not in line.lower())
        assert max(own.values()) == 1
        assert not lyrics.explicit


def test_lines_keep_their_measure(song_for: SongFor) -> None:
    inside = total = 0
    for genre in GENRES:
        verse, chorus = GENRES[genre].syllables
        for seed in range(6):
            concept, lyrics = song_for(genre, seed)
            for section in lyrics.sections:
                for line in section.lines:
                    total += 1
                    if section.kind in ("chorus", "outro"):
                        target = {min(max(syllables(concept.hook), 6), 10)}
                    else:
                        target = {verse, verse + 1, chorus, chorus + 1}
                    inside += any(abs(syllables(line) - wanted) <= 1 for wanted in target)

    assert inside / total >= 0.98


def test_no_line_rhymes_a_word_with_itself(song_for: SongFor) -> None:
    for seed in range(10):
        _, lyrics = song_for("indie_pop", seed)
        for section in lyrics.sections:
            ends = [last_word(line) for line in section.lines]
            assert len(set(ends)) == len(ends)


def test_the_same_brief_gives_the_same_bytes(
    writer: OfflineWriter, lyrics_brief: LyricsBrief
) -> None:
    one, two = writer.lyrics(lyrics_brief), OfflineWriter().lyrics(lyrics_brief)

    assert one.as_text().encode() == two.as_text().encode()


def test_another_seed_gives_another_song(writer: OfflineWriter, lyrics_brief: LyricsBrief) -> None:
    one = writer.lyrics(lyrics_brief)
    two = writer.lyrics(replace(lyrics_brief, seed=8))

    assert len(set(one.sections[0].lines) & set(two.sections[0].lines)) <= 1


@pytest.mark.parametrize("seed", range(10))
def test_avoided_words_stay_out_in_every_inflection(
    writer: OfflineWriter, concept_brief: ConceptBrief, seed: int
) -> None:
    lessons = ("Avoid the words night, radio and drive",)
    concept = writer.concept(replace(concept_brief, lessons=lessons, seed=seed))

    lyrics = writer.lyrics(LyricsBrief(concept, concept_brief.persona, lessons, seed))

    assert not uses_word(lyrics.as_text(), frozenset({"night", "radio", "drive"}))


def test_a_trend_is_heard_in_the_lyrics(writer: OfflineWriter, concept_brief: ConceptBrief) -> None:
    for seed in range(8):
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


def test_a_song_uses_no_worn_phrase(song_for: SongFor) -> None:
    for genre in GENRES:
        _, lyrics = song_for(genre, 77)
        assert cliches(lyrics.as_text()) == []


def test_the_chorus_answers_its_hook(lyrics: Lyrics) -> None:
    chorus = next(s for s in lyrics.sections if s.kind == "chorus").lines

    assert rhyme_part(chorus[0]) in [rhyme_part(line) for line in chorus[1:]]


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

    assert (as_writer.name, as_writer.model) == ("offline", "offline-writer-1")
