"""Which writer and which music provider work here: built from settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from media_tools.music.base import MusicProvider
from media_tools.music.local.engine import LocalMusic
from media_tools.text.base import Writer
from media_tools.text.offline import OfflineWriter

WRITERS: dict[str, Callable[[], Writer]] = {"offline": OfflineWriter}
MUSIC: dict[str, Callable[[], MusicProvider]] = {
    "local": lambda: LocalMusic(soundfont=settings.SOUNDFONT)
}


@dataclass(frozen=True)
class Engines:
    """The providers a worker uses."""

    writer: Writer
    music: MusicProvider


def configured() -> Engines:
    """The engines the settings name."""
    return Engines(writer=WRITERS[settings.WRITER](), music=MUSIC[settings.MUSIC]())
