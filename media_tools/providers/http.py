"""The HTTP client of every provider adapter: limits, safe retries, typed errors, no secrets."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import requests
from pydantic import ValidationError
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

from media_tools.errors import (
    RESOLVE_LOST,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.foreign import MAX_JSON_BYTES, Refused, digits, label, read_json
from media_tools.providers.breaker import CircuitBreaker
from media_tools.providers.downloads import (
    Arrival,
    Downloaded,
    DownloadLimits,
    Downloads,
    Origin,
    Resolve,
    chunks_of,
    is_near,
    joined,
    system_addresses,
)
from media_tools.providers.redaction import redact
from media_tools.providers.replies import Read, reply_fault
from media_tools.providers.wire import USER_AGENT, Timeouts, fault_words, retry_after_s

__all__ = [
    "MAX_JSON_BYTES",
    "PLAIN",
    "Call",
    "DownloadLimits",
    "Downloaded",
    "HttpClient",
    "HttpReply",
    "Line",
    "RetryPolicy",
    "Timeouts",
    "redact",
]

MAX_ERROR_BYTES = 64 * 1024
MESSAGE_CHARACTERS = 300

# Statuses after which the provider may still have taken a submission.
_AMBIGUOUS = frozenset({408, 500, 502, 504, 520, 521, 522, 523, 524})
_BUSY = frozenset({408, 409, 425, 429})
_SECRET_HEADERS = ("authorization", "key", "token", "secret", "cookie")


@dataclass(frozen=True)
class HttpReply:
    """A complete answer. headers: names are looked up in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    @cached_property
    def data(self) -> Any:
        """The cleaned JSON body, or None if it cannot be used."""
        try:
            # Its size was bounded while it came.
            return read_json(self.body, max_bytes=len(self.body))
        except Refused:
            return None

    @property
    def retry_after_s(self) -> float | None:
        return retry_after_s(self.headers, now=datetime.now(tz=UTC))


Answer = TypeVar("Answer")
Classify = Callable[[HttpReply], ProviderError | None]


@dataclass(frozen=True)
class Call:
    """One request to a provider. address: a path of its API, or an absolute address at its host."""

    method: str
    address: str
    _: KW_ONLY
    json: Any = None
    params: Mapping[str, Any] | None = None
    data: Any = None
    files: Any = None  # opened once, so never with safe=True
    headers: Mapping[str, str] | None = None
    safe: bool | None = None  # may be sent again here; None: GET and HEAD may
    # It may cost money, so it is sent once, on a fresh connection, and a lost or ambiguous answer
    # (time-out or reset after sending, 408, 500, 502, 504, an unreadable 2xx) raises
    # SubmissionUnknown.
    submission: bool = False
    timeouts: Timeouts | None = None  # None: the client's
    good: Container[int] = range(200, 300)  # statuses that are answers, not errors

    @property
    def repeatable(self) -> bool:
        safe = self.method in ("GET", "HEAD") if self.safe is None else self.safe
        return safe and not self.submission

    @property
    def shown(self) -> str:
        """Method and path for messages, without host and query."""
        return f"{self.method} {urlsplit(self.address).path or '/'}"


