from __future__ import annotations

import pytest

from media_tools.text.artist_names import real_artists
from media_tools.text.bank.genres import GENRES
from media_tools.text.bank.themes import THEMES
from media_tools.text.base import PersonaBrief
from media_tools.text.offline import OfflineWriter


@pytest.mark.parametrize("genre", GENRES)
def test_a_persona_fits_its_genre(writer: OfflineWriter, genre: str) -> None:
    persona = writer.persona(PersonaBrief(genre, frozenset(), 3))

    low, high = GENRES[genre].tempo
    assert low <= persona.tempo_min_bpm < persona.tempo_max_bpm <= high
    assert set(persona.keys) <= set(GENRES[genre].keys)
    assert 3 <= len(persona.themes) <= 5
    assert len(set(persona.themes)) == len(persona.themes)
    assert set(persona.themes) <= set(THEMES)
    assert 3 <= persona.backstory.count(".") <= 6
    assert all((persona.voice, persona.audience, persona.style_notes, persona.visual_style))


def test_the_same_seed_gives_the_same_persona(writer: OfflineWriter) -> None:
    brief = PersonaBrief("folk", frozenset(), 11)

    assert writer.persona(brief) == writer.persona(brief)


def test_a_taken_name_does_not_come_again(writer: OfflineWriter) -> None:
    first = writer.persona(PersonaBrief("house", frozenset(), 5))

    second = writer.persona(PersonaBrief("house", frozenset({first.name.lower()}), 5))

    assert second.name != first.name


def test_a_roster_of_a_thousand_has_a_thousand_names(writer: OfflineWriter) -> None:
    taken: set[str] = set()
    for seed in range(1000):
        name = writer.persona(PersonaBrief("techno", frozenset(taken), seed)).name
        assert name.lower() not in taken
        assert not real_artists(name)
        taken.add(name.lower())


def test_names_rarely_clash_before_they_are_checked(writer: OfflineWriter) -> None:
    names = {writer.persona(PersonaBrief("folk", frozenset(), seed)).name for seed in range(500)}

    assert len(names) > 470
