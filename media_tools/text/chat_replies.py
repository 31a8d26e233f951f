"""Answers of OpenAI-compatible servers, read in every shape they are known to come in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

from media_tools import foreign
from media_tools.providers.replies import Label, Reply, at, rows

MOST_TOKENS = 100_000_000  # of one call; no model reads or writes a tenth of it
MESSAGE_CHARACTERS = 300


@dataclass(frozen=True)
class TokenUsage:
    """What an answer used; None where the server does not say. cost_usd: its own figure.

    odd: names the figures that nobody can believe; they are None.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int = 0
    cost_usd: Decimal | None = None
    odd: str = ""


class _Figures(Reply):
    prompt_tokens: Any = None
    completion_tokens: Any = None
    cached_tokens: Any = at("prompt_tokens_details", "cached_tokens", default=None)
    prompt_cache_hit_tokens: Any = None
    cost: Any = None


def token_usage(told: Any) -> TokenUsage:
    """Usage in the spellings providers have; local servers may give none.

    A figure that nobody can believe (NaN, a token count of 10**400, a cost of 1e30) is left out
    and named in `odd`: the answer beside it is good.
    """
    figures = _Figures.of(told)
    odd: list[str] = []

    def tokens(name: str) -> int | None:
        value = getattr(figures, name)
        count = foreign.whole(value, high=MOST_TOKENS)
        if count is None and value is not None:
            odd.append(f"{name} {foreign.label(value, longest=40) or repr(value)[:40]}")
        return count

    cost = None
    if figures.cost is not None:
        try:
            cost = foreign.amount_usd(figures.cost)
        except foreign.Refused as error:
            odd.append(f"cost {error}")
    return TokenUsage(
        prompt_tokens=tokens("prompt_tokens"),
        completion_tokens=tokens("completion_tokens"),
        cached_tokens=tokens("cached_tokens") or tokens("prompt_cache_hit_tokens") or 0,
        cost_usd=cost,
        odd="; ".join(odd),
    )


def _text_of(value: Any) -> Any:
    """A text, also when it comes as a list of parts."""
    if isinstance(value, list):
        parts = (part.get("text") if isinstance(part, Mapping) else part for part in value)
        return "".join(part for part in parts if isinstance(part, str))
    return value


_Text = Annotated[str, BeforeValidator(_text_of)]


class Message(Reply):
    content: _Text = ""
    refusal: _Text = ""


class Completion(Reply):
    """An answer with status 200. message None: there is no choice in it.

    error, choice_error: what went wrong after the status was sent.
    """

    id: Label = ""
    error: Any = None
    choice_error: Any = at("choices", 0, "error", default=None)
    message: Message | None = at("choices", 0, "message", default=None)
    finish_reason: Label = at("choices", 0, "finish_reason")
    usage: Annotated[TokenUsage, BeforeValidator(token_usage)] = TokenUsage()


class Listed(Reply):
    id: Label = ""


class ModelList(Reply):
    data: Annotated[list[Listed], rows(10_000)] = []


class KeyFacts(Reply):
    """OpenRouter's answer about a key. left_usd None: the key has no limit."""

    left_usd: Annotated[Decimal | None, BeforeValidator(foreign.amount_usd)] = at(
        "data", "limit_remaining", default=None
    )


class _Detail(Reply):
    """Google's RetryInfo: {"retryDelay": "12s"}."""

    delay: Label = at("retryDelay")


def _sentence(value: Any) -> Any:
    return value if isinstance(value, str) or not value else json.dumps(value)[:MESSAGE_CHARACTERS]


_Sentence = Annotated[str, BeforeValidator(_sentence)]


class ErrorFacts(Reply):
    """What an error body says. type: Google writes it as status."""

    message: _Sentence = ""
    detail: _Sentence = ""
    code: Label = ""
    type: Label = ""
    status: Label = ""
    param: Label = ""
    metadata: dict[str, Any] = {}
    details: Annotated[list[_Detail], rows(20)] = []

    @property
    def said(self) -> str:
        return self.message or self.detail

    @property
    def delay_s(self) -> float | None:
        delays = (re.fullmatch(r"(\d+(?:\.\d+)?)s", detail.delay) for detail in self.details)
        return next((float(delay[1]) for delay in delays if delay), None)


def error_facts(body: bytes) -> ErrorFacts:
    """The facts of an error body: OpenAI's, a list around it, Mistral's flat one, or plain text."""
    data = json_of(body)
    if isinstance(data, list):
        data = data[0] if data else None
    inner = data.get("error", data) if isinstance(data, Mapping) else data
    if isinstance(inner, Mapping):
        return ErrorFacts.of(inner)
    if not isinstance(inner, str):
        page = body.lstrip().startswith(b"<")
        text = body[: 4 * MESSAGE_CHARACTERS].decode(errors="replace")
        inner = "a web page instead of a message" if page else text[:MESSAGE_CHARACTERS]
    return ErrorFacts(message=inner)


def json_of(body: bytes) -> Any:
    """The clean JSON of a body, or None if it is none."""
    try:
        return foreign.read_json(body)
    except foreign.Refused:
        return None
