"""Finds configured providers that charge but have no known price: no budget stops them."""

from __future__ import annotations

from collections.abc import Container, Iterator

from django.conf import settings

from media_tools.text.llm_profiles import ModelName

# They run on the operator's own machines, or (OpenRouter) report the cost with each answer.
NEED_NO_PRICE = frozenset({"ollama", "llamacpp", "vllm", "openrouter"})


def unpriced() -> Iterator[tuple[str, str]]:
    """Yield (name in the price table, setting for its price) of each such provider."""
    if settings.WRITER == "llm":
        for text in filter(None, settings.LLM_MODELS):
            model = ModelName.parse(text)
            if model.provider not in NEED_NO_PRICE and str(model) not in settings.LLM_PRICES:
                yield str(model), "AI_ARTIST_LLM_PRICES"
    for name, table in _configured():
        if name not in table:
            yield name, "AI_ARTIST_PRICES"


def _configured() -> Iterator[tuple[str, Container[str]]]:
    replicate = settings.REPLICATE
    if settings.MUSIC == "suno":
        yield f"suno/{settings.SUNO['profile']}", settings.MUSIC_PRICES
    elif settings.MUSIC == "replicate":
        model = replicate["music_model"].partition(":")[0]
        yield f"replicate/{model}", settings.MUSIC_PRICES
    if settings.COVER_ART == "openai":
        yield f"openai/{settings.OPENAI_IMAGES['model']}", settings.ART_PRICES
    elif settings.COVER_ART == "replicate":
        model = replicate["images_model"]
        yield f"replicate/black-forest-labs/{model}", settings.ART_PRICES
    if settings.VOICE == "elevenlabs":
        yield f"elevenlabs/{settings.ELEVENLABS['voice_model']}", settings.VOICE_PRICES
    elif settings.VOICE == "speech" and settings.SPEECH["paid"]:
        yield "speech", settings.VOICE_PRICES
