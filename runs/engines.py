"""Which writer and which music provider work here: built from settings."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from media_tools.errors import ProviderRejected
from media_tools.music.acestep import AceStepMusic
from media_tools.music.base import MusicProvider
from media_tools.music.elevenlabs import ElevenLabsMusic
from media_tools.music.imported import ImportedMusic
from media_tools.music.local.engine import LocalMusic
from media_tools.music.prices import PRICES
from media_tools.music.replicate import ReplicateMusic
from media_tools.music.suno import SunoMusic
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


def llm_writer(book: Book, temperature: float, *, first: str = "") -> Writer:
    """The configured language models in their order; each call is booked before it is made.

    first: "provider:model" to be asked before all others.
    """
    return LlmWriter(
        list(dict.fromkeys([first, *settings.LLM_MODELS] if first else settings.LLM_MODELS)),
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


def writer_led_by(model: str) -> WriterMaker:
    """The configured writer with this language model asked first; the offline one has none."""
    if settings.WRITER != "llm":
        return WRITERS[settings.WRITER]
    return functools.partial(llm_writer, first=model)


def suno() -> MusicProvider:
    options = settings.SUNO
    profile = options["profile"]
    return SunoMusic(
        api_key=options["api_key"],
        profile=profile,
        base_url=options["base_url"],
        model=options["model"],
        callback_url=options["callback_url"],
        webhook_key=options["webhook_key"],
        lyrics_field=options["lyrics_field"],
        price=PRICES.get(f"suno/{profile}"),
        breaker=breaker_for("suno"),
    )


def elevenlabs() -> MusicProvider:
    options = settings.ELEVENLABS
    return ElevenLabsMusic(
        api_key=options["api_key"],
        spool=settings.SPOOL_DIR,
        base_url=options["base_url"],
        model=options["music_model"],
        output_format=options["music_format"],
        price=PRICES["elevenlabs"],
        breaker=breaker_for("elevenlabs"),
    )


def acestep() -> MusicProvider:
    options = settings.ACESTEP
    return AceStepMusic(
        base_url=options["base_url"],
        api_key=options["api_key"],
        model=options["model"],
        takes=options["takes"],
        thinking=options["thinking"],
        breaker=breaker_for("acestep"),
    )


def replicate() -> MusicProvider:
    options = settings.REPLICATE
    model = options["music_model"]
    return ReplicateMusic(
        api_token=options["api_token"],
        model=model,
        base_url=options["base_url"],
        webhook_url=options["webhook_url"],
        webhook_secret=options["webhook_secret"],
        price=PRICES.get(f"replicate/{model.partition(':')[0]}"),
        breaker=breaker_for("replicate"),
    )


MUSIC: dict[str, Callable[[], MusicProvider]] = {
    "local": lambda: LocalMusic(soundfont=settings.SOUNDFONT),
    "suno": suno,
    "elevenlabs": elevenlabs,
    "acestep": acestep,
    "replicate": replicate,
    "import": lambda: ImportedMusic(inbox=settings.INBOX_DIR),
}


def music_provider(name: str) -> MusicProvider:
    """The provider of this name; empty: the roster's. Raises ProviderRejected if unknown."""
    name = name or settings.MUSIC
    if name not in MUSIC:
        raise ProviderRejected(
            name,
            "there is no such music provider",
            action=f"choose one of {', '.join(MUSIC)} on the artist's page",
        )
    return MUSIC[name]()


@dataclass(frozen=True)
class Engines:
    """The providers a worker uses.

    writer: made for a step's book and an artist's temperature. music: by name, empty for the
    roster's. writer_led_by: a writer that asks this language model first.
    """

    writer: WriterMaker
    music: Callable[[str], MusicProvider]
    writer_led_by: Callable[[str], WriterMaker] = writer_led_by


def configured() -> Engines:
    """The engines the settings name."""
    return Engines(writer=WRITERS[settings.WRITER], music=music_provider)
