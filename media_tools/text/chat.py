"""Asks one language model of one provider, in the strictest JSON mode that the model accepts."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import httpx2
import openai

from media_tools import foreign
from media_tools.errors import AnswerUnusable, ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.foreign import MAX_JSON_BYTES
from media_tools.providers.downloads import Origin, is_near
from media_tools.providers.redaction import redact
from media_tools.providers.wire import USER_AGENT, Timeouts, retry_after_s
from media_tools.text.chat_replies import (
    MESSAGE_CHARACTERS,
    Completion,
    ErrorFacts,
    KeyFacts,
    ModelList,
    TokenUsage,
    error_facts,
    json_of,
)
from media_tools.text.llm_profiles import Access, Mode, ModelName, Profile
from media_tools.text.prompts import Task
from media_tools.text.structured import wire_schema

MAX_STEPS_DOWN = 6
HEALTH_RETRIES = 2  # of a question that costs nothing

# A model may think for a minute before its first byte.
CHAT_TIMEOUTS = Timeouts(connect_s=5.0, read_s=120.0, total_s=180.0)
# A local server may load the model first, and writes on this machine's own processor.
LOCAL_CHAT_TIMEOUTS = Timeouts(connect_s=5.0, read_s=600.0, total_s=900.0)

_STRUCTURED_WORDS = re.compile(
    r"response_format|json_schema|json_object|structured.output|response.schema|guided|grammar"
    r"|additionalProperties|require_parameters|requested parameters",
    re.I,
)
_OPTIONAL_FIELDS = ("temperature", "seed", "random_seed", "thinking", "usage", "reasoning_effort")
_MODERATION_WORDS = re.compile(r"moderat|content.(policy|filter|management)|safety|flagged", re.I)


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates to trust, read once: a client of its own for each call would read all."""
    return httpx2.create_ssl_context()


# What a refusal means and what to do, by its code.
_REFUSALS = {
    "insufficient_credits": (
        "has no credit left",
        "add credit or raise the limit at the provider",
    ),
    "content_policy": (
        "refused the content",
        "change the artist's themes, the lesson or the trend behind it",
    ),
    "auth": ("refused the key", "check {key_name}"),
    "model_not_found": (
        "does not know this model or path",
        "check the model's name and the base URL",
    ),
    "validation": ("did not accept the request", "check the model's settings"),
}


@dataclass(frozen=True)
class ChatAnswer:
    """A good answer with a choice in it. content may be empty."""

    content: str
    finish_reason: str
    refusal: str
    usage: TokenUsage
    request_id: str


@dataclass(frozen=True)
class ChatSettings:
    """temperature None and reasoning_effort "": the model's own default."""

    temperature: float | None = None
    reasoning_effort: str = ""


@dataclass(frozen=True)
class Ability:
    """What a model has refused so far."""

    steps_down: int = 0  # from the best JSON mode of its profile
    refused: frozenset[str] = frozenset()  # optional fields
    cap_field: str = ""  # the other name of the token limit, if it wants that


