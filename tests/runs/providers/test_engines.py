"""Which providers the settings name."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from django.conf import settings as defaults
from django.utils.module_loading import import_string

from ai_artist.configuration import SETTINGS
from media_tools import music
from media_tools.errors import ProviderRejected
from media_tools.images.replicate_images import MODELS
from media_tools.stock import pexels, pixabay
from runs.providers import engines
from runs.providers.ledger import Book
from tests.factories import NOON
from tests.prices import price_of


@pytest.fixture
def book() -> Book:
    return Book(None, "visuals", lambda: NOON)


def test_nothing_is_asked_of_anybody_by_default(book, settings) -> None:
    configured = engines.configured()

    assert configured.footage(book) is None
    assert configured.cover_art() is None
    assert configured.voice() is None


KEYS = {
    "SUNO": "api_key",
    "ELEVENLABS_MUSIC": "api_key",
    "ELEVENLABS_VOICE": "api_key",
    "REPLICATE_MUSIC": "api_token",
    "REPLICATE_IMAGES": "api_token",
    "OPENAI_IMAGES": "api_key",
    "ACESTEP": "api_key",
    "SPEECH": "api_key",
    "PEXELS": "api_key",
    "PIXABAY": "api_key",
}
TABLES = {
    "music": engines.MUSIC,
    "footage": engines.FOOTAGE,
    "cover art": engines.COVER_ART,
    "voice": engines.VOICES,
}


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(engine, id=f"{table}-{name}")
        for table, rows in TABLES.items()
        for name, engine in rows.items()
    ],
)
def test_each_row_is_built_from_its_settings(
    settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: engines.Engine
) -> None:
    settings.SPOOL_DIR = tmp_path
    monkeypatch.setattr("media_tools.voice.espeak.installed", lambda: "/usr/bin/espeak-ng")
    if engine.block in KEYS:
        block = getattr(settings, engine.block)
        setattr(settings, engine.block, block | {KEYS[engine.block]: "key-0123456789"})

    provider = engine.build()

    assert type(provider).__name__ == engine.path.rpartition(".")[2]
    if engine.breaker:
        assert "key-0123456789" not in repr(engine.options())


@pytest.mark.parametrize(
    "engine",
    [engine for rows in TABLES.values() for engine in rows.values() if engine.breaker],
    ids=lambda engine: engine.block,
)
def test_the_settings_default_to_what_the_adapter_defaults_to(engine: engines.Engine) -> None:
    options = import_string(engine.path).Options
    given = getattr(defaults, engine.block)

    told = {
        field.name: field.default
        for field in fields(options)
        if field.name in given and field.name != "base_url" and field.default is not MISSING
    }

    assert {name: given[name] for name in told} == {
        name: list(value) if isinstance(value, tuple) else value for name, value in told.items()
    }


@pytest.mark.parametrize(
    ("engine", "price"),
    [
        (engines.MUSIC["suno"], "suno/sunoapi"),
        (engines.MUSIC["elevenlabs"], "elevenlabs"),
        (engines.MUSIC["replicate"], "replicate/fishaudio/ace-step-1.5"),
        (engines.COVER_ART["openai"], "openai/gpt-image-2.5-flare"),
        (engines.COVER_ART["replicate"], "replicate/black-forest-labs/flux-1.1-pro"),
        (engines.VOICES["elevenlabs"], "elevenlabs/eleven_v4_turbo"),
    ],
)
def test_a_provider_that_charges_has_its_price(engine: engines.Engine, price: str) -> None:
    assert engine.options().price == price_of(price)


def test_every_maker_is_held_to_the_job_contract() -> None:
    adapters = Path(__file__).parents[2] / "media_tools"
    texts = [path.read_text(encoding="utf-8") for path in adapters.rglob("test_*.py")]
    held = {name for text in texts for name in re.findall(r"adapter(?:, \w+)? = (\w+)", text)}
    makers = (*engines.MUSIC.values(), *engines.COVER_ART.values(), *engines.VOICES.values())

    assert {engine.path.rpartition(".")[2] for engine in makers} <= held


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
