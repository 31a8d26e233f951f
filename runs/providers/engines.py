"""Who writes, plays, paints, films and speaks here: a table of each kind, built from settings.

An adapter goes by its dotted path and is imported when it is built: what they load takes longer
than most commands run, and a hundred megabytes that only workers need.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from django.conf import settings
from django.utils.module_loading import import_string

from media_tools.errors import ProviderRejected
from media_tools.providers.http import Line
from media_tools.providers.job import JobOptions
from media_tools.providers.prices import find_price
from media_tools.stock.base import ClipFile, FootageRequest, FootageSource, StockClip
from media_tools.stock.chain import FootageChain
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
    Writer,
)
from media_tools.text.llm_profiles import Access
from media_tools.text.offline import OfflineWriter
from runs.providers.breakers import breaker_for
from runs.providers.ledger import Book

if TYPE_CHECKING:
    from media_tools.audio.recognition import Recogniser
    from media_tools.images.art import CoverArt
    from media_tools.music.base import MusicProvider
    from media_tools.music.imported import ImportedMusic
    from media_tools.voice.base import VoiceProvider

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

    def evolution(self, brief: EvolutionBrief) -> tuple[ProposedChange, ...]:
        return self.book.ask(
            "evolution", self.name, self.model, lambda: self.writer.evolution(brief)
        )


def offline_writer(book: Book, temperature: float) -> Writer:
    return Booked(OfflineWriter(), book)


def llm_writer(book: Book, temperature: float, *, first: str = "") -> Writer:
    """The configured language models in their order; each call is booked before it is made.

    first: "provider:model" to be asked before all others.
    """
    from media_tools.text.llm import LlmWriter

    return LlmWriter(
        list(dict.fromkeys([first, *settings.LLM_MODELS] if first else settings.LLM_MODELS)),
        {
            name: Access(api_key=key, base_url=base_url)
            for name, (key, base_url) in settings.LLM_ACCESS.items()
        },
        prices=settings.LLM_PRICES,
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


Adapter = TypeVar("Adapter")


@dataclass(frozen=True)
class Engine(Generic[Adapter]):
    """A row of the tables below. path: of the adapter's class, with dots.

    block: setting that holds its options by their names. folders: options that are places of the
    whole installation, with their settings. breaker: name of its circuit breaker; empty for an
    engine of this machine, which takes its options as plain arguments.
    """

    path: str
    block: str = ""
    breaker: str = ""
    folders: Mapping[str, str] = field(default_factory=dict)

    def build(self) -> Adapter:
        """The adapter as the settings want it. Raises ProviderRejected if they cannot be used."""
        kind = import_string(self.path)
        if not self.breaker:
            return cast("Adapter", kind(**self._given()))
        return cast("Adapter", kind(self.options(), Line(breaker=breaker_for(self.breaker))))

    def options(self) -> Any:
        """The adapter's own dataclass with what the settings say; for jobs, with their price."""
        options = import_string(self.path).Options(**self._given())
        if isinstance(options, JobOptions):
            price = find_price(settings.PRICES, options.priced_as, options.units)
            options = replace(options, price=price)
        return options

    def _given(self) -> dict[str, Any]:
        block = getattr(settings, self.block) if self.block else {}
        return block | {option: getattr(settings, name) for option, name in self.folders.items()}


SPOOL = {"spool": "SPOOL_DIR"}

MUSIC: dict[str, Engine[MusicProvider]] = {
    "local": Engine(
        "media_tools.music.local.engine.LocalMusic", folders={"soundfont": "SOUNDFONT"}
    ),
    "suno": Engine("media_tools.music.suno.SunoMusic", "SUNO", "suno"),
    "elevenlabs": Engine(
        "media_tools.music.elevenlabs.ElevenLabsMusic", "ELEVENLABS_MUSIC", "elevenlabs", SPOOL
    ),
    "acestep": Engine("media_tools.music.acestep.AceStepMusic", "ACESTEP", "acestep"),
    "replicate": Engine(
        "media_tools.music.replicate.ReplicateMusic", "REPLICATE_MUSIC", "replicate"
    ),
    "import": Engine("media_tools.music.imported.ImportedMusic", folders={"inbox": "INBOX_DIR"}),
}

