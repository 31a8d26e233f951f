"""The writer without a network: persona, concept, lyrics and reflection from the bank."""

from __future__ import annotations

from media_tools.text.base import (
    Concept,
    ConceptBrief,
    EvolutionBrief,
    Lyrics,
    LyricsBrief,
    Persona,
    PersonaBrief,
    ProposedChange,
    ReflectionBrief,
    ReflectionNotes,
)
from media_tools.text.evolve import evolve
from media_tools.text.invent_persona import invent_persona
from media_tools.text.plan_concept import plan_concept
from media_tools.text.reflect import reflect
from media_tools.text.write_song import WRITINGS, write_song


class OfflineWriter:
    """Writes every text of a run from hand-written material; the same brief gives the same text."""

    name = "offline"
    model = "offline-writer-3"
    writings = WRITINGS  # of a song; the best is kept

    def persona(self, brief: PersonaBrief) -> Persona:
        return invent_persona(brief)

    def concept(self, brief: ConceptBrief) -> Concept:
        return plan_concept(brief)

    def lyrics(self, brief: LyricsBrief) -> Lyrics:
        return write_song(brief, self.writings)

    def reflection(self, brief: ReflectionBrief) -> ReflectionNotes:
        return reflect(brief)

    def evolution(self, brief: EvolutionBrief) -> tuple[ProposedChange, ...]:
        return evolve(brief)