class AbilityMemory:
    """Remembers refusals by (base URL, model), so that a process meets each of them once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Ability] = {}
        self._lock = threading.Lock()

    def get(self, base_url: str, model: str) -> Ability:
        with self._lock:
            return self._known.get((base_url, model), Ability())

    def set(self, base_url: str, model: str, ability: Ability) -> None:
        with self._lock:
            self._known[base_url, model] = ability


SHARED_ABILITIES = AbilityMemory()


class _Client(openai.OpenAI):
    """Sends only these headers; the package would add others from stray environment variables."""

    @property
    def default_headers(self) -> dict[str, str | openai.Omit]:
        return {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
        }


@dataclass(frozen=True)
class ChatModel:
    """A model behind `{base_url}/chat/completions`. Cheap to make; holds no connection."""

    name: ModelName
    access: Access
    timeouts: Timeouts = CHAT_TIMEOUTS
    abilities: AbilityMemory = SHARED_ABILITIES

    @property
    def profile(self) -> Profile:
        return self.name.profile

    @property
    def base_url(self) -> str:
        return (self.access.base_url or self.profile.base_url).rstrip("/")

    @property
    def provider(self) -> str:
        return self.name.provider

    def complete(self, task: Task[Any], settings: ChatSettings) -> ChatAnswer:
        """Ask the model and return its answer.

        If it refuses the JSON mode or an optional field, ask again without it and remember that.

        Call check_access() first. Raises ProviderRejected (auth, insufficient_credits, validation,
        model_not_found, content_policy), ProviderUnavailable (transient, timeout, connection,
        bad_response for an error inside a good status), AnswerUnusable (bad_response).
        """
        # It may have been charged: the writer repeats it, each try with its own ledger row.
        with self._client(self.timeouts, retries=0) as client:
            for _ in range(MAX_STEPS_DOWN):
                ability = self.abilities.get(self.base_url, self.name.model)
                body = self._body(ability, task, settings)
                response = self._sent(client, task, body)
                if response.is_success:
                    return self._answer(response)
                facts = error_facts(response.content)
                lesser = self._lesser(ability, response.status_code, facts, body)
                if not lesser:
                    raise self.status_error(response.status_code, facts, response.headers)
                self.abilities.set(self.base_url, self.name.model, lesser)
        raise self._rejected("refuses every form of the request", "validation", "try another model")

    def check_access(self) -> None:
        """Check base URL and key. Raises ProviderRejected if one is missing or cannot be used."""
        try:
            Origin.of(self.base_url)
        except (ValueError, UnicodeError):
            raise self._rejected(
                "has a base URL that is not an http(s) address",
                "configuration",
                f"correct the base URL of {self.profile.label} in the settings",
            ) from None
        key = self.access.api_key
        if not key and not self.profile.local:
            raise self._rejected(
                "has no key", "auth", f"set {self.profile.key_name}, or take the model out"
            )
        if not key.isascii() or not key.isprintable() or " " in key:
            raise self._rejected(
                "has a key with blanks, line ends or odd characters",
                "auth",
                f"correct {self.profile.key_name}",
            )

    def _client(self, timeouts: Timeouts, *, retries: int) -> _Client:
        deadline = time.monotonic() + timeouts.total_s

        def bound(response: httpx2.Response) -> None:
            # The package limits neither the size of an answer nor its time: some providers send
            # blank lines while they are busy, and no read limit ever ends that.
            response.stream = _BoundedStream(response.stream, deadline)
            # It would also wait for two minutes where the provider asks for that.
            wait_s = retry_after_s(response.headers, now=datetime.now(tz=UTC)) or 0.0
            if time.monotonic() + wait_s > deadline:
                response.headers["x-should-retry"] = "false"

        return _Client(
            api_key=self.access.api_key or "none",  # local servers ignore it, the package wants one
            base_url=self.base_url,
            max_retries=retries,
            timeout=openai.Timeout(timeouts.read_s, connect=timeouts.connect_s),
            http_client=httpx2.Client(
                verify=_trusted(),
                follow_redirects=False,
                trust_env=not is_near(Origin.of(self.base_url)),  # proxy variables
                event_hooks={"response": [bound]},
            ),
        )

    def _sent(self, client: _Client, task: Task[Any], body: Mapping[str, Any]) -> httpx2.Response:
        # Raw, for the package builds its types without a look at what really came.
        create = client.chat.completions.with_raw_response.create
        return self._answered(
            lambda: (
                create(
                    model=self.name.model,
                    messages=task.messages,  # type: ignore[arg-type]
                    extra_body=body,
                    extra_headers=self.profile.headers,
                ).http_response
            )
        )

    def _answered(self, send: Callable[[], httpx2.Response]) -> httpx2.Response:
        """Return the answer, whatever its status. Raises ProviderUnavailable if none comes."""
        try:
            return send()
        except openai.APIStatusError as error:
            return error.response
        except openai.APITimeoutError:
            failure = self._unavailable("did not answer in time", "timeout")
        except openai.OpenAIError as error:
            failure = self._unavailable(
                f"could not be reached ({type(error.__cause__ or error).__name__})", "connection"
            )
        # Raised out here: the package's error holds the request with its key.
        raise failure

    def _mode(self, ability: Ability) -> Mode:
        modes = self.profile.modes
        return modes[min(ability.steps_down, len(modes) - 1)]

    def _body(self, ability: Ability, task: Task[Any], settings: ChatSettings) -> dict[str, Any]:
        profile = self.profile
        body: dict[str, Any] = {
            ability.cap_field or profile.cap_field: task.cap_tokens,
            **profile.body,
        }
        if settings.temperature is not None:
            low, high = profile.temperature_range
            body["temperature"] = min(max(settings.temperature, low), high)
        if settings.reasoning_effort:
            body["reasoning_effort"] = settings.reasoning_effort
        if profile.seed_field:
            body[profile.seed_field] = task.seed % 2**31
        mode = self._mode(ability)
        if mode is Mode.JSON_SCHEMA:
            wire = {"name": task.purpose, "strict": True, "schema": wire_schema(task.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": wire}
        elif mode is Mode.JSON_OBJECT:
            body["response_format"] = {"type": "json_object"}
        if mode is not Mode.PROMPT_ONLY:
            body |= profile.structured_body
        return {name: value for name, value in body.items() if name not in ability.refused}

    def _lesser(
        self, ability: Ability, status: int, facts: ErrorFacts, body: Mapping[str, Any]
    ) -> Ability | None:
        """Return what to leave out next time, or None if the refusal is not about the form."""
        if status not in (400, 404, 422):
            return None
        said = f"{facts.param} {facts.said} {facts.code}"
        structured = "response_format" in body and _STRUCTURED_WORDS.search(said)
        if structured and ability.steps_down < len(self.profile.modes) - 1:
            return replace(ability, steps_down=ability.steps_down + 1)
        if status == 404:
            return None
        for cap, other in (
            ("max_tokens", "max_completion_tokens"),
            ("max_completion_tokens", "max_tokens"),
        ):
            names_it = facts.param == cap or re.search(rf"['\"`]{cap}['\"`]", facts.said)
            if cap in body and names_it and not ability.cap_field:
                return replace(ability, cap_field=other)
        for name in _OPTIONAL_FIELDS:
            if name in body and (facts.param == name or re.search(rf"\b{name}\b", facts.said)):
                return replace(ability, refused=ability.refused | {name})
        return None

    def _answer(self, response: httpx2.Response) -> ChatAnswer:
        data = json_of(response.content)
        if not isinstance(data, Mapping):
            page = response.content.lstrip()[:1] == b"<"
            raise self._unusable("a web page" if page else "something that is no JSON object")
        told = Completion.of(data)
        if wrong := told.error or told.choice_error:
            # HTTP 200 with an error inside: the code in the body is the real status.
            facts = ErrorFacts.of(wrong if isinstance(wrong, Mapping) else {"message": wrong})
            if facts.code in ("401", "402", "403"):
                raise self.status_error(int(facts.code), facts, response.headers)
            said = self._said(facts.said)
            raise self._unavailable(f"answered with an error: {said}", "bad_response")
        if told.message is None:
            raise self._unusable("no choice")
        return ChatAnswer(
            content=told.message.content,
            finish_reason=told.finish_reason,
            refusal=told.message.refusal,
            usage=told.usage,
            request_id=foreign.label(response.headers.get("x-request-id")) or told.id,
        )

    def status_error(
        self, status: int, facts: ErrorFacts, headers: Mapping[str, str]
    ) -> ProviderError:
        """Return the error for an answer with this status."""
        wait_s = retry_after_s(headers, now=datetime.now(tz=UTC))
        wait_s = facts.delay_s if wait_s is None else wait_s
        code = self._code_of(status, facts, passing=wait_s is not None)
        if code == "transient":
            return self._unavailable(
                f"is busy or down: {self._said(facts.said)}",
                f"transient, HTTP {status}",
                retry_after_s=wait_s,
            )
        return self._refused(code, facts.said, status)

    def _code_of(self, status: int, facts: ErrorFacts, *, passing: bool) -> str:
        """Return a key of _REFUSALS, or "transient". passing: the answer says how long to wait."""
        if status == 402 and passing and self.provider == "openrouter":
            return "transient"
        if status == 402 or "insufficient_quota" in (facts.code, facts.type):
            return "insufficient_credits"
        told = f"{facts.code} {facts.type} {facts.status} {facts.said}"
        if status in (400, 403) and (
            facts.metadata.get("reasons") or _MODERATION_WORDS.search(told)
        ):
            return "content_policy"
        if status in (401, 403):
            return "auth"
        if status == 404:
            return "model_not_found"
        busy = status in (408, 409, 425, 429) or status >= 500
        return "transient" if busy else "validation"

    def policy_error(self, said: str) -> ProviderRejected:
        """Return the error for a model that refuses to write this."""
        return self._refused("content_policy", said)

    def _refused(self, code: str, said: str, status: int | None = None) -> ProviderRejected:
        cause, action = _REFUSALS[code]
        action = action.format(key_name=self.profile.key_name)
        return self._rejected(f"{cause}: {self._said(said)}", code, action, status)

    def _said(self, message: str) -> str:
        key = self.access.api_key
        words = redact(message, (key,) if key else ())
        return foreign.label(words, longest=MESSAGE_CHARACTERS) or "no message"

    def _rejected(
        self, cause: str, code: str, action: str, status: int | None = None
    ) -> ProviderRejected:
        at = f", HTTP {status}" if status else ""
        return ProviderRejected(
            self.provider, f"model {self.name.model} {cause}", code=f"{code}{at}", action=action
        )

    def _unavailable(
        self, cause: str, code: str, *, retry_after_s: float | None = None
    ) -> ProviderUnavailable:
        return ProviderUnavailable(
            self.provider,
            f"model {self.name.model} {cause}",
            code=code,
            action="it is tried again later",
            retry_after_s=retry_after_s,
        )

    def _unusable(self, what: str) -> AnswerUnusable:
        return AnswerUnusable(
            self.provider,
            f"model {self.name.model} answered with {what}",
            code="bad_response",
            action=f"check the base URL of {self.profile.label} if this lasts",
        )

    def health(self) -> Health:
        """Ask for the list of models (free). Raises ProviderUnavailable, ProviderRejected."""
        self.check_access()
        timeouts = Timeouts(self.timeouts.connect_s, min(20.0, self.timeouts.read_s), 30.0)
        with self._client(timeouts, retries=HEALTH_RETRIES) as client:
            listed = ModelList.of(self._asked(client, "/models"))
            credit = None
            if self.provider == "openrouter":
                credit = KeyFacts.of(self._asked(client, "/key")).left_usd
        # Google lists its models as "models/name".
        names = [model.id.removeprefix("models/") for model in listed.data if model.id]
        return Health(
            self.provider,
            self.name.model,
            self.name.model in names if names else None,
            credit,
        )

    def _asked(self, client: _Client, path: str) -> Any:
        """Ask a free question and return the JSON of the answer."""
        response = self._answered(lambda: client.get(path, cast_to=httpx2.Response))
        if not response.is_success:
            facts = error_facts(response.content)
            raise self.status_error(response.status_code, facts, response.headers)
        return json_of(response.content)


@dataclass(frozen=True)
class Health:
    """A provider that answered. model_known None: it lists none. credit_usd None: not told."""

    provider: str
    model: str
    model_known: bool | None
    credit_usd: Decimal | None = None


class _BoundedStream(httpx2.SyncByteStream):
    """Yields a body, and raises once it is too large or takes too long."""

    def __init__(self, stream: Any, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > MAX_JSON_BYTES:
                raise httpx2.DecodingError("the answer is too large")
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("the answer took too long")
            yield chunk

    def close(self) -> None:
        self._stream.close()
