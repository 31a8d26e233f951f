"""Good answers in odd dress, over real HTTP: each is read in one call, as if it came plain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from media_tools.errors import AnswerUnusable
from media_tools.music.base import Section
from media_tools.text.base import (
    Concept,
    ConceptBrief,
    Lyrics,
    LyricsBrief,
    Persona,
    PersonaBrief,
    ReflectionBrief,
)
from media_tools.text.chat import AbilityMemory
from media_tools.text.llm import LlmWriter
from media_tools.text.llm_profiles import Access
from media_tools.text.lrc import time_lyrics, to_lrc
from media_tools.text.prompts.lyrics import task as lyrics_task
from tests.contract_servers.llm import GOOD_KEY, LlmServer
from tests.contract_servers.llm_dresses import DRESSES

CHAT = "POST /v1/chat/completions"


@pytest.fixture(scope="module")
def started_server() -> Iterator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture
def server(started_server: LlmServer) -> LlmServer:
    started_server.clear()
    return started_server


def writer_on(server: LlmServer, model: str) -> LlmWriter:
    access = {"openai": Access(GOOD_KEY, server.base_url)}
    return LlmWriter([f"openai:{model}"], access, abilities=AbilityMemory())


@pytest.mark.parametrize("dress", DRESSES)
def test_dressed_answers_are_those_of_a_plain_model(
    dress: str,
    server: LlmServer,
    concept_brief: ConceptBrief,
    lyrics_brief: LyricsBrief,
    reflection_brief: ReflectionBrief,
) -> None:
    plain = writer_on(server, "good")
    wanted = (
        plain.concept(concept_brief),
        plain.lyrics(lyrics_brief),
        plain.reflection(reflection_brief),
    )
    server.requests.clear()
    odd = writer_on(server, dress)

    concept = odd.concept(concept_brief)
    lyrics = odd.lyrics(lyrics_brief)
    reflection = odd.reflection(reflection_brief)

    assert (concept, lyrics, reflection) == wanted
    assert {type(concept.tempo_bpm), type(concept.duration_s)} == {int}
    assert server.count(CHAT) == 3


@pytest.mark.parametrize("dress", ["headings", "directions"])
def test_no_direction_reaches_the_captions(
    dress: str, server: LlmServer, lyrics_brief: LyricsBrief
) -> None:
    lyrics = writer_on(server, dress).lyrics(lyrics_brief)
    track = [
        Section(kind, 20.0 * number, 20.0 * number + 20) for number, kind in enumerate(lyrics.form)
    ]

    lines = time_lyrics(lyrics, track)

    assert len(lines) == lyrics.line_count
    assert not any(set("[]*()") & set(line.text) for line in lines)
    assert "solo" not in to_lrc(lines, title="T", artist="A", length_s=300).lower()


def test_lyrics_of_nothing_but_directions_are_told(concept: Concept, persona: Persona) -> None:
    task = lyrics_task(LyricsBrief(concept, persona, (), seed=1))
    section = {"kind": "verse", "lines": ["[Verse]", "(Guitar solo)"]}

    data = {"sections": [section] * 3, "explicit": False, "language": "en"}

    assert task.read(data) == Lyrics(())
    assert [complaint.fatal for complaint in task.complaints(data)] == [False]


def test_title_in_unknown_letters_is_sent_back_with_the_characters_named(
    server: LlmServer, concept_brief: ConceptBrief
) -> None:
    concept = writer_on(server, "script-title-once").concept(concept_brief)

    assert concept.title.isascii()
    assert server.count(CHAT) == 2
    assert "U+1D4DD" in server.seen(CHAT)[1].json["messages"][-1]["content"]


def test_name_in_unknown_letters_is_sent_back(server: LlmServer) -> None:
    persona = writer_on(server, "script-title-once").persona(
        PersonaBrief("folk", frozenset(), seed=1)
    )

    assert persona.name.isascii() and server.count(CHAT) == 2


def test_title_that_stays_undrawable_is_unusable(
    server: LlmServer, concept_brief: ConceptBrief
) -> None:
    with pytest.raises(AnswerUnusable, match=r"U\+1D4DD"):
        writer_on(server, "script-title").concept(concept_brief)
