"""Writes with language models: tries them in order, checks their answers, reports every call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from media_tools.errors import AnswerUnusable, ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.breaker import CIRCUIT_OPEN, CircuitBreaker
from media_tools.providers.http import RetryPolicy
from media_tools.providers.wire import Timeouts
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
from media_tools.text.chat import (
    CHAT_TIMEOUTS,
    LOCAL_CHAT_TIMEOUTS,
    SHARED_ABILITIES,
    AbilityMemory,
    ChatAnswer,
    ChatModel,
    ChatSettings,
    Health,
)
from media_tools.text.llm_profiles import Access, ModelName, TokenPrice
from media_tools.text.prompts import Task, concept, evolution, lyrics, persona, reflection
from media_tools.text.structured import read_object

LONGER_CAP = 3  # times the first cap, after an answer that was cut off
# Codes of ChatModel after which the same model may answer in a moment.
PASSING_CODES = ("transient", "connection")
CHARACTERS_PER_TOKEN = 3  # fewer than English text has, so that an estimate errs upwards

Text = TypeVar("Text")


@dataclass(frozen=True)
class LlmCall:
    """A call about to be made."""

    purpose: str
    provider: str
    model: str
    attempt: str  # "first", "longer" (was cut off) or "repair" (the answer was not usable)
    estimate_usd: Decimal | None  # the most it can cost; None if no price is known


@dataclass(frozen=True)
class LlmUsage:
    """A call that ended."""

    call: LlmCall
    outcome: str  # "ok" or the error's code
    latency_ms: int
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int = 0
    cost_usd: Decimal | None = None  # None: no price is known, or no believable usage was told
    request_id: str = ""
    error: str = ""  # redacted
    odd: str = ""  # the figures of the usage that were not believed, for the operator


def _ignore(_: object) -> None:
    """Do nothing: for callers that need no report."""


class LlmWriter:
    """Writes with the first of `models` that returns a usable answer.

    `name` and `model` are those of the writer that answered last (before the first answer: the
    primary one), so that ledger and provenance show a fallback. Do not share between threads.
    """

    def __init__(
        self,
        models: Sequence[str],  # "provider:model", the primary one first
        access: Mapping[str, Access],  # key and base URL by provider
        *,
        prices: Mapping[str, TokenPrice] | None = None,  # by "provider:model"
        temperature: float | None = None,
        reasoning_effort: str = "",
        offline: Writer | None = None,  # the last resort, if the operator allows it
        # Called before each call, to write the intent and book the estimate. What it raises stops
        # the call: a ProviderError counts as this model's failure, anything else leaves the writer.
        before_call: Callable[[LlmCall], None] = _ignore,
        on_usage: Callable[[LlmUsage], None] = _ignore,  # called after each call
        breaker_for: Callable[[str], CircuitBreaker] | None = None,  # by provider
        timeouts: Timeouts | None = None,
        abilities: AbilityMemory = SHARED_ABILITIES,
        retry: RetryPolicy | None = None,  # of a busy model, before the next one is asked
    ) -> None:
        """Raises ValueError for an empty list or a model that is not "provider:model"."""
        if not models:
            raise ValueError("No language model is named; write at least one provider:model.")
        self.models = tuple(ModelName.parse(model) for model in models)
        self._access = access
        self._prices = prices or {}
        self._settings = ChatSettings(temperature, reasoning_effort)
        self._offline = offline
        self._before_call = before_call
        self._on_usage = on_usage
        self._breaker_for = breaker_for
        self._timeouts = timeouts
        self._abilities = abilities
        self._retry = retry or RetryPolicy()
        self.name = self.models[0].provider
        self.model = self.models[0].model

    def persona(self, brief: PersonaBrief) -> Persona:
        return self._write(persona.task(brief), lambda writer: writer.persona(brief))

    def concept(self, brief: ConceptBrief) -> Concept:
        return self._write(concept.task(brief), lambda writer: writer.concept(brief))

    def lyrics(self, brief: LyricsBrief) -> Lyrics:
        return self._write(lyrics.task(brief), lambda writer: writer.lyrics(brief))

    def reflection(self, brief: ReflectionBrief) -> ReflectionNotes:
        return self._write(reflection.task(brief), lambda writer: writer.reflection(brief))

    def evolution(self, brief: EvolutionBrief) -> tuple[ProposedChange, ...]:
        return self._write(evolution.task(brief), lambda writer: writer.evolution(brief))

    def health(self) -> list[Health | ProviderError]:
        """Check each model with one free call. Returns its health, or the error, in order."""
        found: list[Health | ProviderError] = []
        for name in self.models:
            try:
                found.append(self._chat(name).health())
            except ProviderError as error:
                found.append(error)
        return found

    def _chat(self, name: ModelName) -> ChatModel:
        access = self._access.get(name.provider, Access())
        usual = LOCAL_CHAT_TIMEOUTS if name.profile.local else CHAT_TIMEOUTS
        return ChatModel(name, access, self._timeouts or usual, self._abilities)

    def _write(self, task: Task[Text], offline: Callable[[Writer], Text]) -> Text:
        errors: list[ProviderError] = []
        for name in self.models:
            try:
                text = self._ask(self._chat(name), task)
            except ProviderError as error:
                errors.append(error)
                if error.code.startswith("content_policy"):
                    break  # what one provider refuses is not hawked to the next
            else:
                self.name, self.model = name.provider, name.model
                return text
        if self._offline is not None:
            text = offline(self._offline)
            self.name, self.model = self._offline.name, self._offline.model
            return text
        raise _together(errors)

    def _ask(self, chat: ChatModel, task: Task[Text]) -> Text:
        """Return the text one model writes.

        Ask once more with a higher limit if the answer is cut off, and once to repair an unusable
        one. Raises AnswerUnusable, ProviderUnavailable, ProviderRejected.
        """
        chat.check_access()
        asked, attempt = task, "first"
        tried: set[str] = set()
        failed: ProviderUnavailable | None = None
        while True:
            tried.add(attempt)
            try:
                answer = self._exchange(chat, asked, attempt)
                return _text_of(answer, chat, task, last="repair" in tried)
            except _CutOff:
                if "longer" in tried:
                    raise
                asked = replace(asked, cap_tokens=task.cap_tokens * LONGER_CAP)
                attempt = "longer"
            except ProviderUnavailable as error:
                if failed and error.code == CIRCUIT_OPEN:
                    # Nobody was asked again: what came before is the reason.
                    raise failed from None
                if error.code != "bad_response" or "repair" in tried:
                    raise
                failed, attempt = error, "repair"
                follow_up = error.follow_up if isinstance(error, _Unusable) else ()
                asked = replace(asked, follow_up=follow_up)

    def _exchange(self, chat: ChatModel, task: Task[Any], attempt: str) -> ChatAnswer:
        """Return one answer; the provider's breaker counts all tries as one call."""
        breaker = self._breaker_for(chat.provider) if self._breaker_for else None

        # Asked once whether it lets the call through, whatever the number of tries.
        gate = iter([breaker])
        try:
            # Not after a time-out, which has held the worker long enough.
            answer = self._retry.run(
                lambda: self._metered(chat, task, attempt, next(gate, None)),
                worth=lambda error: error.code.startswith(PASSING_CODES),
            )
        except ProviderError as error:
            away = isinstance(error, ProviderUnavailable) and not isinstance(error, AnswerUnusable)
            if breaker and not away:
                breaker.succeeded()
            elif breaker and error.code != CIRCUIT_OPEN:
                breaker.failed(str(error))
            raise
        if breaker:
            breaker.succeeded()
        return answer

    def _metered(
        self,
        chat: ChatModel,
        task: Task[Any],
        attempt: str,
        breaker: CircuitBreaker | None,
    ) -> ChatAnswer:
        """Send one request and report it. breaker: decides whether it may be sent."""
        price = self._price(chat.name)
        characters = sum(len(message["content"]) for message in task.messages)
        call = LlmCall(
            purpose=task.purpose,
            provider=chat.provider,
            model=chat.name.model,
            attempt=attempt,
            estimate_usd=None
            if price is None
            else price.cost_usd(characters // CHARACTERS_PER_TOKEN + 1, task.cap_tokens, 0),
        )
        self._before_call(call)
        started = time.monotonic()
        try:
            if breaker:
                breaker.before_call()
            answer = chat.complete(task, self._settings)
        except ProviderError as error:
            latency_ms = round((time.monotonic() - started) * 1000)
            self._on_usage(LlmUsage(call, error.code, latency_ms, error=str(error)))
            raise
        self._on_usage(_usage_of(call, answer, price, started))
        return answer

    def _price(self, name: ModelName) -> TokenPrice | None:
        free = TokenPrice(Decimal(0), Decimal(0)) if name.profile.local else None
        return self._prices.get(str(name), free)


def _usage_of(
    call: LlmCall, answer: ChatAnswer, price: TokenPrice | None, started: float
) -> LlmUsage:
    usage = answer.usage
    cost = usage.cost_usd
    # Figures beside one that nobody can believe are no basis for a price: the estimate stays.
    if cost is None and not usage.odd and price and usage.prompt_tokens is not None:
        cost = price.cost_usd(
            usage.prompt_tokens, usage.completion_tokens or 0, usage.cached_tokens
        )
    return LlmUsage(
        call=call,
        outcome="ok",
        latency_ms=round((time.monotonic() - started) * 1000),
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cached_tokens=usage.cached_tokens,
        cost_usd=cost,
        request_id=answer.request_id,
        odd=usage.odd,
    )


class _CutOff(ProviderRejected):
    """The answer reached the token limit before its JSON was complete."""


class _Unusable(AnswerUnusable):
    """An answer that does not fit the task. follow_up: messages that ask to repair it."""

    def __init__(self, chat: ChatModel, purpose: str, content: str, wrong: Sequence[str]) -> None:
        faults = "; ".join(wrong)[:500]
        super().__init__(
            chat.provider,
            f"model {chat.name.model} gave no usable {purpose}: {faults}",
            code="bad_response",
            action="choose a stronger model if this lasts",
        )
        self.follow_up: tuple[dict[str, str], ...] = ()
        if content.strip():
            listed = "\n".join(f"- {fault}" for fault in wrong)
            request = (
                f"That answer cannot be used:\n{listed}\n"
                "Answer again with the whole corrected JSON object and nothing else."
            )
            self.follow_up = (
                {"role": "assistant", "content": content},
                {"role": "user", "content": request},
            )


def _text_of(answer: ChatAnswer, chat: ChatModel, task: Task[Text], *, last: bool) -> Text:
    """Read the text in an answer. last: accept complaints that are not fatal.

    Raises _CutOff, _Unusable, ProviderRejected (content_policy).
    """
    if answer.refusal or answer.finish_reason == "content_filter":
        raise chat.policy_error(answer.refusal or "stopped by its content filter")
    data: dict[str, Any] = {}
    cut_off = answer.finish_reason == "length"
    try:
        data, wrong = read_object(answer.content, task.schema, mend=task.mend, repair=not cut_off)
    except ValueError as error:
        wrong = [str(error) if answer.content.strip() else "the answer is empty"]
    wrong = wrong or [c.text for c in task.complaints(data) if c.fatal or not last]
    if not wrong:
        return task.read(data)
    if cut_off:
        raise _CutOff(
            chat.provider,
            f"model {chat.name.model} did not finish the {task.purpose} within its token limit",
            code="truncated",
            action="choose a model that thinks less, or lower its reasoning effort",
        )
    raise _Unusable(chat, task.purpose, answer.content, wrong)


def _together(errors: Sequence[ProviderError]) -> ProviderError:
    """Join the errors of all models into one.

    AnswerUnusable if an answer was only unusable: asking again is paid, so it is limited. Or else
    ProviderUnavailable if a model may come back, or else ProviderRejected.
    """
    if len(errors) == 1:
        return errors[0]
    first = errors[0]
    causes = "; ".join(f"{e.provider}: {e.cause}" + (f" ({e.code})" * bool(e.code)) for e in errors)
    busy = [error for error in errors if isinstance(error, ProviderUnavailable)]
    unusable = [error for error in errors if isinstance(error, AnswerUnusable)]
    refused = [error for error in errors if error.code.startswith("content_policy")]
    if unusable and not refused:
        return AnswerUnusable(
            first.provider,
            f"no language model gave a usable answer: {causes}",
            code=unusable[0].code,
            action=unusable[0].action,
        )
    if busy and not refused:
        waits = [error.retry_after_s for error in busy if error.retry_after_s is not None]
        return ProviderUnavailable(
            first.provider,
            f"no language model answered: {causes}",
            code=busy[0].code,
            action=busy[0].action,
            retry_after_s=min(waits, default=None),
        )
    decisive = refused[0] if refused else first
    return ProviderRejected(
        decisive.provider,
        f"no language model answered: {causes}",
        code=decisive.code,
        action=decisive.action,
    )
