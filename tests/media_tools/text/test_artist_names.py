"""Names of real artists in texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_tools.foreign import Refused
from media_tools.text.artist_names import MAX_NAMES, Names, read_names, real_artists
from media_tools.text.bank.genres import GENRES
from media_tools.text.bank.words import ARTISTS
from media_tools.text.base import ConceptBrief, LyricsBrief, PersonaBrief
from media_tools.text.offline import OfflineWriter


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("singing taylor swift again", ["taylor swift"]),
        ("BEYONCÉ on the radio", ["BEYONCÉ"]),
        ("beyonce, Beyoncé and a choir", ["beyonce", "Beyoncé"]),
        ("a flow like jay z's", ["jay z"]),
        ("drums by Dr. Dre", ["Dr. Dre"]),
        ("simon and garfunkel harmonies", ["simon and garfunkel"]),
        ("Motorhead riffs, AC/DC drums", ["Motorhead", "AC/DC"]),
        ("Tyler, the Creator", ["Tyler, the Creator"]),
        ("Guns N’ Roses", ["Guns N’ Roses"]),
    ],
)
def test_a_name_counts_however_it_is_written(text: str, names: list[str]) -> None:
    assert real_artists(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a record by The Cure", ["The Cure"]),
        ("dreamy pop like Air", ["Air"]),
        ("warm choirs in the style of queen", ["queen"]),
        ("Night Drive feat. Drake", ["Drake"]),
        ("I listened to Prince all night", ["Prince"]),
        ("Drake", ["Drake"]),
        ("Like Muse, but slower", ["Muse"]),
    ],
)
def test_an_ordinary_word_counts_where_it_stands_as_a_name(text: str, names: list[str]) -> None:
    assert real_artists(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "the cure for a cold",
        "a little madonna lily",
        "drake in the pond",
        "Bread on the table and rain on the pane",
        "We wait. Air comes in through the open window",
        "one line\nQueen of the night",
        "Songs of Bread and Wine",
        "I once knew Prince Charming by name",
        "They bowed before the Queen tonight",
        "light as Air France in the summer",
        "a deep purple sky above and beyond the hills",
        "Sting like a bee",
        "I met Stevie. Wonder if she came",
        "the last train to Boston leaves at nine",
        "Madonna's lilies",
    ],
)
def test_an_ordinary_word_is_no_name_elsewhere(text: str) -> None:
    assert real_artists(text) == []


def test_texts_of_the_offline_writer_name_nobody() -> None:
    writer = OfflineWriter()
    named = []
    for seed in range(60):
        persona = writer.persona(PersonaBrief(list(GENRES)[seed % len(GENRES)], frozenset(), seed))
        concept = writer.concept(ConceptBrief(persona, (), None, (), "", (60, 120), seed))
        lyrics = writer.lyrics(LyricsBrief(concept, persona, (), seed))
        for text in (
            persona.name,
            concept.title,
            "\n".join((persona.backstory, persona.voice, persona.style_notes)),
            "\n".join((concept.story, concept.hook, concept.music_prompt, concept.visual_prompt)),
            lyrics.as_text(),
        ):
            named += real_artists(text)

    assert named == []


def test_every_name_of_the_list_is_found() -> None:
    everybody = (*ARTISTS.names, *ARTISTS.like_words)

    assert len(everybody) == len(set(everybody)) >= 800
    assert [name for name in everybody if real_artists(name) != [name.rstrip(".!")]] == []


def test_names_of_an_own_file_count_too(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("\ufeff# ours\nThe  Paper Moons\x07\n\nVelour\n", encoding="utf-8")
    names = Names((), ())

    names.add(read_names(file))

    assert names.found_in("a choir like the paper moons") == ["the paper moons"]
    assert names.found_in("a velour curtain") == []
    assert names.found_in("we danced to Velour until dawn") == ["Velour"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"Somebody\n" * (MAX_NAMES + 1), "20001 names"),
    ],
)
def test_an_own_file_that_is_no_list_of_names_is_refused(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    file = tmp_path / "names.txt"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(Refused, match=why):
        read_names(file)
