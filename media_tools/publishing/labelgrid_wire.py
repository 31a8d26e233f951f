"""How LabelGrid's API is spoken to: what it is asked by, what it answers, how it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field

from media_tools import foreign
from media_tools.errors import NeedsPerson, ProviderError, ProviderRejected
from media_tools.providers.http import Call, HttpClient, HttpReply, Line, Timeouts
from media_tools.providers.job import bearer, unusable
from media_tools.providers.replies import Label, Read, Reference, Reply, Whole, read_reply
from media_tools.publishing.base import Account, AiUse
from media_tools.publishing.passwords import CONNECT_AGAIN, PastedToken
from media_tools.publishing.signed import SignedClient, TokenRefused

NAME = "labelgrid"
SANDBOX_URL = "https://api-sandbox.stg.labelgrid.com/api/public"
TOKEN_PAGE = "https://app.labelgrid.com/user/profile/api-tokens"  # noqa: S105

AI_USE: Mapping[AiUse, str] = {
    AiUse.NONE: "none",
    AiUse.ASSISTED: "some",
    AiUse.PARTIAL: "material",
    AiUse.FULL: "all",
}

_TIMEOUTS = Timeouts(connect_s=5.0, read_s=60.0, total_s=60.0)
_DAY_S = 86_400.0
_PAGES, _PER_PAGE = 50, 100
_SENTENCES = 20


@dataclass(frozen=True, kw_only=True)
class LabelGridOptions:
    """base_url: empty for the sandbox's, so that nothing goes out by mistake."""

    base_url: str = ""
    label_email: str = ""  # for a label that is not there yet; empty: a person makes labels
    composition_type: str = "original_composition"

    @property
    def url(self) -> str:
        return self.base_url or SANDBOX_URL


class LabelGridToken(PastedToken):
    """LabelGrid's tokens are made by a person and live until that person revokes them."""

    Options = LabelGridOptions
    name = NAME
    where = TOKEN_PAGE


class Anything(Reply):
    """A JSON object. A network's sign-in page is none, and must not pass for an answer."""


class _Meta(Reply):
    last_page: Annotated[Whole, Field(ge=1)] = 1


class _Page(Reply):
    data: list[Any]
    meta: _Meta = _Meta()


class Named(Reply):
    """A label, artist, writer, genre, language or role, by whichever name it has."""

    id: Whole = 0
    name: Label = ""
    artist_name: Label = ""
    first_name: Label = ""
    last_name: Label = ""
    code: Label = ""

    @property
    def words(self) -> str:
        return self.name or self.artist_name or f"{self.first_name} {self.last_name}".strip()


class Made(Reply):
    id: Annotated[Whole, Field(ge=1)]


class Release(Reply):
    id: Annotated[Whole, Field(ge=1)]
    cat: Label = ""
    review_status: Label = "draft"
    ever_submitted: bool = False
    artwork_ai_usage: Label = ""
    spotify_url: Reference = ""
    apple_music_url: Reference = ""
    deezer_url: Reference = ""

    @property
    def shop(self) -> str:
        """Where a shop shows it; empty until one does."""
        return self.spotify_url or self.apple_music_url or self.deezer_url

    @property
    def submitted(self) -> bool:
        return self.ever_submitted or self.review_status != "draft"


class Track(Reply):
    id: Annotated[Whole, Field(ge=1)]
    disc: Whole = 1
    track_num: Whole = 0
    audio_ai_usage: Label = ""
    composition_ai_usage: Label = ""


class UploadPlace(Reply):
    upload_url: Reference = Field(min_length=1)
    key: Reference = Field(min_length=1)


class FileState(Reply):
    status: Label = ""
    status_message: Label = ""


class Delivery(Reply):
    state: Label = ""
    live: bool = Field(default=False, alias="currently_live")
    delivered: bool = Field(default=False, alias="ever_delivered")


class Issue(Reply):
    title: Label = ""
    message: Label = ""
    status: Label = ""


class Flag(Reply):
    status: Label = ""


class LabelGridApi:
    """Requests in the name of an account, in LabelGrid's own conventions."""

    # Names of a day ago are good enough. By base URL and path.
    _known: dict[tuple[str, str], tuple[float, list[Named]]] = {}

    def __init__(self, options: LabelGridOptions, line: Line, account: Account) -> None:
        self._base = options.url
        self._clock: Callable[[], float] = line.clock
        line = line.within(_TIMEOUTS)
        self._http = SignedClient(account, lambda token: open_client(options, line, token))

    def call(self, call: Call) -> HttpReply:
        return self._http.call(call)

    def done(self, call: Call) -> None:
        """Send a request whose answer tells nothing but that it was taken."""
        self._http.read(call, Anything)

    def listed(self, call: Call, model: type[Read]) -> Read:
        """A whole answer, with its "data"."""
        return self._http.read(call, model)

    def one(self, call: Call, model: type[Read]) -> Read:
        """One object, bare or in "data"."""
        return _one(self._http.call(call), model)

    def one_or_none(self, path: str, model: type[Read]) -> Read | None:
        """The same, or None if it does not exist."""
        reply = self._http.call(Call("GET", path, good=(200, 404)))
        if reply.status == 404 and reply.data is None:
            raise unusable(NAME, "an answer that may mean “not found”")
        return None if reply.status == 404 else _one(reply, model)

    def every(self, path: str, model: type[Read], **filters: str | int) -> Iterator[Read]:
        """All rows of a list, page after page."""
        query = {f"filter[{name}]": value for name, value in filters.items()}
        for number in range(1, _PAGES + 1):
            params = {**query, "page": number, "per_page": _PER_PAGE}
            page = self._http.read(Call("GET", path, params=params), _Page)
            for row in page.data[:_PER_PAGE]:
                yield read_reply(model, row, provider=NAME, what=f"a row of {path}")
            if number >= page.meta.last_page:
                return

    def known(self, path: str, name: str, *, what: str) -> Named:
        """An entry of reference data by its name or code.

        Raises ProviderRejected, with names that are near. Ids are never guessed.
        """
        asked_at, entries = self._known.get((self._base, path), (0.0, []))
        if not entries or not 0 <= self._clock() - asked_at < _DAY_S:
            entries = list(self.every(path, Named))
            self._known[self._base, path] = (self._clock(), entries)
        wanted = name.casefold()
        for entry in entries:
            if wanted in (entry.words.casefold(), entry.code.casefold()):
                return entry
        near = get_close_matches(name, [entry.words for entry in entries], n=5, cutoff=0.4)
        raise ProviderRejected(
            NAME,
            f"it has no {what} {name!r}",
            code="unknown_name",
            action=f"use another: {', '.join(near)}" if near else f"choose one of its {path[1:]}",
        )


