"""Which writer and which music provider work here: built from settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from media_tools.music.base import MusicProvider
from media_tools.music.local.engine import LocalMusic
from media_tools.text.base import (
    Concept,
    ConceptBrief,
    Lyrics,
    LyricsBrief,
    Persona,
    PersonaBrief,
    ReflectionBrief,
    ReflectionNotes,
    Writer,
)
from media_tools.text.llm import LlmWriter
from media_tools.text.llm_profiles import Access, parse_prices
from media_tools.text.offline import OfflineWriter
from runs.health import breaker_for
from runs.ledger import Book

WriterMaker = Callable[[Book, float], Writer]


@dataclass(frozen=True)
class Booked:
    """The offline writer, with its work in the ledger like everybody's."""

    writer: Writer
    book: Book

    @property
    def name(self) -> str:
        return self.writer.name

    @property
    def model(self) -> str:
        return self.writer.model

    def persona(self, brief: PersonaBrief) -> Persona:
        return self.book.ask("persona", self.name, self.model, lambda: self.writer.persona(brief))

    def concept(self, brief: ConceptBrief) -> Concept:
        return self.book.ask("concept", self.name, self.model, lambda: self.writer.concept(brief))

    def lyrics(self, brief: LyricsBrief) -> Lyrics:
        return self.book.ask("lyrics", self.name, self.model, lambda: self.writer.lyrics(brief))

    def reflection(self, brief: ReflectionBrief) -> ReflectionNotes:
        return self.book.ask(
            "reflection", self.name, self.model, lambda: self.writer.reflection(brief)
        )


def offline_writer(book: Book, temperature: float) -> Writer:
    return Booked(OfflineWriter(), book)


def llm_writer(book: Book, temperature: float) -> Writer:
    """The configured language models in their order; each call is booked before it is made."""
    return LlmWriter(
        settings.LLM_MODELS,
        {
            name: Access(api_key=key, base_url=base_url)
            for name, (key, base_url) in settings.LLM_ACCESS.items()
        },
        prices=parse_prices(settings.LLM_PRICES),
        temperature=temperature,
        reasoning_effort=settings.LLM_REASONING_EFFORT,
        offline=offline_writer(book, temperature) if settings.LLM_OFFLINE_FALLBACK else None,
        before_call=book.before_call,
        on_usage=book.on_usage,
        breaker_for=breaker_for,
    )


WRITERS: dict[str, WriterMaker] = {"offline": offline_writer, "llm": llm_writer}
MUSIC: dict[str, Callable[[], MusicProvider]] = {
    "local": lambda: LocalMusic(soundfont=settings.SOUNDFONT)
}


@dataclass(frozen=True)
class Engines:
    """The providers a worker uses. writer: made for a step's book and an artist's temperature."""

    writer: WriterMaker
    music: MusicProvider


def configured() -> Engines:
    """The engines the settings name."""
    return Engines(writer=WRITERS[settings.WRITER], music=MUSIC[settings.MUSIC]())
