"""One language model at one provider: one exchange, in the strictest mode the model takes."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx2
import openai

from media_tools import foreign
from media_tools.errors import (
    AnswerUnusable,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from media_tools.providers.downloads import Origin, is_near
from media_tools.providers.http import MAX_JSON_BYTES, Call, HttpClient, Line, Timeouts
from media_tools.providers.redaction import redact
from media_tools.providers.wire import USER_AGENT, retry_after_s
from media_tools.text.llm_profiles import Access, Mode, ModelName, Profile
from media_tools.text.structured import wire_schema

MAX_STEPS_DOWN = 6
MESSAGE_CHARACTERS = 300
MOST_TOKENS = 100_000_000  # of one call; no model reads or writes a tenth of it

# A model may think for a minute before its first byte.
CHAT_TIMEOUTS = Timeouts(connect_s=5.0, read_s=120.0, total_s=180.0)
# A local server may load the model first, and writes on this machine's own processor.
LOCAL_CHAT_TIMEOUTS = Timeouts(connect_s=5.0, read_s=600.0, total_s=900.0)

# Nothing else leaves: the package would add headers from stray environment variables.
_SENT_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-stainless-raw-response",  # by this the package knows to leave the answer unparsed
    }
)
_STRUCTURED_WORDS = re.compile(
    r"response_format|json_schema|json_object|structured.output|response.schema|guided|grammar"
    r"|additionalProperties|require_parameters|requested parameters",
    re.I,
)
_OPTIONAL_FIELDS = ("temperature", "seed", "random_seed", "thinking", "usage", "reasoning_effort")
_MODERATION_WORDS = re.compile(r"moderat|content.(policy|filter|management)|safety|flagged", re.I)


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


@dataclass(frozen=True)
class ChatAnswer:
    """A 200 answer with a choice in it. content may be empty. model: as the server names it."""

    content: str
    finish_reason: str
    refusal: str
    usage: TokenUsage
    request_id: str
    model: str


@dataclass(frozen=True)
class ChatSettings:
    """temperature None and reasoning_effort "": the model's own default."""

    temperature: float | None = None
    reasoning_effort: str = ""


@dataclass(frozen=True)
class Ability:
    """What was learnt of a model: steps taken down from its profile's best mode, fields it
    refuses, and the token limit's other name if it wants that."""

    steps_down: int = 0
    refused: frozenset[str] = frozenset()
    cap_field: str = ""


class AbilityMemory:
    """Remembers refusals by (base URL, model), so that each is met once a process."""

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