def keyed(method: str, path: str, item_key: str, body: Any) -> Call:
    """A request that LabelGrid does once for an item and content; it may be repeated for 24 h."""
    headers = idempotent(key_of(item_key, method, path, body))
    return Call(method, path, json=body, headers=headers, safe=True)


def idempotent(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def key_of(*parts: Any) -> str:
    """A key for a request with this content. With another it is another: refusals are kept too."""
    written = json.dumps(parts, sort_keys=True)
    return f"aap-{sha256(written.encode()).hexdigest()[:40]}"


def open_client(options: LabelGridOptions, line: Line, token: str) -> HttpClient:
    def classify(reply: HttpReply) -> ProviderError | None:
        return _error(reply, http)

    http = HttpClient(NAME, options.url, headers=bearer(token), classify=classify, line=line)
    return http


def sentences(body: object) -> list[str]:
    """What is wrong with a release, in LabelGrid's words: of `errors` and `errors_structured`."""
    told = foreign.fields(body)
    errors = told.get("errors")
    found: list[str] = []
    if isinstance(errors, Mapping):
        for name, texts in foreign.first_of(errors.items(), _SENTENCES):
            for text in foreign.items(texts, _SENTENCES) or [texts]:
                found.append(f"{foreign.label(name)}: {foreign.label(text)}")
    else:
        found += [_sentence(entry) for entry in foreign.items(errors, _SENTENCES)]
    if not found:
        structured = foreign.items(told.get("errors_structured"), _SENTENCES)
        found += [_sentence(entry) for entry in structured]
    return list(dict.fromkeys(filter(None, found)))[:_SENTENCES]


def _sentence(entry: object) -> str:
    if isinstance(entry, str):
        return foreign.label(entry)
    told = foreign.fields(entry)
    field, words = foreign.label(told.get("field")), foreign.label(told.get("message"))
    words = words or foreign.label(told.get("code")) or "an error without words"
    return f"{field}: {words}" if field else words


def _one(reply: HttpReply, model: type[Read]) -> Read:
    body = foreign.fields(reply.data)
    inner = body.get("data")
    return read_reply(model, inner if isinstance(inner, Mapping) else reply.data, provider=NAME)


def _told(reply: HttpReply) -> tuple[str, str]:
    """Code and message of an error, in whichever of its shapes."""
    body = foreign.fields(reply.data)
    error = body.get("error")
    nested = foreign.fields(error)
    code = foreign.label(nested.get("code") or body.get("code"))
    words = nested.get("message") or (error if isinstance(error, str) else body.get("message"))
    return code, foreign.label(words, longest=1000)


def _error(reply: HttpReply, http: HttpClient) -> ProviderError | None:
    """The error of a status; None for what the general rules say as well."""
    status = reply.status
    if status < 400 or status in (404, 408, 429) or status >= 500:
        return None
    told, words = _told(reply)
    code = told or f"HTTP {status}"
    said = http.words(words) or "no message"
    if status == 401:
        return TokenRefused(NAME, f"the token was refused: {said}", code=code, action=CONNECT_AGAIN)
    if status == 422:
        faults = "; ".join(map(http.words, sentences(reply.data))) or said
        return ProviderRejected(
            NAME,
            f"not accepted: {faults}",
            code=code,
            action="correct the release, then send it again",
        )
    if told == "RELEASE_LOCKED_FIELDS":
        return ProviderRejected(
            NAME,
            f"the release was submitted and cannot be changed: {said}",
            code=code,
            action="withdraw its review there first",
        )
    if told == "CONTRACT_HOLD_CONFIRM_REQUIRED":
        return NeedsPerson(
            NAME,
            f"the contract has a minimum term: {said}",
            code=code,
            action="confirm that it is to be taken down all the same, and what that costs",
        )
    if status == 403:
        return NeedsPerson(
            NAME,
            f"the account may not do this: {said}",
            code=code,
            action="look at its plan, its add-ons and its rights",
        )
    if status == 409:
        return ProviderRejected(
            NAME,
            f"the release is in another state there: {said}",
            code=code,
            action="look at the release there, then try again",
        )
    return ProviderRejected(NAME, f"not accepted: {said}", code=code, action="change the release")
