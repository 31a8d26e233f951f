"""ElevenLabs speech: what a voice of the account says. Voices are designed at the provider."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected
from media_tools.provenance import Provenance
from media_tools.providers.elevenlabs_wire import (
    BASE_URL,
    NAME,
    Fault,
    KeyRefused,
    PermissionMissing,
    Subscription,
)
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, Call, HttpClient, HttpReply, Line
from media_tools.providers.job import checked_key
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

OUTPUT_FORMAT = "mp3_44100_128"
# Names a language only by its voice.
_NO_LANGUAGE = ("eleven_multilingual_v2",)
# Families of the words that tell errors apart; their exact spelling is not documented.
_SLOTS = re.compile(r"voice.*limit|voice_add_edit|slot", re.IGNORECASE)
_GONE = re.compile(r"voice_not_found|voice_does_not_exist|invalid_voice", re.IGNORECASE)
_UNSAFE = re.compile(r"safety|blocked|prohibited|harmful|policy|moderat", re.IGNORECASE)
_ID = re.compile(r"[\w-]{1,120}\Z")


@dataclass(frozen=True, kw_only=True)
class ElevenLabsVoiceOptions(VoiceOptions):
    """voice: its id."""

    api_key: str = field(repr=False)
    base_url: str = ""
    model: str = "eleven_v4_turbo"
    voice: str = ""

    @property
    def priced_as(self) -> str:
        return f"{NAME}/{self.model}"


class ElevenLabsVoice(VoiceProvider):
    """Raises ProviderRejected without a key."""

    Options = ElevenLabsVoiceOptions
    name = NAME

    def __init__(self, options: ElevenLabsVoiceOptions, line: Line = PLAIN) -> None:
        self.model = options.model
        self._options = options
        self._spool = Spool(options.spool, provider=NAME, kind="voice")
        self._limits = tag_limits(line.timeouts)
        self._http = HttpClient(
            NAME,
            options.base_url or BASE_URL,
            headers={"xi-api-key": checked_key(NAME, options.api_key, "ELEVENLABS_API_KEY")},
            line=line,
            classify=self._error_in,
        )

    def submit(self, request: TagRequest, *, idempotency_key: str) -> str:
        """Have it spoken and keep the sound in the spool; returns its name there.

        The plan is asked first, since the plan at this moment decides what the sound may be used
        for. Raises SubmissionUnknown when the answer is lost or no audio.
        """
        if found := self._spool.recover(idempotency_key):
            return found
        voice = self._voice()
        body: dict[str, Any] = {
            "text": checked_words(NAME, request),
            "model_id": self.model,
            "seed": request.seed % 2**32,
        }
        if self.model not in _NO_LANGUAGE:
            body["language_code"] = "en"
        plan = self._plan()
        external_id = self._spool.name(idempotency_key)
        self._http.fetch_to(
            Call(
                "POST",
                f"/v1/text-to-speech/{voice}",
                params={"output_format": OUTPUT_FORMAT},
                json=body,
                submission=True,
            ),
            self._spool.path(external_id),
            limits=self._limits,
        )
        self._spool.note(external_id, {"plan": plan})
        return external_id

    def recover(self, idempotency_key: str) -> str | None:
        """The answer of an earlier submission, when it lies whole in the spool."""
        return self._spool.recover(idempotency_key)

    def collect(self, external_id: str, request: TagRequest, workdir: Path) -> SpokenTag:
        """Decode the kept answer."""
        audio, duration_s = finished_tag(NAME, self._spool.whole(external_id), workdir)
        plan = self._spool.told(external_id).get("plan", "")
        return SpokenTag(
            audio=audio,
            duration_s=duration_s,
            provenance=Provenance(
                provider=NAME,
                model=f"{self.model}/{self._voice()}",
                licence=licence_of(plan),
                generator="ai",
                prompt=checked_words(NAME, request),
                seed=request.seed % 2**32,
            ),
        )

    def estimate_cost(self, request: TagRequest) -> Decimal | None:
        price = self._options.price
        return price.cost_usd(characters=len(request.text)) if price else None

    def health(self) -> ProviderHealth:
        """Characters left, plan and voice slots; a restricted key may hide them."""
        try:
            account = self._account()
        except PermissionMissing:
            return ProviderHealth(NAME, self.model, note="the key works; its quota is hidden")
        slots, voices = (
            "?" if number is None else number
            for number in (account.voice_slots_used, account.voice_limit)
        )
        return ProviderHealth(
            NAME,
            self.model,
            credits=account.left,
            unit="characters",
            note=f"plan {account.tier or 'unknown'}, voices {slots} of {voices}",
        )

    def _voice(self) -> str:
        voice = self._options.voice
        if not _ID.match(voice):
            raise ProviderRejected(
                NAME,
                "the artist has no voice yet",
                code="no_voice",
                action="set ELEVENLABS_VOICE_ID",
            )
        return voice

    def _account(self) -> Subscription:
        return self._http.read(Call("GET", "/v1/user/subscription"), Subscription)

    def _plan(self) -> str:
        """The account's plan, or "" where the key may not see it."""
        try:
            return self._account().tier
        except KeyRefused:
            raise
        except ProviderError:
            return ""

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        """By status first; the word in detail.status only refines it."""
        if reply.status < 400:
            return None
        fault = Fault.of(reply, self._http)
        if fault.status >= 500:
            # Its own body: the request ended there. A gateway's page keeps the default rule.
            return fault.busy() if foreign.fields(reply.data).get("detail") is not None else None
        if fault.status in (400, 403) and _SLOTS.search(fault.word):
            return fault.rejected(
                "plan_required",
                "the account has no free voice slot",
                "delete a voice at the provider, or change the plan",
            )
        if _GONE.search(fault.word) or (fault.status == 404 and fault.word == "not_found"):
            return fault.rejected(
                "voice_missing",
                "the voice is not there any more",
                "set ELEVENLABS_VOICE_ID to another voice",
            )
        if fault.status in (400, 403) and _UNSAFE.search(fault.word):
            return fault.rejected(
                "content_policy",
                "its safety rules refused the words",
                "change the spoken words",
            )
        return fault.common()


def licence_of(plan: str) -> str:
    """What the plan at the moment of speaking allows. plan: the account's tier, "" if hidden."""
    if not plan:
        return "ElevenLabs, plan unknown: read the account's terms before a release"
    if plan == "free":
        return "ElevenLabs free plan: not for commercial use, attribution required"
    return f"ElevenLabs {plan} plan: commercial use"
