"""Suno songs through a gateway that speaks the "sunoapi v1" contract.

The gateways are resellers: Suno's commercial rights attach to the account that made a song, so
they do not reach our operator, and the licence of every track says so. Errors come in an envelope
{"code", "msg", "data"} whose code is the real status, often inside HTTP 200.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from media_tools import foreign
from media_tools.errors import (
    RESOLVE_LOST,
    JobFailed,
    JobRefused,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.music.base import MusicOptions, MusicProvider, MusicRequest, MusicTrack
from media_tools.music.intake import SONG_LIMITS
from media_tools.music.takes import OfferedSong, fetch_takes
from media_tools.music.wording import is_instrumental, lyrics_within, shortened, style_words
from media_tools.provenance import Provenance
from media_tools.providers import callbacks
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, Call, HttpClient, HttpReply, Line
from media_tools.providers.job import (
    bearer,
    checked_key,
    late_backoff_s,
)
from media_tools.providers.replies import (
    UNPACKED,
    Finite,
    Label,
    LongLabel,
    Reference,
    Reply,
    Whole,
    rows,
)

NAME = "suno"
LICENCE = (
    "unverified: made through a reseller of Suno; Suno grants commercial rights to its own paying "
    "account only, so do not release without a recorded rights statement"
)
# ".invalid" leads nowhere by RFC 2606: the gateways insist on an address, and we poll anyway.
NO_CALLBACK_URL = "https://callback.invalid/suno"

_OLD_MODELS = frozenset({"V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5"})
_TITLE_CHARACTERS = 80
_DURATION_LIMITS_S = (10, 360)
_BACKOFF_S = 15.0
_MAINTENANCE_S = 300.0
# More than are fetched, so that those left out can be counted.
_SONGS_READ = 1000

_FAILED = frozenset({"CREATE_TASK_FAILED", "GENERATE_AUDIO_FAILED"})
_REFUSED_JOBS = {
    400: "the lyrics hold copyrighted material",
    413: "the song matches an existing work",
    451: "a source file could not be fetched",
}


@dataclass(frozen=True)
class Profile:
    """What differs between gateways of the family. The same code may mean different things."""

    base_url: str
    credit_path: str
    out_of_credits: frozenset[int]
    too_fast: frozenset[int]
    signs_callbacks: bool


PROFILES: Mapping[str, Profile] = {
    "sunoapi": Profile(
        base_url="https://api.sunoapi.org",
        credit_path="/api/v1/generate/credit",
        out_of_credits=frozenset({402, 429}),
        too_fast=frozenset({405, 430, 433}),
        signs_callbacks=False,
    ),
    "kie": Profile(
        base_url="https://api.kie.ai",
        credit_path="/api/v1/chat/credit",
        out_of_credits=frozenset({402}),
        too_fast=frozenset({405, 429, 430, 433}),
        signs_callbacks=True,
    ),
}

_REJECTIONS = {
    400: ("the request is invalid", "change the prompt, the lyrics or the model"),
    401: ("the key was refused", "check SUNO_API_KEY and SUNO_BASE_URL"),
    404: ("the path does not exist there", "check SUNO_BASE_URL and SUNO_PROFILE"),
    409: ("the task exists already", "look at the gateway's task list"),
    413: ("the prompt or the lyrics are too long", "shorten them"),
    422: ("a field is missing or not accepted", "check the model and the callback URL"),
}
_SERVER_TROUBLE = frozenset({500, 501, 531})
_MAINTENANCE = 455


@dataclass(frozen=True, kw_only=True)
class SunoOptions(MusicOptions):
    """webhook_key: kie's key for signed callbacks."""

    api_key: str = field(repr=False)
    profile: str = "sunoapi"  # of PROFILES
    base_url: str = ""  # empty: the profile's own
    model: str = "V6"  # or whatever the gateway lists
    callback_url: str = ""  # a public address of ours; empty: one that leads nowhere
    webhook_key: str = field(default="", repr=False)
    lyrics_field: str = ""  # empty: "prompt" for models before V6, else "lyrics"

    @property
    def priced_as(self) -> str:
        return f"{NAME}/{self.profile}"


def _code(value: object) -> int | None:
    """An envelope's code, also where it is written as text."""
    return foreign.whole(foreign.figure(value), high=99_999)


class _Task(Reply):
    task_id: Reference = Field(alias="taskId", min_length=1)


class _Submitted(Reply):
    data: _Task


class _Song(Reply):
    """One song, whether its fields are written as in records or as in callbacks."""

    song_id: Label = Field(default="", alias="id")
    audio_url: Reference = Field(default="", validation_alias=AliasChoices("audioUrl", "audio_url"))
    model: Label = Field(default="", validation_alias=AliasChoices("modelName", "model_name"))
    tags: LongLabel = ""