@dataclass(frozen=True)
class ErrorFacts:
    """What an error body says, whatever its shape."""

    message: str = ""
    code: str = ""
    kind: str = ""
    param: str = ""
    delay_s: float | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


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

    def complete(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema_name: str,
        schema: Mapping[str, Any],
        cap_tokens: int,
        seed: int,
        settings: ChatSettings,
    ) -> ChatAnswer:
        """One answer. A 400 that names the structured mode or an optional field is met by asking
        again without it, and remembered.

        Call check_access() first. Raises ProviderRejected (auth, insufficient_credits, validation,
        model_not_found, content_policy), ProviderUnavailable (transient, timeout, connection,
        bad_response for an error inside a good status), AnswerUnusable (bad_response).
        """
        with self._client() as client:
            for _ in range(MAX_STEPS_DOWN):
                ability = self.abilities.get(self.base_url, self.name.model)
                body = self._body(ability, schema_name, schema, cap_tokens, seed, settings)
                failure: ProviderError | None = None
                try:
                    raw = client.chat.completions.with_raw_response.create(
                        model=self.name.model,
                        messages=list(messages),  # type: ignore[arg-type]
                        extra_body=body,
                    )
                except openai.APIStatusError as error:
                    facts = error_facts(_json(error.response.content), error.response.text)
                    lesser = self._lesser(ability, error.status_code, facts, body)
                    if lesser:
                        self.abilities.set(self.base_url, self.name.model, lesser)
                        continue
                    failure = self.status_error(
                        error.status_code, facts, dict(error.response.headers)
                    )
                except openai.APITimeoutError:
                    failure = self._unavailable("did not answer in time", "timeout")
                except openai.OpenAIError as error:
                    failure = self._unavailable(
                        f"could not be reached ({type(error.__cause__ or error).__name__})",
                        "connection",
                    )
                if failure:
                    raise failure
                return self._answer(raw.http_response)
        raise self._rejected("refuses every form of the request", "validation", "try another model")

    def check_access(self) -> None:
        """Raises ProviderRejected without a usable base URL, or key where one is needed."""
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

    def _client(self) -> openai.OpenAI:
        deadline = time.monotonic() + self.timeouts.total_s
        origin = Origin.of(self.base_url)
        headers = {**self.profile.headers, "User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        sent = _SENT_HEADERS | {name.lower() for name in self.profile.headers}
        key = self.access.api_key or "none"  # local servers ignore it, the package wants one

        def clean(request: httpx2.Request) -> None:
            for name in set(request.headers) - sent:
                del request.headers[name]
            request.headers["Authorization"] = f"Bearer {key}"

        def bound(response: httpx2.Response) -> None:
            # Some providers send blank lines while they are busy: no read limit ever ends that.
            response.stream = _BoundedStream(response.stream, deadline)

        return openai.OpenAI(
            api_key=key,
            base_url=self.base_url,
            default_headers=headers,
            max_retries=0,  # the writer's retries own it, each with its own row in the ledger
            timeout=httpx2.Timeout(self.timeouts.read_s, connect=self.timeouts.connect_s),
            http_client=httpx2.Client(
                follow_redirects=False,
                trust_env=not is_near(origin),  # proxy variables
                event_hooks={"request": [clean], "response": [bound]},
            ),
        )

    def _mode(self, ability: Ability) -> Mode:
        modes = self.profile.modes
        return modes[min(ability.steps_down, len(modes) - 1)]

    def _body(
        self,
        ability: Ability,
        schema_name: str,
        schema: Mapping[str, Any],
        cap_tokens: int,
        seed: int,
        settings: ChatSettings,
    ) -> dict[str, Any]:
        profile = self.profile
        body: dict[str, Any] = {ability.cap_field or profile.cap_field: cap_tokens, **profile.body}
        if settings.temperature is not None:
            low, high = profile.temperature_range
            body["temperature"] = min(max(settings.temperature, low), high)
        if settings.reasoning_effort:
            body["reasoning_effort"] = settings.reasoning_effort
        if profile.seed_field:
            body[profile.seed_field] = seed % 2**31
        mode = self._mode(ability)
        if mode is Mode.JSON_SCHEMA:
            wire = {"name": schema_name, "strict": True, "schema": wire_schema(schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": wire}
        elif mode is Mode.JSON_OBJECT:
            body["response_format"] = {"type": "json_object"}
        if mode is not Mode.PROMPT_ONLY:
            body |= profile.structured_body
        return {name: value for name, value in body.items() if name not in ability.refused}

    def _lesser(
        self, ability: Ability, status: int, facts: ErrorFacts, body: Mapping[str, Any]
    ) -> Ability | None:
        """What to ask for instead after a refusal, or None if it is not about the form."""
        if status not in (400, 404, 422):
            return None
        said = f"{facts.param} {facts.message} {facts.code}"
        structured = "response_format" in body and _STRUCTURED_WORDS.search(said)
        if structured and ability.steps_down < len(self.profile.modes) - 1:
            return replace(ability, steps_down=ability.steps_down + 1)
        if status == 404:
            return None
        for cap, other in (
            ("max_tokens", "max_completion_tokens"),
            ("max_completion_tokens", "max_tokens"),
        ):
            names_it = facts.param == cap or re.search(rf"['\"`]{cap}['\"`]", facts.message)
            if cap in body and names_it and not ability.cap_field:
                return replace(ability, cap_field=other)
        for name in _OPTIONAL_FIELDS:
            if name in body and (facts.param == name or re.search(rf"\b{name}\b", facts.message)):
                return replace(ability, refused=ability.refused | {name})
        return None

    def _answer(self, response: httpx2.Response) -> ChatAnswer:
        data = _json(response.content)
        if not isinstance(data, Mapping):
            page = response.content.lstrip()[:1] == b"<"
            raise self._unusable("a web page" if page else "something that is no JSON object")
        choices = data.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        wrong = data.get("error") or (isinstance(choice, Mapping) and choice.get("error"))
        if wrong:
            # HTTP 200 with an error inside: the code in the body is the real status.
            facts = error_facts({"error": wrong}, "")
            status = int(facts.code) if re.fullmatch(r"[45]\d\d", facts.code) else 0
            if status in (401, 402, 403):
                raise self.status_error(status, facts, dict(response.headers))
            said = self._said(facts.message)
            raise self._unavailable(f"answered with an error: {said}", "bad_response")
        message = choice.get("message") if isinstance(choice, Mapping) else None
        if not isinstance(choice, Mapping) or not isinstance(message, Mapping):
            raise self._unusable("no choice")
        return ChatAnswer(
            content=_text_of(message.get("content")),
            finish_reason=foreign.label(choice.get("finish_reason")),
            refusal=_text_of(message.get("refusal")),
            usage=token_usage(data.get("usage")),
            request_id=foreign.label(response.headers.get("x-request-id") or data.get("id")),
            model=foreign.label(data.get("model")) or self.name.model,
        )

    def status_error(
        self, status: int, facts: ErrorFacts, headers: Mapping[str, str]
    ) -> ProviderError:
        """The error for a status, by the contract's table."""
        wait_s = retry_after_s(headers, now=datetime.now(tz=UTC))
        wait_s = facts.delay_s if wait_s is None else wait_s
        said = self._said(facts.message)
        key_name = self.profile.key_name
        if status == 402 and wait_s is not None and self.provider == "openrouter":
            return self._transient(status, said, wait_s)
        if status == 402 or "insufficient_quota" in (facts.code, facts.kind):
            return self._rejected(
                f"has no credit left: {said}",
                "insufficient_credits",
                "add credit or raise the limit at the provider",
                status,
            )
        if status == 403 and self._is_moderation(facts):
            return self._policy(said, status)
        if status in (401, 403):
            return self._rejected(f"refused the key: {said}", "auth", f"check {key_name}", status)
        if status == 404:
            return self._rejected(
                f"does not know this model or path: {said}",
                "model_not_found",
                "check the model's name and the base URL",
                status,
            )
        if status in (408, 409, 425, 429) or status >= 500:
            return self._transient(status, said, wait_s)
        if status == 400 and self._is_moderation(facts):
            return self._policy(said, status)
        return self._rejected(
            f"did not accept the request: {said}",
            "validation",
            "check the model's settings",
            status,
        )

    @staticmethod
    def _is_moderation(facts: ErrorFacts) -> bool:
        if facts.metadata.get("reasons"):
            return True
        return bool(_MODERATION_WORDS.search(f"{facts.code} {facts.kind} {facts.message}"))

    def policy_error(self, said: str) -> ProviderRejected:
        """The model would not write this."""
        return self._policy(self._said(said), None)

    def _policy(self, said: str, status: int | None) -> ProviderRejected:
        return self._rejected(
            f"refused the content: {said}",
            "content_policy",
            "change the artist's themes, the lesson or the trend behind it",
            status,
        )

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

    def _transient(self, status: int, said: str, wait_s: float | None) -> ProviderUnavailable:
        return self._unavailable(
            f"is busy or down: {said}", f"transient, HTTP {status}", retry_after_s=wait_s
        )

    def _unusable(self, what: str) -> AnswerUnusable:
        return AnswerUnusable(
            self.provider,
            f"model {self.name.model} answered with {what}",
            code="bad_response",
            action=f"check the base URL of {self.profile.label} if this lasts",
        )

    def health(self) -> Health:
        """One cheap call: the list of models. Raises ProviderUnavailable, ProviderRejected."""
        self.check_access()
        key = self.access.api_key
        client = HttpClient(
            self.provider,
            self.base_url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            line=Line(Timeouts(self.timeouts.connect_s, min(20.0, self.timeouts.read_s), 30.0)),
        )
        with client:
            listed = client.json(Call("GET", "/models"))
            models = listed.get("data") if isinstance(listed, Mapping) else None
            models = models if isinstance(models, list) else []
            names = [foreign.label(m.get("id")) for m in models if isinstance(m, Mapping)]
            credits = _openrouter_credit(client) if self.provider == "openrouter" else None
        # Google lists its models as "models/name".
        known = any(name.removeprefix("models/") == self.name.model for name in names)
        return Health(self.provider, self.name.model, known if names else None, credits)


@dataclass(frozen=True)
class Health:
    """A provider that answered. model_known None: it lists none. credit_usd None: not told."""

    provider: str
    model: str
    model_known: bool | None
    credit_usd: Decimal | None = None


def _openrouter_credit(client: HttpClient) -> Decimal | None:
    answer = client.json(Call("GET", "/key"))
    data = answer.get("data") if isinstance(answer, Mapping) else None
    left = data.get("limit_remaining") if isinstance(data, Mapping) else None
    try:
        return foreign.amount_usd(left)
    except foreign.Refused:
        return None  # null: the key has no limit


class _BoundedStream(httpx2.SyncByteStream):
    """A body that ends in an error past a moment or a size."""

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


def _json(body: bytes) -> Any:
    try:
        return foreign.read_json(body)
    except foreign.Refused:
        return None


def _text_of(value: Any) -> str:
    """A text, also when it comes as a list of parts."""
    if isinstance(value, list):
        parts = (part.get("text") if isinstance(part, Mapping) else part for part in value)
        return "".join(part for part in parts if isinstance(part, str))
    return value if isinstance(value, str) else ""


def token_usage(usage: Any) -> TokenUsage:
    """Usage in the spellings providers have; local servers may give none.

    A figure that nobody can believe (NaN, a token count of 10**400, a cost of 1e30) is left out
    and named in `odd`: the answer beside it is good.
    """
    if not isinstance(usage, Mapping):
        return TokenUsage()
    odd: list[str] = []

    def tokens(name: str, value: Any) -> int | None:
        count = foreign.whole(value, high=MOST_TOKENS)
        if count is None and value is not None:
            odd.append(f"{name} {foreign.label(value, longest=40) or repr(value)[:40]}")
        return count

    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else None
    cost = None
    if usage.get("cost") is not None:
        try:
            cost = foreign.amount_usd(usage["cost"])
        except foreign.Refused as error:
            odd.append(f"cost {error}")
    return TokenUsage(
        prompt_tokens=tokens("prompt_tokens", usage.get("prompt_tokens")),
        completion_tokens=tokens("completion_tokens", usage.get("completion_tokens")),
        cached_tokens=tokens("cached_tokens", cached)
        or tokens("prompt_cache_hit_tokens", usage.get("prompt_cache_hit_tokens"))
        or 0,
        cost_usd=cost,
        odd="; ".join(odd),
    )


def error_facts(data: Any, text: str) -> ErrorFacts:
    """The facts of an error body: OpenAI's, a list around it, Mistral's flat one, or plain text."""
    if isinstance(data, list):
        data = data[0] if data else None
    inner = data.get("error", data) if isinstance(data, Mapping) else data
    if isinstance(inner, str):
        return ErrorFacts(message=inner)
    if not isinstance(inner, Mapping):
        page = text.lstrip().startswith("<")
        return ErrorFacts(message="a web page instead of a message" if page else text[:300])
    metadata = inner.get("metadata")
    message = inner.get("message") or inner.get("detail") or ""
    return ErrorFacts(
        message=message if isinstance(message, str) else json.dumps(message)[:300],
        code=foreign.label(inner.get("code")),
        kind=foreign.label(inner.get("type") or inner.get("status")),
        param=foreign.label(inner.get("param")),
        delay_s=_google_delay_s(inner.get("details")),
        metadata=metadata if isinstance(metadata, Mapping) else {},
    )


def _google_delay_s(details: Any) -> float | None:
    """Google's RetryInfo: {"retryDelay": "12s"} among the details."""
    for detail in details if isinstance(details, list) else []:
        delay = detail.get("retryDelay") if isinstance(detail, Mapping) else None
        if isinstance(delay, str) and re.fullmatch(r"\d+(\.\d+)?s", delay):
            return float(delay[:-1])
    return None
