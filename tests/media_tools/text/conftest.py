"""Briefs the text tests share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from media_tools.text.base import (
    Concept,
    ConceptBrief,
    Lyrics,
    LyricsBrief,
    LyricsSection,
    Persona,
    ReflectionBrief,
)
from media_tools.text.offline import OfflineWriter


@pytest.fixture
def writer() -> OfflineWriter:
    return OfflineWriter()


@pytest.fixture
def persona() -> Persona:
    return Persona(
        name="Mira Halden",
        genre="synthwave",
        backstory="It began with a drum machine.",
        voice="cool and close",
        themes=("night drives", "open water"),
        audience="night drivers",
        style_notes="outrun with wide pads",
        visual_style="wet asphalt at night",
        tempo_min_bpm=90,
        tempo_max_bpm=120,
        keys=("A minor", "D dorian", "C major"),
    )


@pytest.fixture
def concept_brief(persona: Persona) -> ConceptBrief:
    return ConceptBrief(
        persona=persona,
        lessons=(),
        trend=None,
        recent_titles=(),
        music_prompt_prefix="",
        duration_s=(60, 120),
        seed=7,
    )


@pytest.fixture
def concept(writer: OfflineWriter, concept_brief: ConceptBrief) -> Concept:
    return writer.concept(concept_brief)


@pytest.fixture
def lyrics_brief(concept: Concept, persona: Persona) -> LyricsBrief:
    return LyricsBrief(concept=concept, persona=persona, lessons=(), seed=7)


@pytest.fixture
def lyrics(writer: OfflineWriter, lyrics_brief: LyricsBrief) -> Lyrics:
    return writer.lyrics(lyrics_brief)


@pytest.fixture
def reflection_brief(concept: Concept, persona: Persona, lyrics: Lyrics) -> ReflectionBrief:
    """A song that came out as planned."""
    return ReflectionBrief(
        concept=concept,
        persona=persona,
        lyrics=lyrics,
        facts={
            "lufs": -14.0,
            "true_peak_dbtp": -1.2,
            "tempo_bpm": float(concept.tempo_bpm),
            "duration_s": float(concept.duration_s),
            "crest_db": 12.0,
            "spectral_centroid_hz": 2100.0,
            "key": concept.key,
        },
        findings=(),
        recent_decisions=(("approved", "", ""),),
        lessons=(),
        seed=7,
    )


def song(*sections: tuple[str, tuple[str, ...]]) -> Lyrics:
    """Lyrics from (kind, lines) pairs."""
    return Lyrics(tuple(LyricsSection(kind, lines) for kind, lines in sections))


def with_lessons(brief: ConceptBrief, *lessons: str) -> ConceptBrief:
    return replace(brief, lessons=lessons)
