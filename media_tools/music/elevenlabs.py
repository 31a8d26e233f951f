"""ElevenLabs Music: one long request whose answer is the song itself.

There is no job to poll, so the answer is kept in a spool folder, under a name made from the
idempotency key, before submit() returns. A worker that dies
- before the answer came leaves a ledger row without an id and an empty spool: the song may have
  been charged, and the row becomes "submission unknown" for a person;
- after it was kept leaves a whole file, which recover() and submit() find: nothing is paid twice.
The spool has to be one folder for all workers; its files may go once the run has its artifacts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from media_tools.errors import MediaInvalid, ProviderError, ProviderRejected
from media_tools.media_types import AUDIO
from media_tools.music.base import MusicOptions, MusicProvider, MusicRequest, MusicTrack
from media_tools.music.elevenlabs_plan import LENGTH_LIMITS_MS, composition_plan
from media_tools.music.intake import to_wav
from media_tools.music.wording import is_instrumental, style_words
from media_tools.provenance import Provenance
from media_tools.providers.elevenlabs_wire import (
    BASE_URL,
    NAME,
    Fault,
    Subscription,
)
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import (
    PLAIN,
    Call,
    DownloadLimits,
    HttpClient,
    HttpReply,
    Line,
    Timeouts,
)
from media_tools.providers.job import checked_key, unusable
from media_tools.providers.spool import Spool

LICENCE = (
    "ElevenLabs music terms of 2026-05-26: streaming release needs the Creator plan or higher; "
    "no film, TV, radio or games on small plans"
)

ANSWER_TIMEOUTS = Timeouts(connect_s=5.0, read_s=600.0, total_s=600.0)

_PROMPT_CHARACTERS = 2000


@dataclass(frozen=True, kw_only=True)
class ElevenLabsMusicOptions(MusicOptions):
    """spool: folder for paid answers on their way, common to all workers."""

    api_key: str = field(repr=False)
    spool: Path
    base_url: str = ""
    model: str = "music_v2_5"  # or "music_v1", "music_v2"
    output_format: str = "auto"  # of the API, such as "mp3_48000_320"

    @property
    def priced_as(self) -> str:
        return NAME


class ElevenLabsMusic(MusicProvider):
    """Songs from a composition plan made of the lyrics, instrumentals from a prompt."""

    Options = ElevenLabsMusicOptions
    name = NAME
    sings = True
    deadline_s = 900.0

    def __init__(self, options: ElevenLabsMusicOptions, line: Line = PLAIN) -> None:
        self.model = options.model
        self._options = options
        self._spool = Spool(options.spool, provider=NAME, kind="song")
        answer = line.timeouts or ANSWER_TIMEOUTS
        self._limits = DownloadLimits(
            max_bytes=256 * 1024 * 1024,
            max_seconds=answer.total_s,
            media=(AUDIO,),
            connect_s=answer.connect_s,
            read_s=answer.read_s,
        )
        self._http = HttpClient(
            NAME,
            options.base_url or BASE_URL,
            headers={"xi-api-key": checked_key(NAME, options.api_key, "ELEVENLABS_API_KEY")},
            line=line,
            classify=self._error_in,
        )

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        """Have the song composed and keep it in the spool; returns its name there.

        Raises SubmissionUnknown when the answer is lost or no audio: it may have been charged.
        """
        if found := self.recover(idempotency_key):
            return found
        external_id = self._spool.name(idempotency_key)
        saved = self._http.fetch_to(
            Call(
                "POST",
                "/v1/music",
                params={"output_format": self._options.output_format},
                json=self.body(request),
                submission=True,
            ),
            self._spool.path(external_id),
            limits=self._limits,
        )
        told = {name: saved.headers.get(name) for name in ("song-id", "request-id")}
        self._spool.note(external_id, told)
        return external_id

    def recover(self, idempotency_key: str) -> str | None:
        """The song of an earlier submission, when its answer lies whole in the spool."""
        return self._spool.recover(idempotency_key)

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack:
        """Decode the kept answer."""
        kept = self._spool.whole(external_id)
        try:
            song = to_wav(kept, workdir / "take-1.wav")
        except MediaInvalid as error:
            raise ProviderRejected(
                NAME,
                f"the paid song {external_id} is broken: {error.cause}",
                code="bad_file",
                action="fetch it from the account's history and import it",
            ) from None
        told = self._spool.told(external_id)
        plan = None if is_instrumental(request) else composition_plan(request, provider=NAME)
        return MusicTrack(
            audio=song.path,
            duration_s=song.duration_s,
            tempo_bpm=None,
            key=None,
            sections=plan.sections(song.duration_s) if plan else (),
            provenance=Provenance(
                provider=NAME,
                model=self.model,
                licence=LICENCE,
                generator="ai",
                prompt=style_words(request, limit=_PROMPT_CHARACTERS),
                seed=_seed(request) if plan else None,
            ),
            facts={
                "take": 1,
                "song_id": told.get("song-id", ""),
                "request_id": told.get("request-id", ""),
                "sections": "planned" if plan else "unknown",
                "gain_db": song.gain_db,
            },
        )

    def estimate_cost(self, request: MusicRequest) -> Decimal | None:
        price = self._options.price
        return price.cost_usd(duration_s=self._asked_s(request)) if price else None

    def health(self) -> ProviderHealth:
        """Credits left of the plan's period; the call is free."""
        account = self._http.read(Call("GET", "/v1/user/subscription"), Subscription)
        if account.left is None:
            raise unusable(NAME, "the account's subscription")
        note = f"plan {account.tier or 'unknown'}"
        return ProviderHealth(NAME, self.model, credits=account.left, unit="credits", note=note)

    def body(self, request: MusicRequest) -> dict[str, Any]:
        """The JSON of POST /v1/music. Raises ProviderRejected for lyrics a plan cannot hold."""
        if is_instrumental(request):
            shortest, longest = LENGTH_LIMITS_MS
            return {
                "model_id": self.model,
                "prompt": style_words(request, limit=_PROMPT_CHARACTERS),
                "music_length_ms": min(longest, max(shortest, round(request.duration_s * 1000))),
                "force_instrumental": True,
            }
        plan = composition_plan(request, provider=NAME)
        sections = plan.as_v1() if self.model == "music_v1" else plan.as_chunks()
        return {
            "model_id": self.model,
            "composition_plan": sections,
            "seed": _seed(request),
            **({"respect_sections_durations": True} if self.model == "music_v1" else {}),
        }

    def _asked_s(self, request: MusicRequest) -> float:
        if is_instrumental(request):
            return request.duration_s
        return composition_plan(request, provider=NAME).duration_ms / 1000

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        """The word in detail.status decides among answers of the same HTTP status."""
        if not 400 <= reply.status < 500:
            return None
        fault = Fault.of(reply, self._http)
        if fault.word not in ("bad_prompt", "bad_composition_plan"):
            return fault.common()
        # A suggested prompt is shown to a person, never taken by itself.
        if suggested := self._http.words(fault.data.get("prompt_suggestion")):
            action = f"change the prompt; it suggests “{suggested}”"
        else:
            action = "take names of artists and known lyrics out of the prompt and the lyrics"
        return fault.rejected("content_policy", "its content rules refused the request", action)


def _seed(request: MusicRequest) -> int:
    return request.seed % 2**31
