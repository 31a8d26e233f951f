"""Which providers the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ai_artist.configuration import SETTINGS
from media_tools import music
from media_tools.errors import ProviderRejected
from media_tools.images.openai_images import OpenAiImages
from media_tools.images.replicate_images import MODELS, ReplicateImages
from media_tools.stock import pexels, pixabay
from media_tools.voice.elevenlabs import ElevenLabsVoice
from media_tools.voice.speech import SpeechVoice
from runs.providers import engines
from runs.providers.ledger import Book
from tests.factories import NOON


@pytest.fixture
def book() -> Book:
    return Book(None, "visuals", lambda: NOON)


def test_nothing_is_asked_of_anybody_by_default(book, settings) -> None:
    configured = engines.configured()

    assert configured.footage(book) is None
    assert configured.cover_art() is None
    assert configured.voice() is None


@pytest.mark.parametrize(
    ("name", "kind"), [("openai", OpenAiImages), ("replicate", ReplicateImages)]
)
def test_each_painter_is_built_with_its_price(settings, tmp_path: Path, name: str, kind) -> None:
    settings.COVER_ART, settings.SPOOL_DIR = name, tmp_path
    settings.OPENAI_IMAGES = settings.OPENAI_IMAGES | {"api_key": "key-0123456789"}
    settings.REPLICATE = settings.REPLICATE | {"api_token": "token-0123456789"}

    provider = engines.cover_art()

    assert isinstance(provider, kind)
    assert provider._price is not None


@pytest.mark.parametrize(
    ("name", "kind"), [("elevenlabs", ElevenLabsVoice), ("speech", SpeechVoice)]
)
def test_each_voice_is_built(settings, tmp_path: Path, name: str, kind) -> None:
    settings.VOICE, settings.SPOOL_DIR = name, tmp_path
    settings.ELEVENLABS = settings.ELEVENLABS | {"api_key": "key-0123456789"}

    assert isinstance(engines.voice(), kind)


def test_every_choice_of_the_settings_is_known() -> None:
    assert set(engines.FOOTAGE) == set(SETTINGS["AI_ARTIST_FOOTAGE"].choices)
    assert {"local", *engines.COVER_ART} == set(SETTINGS["AI_ARTIST_COVER_ART"].choices)
    assert {"", *engines.VOICES} == set(SETTINGS["AI_ARTIST_VOICE"].choices)


def test_file_hosts_and_addresses_are_the_adapters_own() -> None:
    for name, adapter in (("PEXELS", pexels), ("PIXABAY", pixabay)):
        assert tuple(SETTINGS[f"{name}_FILE_HOSTS"].default) == adapter.FILE_HOSTS
        assert SETTINGS[f"{name}_BASE_URL"].default == adapter.BASE_URL
    assert SETTINGS["REPLICATE_IMAGES_MODEL"].choices == tuple(MODELS)


def test_the_names_that_profiles_may_hold_are_those_of_the_engines() -> None:
    assert tuple(engines.MUSIC) == music.PROVIDERS


def test_an_unknown_music_provider_is_refused() -> None:
    with pytest.raises(ProviderRejected, match="no such music provider"):
        engines.music_provider("kazoo")
