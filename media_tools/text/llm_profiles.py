"""Describes what each language model provider can do through the OpenAI-compatible contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Self


class Mode(StrEnum):
    """How JSON is requested, strictest way first."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    PROMPT_ONLY = "prompt_only"


ALL_MODES = (Mode.JSON_SCHEMA, Mode.JSON_OBJECT, Mode.PROMPT_ONLY)


@dataclass(frozen=True)
class Profile:
    """One provider."""

    name: str
    label: str
    base_url: str  # its public address
    key_name: str  # the setting that holds its key
    modes: tuple[Mode, ...] = ALL_MODES  # those it supports, best first
    cap_field: str = "max_tokens"  # name of the token limit
    seed_field: str = ""  # "" if it does not understand a seed
    temperature_range: tuple[float, float] = (0.0, 2.0)  # other values are clipped to it
    body: Mapping[str, Any] = field(default_factory=dict)  # always sent
    # sent only with a response_format
    structured_body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    # Runs on the operator's machine, costs nothing, may need no key.
    local: bool = False


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "openai",
            "OpenAI",
            "https://api.openai.com/v1",
            "OPENAI_API_KEY",
            cap_field="max_completion_tokens",
        ),
        Profile(
            "deepseek",
            "DeepSeek",
            "https://api.deepseek.com",
            "DEEPSEEK_API_KEY",
            modes=(Mode.JSON_OBJECT, Mode.PROMPT_ONLY),
            # Thinking would only cost tokens for a short JSON text.
            body={"thinking": {"type": "disabled"}},
        ),
        Profile(
            "gemini",
            "Google Gemini",
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "GEMINI_API_KEY",
        ),
        Profile(
            "xai",
            "xAI",
            "https://api.x.ai/v1",
            "XAI_API_KEY",
            cap_field="max_completion_tokens",
        ),
        Profile(
            "mistral",
            "Mistral",
            "https://api.mistral.ai/v1",
            "MISTRAL_API_KEY",
            seed_field="random_seed",
            temperature_range=(0.0, 1.0),
        ),
        Profile(
            "anthropic",
            "Anthropic",
            "https://api.anthropic.com/v1",
            "ANTHROPIC_API_KEY",
            modes=(Mode.PROMPT_ONLY,),
            temperature_range=(0.0, 1.0),
        ),
        Profile(
            "openrouter",
            "OpenRouter",
            "https://openrouter.ai/api/v1",
            "OPENROUTER_API_KEY",
            structured_body={"provider": {"require_parameters": True}},
            body={"usage": {"include": True}},
            headers={"X-Title": "AI Artist Platform"},
        ),
        Profile(
            "ollama",
            "Ollama",
            "http://localhost:11434/v1",
            "OLLAMA_API_KEY",
            seed_field="seed",
            local=True,
        ),
        Profile(
            "llamacpp",
            "llama.cpp server",
            "http://127.0.0.1:8080/v1",
            "LLAMACPP_API_KEY",
            seed_field="seed",
            local=True,
        ),
        Profile(
            "vllm",
            "vLLM",
            "http://127.0.0.1:8000/v1",
            "VLLM_API_KEY",
            seed_field="seed",
            local=True,
        ),
    )
}


@dataclass(frozen=True)
class ModelName:
    """A model at a provider, written "provider:model"; the model itself may contain colons."""

    provider: str
    model: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a model's name. Raises ValueError with the fault and the known providers."""
        provider, _, model = text.strip().partition(":")
        if provider not in PROFILES or not model:
            known = ", ".join(PROFILES)
            raise ValueError(f"{text!r} is no model; write provider:model with one of {known}.")
        return cls(provider, model)

    @property
    def profile(self) -> Profile:
        return PROFILES[self.provider]

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}"


@dataclass(frozen=True)
class Access:
    """How the operator reaches a provider. base_url "": the provider's own address."""

    api_key: str = ""
    base_url: str = ""


@dataclass(frozen=True)
class TokenPrice:
    """USD per million tokens. cached_input None: the same as input."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse "input/output" or "input/output/cached input". Raises ValueError."""
        try:
            numbers = [Decimal(part.strip()) for part in text.split("/")]
        except InvalidOperation:
            numbers = []
        usable = all(number.is_finite() and number >= 0 for number in numbers)
        if len(numbers) not in (2, 3) or not usable:
            raise ValueError(f"{text!r} is no price; write input/output in USD a million tokens.")
        return cls(*numbers)

    def cost_usd(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int) -> Decimal:
        cached = min(cached_tokens, prompt_tokens)
        cached_price = self.input if self.cached_input is None else self.cached_input
        total = (
            (prompt_tokens - cached) * self.input
            + cached * cached_price
            + completion_tokens * self.output
        )
        return (total / 1_000_000).quantize(Decimal("0.000001"))


def parse_prices(entries: Iterable[str]) -> dict[str, TokenPrice]:
    """Parse a price table from entries such as "openai:gpt-6-luna=0.10/0.50". Raises ValueError."""
    prices = {}
    for entry in entries:
        name, _, price = entry.rpartition("=")
        prices[str(ModelName.parse(name))] = TokenPrice.parse(price)
    return prices
