"""Flux pictures through Replicate: a prediction that normally ends while the request is held open.

Files of a prediction are deleted an hour after it ended, so a run must come back within it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
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
    SubmissionUnknown,
)
from media_tools.images.art import (
    Art,
    ArtRequest,
    CoverArt,
    check_prompt,
    checked_picture,
    fetch_art,
    picture_prompt,
)
from media_tools.images.prices import ArtPrice
from media_tools.music.base import checked_key
from media_tools.provenance import Provenance
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, Call, HttpClient, HttpReply, Line, Timeouts
from media_tools.providers.replicate_wire import BASE_URL, NAME, addresses, throttled_s

OWNER = "black-forest-labs"
LICENCE = "Flux on Replicate: use as the model's page and Replicate's terms say; AI disclosure due"
MOST_WAIT_S = 60
PROMPT_CHARACTERS = 2000
_UNSAFE = re.compile(r"nsfw|safety|sensitive|moderat|flagged|content policy", re.IGNORECASE)


def _schnell(prompt: str, seed: int, resolution: str) -> dict[str, Any]:
    return {
        "prompt": prompt,
        "aspect_ratio": "1:1",
        "output_format": "png",
        "num_outputs": 1,
        "num_inference_steps": 4,
    }


def _pro(prompt: str, seed: int, resolution: str) -> dict[str, Any]:
    return {
        "prompt": prompt,
        "aspect_ratio": "1:1",
        "output_format": "png",
        "output_quality": 95,
        "safety_tolerance": 2,
        "seed": seed,
    }


def _second(prompt: str, seed: int, resolution: str) -> dict[str, Any]:
    return {
        "prompt": prompt,
        "aspect_ratio": "1:1",
        "resolution": resolution,
        "output_format": "png",
        "seed": seed,
    }


MODELS: Mapping[str, Callable[[str, int, str], dict[str, Any]]] = {
    "flux-schnell": _schnell,
    "flux-1.1-pro": _pro,
    "flux-2-pro": _second,
    "flux-2-max": _second,
}


class ReplicateImages(CoverArt):
    """model: a name of MODELS. wait_s: how long the first request is held open, 0 to 60.

    resolution: for the models of the second generation; at "2 MP" a side has some 1450 pixels.
    """

    name = NAME
    # Files are gone an hour after the end.
    deadline_s = 3000.0

    def __init__(
        self,
        *,
        api_token: str,
        base_url: str = BASE_URL,
        model: str = "flux-1.1-pro",
        resolution: str = "2 MP",
        wait_s: int = MOST_WAIT_S,
        price: ArtPrice | None = None,
        line: Line = PLAIN,
    ) -> None:
        """Raises ProviderRejected without a token and for a model that is not known."""
        if model not in MODELS:
            raise ProviderRejected(
                NAME,
                f"{model!r} is no known image model",
                code="configuration",
                action=f"choose one of {', '.join(MODELS)}",
            )
        self.model = f"{OWNER}/{model}"
        self._input = MODELS[model]
        self._resolution = resolution
        self._wait_s = min(max(wait_s, 0), MOST_WAIT_S)
        self._price = price
        self._http = HttpClient(
            NAME,
            base_url or BASE_URL,
            headers={
                "Authorization": f"Bearer {checked_key(NAME, api_token, 'REPLICATE_API_TOKEN')}"
            },
            line=line.within(Timeouts(read_s=self._wait_s + 30.0)),
            classify=self._error_in,
        )

    def submit(self, request: ArtRequest, *, idempotency_key: str) -> str:
        """The prediction's id, finished or not. The contract knows no idempotency key."""
        check_prompt(NAME, request)
        seed = request.seed % 2**31
        answer = self._http.json(
            Call(
                "POST",
                f"/models/{self.model}/predictions",
                json={"input": self._input(self._prompt(request), seed, self._resolution)},
                headers={"Prefer": f"wait={self._wait_s}"} if self._wait_s else None,
                submission=True,
            )
        )
        prediction = foreign.reference(foreign.fields(answer).get("id"))
        if not prediction:
            raise SubmissionUnknown(
                NAME,
                "the answer names no prediction; the picture may have been charged",
                code="submission_unknown",
                action="look at the predictions there, then resolve the ledger row",
            )
        return prediction

    def collect(self, external_id: str, request: ArtRequest, workdir: Path) -> Art | None:
        prediction = self._http.json(Call("GET", f"/predictions/{quote(external_id, safe='')}"))
        if not isinstance(prediction, Mapping):
            raise ProviderUnavailable(
                NAME,
                f"prediction {external_id} cannot be read",
                code="bad_answer",
                action="it is tried again later",
            )
        status = prediction.get("status")
        if status == "succeeded":
            return self._art(external_id, prediction, request, workdir)
        if status == "failed":
            raise self._failure(external_id, prediction)
        if status in ("canceled", "aborted"):
            raise JobRefused(
                NAME,
                f"prediction {external_id} was cancelled there",
                code="canceled",
                action="a retry of the run asks, and pays, anew",
            )
        return None

    def poll_after_s(self, waited_s: float) -> float:
        return 3.0 if waited_s < 60 else 10.0

    def estimate_cost(self, request: ArtRequest) -> Decimal | None:
        return self._price.per_picture_usd if self._price else None

    def health(self) -> ProviderHealth:
        """The account's name; Replicate tells no balance."""
        answer = self._http.json(Call("GET", "/account", timeouts=Timeouts()))
        name = foreign.label(foreign.fields(answer).get("username"))
        return ProviderHealth(NAME, self.model, note=f"account {name or 'unknown'}")

    @staticmethod
    def _prompt(request: ArtRequest) -> str:
        return picture_prompt(request, limit=PROMPT_CHARACTERS)

    def _art(
        self, external_id: str, prediction: Mapping[str, Any], request: ArtRequest, workdir: Path
    ) -> Art:
        urls = addresses(prediction.get("output"))
        if not urls:
            raise JobRefused(
                NAME,
                f"prediction {external_id} has no file any more",
                code="expired",
                action="Replicate deletes them after an hour; a retry asks, and pays, anew",
            )
        target = workdir / "art.png"
        fetch_art(self._http, urls[0], target)
        picture = checked_picture(NAME, target)
        version = foreign.label(prediction.get("version"))
        return Art(
            picture=picture,
            provenance=Provenance(
                provider=NAME,
                model=f"{self.model}:{version[:12]}" if version else self.model,
                licence=LICENCE,
                generator="ai",
                prompt=self._prompt(request),
                seed=foreign.whole(foreign.fields(prediction.get("input")).get("seed")),
            ),
            cost_usd=self._price.per_picture_usd if self._price else None,
            facts={"prediction_id": external_id},
        )

    def _failure(self, external_id: str, prediction: Mapping[str, Any]) -> ProviderError:
        said = self._http.words(prediction.get("error")) or "it says no cause"
        if _UNSAFE.search(said):
            return JobRefused(
                NAME,
                f"its safety rules refused the picture: {said}",
                code="content_policy",
                action="reword the picture's prompt",
            )
        return JobFailed(
            NAME,
            f"prediction {external_id} failed: {said}",
            code="failed",
            action="a new submission may succeed; change the prompt if it fails again",
        )

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        said = self._http.said(reply)
        if reply.status == 429:
            return ProviderUnavailable(
                NAME,
                f"requests come too fast: {said}",
                code="HTTP 429",
                action="it is tried again later; add credit there if it happens with few requests",
                retry_after_s=throttled_s(reply),
            )
        if reply.status == 402:
            return ProviderRejected(
                NAME,
                f"the account is out of credit: {said}",
                code="insufficient_credits, HTTP 402",
                action="add credit at replicate.com",
            )
        if reply.status == 401:
            return ProviderRejected(
                NAME,
                f"the key was refused: {said}",
                code="auth, HTTP 401",
                action="check REPLICATE_API_TOKEN",
            )
        if reply.status == 422:
            invalid = foreign.items(foreign.fields(reply.data).get("invalid_fields"), 5)
            named = ", ".join(filter(None, map(self._http.words, invalid)))
            return ProviderRejected(
                NAME,
                f"the input was not accepted: {said}" + (f" ({named})" if named else ""),
                code="validation, HTTP 422",
                action="choose another image model, or report it",
            )
        return None