@dataclass(frozen=True)
class RetryPolicy:
    """How a safe request is repeated within one call."""

    retries: int = 2
    base_s: float = 0.5
    # If the provider asks for more, the caller gets the error and can park the run.
    longest_wait_s: float = 5.0

    def wait_s(self, attempt: int, *, asked_s: float, jitter: float) -> float:
        """Seconds to wait after attempt number `attempt` (0, 1 ...). jitter: 0..1."""
        return max(asked_s, self.base_s * 2.0**attempt * (1 + jitter / 2))

    def run(
        self,
        once: Callable[[], Answer],
        *,
        worth: Callable[[ProviderUnavailable], bool] = lambda error: True,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> Answer:
        """Call `once` until it succeeds. worth: whether a retry can cure an error."""
        for attempt in range(self.retries):
            try:
                return once()
            except ProviderUnavailable as error:
                asked_s = error.retry_after_s or 0.0
                if asked_s > self.longest_wait_s or not worth(error):
                    raise
            sleep(self.wait_s(attempt, asked_s=asked_s, jitter=jitter()))
        return once()


@dataclass(frozen=True)
class Line:
    """How a provider is reached, the same for every adapter."""

    timeouts: Timeouts | None = None  # None: those the adapter has for itself
    retry: RetryPolicy = RetryPolicy()
    breaker: CircuitBreaker | None = None
    session: requests.Session | None = None  # None: a new one
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    resolve: Resolve = system_addresses
    clock: Callable[[], float] = time.time  # Unix seconds

    def within(self, timeouts: Timeouts) -> Line:
        """Return this line, with an adapter's own time-outs if it has none."""
        return self if self.timeouts else replace(self, timeouts=timeouts)


PLAIN = Line()


class HttpClient:
    """Talks to one provider. Do not share between threads (it holds a requests.Session)."""

    def __init__(
        self,
        provider: str,  # its name in errors
        # Paths are appended to it. An absolute address must have the same origin, so that
        # credentials go nowhere else.
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,  # of every request; keys in them are redacted
        secrets: Sequence[str] = (),  # redacted too, such as keys sent as parameters
        # Reads an answer of any status. Returns the error to raise, or None for the default rules.
        classify: Classify | None = None,
        max_answer_bytes: int = MAX_JSON_BYTES,  # of a good answer
        line: Line = PLAIN,
    ) -> None:
        self.provider = provider
        self.base_url = base_url.rstrip("/")
        self.timeouts = line.timeouts or Timeouts()
        try:
            self._origin = Origin.of(self.base_url)
        except (ValueError, UnicodeError):
            raise ProviderRejected(
                provider,
                "its base URL is not an http(s) address",
                code="configuration",
                action="correct the base URL in the settings",
            ) from None
        self._headers = {"User-Agent": USER_AGENT, "Accept": "application/json", **(headers or {})}
        self._secrets = (*secrets, *_secret_values(headers or {}))
        self._session = line.session or requests.Session()
        # It reads the address of a redirect although it may not follow it, and an unreadable one
        # would pass for a request that was never sent.
        self._session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
        self._line = line
        self._classify = classify
        self._downloads = Downloads(provider, (self.base_url,), line.resolve)
        self._max_answer_bytes = max_answer_bytes

    def json(self, call: Call) -> Any:
        """Return the JSON of a good answer. Raises as call() does."""
        return self.call(call, want_json=True).data

    def read(self, call: Call, model: type[Read]) -> Read:
        """Return a good answer as `model`. Raises as call() does, also if it does not fit."""
        request = replace(call, address=self._url(call.address))
        try:
            return model.model_validate(self.json(request))
        except ValidationError as error:
            fault = reply_fault(error)
        raise self._odd_answer(request, fault)

    def call(self, call: Call, *, want_json: bool = False) -> HttpReply:
        """Send a request. Returns a good answer (by default any 2xx) of at most max_answer_bytes.

        want_json: an answer that is no JSON is an error.
        Raises ProviderUnavailable, ProviderRejected, SubmissionUnknown.
        """
        request = replace(call, address=self._url(call.address))

        def once() -> HttpReply:
            with self._open(request) as (response, deadline):
                reply = self._read(request, response, deadline)
            self._raise_for(request, reply, want_json=want_json)
            return reply

        return self._guarded(once, repeatable=request.repeatable)

    def fetch_to(
        self, call: Call, target: Path, *, limits: DownloadLimits | None = None
    ) -> Downloaded:
        """Send a request with our credentials and save the media file it is answered with.

        A redirect is followed as download() does, without credentials. limits: replace the call's
        time-outs. Raises SubmissionUnknown if the file of a submission is lost or unusable, since
        it is paid for.
        """
        limits = limits or DownloadLimits()
        request = replace(
            call,
            address=self._url(call.address),
            headers={"Accept": "*/*", "Accept-Encoding": "identity", **(call.headers or {})},
            timeouts=Timeouts(limits.connect_s, limits.read_s, limits.max_seconds),
        )

        def once() -> Downloaded:
            elsewhere = ""
            with self._open(request) as (response, deadline):
                if 300 <= response.status_code < 400:
                    elsewhere = response.headers.get("location", "")
                if not elsewhere and response.status_code != 200:
                    self._raise_for(request, self._read(request, response, deadline))
                    raise self._odd_answer(request, "it holds no file")
                if not elsewhere:
                    what = f"the answer to {request.shown}"
                    save = partial(
                        Arrival(self.provider, what, limits, deadline).save,
                        self._chunks(request, response),
                        target,
                        declared_bytes=digits(response.headers.get("content-length", "")),
                    )
                    saved = self._kept(request, save)
                    return replace(saved, headers=CaseInsensitiveDict(response.headers))
            url = joined(request.address, elsewhere)
            return self._kept(request, lambda: self.download(url, target, limits=limits))

        return self._guarded(once, repeatable=request.repeatable)

    def download(
        self, url: str, target: Path, *, limits: DownloadLimits | None = None
    ) -> Downloaded:
        """Fetch a file the provider named, without credentials; see Downloads.fetch()."""
        return self._retried(partial(self._downloads.fetch, url, target, limits), repeatable=True)

    def _kept(self, request: Call, save: Callable[[], Downloaded]) -> Downloaded:
        """Save the file of an answer. Raises SubmissionUnknown if that of a submission is lost."""
        try:
            return save()
        except ProviderError as error:
            if not request.submission or isinstance(error, SubmissionUnknown):
                raise
            cause = error.cause
        raise self._unknown(cause)

    def close(self) -> None:
        """Close pooled connections. The client can still be used."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def redact(self, text: str) -> str:
        """Return `text` without this client's keys."""
        return redact(text, self._secrets)

    def words(self, value: object, *, longest: int = MESSAGE_CHARACTERS) -> str:
        """Prepare a text of an answer for a message: one line, no secrets, "" if it is no text."""
        # Redacted before it is cut: half a key would not be known as one.
        text = self.redact(label(value, longest=4 * longest))
        return label(text, longest=longest)

    def _guarded(self, once: Callable[[], Answer], *, repeatable: bool) -> Answer:
        """Make one call and report its outcome to the breaker."""
        breaker = self._line.breaker
        if breaker is None:
            return self._retried(once, repeatable=repeatable)
        breaker.before_call()
        try:
            answer = self._retried(once, repeatable=repeatable)
        except (ProviderUnavailable, SubmissionUnknown) as error:
            breaker.failed(f"{error.cause} {error.code}".strip())
            raise
        except ProviderRejected:
            breaker.succeeded()
            raise
        breaker.succeeded()
        return answer

    def _retried(self, once: Callable[[], Answer], *, repeatable: bool) -> Answer:
        if not repeatable:
            return once()
        line = self._line
        return line.retry.run(once, sleep=line.sleep, jitter=line.jitter)

    def _url(self, path: str) -> str:
        if "://" not in path:
            return f"{self.base_url}/{path.lstrip('/')}" if path else self.base_url
        try:
            same = Origin.of(path) == self._origin and "@" not in urlsplit(path).netloc
        except (ValueError, UnicodeError):
            same = False
        if not same:
            raise ProviderRejected(
                self.provider,
                "it named an address at another host, where its key must not go",
                code="refused_address",
                action="correct the base URL in the settings if that host is meant",
            )
        return path

    @contextmanager
    def _open(self, request: Call) -> Iterator[tuple[requests.Response, float]]:
        """Yield the answer, its body unread, and the time.monotonic() when it must be complete."""
        timeouts = request.timeouts or self.timeouts
        deadline = time.monotonic() + timeouts.total_s
        if request.submission:
            # A pooled connection may be dead already; a reset on it would look like a lost answer.
            self._session.get_adapter(request.address).close()
        failure: ProviderError | None = None
        try:
            response = self._session.request(
                request.method,
                request.address,
                json=request.json,
                params=request.params,
                data=request.data,
                files=request.files,
                headers={**self._headers, **(request.headers or {})},
                timeout=(timeouts.connect_s, timeouts.read_s),
                allow_redirects=False,
                stream=True,
                # Without this, an entry in ~/.netrc would replace our Authorization header.
                auth=_keep_headers,
                proxies=self._proxies(),
            )
        except requests.RequestException as error:
            failure = self._transport_error(request, error)
        except HTTPError as error:
            failure = self._transport_error(request, requests.ConnectionError(error))
        if failure:
            # Raised out here so that the library's exception, which quotes the whole address with
            # its keys, is not chained to ours.
            raise failure
        try:
            yield response, deadline
        finally:
            response.close()

    def _proxies(self) -> dict[str, str] | None:
        """Use no proxy for a provider on this machine or network, whatever the environment says."""
        return {"http": "", "https": ""} if is_near(self._origin) else None

    def _read(self, request: Call, response: requests.Response, deadline: float) -> HttpReply:
        limit = self._max_answer_bytes if response.status_code < 400 else MAX_ERROR_BYTES
        body = bytearray()
        try:
            for chunk in self._chunks(request, response, decode=True):
                if time.monotonic() > deadline:
                    raise self._lost(request, f"the answer to {request.shown} took too long")
                body += chunk
                if len(body) > limit:
                    raise self._odd_answer(request, f"it is larger than {limit // 1024**2} MB")
        except ProviderError:
            if response.status_code < 400:
                raise
            # The status says enough; the beginning of the words will do.
        return HttpReply(
            response.status_code, CaseInsensitiveDict(response.headers), bytes(body[:limit])
        )

    def _chunks(
        self, request: Call, response: requests.Response, *, decode: bool = False
    ) -> Iterator[bytes]:
        def lost(why: str) -> ProviderError:
            return self._lost(request, f"the answer to {request.shown} was {why}")

        return chunks_of(response.raw, lost, decode=decode)

    def _raise_for(self, request: Call, reply: HttpReply, *, want_json: bool = False) -> None:
        if self._classify and (error := self._classify(reply)):
            raise error
        if reply.status in request.good:
            if want_json and reply.data is None and reply.body.strip() != b"null":
                raise self._odd_answer(request, f"it is no JSON{_kind_of(reply)}")
            return
        raise self.default_error(reply, request.shown, submission=request.submission)

    def default_error(
        self, reply: HttpReply, what: str, *, submission: bool = False
    ) -> ProviderError:
        """Return the error for a status that is not good if the adapter has no rule for it."""
        status, code = reply.status, f"HTTP {reply.status}"
        said = self.said(reply)
        if submission and status in _AMBIGUOUS:
            return SubmissionUnknown(
                self.provider,
                f"{what} failed on its side and may have been taken: {said}",
                code=code,
                action=RESOLVE_LOST,
            )
        if status in _BUSY or status >= 500:
            return ProviderUnavailable(
                self.provider,
                f"{what} was put off: {said}",
                code=code,
                action="it is tried again later",
                retry_after_s=reply.retry_after_s,
            )
        if 300 <= status < 400:
            cause, action = "was redirected", "correct the base URL in the settings"
        elif status in (401, 403):
            cause, action = "was refused", "check the key and what it may do"
        elif status == 402:
            cause, action = "needs credits", "add credits at the provider"
        elif status in (404, 405):
            cause, action = "does not exist", "check the base URL, the model and the id"
        else:
            cause, action = "was not accepted", "change the request or the settings"
        return ProviderRejected(self.provider, f"{what} {cause}: {said}", code=code, action=action)

    def said(self, reply: HttpReply) -> str:
        """Return the provider's own words in an error answer: one short line, without secrets."""
        words = _message_in(reply.data)
        if not words:
            words = "no message" if not reply.body.strip() else f"no message{_kind_of(reply)}"
        return label(self.redact(words), longest=MESSAGE_CHARACTERS)

    def _transport_error(self, request: Call, error: requests.RequestException) -> ProviderError:
        if isinstance(error, ValueError):
            # Bad header, bad address: requests raises these before it sends.
            return ProviderRejected(
                self.provider,
                f"{request.shown} could not be formed",
                code="configuration",
                action="check the key for stray blanks or line ends, and the base URL",
            )
        if _never_sent(error):
            return ProviderUnavailable(
                self.provider,
                f"{request.shown} could not connect, {fault_words(error)}",
                code="no_connection",
                action="check the network and the base URL; it is tried again later",
            )
        why = "did not come in time" if isinstance(error, requests.Timeout) else "was lost"
        return self._lost(request, f"the answer to {request.shown} {why}")

    def _lost(self, request: Call, cause: str, *, code: str = "connection") -> ProviderError:
        if request.submission:
            return self._unknown(cause)
        return ProviderUnavailable(
            self.provider, cause, code=code, action="it is tried again later"
        )

    def _odd_answer(self, request: Call, cause: str) -> ProviderError:
        cause = f"the answer to {request.shown} cannot be used: {cause}"
        return self._lost(request, cause, code="bad_answer")

    def _unknown(self, cause: str) -> SubmissionUnknown:
        return SubmissionUnknown(
            self.provider,
            f"{cause}; the request may have been taken and charged",
            code="submission_unknown",
            action=RESOLVE_LOST,
        )


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _secret_values(headers: Mapping[str, str]) -> list[str]:
    """Return the values of headers with keys, with and without the word before the key."""
    found = []
    for name, value in headers.items():
        if any(word in name.lower() for word in _SECRET_HEADERS):
            found += [value, value.split(" ", 1)[-1]]
    return found


def _never_sent(error: requests.RequestException) -> bool:
    """Whether the request certainly did not reach the provider."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause: Any = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(error, requests.exceptions.SSLError):
        inner = reason.args[0] if isinstance(reason, Exception) and reason.args else None
        return isinstance(inner, ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _kind_of(reply: HttpReply) -> str:
    start = reply.body.lstrip()[:1]
    if start == b"<":
        return " but a web page"
    return " but empty" if not start else ""


def _message_in(data: Any) -> str:
    """Find the sentence in the error bodies that providers send."""
    if isinstance(data, list):
        data = data[0] if data else None
    if isinstance(data, str):
        return data
    if not isinstance(data, Mapping):
        return ""
    for name in ("error", "message", "msg", "detail", "title", "errors", "error_message", "status"):
        value = data.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, Mapping | list) and (inner := _message_in(value)):
            return inner
    return ""
