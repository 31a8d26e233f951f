"""Finds configured providers that charge but have no known price: no budget stops them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from media_tools.text.llm_profiles import ModelName
from runs.providers import engines

# They run on the operator's own machines, or (OpenRouter) report the cost with each answer.
NEED_NO_PRICE = frozenset({"ollama", "llamacpp", "vllm", "openrouter"})


def unpriced() -> Iterator[tuple[str, str]]:
    """Yield (name in the price table, setting for its price) of each such provider."""
    if settings.WRITER == "llm":
        for text in filter(None, settings.LLM_MODELS):
            model = ModelName.parse(text)
            if model.provider not in NEED_NO_PRICE and str(model) not in settings.LLM_PRICES:
                yield str(model), "AI_ARTIST_LLM_PRICES"
    for engine in _configured():
        options = engine.options() if engine and engine.block else None
        if options and options.priced_as and options.price is None:
            yield options.priced_as, "AI_ARTIST_PRICES"


def _configured() -> Iterator[engines.Engine[Any] | None]:
    """Who makes what is paid by the piece; None for what is not made or made here."""
    yield engines.MUSIC.get(settings.MUSIC)
    yield engines.COVER_ART.get(settings.COVER_ART)
    yield engines.VOICES.get(settings.VOICE)
