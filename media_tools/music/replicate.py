"""Music models hosted by Replicate: one contract for many models, each with inputs of its own.

Files of a prediction are deleted an hour after it ended, so a run must come back within it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from math import ceil, floor
from pathlib import Path
from typing import Any
from urllib.parse import quote

from media_tools import foreign
from media_tools.errors import (
    JobFailed,
    JobRefused,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from media_tools.music import callbacks
from media_tools.music.base import (
    MusicHealth,
    MusicProvider,
    MusicRequest,
    MusicTrack,
    checked_key,
    late_backoff_s,
    lost_submission,
    unusable,
)
from media_tools.music.intake import SONG_LIMITS, fetch_songs
from media_tools.music.prices import MusicPrice
from media_tools.music.takes import best_first
from media_tools.music.wording import (
    INSTRUMENTAL_MARK,
    is_instrumental,
    lyrics_within,
    shortened,
    style_words,
)
from media_tools.provenance import Provenance
from media_tools.providers.http import PLAIN, Call, HttpClient, HttpReply, Line
from media_tools.providers.replicate_wire import BASE_URL, NAME, addresses, throttled_s

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


class ReplicateMusic(MusicProvider):
    """model: "owner/name", or "owner/name:version" to pin a version (64 hexadecimal digits).

    Without a version, the official endpoint is used and, for a community model, its latest
    version. webhook_url: a public address of ours, or empty to poll only.
    """

    name = NAME
    resubmit_safe = False
    # Files are gone an hour after the end.
    deadline_s = 3000.0

    def __init__(
        self,
        *,
        api_token: str,
        model: str = "fishaudio/ace-step-1.5",
        base_url: str = BASE_URL,
        webhook_url: str = "",
        webhook_secret: str = "",
        price: MusicPrice | None = None,
        line: Line = PLAIN,
    ) -> None:
        self._model_name, _, self._version = model.partition(":")
        bad_version = self._version and not _VERSION.match(self._version)
        if not _NAME.match(self._model_name) or bad_version:
            raise ProviderRejected(
                NAME,
                f"{model!r} is no model",
                code="configuration",
                action="set REPLICATE_MUSIC_MODEL to owner/name or owner/name:version",
            )
        self.model = self._model_name
        self._known = MODELS.get(self._model_name, MusicModel())
        self.sings = self._known.sings
        self._webhook_url = webhook_url
        self._webhook_secret = webhook_secret
        self._price = price
        self._page: Mapping[str, Any] | None = None
        self._http = HttpClient(
            NAME,
            base_url or BASE_URL,
            headers={
                "Authorization": f"Bearer {checked_key(NAME, api_token, 'REPLICATE_API_TOKEN')}"
            },
            secrets=(webhook_secret,),
            line=line,
            classify=self._classify,
        )

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        """The prediction's id. The contract knows no idempotency, so the key is not sent."""
        version = self._version_page()
        wanted = {**self._known.input(request), "seed": request.seed % 2**31}
        body: dict[str, Any] = {"input": fitted_input(wanted, _schema(version))}
        if self._webhook_url:
            body |= {"webhook": self._webhook_url, "webhook_events_filter": ["completed"]}
        answer = self._create(body, foreign.reference(version.get("id")))
        prediction = foreign.reference(foreign.fields(answer).get("id"))
        if not prediction:
            raise lost_submission(NAME, "the answer names no prediction")
        return prediction

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack | None:
        """The song of a prediction; where it made several, the best with the others as takes."""
        prediction = self._http.json(Call("GET", f"/predictions/{quote(external_id, safe='')}"))
        if not isinstance(prediction, Mapping):
            raise unusable(NAME, f"prediction {external_id}")
        status = prediction.get("status")
        if status == "succeeded":
            return self._track(external_id, prediction, request, workdir)
        if status == "failed":
            raise JobFailed(
                NAME,
                f"prediction {external_id} failed: {self._said(prediction)}",
                code="failed",
                action="a new submission may succeed; change the request if it fails again",
            )
        if status == "canceled":
            raise JobRefused(
                NAME,
                f"prediction {external_id} was cancelled there",
                code="canceled",
                action="retry the run if the song is still wanted; it is charged anew",
            )
        return None

    def poll_after_s(self, waited_s: float) -> float:
        return late_backoff_s(waited_s, first_s=5.0, last_s=20.0)

    def estimate_cost(self, request: MusicRequest) -> Decimal | None:
        return self._price.cost_usd(request.duration_s) if self._price else None

    def health(self) -> MusicHealth:
        """The account's name; Replicate tells no balance."""
        answer = self._http.json(Call("GET", "/account"))
        name = foreign.label(foreign.fields(answer).get("username"))
        if not name:
            raise unusable(NAME, "the account")
        return MusicHealth(NAME, self.model, note=f"account {name}")

    def callback_job(self, body: bytes, headers: Mapping[str, str], *, now: float) -> str:
        """The prediction a signed webhook speaks of."""
        if not self._webhook_secret:
            raise callbacks.CallbackRefused("REPLICATE_WEBHOOK_SECRET is not set")
        message = callbacks.header(headers, "webhook-id")
        stamp = callbacks.header(headers, "webhook-timestamp")
        given = callbacks.header(headers, "webhook-signature").split()
        callbacks.check_age(stamp, now=now)
        callbacks.check_signature(
            f"{message}.{stamp}.".encode() + body,
            key=callbacks.svix_key(self._webhook_secret),
            signatures=[part.removeprefix("v1,") for part in given if part.startswith("v1,")],
        )
        return callbacks.checked_id(callbacks.parsed(body).get("id"))

    def _create(self, body: dict[str, Any], version: str) -> Any:
        """POST the prediction; a community model is known by its 404 at the official endpoint."""
        if not self._version:
            try:
                return self._http.json(
                    Call(
                        "POST",
                        f"/models/{self._model_name}/predictions",
                        json=body,
                        submission=True,
                    )
                )
            except ProviderRejected as error:
                if error.code != "HTTP 404" or not version:
                    raise
        body = {**body, "version": self._version or version}
        return self._http.json(Call("POST", "/predictions", json=body, submission=True))

    def _version_page(self) -> Mapping[str, Any]:
        """The pinned or latest version of the model with its schema; asked once an instance."""
        if self._page is None:
            page = self._http.json(
                Call(
                    "GET",
                    f"/models/{self._model_name}"
                    + (f"/versions/{self._version}" if self._version else ""),
                )
            )
            if not isinstance(page, Mapping):
                raise unusable(NAME, f"the model {self._model_name}")
            latest = page if self._version else page.get("latest_version")
            self._page = foreign.fields(latest)
        return self._page

    def _said(self, prediction: Mapping[str, Any]) -> str:
        return self._http.words(prediction.get("error")) or "it says no cause"

    def _track(
        self,
        prediction_id: str,
        prediction: Mapping[str, Any],
        request: MusicRequest,
        workdir: Path,
    ) -> MusicTrack:
        urls = addresses(prediction.get("output"))
        if not urls:
            raise JobRefused(
                NAME,
                f"prediction {prediction_id} has no files any more; they are deleted after an hour",
                code="expired",
                action="retry the run for a new song; it is charged anew",
            )
        fetchers = [partial(self._http.download, url, limits=SONG_LIMITS) for url in urls]
        fetched = fetch_songs(NAME, fetchers, workdir)
        seed = foreign.whole(foreign.fields(prediction.get("input")).get("seed"))
        version = foreign.label(prediction.get("version"))
        tracks = [
            MusicTrack(
                audio=file.path,
                duration_s=file.duration_s,
                tempo_bpm=None,
                key=None,
                sections=(),
                provenance=Provenance(
                    provider=NAME,
                    model=f"{self._model_name}:{version[:12]}" if version else self._model_name,
                    licence=self._known.licence,
                    generator="ai",
                    prompt=style_words(request, limit=1000),
                    seed=seed,
                ),
                facts={
                    "take": index + 1,
                    "prediction_id": prediction_id,
                    "gain_db": file.gain_db,
                    "lost_takes": list(fetched.lost),
                },
            )
            for index, file in fetched.songs.items()
        ]
        return best_first(tracks, request, late=fetched.late)

    def _classify(self, reply: HttpReply) -> ProviderError | None:
        status = reply.status
        said = self._http.said(reply)
        if status == 429:
            return ProviderUnavailable(
                NAME,
                f"requests come too fast: {said}",
                code="HTTP 429",
                action="it is tried again later; add credit there if it happens with few requests",
                retry_after_s=throttled_s(reply),
            )
        if status == 401:
            return ProviderRejected(
                NAME,
                f"the token was refused: {said}",
                code="HTTP 401",
                action="check REPLICATE_API_TOKEN",
            )
        if status == 422:
            named = foreign.items(foreign.fields(reply.data).get("invalid_fields"), 5)
            invalid = ", ".join(filter(None, map(self._http.words, named)))
            cause = f"the input was not accepted: {said}" + (f" ({invalid})" if invalid else "")
            return ProviderRejected(
                NAME,
                cause,
                code="HTTP 422",
                action="check REPLICATE_MUSIC_MODEL against the model's page",
            )
        return None


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


def _schema(version: Mapping[str, Any]) -> Mapping[str, Any]:
    """openapi_schema.components.schemas.Input of a version, or {}."""
    found: Any = version
    for name in ("openapi_schema", "components", "schemas", "Input"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