FOOTAGE: dict[str, Engine[FootageSource]] = {
    "pexels": Engine("media_tools.stock.pexels.Pexels", "PEXELS", "pexels", SPOOL),
    "pixabay": Engine("media_tools.stock.pixabay.Pixabay", "PIXABAY", "pixabay", SPOOL),
    "local": Engine("media_tools.stock.local.LocalFootage", folders={"folder": "FOOTAGE_DIR"}),
}

COVER_ART: dict[str, Engine[CoverArt]] = {
    "openai": Engine(
        "media_tools.images.openai_images.OpenAiImages", "OPENAI_IMAGES", "openai-images", SPOOL
    ),
    "replicate": Engine(
        "media_tools.images.replicate_images.ReplicateImages",
        "REPLICATE_IMAGES",
        "replicate-images",
    ),
}

VOICES: dict[str, Engine[VoiceProvider]] = {
    "elevenlabs": Engine(
        "media_tools.voice.elevenlabs.ElevenLabsVoice",
        "ELEVENLABS_VOICE",
        "elevenlabs-voice",
        SPOOL,
    ),
    "speech": Engine("media_tools.voice.speech.SpeechVoice", "SPEECH", "speech", SPOOL),
    "espeak": Engine("media_tools.voice.espeak.EspeakVoice"),
}


RECOGNISER: Engine[Recogniser] = Engine(
    "media_tools.audio.acoustid.AcoustId", "ACOUSTID", "acoustid"
)


def music_provider(name: str) -> MusicProvider:
    """The provider of this name; empty: the roster's. Raises ProviderRejected if unknown."""
    name = name or settings.MUSIC
    if name not in MUSIC:
        raise ProviderRejected(
            name,
            "there is no such music provider",
            action=f"choose one of {', '.join(MUSIC)} on the artist's page",
        )
    return MUSIC[name].build()


def imported() -> ImportedMusic:
    """Who waits for songs that people bring."""
    return cast("ImportedMusic", MUSIC["import"].build())


class BookedSource:
    """A source of footage with its searches in the ledger; they are free."""

    def __init__(self, source: FootageSource, book: Book) -> None:
        self.name = source.name
        self._source = source
        self._book = book

    def search(self, query: str, request: FootageRequest) -> list[StockClip]:
        return self._book.ask("footage", self.name, "", lambda: self._source.search(query, request))

    def fetch(self, file: ClipFile, target: Path) -> None:
        self._source.fetch(file, target)


def footage(book: Book) -> FootageChain | None:
    """The configured sources of footage in their order; None: pictures are generated."""
    sources = [BookedSource(FOOTAGE[name].build(), book) for name in settings.FOOTAGE]
    return FootageChain(sources) if sources else None


def cover_art() -> CoverArt | None:
    """Who paints the cover's picture; None: it is drawn here. Raises ProviderRejected."""
    return None if settings.COVER_ART == "local" else COVER_ART[settings.COVER_ART].build()


def voice() -> VoiceProvider | None:
    """Who speaks the artist's tag; None: nobody. Raises ProviderRejected."""
    return VOICES[settings.VOICE].build() if settings.VOICE else None


def recogniser() -> Recogniser | None:
    """Who knows recordings; None without a key. Raises ProviderRejected."""
    return RECOGNISER.build() if settings.ACOUSTID["api_key"] else None


@dataclass(frozen=True)
class Engines:
    """The providers a worker uses.

    writer: made for a step's book and an artist's temperature. music: by name, empty for the
    roster's. writer_led_by: a writer that asks this language model first. footage: its searches
    go into the book. footage, cover_art, voice, recogniser: None where the settings name nobody.
    """

    writer: WriterMaker
    music: Callable[[str], MusicProvider]
    writer_led_by: Callable[[str], WriterMaker] = writer_led_by
    footage: Callable[[Book], FootageChain | None] = footage
    cover_art: Callable[[], CoverArt | None] = cover_art
    voice: Callable[[], VoiceProvider | None] = voice
    recogniser: Callable[[], Recogniser | None] = recogniser


def configured() -> Engines:
    """The engines the settings name."""
    return Engines(writer=WRITERS[settings.WRITER], music=music_provider)