class _Songs(Reply):
    songs: Annotated[list[_Song], rows(_SONGS_READ)] = Field(default=[], alias="sunoData")


class _Record(Reply):
    status: Label = ""
    error_code: Annotated[Whole | None, Field(ge=1)] = Field(default=None, alias="errorCode")
    error_message: Any = Field(default=None, alias="errorMessage")
    response: Annotated[_Songs, UNPACKED] = _Songs()


class _Recorded(Reply):
    code: Annotated[int, BeforeValidator(_code), Field(ge=200, le=200)]
    data: _Record = _Record()


class _Credits(Reply):
    data: Annotated[Finite, Field(le=1e12)]


class SunoMusic(MusicProvider):
    """Submits once, polls, and copies both songs of an answer."""

    Options = SunoOptions
    name = NAME
    sings = True
    deadline_s = 1200.0

    def __init__(self, options: SunoOptions, line: Line = PLAIN) -> None:
        if options.profile not in PROFILES:
            raise ProviderRejected(
                NAME,
                f"there is no profile {options.profile!r}",
                code="configuration",
                action=f"set SUNO_PROFILE to {' or '.join(PROFILES)}",
            )
        self.model = options.model
        self._options = options
        self._profile = PROFILES[options.profile]
        key = checked_key(NAME, options.api_key, "SUNO_API_KEY")

        def client(*, paying: bool) -> HttpClient:
            return HttpClient(
                NAME,
                options.base_url or self._profile.base_url,
                headers=bearer(key),
                line=line,
                classify=partial(self._classify, paying=paying),
            )

        self._paying, self._reading = client(paying=True), client(paying=False)

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        """The task's id. The contract knows no idempotency, so the key is not sent."""
        call = Call("POST", "/api/v1/generate", json=self.body(request), submission=True)
        return self._paying.read(call, _Submitted).data.task_id

    def body(self, request: MusicRequest) -> dict[str, Any]:
        """The JSON of POST /api/v1/generate. Raises ProviderRejected for lyrics too long."""
        instrumental = is_instrumental(request)
        body: dict[str, Any] = {
            "customMode": True,
            "instrumental": instrumental,
            "model": self.model,
            "callBackUrl": self._options.callback_url or NO_CALLBACK_URL,
            "style": style_words(request, limit=200 if self.model == "V4" else 1000),
            "title": shortened(request.title, _TITLE_CHARACTERS),
        }
        if not instrumental:
            limit = 3000 if self.model == "V4" else 5000
            field = "prompt" if self.model in _OLD_MODELS else "lyrics"
            lyrics = lyrics_within(request, limit, provider=NAME)
            body[self._options.lyrics_field or field] = lyrics
        if self.model == "V5_5" or self.model not in _OLD_MODELS:
            shortest, longest = _DURATION_LIMITS_S
            body["duration"] = min(longest, max(shortest, round(request.duration_s)))
        return body

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack | None:
        """The better of two songs, the other as its take."""
        record = self._record(external_id)
        songs = [song for song in record.response.songs if song.song_id or song.audio_url]
        with_files = [song for song in songs if song.audio_url]
        if record.status == "SENSITIVE_WORD_ERROR":
            raise JobRefused(
                NAME,
                f"task {external_id} was refused by its content rules: {self._said(record)}",
                code=record.status,
                action="change the lyrics or the prompt; the same words are refused again",
            )
        if record.status in _FAILED:
            raise self._failure(external_id, record)
        # Our callback was not reached; the songs are made all the same, perhaps one is to come.
        made = record.status == "CALLBACK_EXCEPTION" and len(with_files) == len(songs)
        # Other states carry previews, and a finished one without a file is still being written.
        if not with_files or not (made or record.status == "SUCCESS"):
            return None
        return fetch_takes(
            [self._offered(external_id, song, request) for song in with_files],
            request,
            workdir,
            lost=["it has no file"] * (len(songs) - len(with_files)),
        )

    def poll_after_s(self, waited_s: float) -> float:
        return late_backoff_s(waited_s)

    def estimate_cost(self, request: MusicRequest) -> Decimal | None:
        price = self._options.price
        return price.cost_usd(duration_s=request.duration_s) if price else None

    def health(self) -> ProviderHealth:
        """Credits left; the call is free."""
        left = self._reading.read(Call("GET", self._profile.credit_path), _Credits).data
        return ProviderHealth(NAME, self.model, credits=Decimal(str(left)), unit="credits")

    def callback_job(self, body: bytes, headers: Mapping[str, str], *, now: float) -> str:
        """The task a callback speaks of, at every stage ("text", "first", "complete", "error").

        A forged or repeated one costs a poll at most. kie's are signed, and refused without a
        webhook key; sunoapi's are not.
        """
        fields = foreign.fields(callbacks.parsed(body).get("data"))
        task = callbacks.checked_id(fields.get("task_id") or fields.get("taskId"))
        if self._profile.signs_callbacks:
            key = self._options.webhook_key
            if not key:
                raise callbacks.CallbackRefused("SUNO_WEBHOOK_KEY is not set, so it proves nothing")
            stamp = callbacks.header(headers, "X-Webhook-Timestamp")
            callbacks.check_age(stamp, now=now)
            callbacks.check_signature(
                f"{task}.{stamp}".encode(),
                key=key.encode(),
                signatures=[callbacks.header(headers, "X-Webhook-Signature")],
            )
        return task

    def _record(self, task: str) -> _Record:
        call = Call("GET", "/api/v1/generate/record-info", params={"taskId": task})
        return self._reading.read(call, _Recorded).data

    def _said(self, record: _Record) -> str:
        return self._reading.words(record.error_message) or "no message"

    def _failure(self, task: str, record: _Record) -> ProviderError:
        code = record.error_code
        shown = f"{record.status} {code}" if code else record.status
        if code in _REFUSED_JOBS:
            return JobRefused(
                NAME,
                f"task {task} failed, {_REFUSED_JOBS[code]}: {self._said(record)}",
                code=shown,
                action="change the lyrics or the prompt",
            )
        return JobFailed(
            NAME,
            f"task {task} failed: {self._said(record)}",
            code=shown,
            action="a new submission may succeed",
        )

    def _offered(self, task: str, song: _Song, request: MusicRequest) -> OfferedSong:
        return OfferedSong(
            fetch=partial(self._reading.download, song.audio_url, limits=SONG_LIMITS),
            provenance=Provenance(
                provider=NAME,
                model=song.model or self.model,
                licence=LICENCE,
                generator="ai",
                prompt=style_words(request, limit=1000),
            ),
            facts={"task_id": task, "song_id": song.song_id, "tags": song.tags},
        )

    def _classify(self, reply: HttpReply, *, paying: bool) -> ProviderError | None:
        """The envelope's code decides; without one, the HTTP status by the same table.

        HTTP 5xx and 408 are left to the general rules, which know that a submission that ended so
        may have been taken. So is a 429 without an envelope: that is the network before the
        gateway speaking, whose 429 means "too fast" at either.
        """
        code = _code(foreign.fields(reply.data).get("code"))
        if code is None and not 200 <= reply.status < 300 and reply.status != 429:
            code = reply.status
        if code in (None, 200) or reply.status >= 500 or reply.status == 408:
            return None
        return self._error(code, self._reading.said(reply), reply.retry_after_s, paying=paying)

    def _error(self, code: int, said: str, wait_s: float | None, *, paying: bool) -> ProviderError:
        shown = f"code {code}"
        if code in self._profile.out_of_credits:
            shown = f"insufficient_credits, {shown}"
            if paying:
                return ProviderRejected(
                    NAME,
                    f"the account is out of credits: {said}",
                    code=shown,
                    action="add credits at the gateway, then retry the run",
                )
            # The job is paid: what it made is worth waiting for.
            return ProviderUnavailable(
                NAME,
                f"it does not answer while the account is out of credits: {said}",
                code=shown,
                action="add credits at the gateway; it is tried again later",
                retry_after_s=wait_s or _MAINTENANCE_S,
            )
        if code in self._profile.too_fast:
            return ProviderUnavailable(
                NAME,
                f"requests come too fast: {said}",
                code=shown,
                action="it is tried again later",
                retry_after_s=wait_s or _BACKOFF_S,
            )
        if code == _MAINTENANCE:
            return ProviderUnavailable(
                NAME,
                f"it is in maintenance: {said}",
                code=shown,
                action="it is tried again in some minutes",
                retry_after_s=wait_s or _MAINTENANCE_S,
            )
        if code in _SERVER_TROUBLE or (not paying and (code >= 500 or code == 408)):
            return ProviderUnavailable(
                NAME,
                f"it failed on its side: {said}",
                code=shown,
                action="it is tried again later",
                retry_after_s=wait_s or _BACKOFF_S,
            )
        if code >= 500 or code == 408:
            return SubmissionUnknown(
                NAME,
                f"it failed on its side and may have taken the request: {said}",
                code=shown,
                action=RESOLVE_LOST,
            )
        cause, action = _REJECTIONS.get(
            code, ("the request was not accepted", "look the code up in the gateway's documents")
        )
        return ProviderRejected(NAME, f"{cause}: {said}", code=shown, action=action)
