"""ElevenLabs speech: a voice designed from words, kept under an id, and what it says.

design() -> a person listens and picks -> create_voice() -> submit() and collect() as often as
wanted. Cloning is not offered.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected
from media_tools.files import atomic_output
from media_tools.media_types import AUDIO, SNIFF_BYTES, sniff
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
from media_tools.providers.http import PLAIN, Call, HttpClient, HttpReply, Line, Timeouts
from media_tools.providers.job import checked_key
from media_tools.providers.replies import Amount, Reply, at, rows
from media_tools.providers.spool import Spool
from media_tools.voice.base import (
    SpokenTag,
    TagRequest,
    VoiceOptions,
    VoiceProvider,
    check_person,
    checked_words,
    finished_tag,
    tag_limits,
)

OUTPUT_FORMAT = "mp3_44100_128"
DESIGN_TIMEOUTS = Timeouts(connect_s=5.0, read_s=120.0, total_s=150.0)
# Three previews of some seconds, in base64.
MAX_ANSWER_BYTES = 32 * 1024 * 1024
DESCRIPTION_CHARACTERS = (20, 1000)
SAMPLE_CHARACTERS = (100, 1000)
# Names a language only by its voice.
_NO_LANGUAGE = ("eleven_multilingual_v2",)
# Families of the words that tell errors apart; their exact spelling is not documented.
_SLOTS = re.compile(r"voice.*limit|voice_add_edit|slot", re.IGNORECASE)
_GONE = re.compile(r"voice_not_found|voice_does_not_exist|invalid_voice", re.IGNORECASE)
_UNSAFE = re.compile(r"safety|blocked|prohibited|harmful|policy|moderat", re.IGNORECASE)
_PREVIEWS_READ, _VOICES_READ = 8, 1000
_ID = re.compile(r"[\w-]{1,120}\Z")


def _voice_id(value: object) -> str:
    """A voice's id, or "": it becomes a part of addresses."""
    voice = foreign.reference(value, longest=120)
    return voice if _ID.match(voice) else ""


_VoiceId = Annotated[str, BeforeValidator(_voice_id)]


class _Preview(Reply):
    generated_voice_id: _VoiceId = ""
    audio_base_64: str = ""
    duration_secs: Amount | None = None


class _Design(Reply):
    previews: Annotated[list[_Preview], rows(_PREVIEWS_READ)] = []


class _Kept(Reply):
    voice_id: Annotated[_VoiceId, Field(min_length=1)]


class _Voice(Reply):
    voice_id: _VoiceId = ""
    made_for: Any = at("labels", "made_for")


class _Voices(Reply):
    voices: Annotated[list[_Voice], rows(_VOICES_READ)] = []


@dataclass(frozen=True)
class VoicePreview:
    """A designed voice to listen to. It is temporary: create_voice() soon after the choice."""

    generated_voice_id: str
    audio: Path
    duration_s: float | None


