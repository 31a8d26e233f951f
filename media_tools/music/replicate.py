"""Music models hosted by Replicate: one contract for many models, each with inputs of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from math import ceil, floor
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from media_tools import foreign
from media_tools.errors import ProviderRejected
from media_tools.music.base import MusicOptions, MusicProvider, MusicRequest, MusicTrack
from media_tools.music.intake import SONG_LIMITS
from media_tools.music.takes import OfferedSong, fetch_takes
from media_tools.music.wording import (
    INSTRUMENTAL_MARK,
    is_instrumental,
    lyrics_within,
    shortened,
    style_words,
)
from media_tools.provenance import Provenance
from media_tools.providers import callbacks
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, Call, Line
from media_tools.providers.job import late_backoff_s
from media_tools.providers.replicate_wire import (
    DEADLINE_S,
    NAME,
    Prediction,
    Predictions,
    ReplicateOptions,
)
from media_tools.providers.replies import Reference, Reply

UNKNOWN_LICENCE = "unknown: read the model's page and Replicate's terms before a release"

_FIELDS_READ = 100
_VERSION = re.compile(r"[0-9a-f]{64}\Z")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*\Z")


def _clamped(value: float, shortest: float, longest: float) -> int:
    return round(min(longest, max(shortest, value)))


def _ace_step(request: MusicRequest) -> dict[str, Any]:
    return {
        "prompt": style_words(request, limit=512),
        "lyrics": INSTRUMENTAL_MARK
        if is_instrumental(request)
        else lyrics_within(request, 4096, provider=NAME),
        "duration": _clamped(request.duration_s, 10, 600),
    }


def _ace_step_1(request: MusicRequest) -> dict[str, Any]:
    return {
        "tags": style_words(request, limit=512),
        "lyrics": INSTRUMENTAL_MARK
        if is_instrumental(request)
        else lyrics_within(request, 4096, provider=NAME),
        "duration": _clamped(request.duration_s, 10, 240),
    }


def _musicgen(request: MusicRequest) -> dict[str, Any]:
    return {
        "prompt": style_words(request, limit=1000),
        "model_version": "stereo-large",
        "duration": _clamped(request.duration_s, 8, 30),
        "output_format": "wav",
        "normalization_strategy": "loudness",
    }


def _any_model(request: MusicRequest) -> dict[str, Any]:
    """The usual names; what the model's schema does not know is left out."""
    usual: dict[str, Any] = {
        "prompt": style_words(request, limit=1000),
        "duration": round(request.duration_s),
    }
    if is_instrumental(request):
        return {**usual, "is_instrumental": True}
    return {**usual, "lyrics": request.lyrics.strip()}


@dataclass(frozen=True)
class MusicModel:
    """What is known of a model. input: a request in its terms."""

    input: Callable[[MusicRequest], dict[str, Any]] = _any_model
    sings: bool = True
    licence: str = UNKNOWN_LICENCE


MODELS: Mapping[str, MusicModel] = {
    "fishaudio/ace-step-1.5": MusicModel(_ace_step, licence="MIT (ACE-Step 1.5), on Replicate"),
    "lucataco/ace-step": MusicModel(_ace_step_1, licence="Apache-2.0 (ACE-Step), on Replicate"),
    "minimax/music-2.6": MusicModel(),
    "meta/musicgen": MusicModel(
        _musicgen, sings=False, licence="CC-BY-NC-4.0 weights (MusicGen): no commercial release"
    ),
}


@dataclass(frozen=True, kw_only=True)
class ReplicateMusicOptions(ReplicateOptions, MusicOptions):
    """model: "owner/name", or "owner/name:version" to pin a version (64 hexadecimal digits).

    Without a version, the official endpoint is used and, for a community model, its latest
    version. webhook_url: a public address of ours, or empty to poll only.
    """

    model: str = "fishaudio/ace-step-1.5"
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)

    setting: ClassVar[str] = "REPLICATE_MUSIC_MODEL"

    @property
    def priced_as(self) -> str:
        return f"{NAME}/{self.model.partition(':')[0]}"


