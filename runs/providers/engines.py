"""Who writes, plays, paints, films and speaks here: built from settings.

Each adapter is imported where it is built: what they load takes longer than most commands run, and
a hundred megabytes that only workers need.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from media_tools.errors import ProviderRejected
from media_tools.providers.http import Line
from media_tools.stock.base import ClipFile, FootageRequest, FootageSource, StockClip
from media_tools.stock.cache import FileCache
from media_tools.stock.chain import FootageChain
from media_tools.stock.local import LocalFootage
from media_tools.stock.pexels import Pexels
from media_tools.stock.pixabay import Pixabay
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


def suno() -> MusicProvider:
    from media_tools.music.suno import SunoMusic

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
        price=settings.MUSIC_PRICES.get(f"suno/{profile}"),
        line=Line(breaker=breaker_for("suno")),
    )


def elevenlabs() -> MusicProvider:
    from media_tools.music.elevenlabs import ElevenLabsMusic

    options = settings.ELEVENLABS
    return ElevenLabsMusic(
        api_key=options["api_key"],
        spool=settings.SPOOL_DIR,
        base_url=options["base_url"],
        model=options["music_model"],
        output_format=options["music_format"],
        price=settings.MUSIC_PRICES["elevenlabs"],
        line=Line(breaker=breaker_for("elevenlabs")),
    )


def acestep() -> MusicProvider:
    from media_tools.music.acestep import AceStepMusic

    options = settings.ACESTEP
    return AceStepMusic(
        base_url=options["base_url"],
        api_key=options["api_key"],
        model=options["model"],
        takes=options["takes"],
        thinking=options["thinking"],
        line=Line(breaker=breaker_for("acestep")),
    )


def replicate() -> MusicProvider:
    from media_tools.music.replicate import ReplicateMusic

    options = settings.REPLICATE
    model = options["music_model"]
    return ReplicateMusic(
        api_token=options["api_token"],
        model=model,
        base_url=options["base_url"],
        webhook_url=options["webhook_url"],
        webhook_secret=options["webhook_secret"],
        price=settings.MUSIC_PRICES.get(f"replicate/{model.partition(':')[0]}"),
        line=Line(breaker=breaker_for("replicate")),
    )


def local() -> MusicProvider:
    from media_tools.music.local.engine import LocalMusic

    return LocalMusic(soundfont=settings.SOUNDFONT)


def imported() -> ImportedMusic:
    from media_tools.music.imported import ImportedMusic

    return ImportedMusic(inbox=settings.INBOX_DIR)


MUSIC: dict[str, Callable[[], MusicProvider]] = {
    "local": local,
    "suno": suno,
    "elevenlabs": elevenlabs,
    "acestep": acestep,
    "replicate": replicate,
    "import": imported,
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


def answers_of_the_day() -> FileCache:
    return FileCache(settings.SPOOL_DIR / "stock")


def pexels() -> FootageSource:
    options = settings.PEXELS
    return Pexels(
        api_key=options["api_key"],
        cache=answers_of_the_day(),
        base_url=options["base_url"],
        file_hosts=options["file_hosts"],
        line=Line(breaker=breaker_for("pexels")),
    )


def pixabay() -> FootageSource:
    options = settings.PIXABAY
    return Pixabay(
        api_key=options["api_key"],
        cache=answers_of_the_day(),
        base_url=options["base_url"],
        file_hosts=options["file_hosts"],
        line=Line(breaker=breaker_for("pixabay")),
    )


FOOTAGE: dict[str, Callable[[], FootageSource]] = {
    "pexels": pexels,
    "pixabay": pixabay,
    "local": lambda: LocalFootage(settings.FOOTAGE_DIR),
}


def footage(book: Book) -> FootageChain | None:
    """The configured sources of footage in their order; None: pictures are generated."""
    sources = [BookedSource(FOOTAGE[name](), book) for name in settings.FOOTAGE]
    return FootageChain(sources) if sources else None


def openai_images() -> CoverArt:
    from media_tools.images.openai_images import OpenAiImages

    options = settings.OPENAI_IMAGES
    return OpenAiImages(
        api_key=options["api_key"],
        spool=settings.SPOOL_DIR,
        base_url=options["base_url"],
        model=options["model"],
        quality=options["quality"],
        price=settings.ART_PRICES.get(f"openai/{options['model']}"),
        line=Line(breaker=breaker_for("openai-images")),
    )


def replicate_images() -> CoverArt:
    from media_tools.images.replicate_images import ReplicateImages

    options = settings.REPLICATE
    model = options["images_model"]
    return ReplicateImages(
        api_token=options["api_token"],
        base_url=options["images_base_url"] or options["base_url"],
        model=model,
        price=settings.ART_PRICES.get(f"replicate/black-forest-labs/{model}"),
        line=Line(breaker=breaker_for("replicate-images")),
    )


COVER_ART: dict[str, Callable[[], CoverArt]] = {
    "openai": openai_images,
    "replicate": replicate_images,
}


def cover_art() -> CoverArt | None:
    """Who paints the cover's picture; None: it is drawn here. Raises ProviderRejected."""
    return None if settings.COVER_ART == "local" else COVER_ART[settings.COVER_ART]()


def elevenlabs_voice() -> VoiceProvider:
    from media_tools.voice.elevenlabs import ElevenLabsVoice

    options = settings.ELEVENLABS
    model = options["voice_model"]
    return ElevenLabsVoice(
        api_key=options["api_key"],
        spool=settings.SPOOL_DIR,
        base_url=options["base_url"],
        model=model,
        voice=options["voice_id"],
        price=settings.VOICE_PRICES.get(f"elevenlabs/{model}"),
        line=Line(breaker=breaker_for("elevenlabs-voice")),
    )


def speech_voice() -> VoiceProvider:
    from media_tools.voice.speech import SpeechVoice

    options = settings.SPEECH
    return SpeechVoice(
        spool=settings.SPOOL_DIR,
        base_url=options["base_url"],
        api_key=options["api_key"],
        model=options["model"],
        voice=options["voice"],
        paid=options["paid"],
        price=settings.VOICE_PRICES.get("speech"),
        line=Line(breaker=breaker_for("speech")),
    )


def espeak_voice() -> VoiceProvider:
    from media_tools.voice.espeak import EspeakVoice

    return EspeakVoice()


VOICES: dict[str, Callable[[], VoiceProvider]] = {
    "elevenlabs": elevenlabs_voice,
    "speech": speech_voice,
    "espeak": espeak_voice,
}


def voice() -> VoiceProvider | None:
    """Who speaks the artist's tag; None: nobody. Raises ProviderRejected."""
    return VOICES[settings.VOICE]() if settings.VOICE else None


@dataclass(frozen=True)
class Engines:
    """The providers a worker uses.

    writer: made for a step's book and an artist's temperature. music: by name, empty for the
    roster's. writer_led_by: a writer that asks this language model first. footage: its searches
    go into the book. footage, cover_art, voice: None where the settings name nobody.
    """

    writer: WriterMaker
    music: Callable[[str], MusicProvider]
    writer_led_by: Callable[[str], WriterMaker] = writer_led_by
    footage: Callable[[Book], FootageChain | None] = footage
    cover_art: Callable[[], CoverArt | None] = cover_art
    voice: Callable[[], VoiceProvider | None] = voice


def configured() -> Engines:
    """The engines the settings name."""
    return Engines(writer=WRITERS[settings.WRITER], music=music_provider)
