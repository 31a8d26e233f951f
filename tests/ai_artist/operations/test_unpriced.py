"""A provider that charges has a price, or the doctor says so."""

from __future__ import annotations

import pytest
from django.conf import settings as configured

from ai_artist.operations.doctor import Level, examine
from ai_artist.operations.unpriced import unpriced


def test_nothing_is_missing_where_nothing_charges() -> None:
    assert list(unpriced()) == []


def test_the_dated_prices_are_enough_for_the_named_providers(settings) -> None:
    settings.WRITER, settings.LLM_MODELS = "llm", ("openai:gpt-6-luna", "")
    settings.MUSIC, settings.COVER_ART, settings.VOICE = "suno", "openai", "elevenlabs"

    assert list(unpriced()) == []


@pytest.mark.parametrize(
    ("change", "name", "setting"),
    [
        (
            {"WRITER": "llm", "LLM_MODELS": ("mistral:large-9",)},
            "mistral:large-9",
            "AI_ARTIST_LLM_PRICES",
        ),
        (
            {"MUSIC": "suno", "SUNO": {**configured.SUNO, "profile": "kie"}},
            "suno/kie",
            "AI_ARTIST_PRICES",
        ),
        (
            {
                "MUSIC": "replicate",
                "REPLICATE_MUSIC": {**configured.REPLICATE_MUSIC, "model": "a/b:1"},
            },
            "replicate/a/b",
            "AI_ARTIST_PRICES",
        ),
        (
            {
                "COVER_ART": "replicate",
                "REPLICATE_IMAGES": {**configured.REPLICATE_IMAGES, "model": "x"},
            },
            "replicate/black-forest-labs/x",
            "AI_ARTIST_PRICES",
        ),
        (
            {"VOICE": "speech", "SPEECH": {**configured.SPEECH, "paid": True}},
            "speech",
            "AI_ARTIST_PRICES",
        ),
    ],
)
def test_what_charges_without_a_price_is_named(settings, now, change, name, setting) -> None:
    for key, value in change.items():
        setattr(settings, key, value)

    (result,) = examine(["prices"], now=now)

    assert result.level is Level.WARNING
    assert result.found == f"{name} has no price"
    assert setting in result.advice


def test_what_runs_on_ones_own_machine_needs_none(settings) -> None:
    settings.WRITER, settings.LLM_MODELS = "llm", ("ollama:llama4", "openrouter:x/y")
    settings.VOICE, settings.SPEECH = "speech", {**configured.SPEECH, "paid": False}

    assert list(unpriced()) == []