class _Version(Reply):
    version_id: Reference = Field(default="", alias="id")
    openapi_schema: Any = None

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the model takes, as a JSON schema; empty if it does not tell."""
        found = self.openapi_schema
        for name in ("components", "schemas", "Input"):
            found = foreign.fields(found).get(name)
        return foreign.fields(found)


class _Model(Reply):
    latest_version: _Version = _Version()


class ReplicateMusic(MusicProvider):
    """Whether it sings, and what is sent, depends on the model."""

    Options = ReplicateMusicOptions
    name = NAME
    deadline_s = DEADLINE_S

    def __init__(self, options: ReplicateMusicOptions, line: Line = PLAIN) -> None:
        self.model, _, self._pinned = options.model.partition(":")
        bad_version = self._pinned and not _VERSION.match(self._pinned)
        if not _NAME.match(self.model) or bad_version:
            raise ProviderRejected(
                NAME,
                f"{options.model!r} is no model",
                code="configuration",
                action=f"set {options.setting} to owner/name or owner/name:version",
            )
        self._known = MODELS.get(self.model, MusicModel())
        self.sings = self._known.sings
        self._options = options
        self._version: _Version | None = None
        self._predictions = Predictions(options, line, secrets=(options.webhook_secret,))
        self._http = self._predictions.http

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        """The prediction's id. The contract knows no idempotency, so the key is not sent."""
        version = self._version_asked()
        wanted = {**self._known.input(request), "seed": request.seed % 2**31}
        body: dict[str, Any] = {"input": fitted_input(wanted, version.inputs)}
        if self._options.webhook_url:
            body |= {
                "webhook": self._options.webhook_url,
                "webhook_events_filter": ["completed"],
            }
        if not self._pinned:
            try:
                return self._predictions.create(f"/models/{self.model}/predictions", body)
            except ProviderRejected as error:
                # A community model is known by its 404 at the official endpoint.
                if error.code != "HTTP 404" or not version.version_id:
                    raise
        body["version"] = self._pinned or version.version_id
        return self._predictions.create("/predictions", body)

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack | None:
        """The song of a prediction; where it made several, the best with the others as takes."""
        finished = self._predictions.finished(external_id)
        if finished is None:
            return None
        prediction, urls = finished
        offered = [self._offered(external_id, prediction, url, request) for url in urls]
        return fetch_takes(offered, request, workdir)

    def poll_after_s(self, waited_s: float) -> float:
        return late_backoff_s(waited_s, first_s=5.0, last_s=20.0)

    def estimate_cost(self, request: MusicRequest) -> Decimal | None:
        price = self._options.price
        return price.cost_usd(duration_s=request.duration_s) if price else None

    def health(self) -> ProviderHealth:
        return self._predictions.health(self.model)

    def callback_job(self, body: bytes, headers: Mapping[str, str], *, now: float) -> str:
        """The prediction a signed webhook speaks of."""
        secret = self._options.webhook_secret
        if not secret:
            raise callbacks.CallbackRefused("REPLICATE_WEBHOOK_SECRET is not set")
        message = callbacks.header(headers, "webhook-id")
        stamp = callbacks.header(headers, "webhook-timestamp")
        given = callbacks.header(headers, "webhook-signature").split()
        callbacks.check_age(stamp, now=now)
        callbacks.check_signature(
            f"{message}.{stamp}.".encode() + body,
            key=callbacks.svix_key(secret),
            signatures=[part.removeprefix("v1,") for part in given if part.startswith("v1,")],
        )
        return callbacks.checked_id(callbacks.parsed(body).get("id"))

    def _version_asked(self) -> _Version:
        """The pinned or latest version of the model with its schema; asked once an instance."""
        address = f"/models/{self.model}"
        if self._version is None and self._pinned:
            call = Call("GET", f"{address}/versions/{self._pinned}")
            self._version = self._http.read(call, _Version)
        elif self._version is None:
            self._version = self._http.read(Call("GET", address), _Model).latest_version
        return self._version

    def _offered(
        self, prediction_id: str, prediction: Prediction, url: str, request: MusicRequest
    ) -> OfferedSong:
        version = prediction.version[:12]
        return OfferedSong(
            fetch=partial(self._http.download, url, limits=SONG_LIMITS),
            provenance=Provenance(
                provider=NAME,
                model=f"{self.model}:{version}" if version else self.model,
                licence=self._known.licence,
                generator="ai",
                prompt=style_words(request, limit=1000),
                seed=prediction.input.seed,
            ),
            facts={"prediction_id": prediction_id},
        )


def fitted_input(wanted: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """`wanted` as the model's input schema takes it; without a schema, all but the seed.

    Unknown names are left out, numbers brought into their limits, a prompt cut to its length.
    Raises ProviderRejected for a required field we have nothing for, and for lyrics too long.
    """
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return {name: value for name, value in wanted.items() if name != "seed"}
    fitted = {
        name: _fitted_value(name, value, properties[name])
        for name, value in wanted.items()
        if isinstance(properties.get(name), Mapping)
    }
    required = map(foreign.label, foreign.items(schema.get("required"), _FIELDS_READ))
    missing = [name for name in required if name and name not in fitted]
    if missing:
        raise ProviderRejected(
            NAME,
            f"the model needs {', '.join(missing[:5])}, which a music request does not have",
            code="schema",
            action="set REPLICATE_MUSIC_MODEL to another model",
        )
    return fitted


def _fitted_value(name: str, value: Any, rule: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        limit = foreign.whole(rule.get("maxLength"), low=1)
        if limit is None or len(value) <= limit:
            return value
        if name == "lyrics":
            raise ProviderRejected(
                NAME,
                f"the lyrics have {len(value)} characters; the model takes {limit}",
                code="lyrics_too_long",
                action="shorten the lyrics of the run",
            )
        return shortened(value, limit)
    if isinstance(value, int) and not isinstance(value, bool):
        lowest, highest = (
            foreign.finite(rule.get(end), low=-1e9, high=1e9) for end in ("minimum", "maximum")
        )
        value = value if lowest is None else max(value, ceil(lowest))
        return value if highest is None else min(value, floor(highest))
    return value
