"""Speech by any server with OpenAI's /audio/speech, such as a local Kokoro."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.provenance import Provenance
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, Call, HttpClient, HttpReply, Line
from media_tools.providers.job import bearer
from media_tools.providers.replies import Label, Reply, at, first
from media_tools.providers.spool import Spool
from media_tools.voice.base import (
    SpokenTag,
    TagRequest,
    VoiceOptions,
    VoiceProvider,
    checked_words,
    finished_tag,
    tag_limits,
)

NAME = "speech"
BASE_URL = "http://127.0.0.1:8880/v1"
_VOICES_READ = 1000


def _name_in(voice: Any) -> Any:
    """What a voice is called, which may stand for it alone."""
    return voice.get("id") or voice.get("name") if isinstance(voice, Mapping) else voice


class _Voices(Reply):
    voices: Annotated[list[Annotated[Label, BeforeValidator(_name_in)]], first(_VOICES_READ)] = []


class _Failed(Reply):
    code: Label = at("error", "code")
    type: Label = at("error", "type")


@dataclass(frozen=True, kw_only=True)
class SpeechOptions(VoiceOptions):
    """model, voice: as the server names them.

    paid: whether a request may cost money; it is then sent once, and a lost answer is for a
    person. licence: what the server's voices allow.
    """

    base_url: str = ""
    api_key: str = field(default="", repr=False)  # empty for servers without one
    model: str = "kokoro"
    voice: str = "af_bella"
    response_format: str = "mp3"  # needs no trust in the length a streaming WAV header tells
    paid: bool = False
    licence: str = "Apache-2.0 (Kokoro model); check the voice's own licence"

    @property
    def priced_as(self) -> str:
        return NAME if self.paid else ""


class SpeechVoice(VoiceProvider):
    """A free server may be asked twice, one that charges only once."""

    Options = SpeechOptions
    name = NAME

    def __init__(self, options: SpeechOptions, line: Line = PLAIN) -> None:
        self.model = options.model
        self.resubmit_safe = not options.paid
        self._options = options
        self._spool = Spool(options.spool, provider=NAME, kind="voice")
        self._limits = tag_limits(line.timeouts)
        self._http = HttpClient(
            NAME,
            options.base_url or BASE_URL,
            headers=bearer(options.api_key),
            line=line,
            classify=self._error_in,
        )

    def submit(self, request: TagRequest, *, idempotency_key: str) -> str:
        """Have it spoken and keep the sound in the spool; returns its name there."""
        if found := self._spool.recover(idempotency_key):
            return found
        external_id = self._spool.name(idempotency_key)
        self._http.fetch_to(
            Call(
                "POST",
                "/audio/speech",
                json={
                    "model": self.model,
                    "input": checked_words(NAME, request),
                    "voice": self._options.voice,
                    "response_format": self._options.response_format,
                    "speed": 1.0,
                },
                safe=self.resubmit_safe,
                submission=not self.resubmit_safe,
            ),
            self._spool.path(external_id),
            limits=self._limits,
        )
        return external_id

    def recover(self, idempotency_key: str) -> str | None:
        """The answer of an earlier submission, when it lies whole in the spool."""
        return self._spool.recover(idempotency_key)

    def collect(self, external_id: str, request: TagRequest, workdir: Path) -> SpokenTag:
        """Decode the kept answer."""
        audio, duration_s = finished_tag(NAME, self._spool.whole(external_id), workdir)
        return SpokenTag(
            audio=audio,
            duration_s=duration_s,
            provenance=Provenance(
                provider=NAME,
                model=f"{self.model}/{self._options.voice}",
                licence=self._options.licence,
                generator="ai",
                prompt=checked_words(NAME, request),
            ),
        )

    def estimate_cost(self, request: TagRequest) -> Decimal | None:
        if self.resubmit_safe:
            return Decimal(0)
        price = self._options.price
        return price.cost_usd(characters=len(request.text)) if price else None

    def voices(self) -> list[str]:
        """Names of the server's voices; empty where it has no such list."""
        try:
            answer = self._http.json(Call("GET", "/audio/voices"))
        except ProviderRejected as error:
            if "HTTP 404" in error.code:
                return []
            raise
        # Some servers answer with the bare list.
        listed = _Voices.of({"voices": answer} if isinstance(answer, list) else answer)
        return [name for name in listed.voices if name]

    def health(self) -> ProviderHealth:
        """Whether the server answers, and how many voices it lists."""
        return ProviderHealth(NAME, self.model, note=f"{len(self.voices())} voices")

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        status, said = reply.status, self._http.said(reply)
        if status < 400:
            return None
        failed = _Failed.of(reply.data)
        if status == 402 or "insufficient_quota" in (failed.code, failed.type):
            return self._rejected(
                f"the account is out of credit: {said}",
                "insufficient_credits",
                status,
                "add credit at the provider",
            )
        if status in (401, 403):
            return self._rejected(
                f"the key was refused: {said}", "auth", status, "check SPEECH_API_KEY"
            )
        if status == 404:
            return self._rejected(
                f"it does not know the model or this path: {said}",
                "model_not_found",
                status,
                "check SPEECH_MODEL and SPEECH_BASE_URL",
            )
        if status in (400, 422):
            return self._rejected(
                f"the request was not accepted: {said}",
                "validation",
                status,
                "check the voice's name and SPEECH_MODEL",
            )
        if status >= 500 and isinstance(reply.data, Mapping):
            # The server's own words: the request ended there and nothing was spoken.
            return ProviderUnavailable(
                NAME,
                f"it is busy or down: {said}",
                code=f"transient, HTTP {status}",
                action="it is tried again later",
                retry_after_s=reply.retry_after_s,
            )
        return None

    @staticmethod
    def _rejected(cause: str, code: str, status: int, action: str) -> ProviderRejected:
        return ProviderRejected(NAME, cause, code=f"{code}, HTTP {status}", action=action)