@dataclass(frozen=True, kw_only=True)
class ElevenLabsVoiceOptions(VoiceOptions):
    """voice: id for requests that name none."""

    api_key: str = field(repr=False)
    base_url: str = ""
    model: str = "eleven_v4_turbo"
    design_model: str = "eleven_ttv_v3"  # makes voices from descriptions
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
        self._design_timeouts = line.timeouts or DESIGN_TIMEOUTS
        self._http = HttpClient(
            NAME,
            options.base_url or BASE_URL,
            headers={"xi-api-key": checked_key(NAME, options.api_key, "ELEVENLABS_API_KEY")},
            line=line,
            classify=self._error_in,
            max_answer_bytes=MAX_ANSWER_BYTES,
        )

    def submit(self, request: TagRequest, *, idempotency_key: str) -> str:
        """Have it spoken and keep the sound in the spool; returns its name there.

        The plan is asked first, since the plan at this moment decides what the sound may be used
        for. Raises SubmissionUnknown when the answer is lost or no audio.
        """
        if found := self._spool.recover(idempotency_key):
            return found
        voice = self._voice_of(request)
        body: dict[str, Any] = {
            "text": checked_words(NAME, request),
            "model_id": self.model,
            "seed": request.seed % 2**32,
        }
        if self.model not in _NO_LANGUAGE:
            body["language_code"] = request.language
        if request.speed != 1.0:
            body["voice_settings"] = {"speed": min(max(request.speed, 0.7), 1.2)}
        plan = self._plan()
        external_id = self._spool.name(idempotency_key)
        saved = self._http.fetch_to(
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
        self._spool.note(
            external_id,
            {
                "plan": plan,
                "request_id": saved.headers.get("request-id"),
                "characters": saved.headers.get("character-cost"),
            },
        )
        return external_id

    def recover(self, idempotency_key: str) -> str | None:
        """The answer of an earlier submission, when it lies whole in the spool."""
        return self._spool.recover(idempotency_key)

    def collect(self, external_id: str, request: TagRequest, workdir: Path) -> SpokenTag:
        """Decode the kept answer."""
        audio, duration_s = finished_tag(NAME, self._spool.whole(external_id), workdir)
        told = self._spool.told(external_id)
        voice = self._voice_of(request)
        return SpokenTag(
            audio=audio,
            duration_s=duration_s,
            provenance=Provenance(
                provider=NAME,
                model=f"{self.model}/{voice}",
                licence=licence_of(told.get("plan", "")),
                generator="ai",
                prompt=checked_words(NAME, request),
                seed=request.seed % 2**32,
            ),
            facts={"voice": voice, **told},
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

    def design(
        self, description: str, *, sample: str, workdir: Path, seed: int = 0
    ) -> list[VoicePreview]:
        """Voices made from a description, each saying `sample`; their sound in workdir.

        description: 20 to 1000 characters; sample: 100 to 1000. A preview that cannot be used is
        left out. It is charged: raises SubmissionUnknown when the answer is lost.
        """
        for what, words, (least, most) in (
            ("description", description, DESCRIPTION_CHARACTERS),
            ("sample", sample, SAMPLE_CHARACTERS),
        ):
            if not least <= len(words) <= most:
                raise ProviderRejected(
                    NAME,
                    f"the voice's {what} has {len(words)} characters; {least} to {most} are taken",
                    code="validation",
                    action=f"change the {what}",
                )
            check_person(NAME, words)
        answer = self._http.json(
            Call(
                "POST",
                "/v1/text-to-voice/design",
                params={"output_format": OUTPUT_FORMAT},
                json={
                    "voice_description": description,
                    "model_id": self._options.design_model,
                    "text": sample,
                    "seed": seed % 2**31,
                },
                submission=True,
                timeouts=self._design_timeouts,
            )
        )
        previews = _Design.of(answer).previews
        if not previews:
            raise self._unusable("the design holds no previews")
        found: list[VoicePreview] = []
        troubles: list[ProviderRejected] = []
        for place, preview in enumerate(previews, 1):
            try:
                found.append(self._preview(place, preview, workdir))
            except ProviderRejected as error:
                troubles.append(error)
        if not found:
            raise troubles[0]
        return found

    def create_voice(self, *, name: str, description: str, generated_voice_id: str) -> str:
        """Keep a designed voice under a name; its id, to be stored on the artist.

        Takes a voice slot and is not idempotent: after SubmissionUnknown ask find_voice().
        """
        keep = Call(
            "POST",
            "/v1/text-to-voice",
            json={
                "voice_name": name,
                "voice_description": description,
                "generated_voice_id": generated_voice_id,
                "labels": {"made_for": name},
            },
            submission=True,
        )
        return self._http.read(keep, _Kept).voice_id

    def find_voice(self, name: str) -> str | None:
        """The id of the voice create_voice() made under this name, or None."""
        listed = _Voices.of(self._http.json(Call("GET", "/v1/voices"))).voices
        return next((v.voice_id or None for v in listed if v.made_for == name), None)

    def _voice_of(self, request: TagRequest) -> str:
        voice = request.voice or self._options.voice
        if not _ID.match(voice):
            raise ProviderRejected(
                NAME,
                "the artist has no voice yet",
                code="no_voice",
                action="design a voice and store its id, or set ELEVENLABS_VOICE_ID",
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

    def _preview(self, place: int, preview: _Preview, workdir: Path) -> VoicePreview:
        generated = preview.generated_voice_id
        if not generated:
            raise self._unusable("a preview has no id")
        target = workdir / f"preview-{place}.mp3"
        if preview.audio_base_64:
            try:
                sound = base64.b64decode(preview.audio_base_64, validate=True)
            except (binascii.Error, ValueError):
                raise self._unusable("a preview is not base64") from None
            media = sniff(sound[:SNIFF_BYTES])
            if media is None or AUDIO not in media.kinds:
                raise self._unusable("a preview is no audio")
            with atomic_output(target) as partial:
                partial.write_bytes(sound)
        else:
            self._http.fetch_to(
                Call("GET", f"/v1/text-to-voice/{generated}/stream"), target, limits=self._limits
            )
        return VoicePreview(generated, target, preview.duration_secs)

    @staticmethod
    def _unusable(cause: str) -> ProviderRejected:
        return ProviderRejected(
            NAME,
            cause,
            code="bad_answer",
            action="it may have been charged; a new design is for a person to decide",
        )

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
                "choose or design another voice for the artist",
            )
        if fault.status in (400, 403) and _UNSAFE.search(fault.word):
            return fault.rejected(
                "content_policy",
                "its safety rules refused the words",
                "change the voice's description or the spoken words",
            )
        return fault.common()


def licence_of(plan: str) -> str:
    """What the plan at the moment of speaking allows. plan: the account's tier, "" if hidden."""
    if not plan:
        return "ElevenLabs, plan unknown: read the account's terms before a release"
    if plan == "free":
        return "ElevenLabs free plan: not for commercial use, attribution required"
    return f"ElevenLabs {plan} plan: commercial use"
