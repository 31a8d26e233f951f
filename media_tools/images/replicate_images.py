"""Flux pictures through Replicate: a prediction that normally ends while the request is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from media_tools.errors import ProviderRejected
from media_tools.images.art import (
    Art,
    ArtRequest,
    CoverArt,
    check_prompt,
    checked_picture,
    fetch_art,
    picture_prompt,
)
from media_tools.provenance import Provenance
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, Line, Timeouts
from media_tools.providers.replicate_wire import DEADLINE_S, NAME, Predictions, ReplicateOptions

OWNER = "black-forest-labs"
LICENCE = "Flux on Replicate: use as the model's page and Replicate's terms say; AI disclosure due"
MOST_WAIT_S = 60
PROMPT_CHARACTERS = 2000


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


@dataclass(frozen=True, kw_only=True)
class ReplicateImagesOptions(ReplicateOptions):
    """resolution: for the models of the second generation; at "2 MP" a side has 1450 pixels."""

    model: str = "flux-1.1-pro"  # of MODELS
    resolution: str = "2 MP"
    wait_s: int = MOST_WAIT_S  # how long the first request is held open, 0 to 60

    setting: ClassVar[str] = "REPLICATE_IMAGES_MODEL"

    @property
    def priced_as(self) -> str:
        return f"{NAME}/{OWNER}/{self.model}"


class ReplicateImages(CoverArt):
    """Raises ProviderRejected without a token and for a model that is not known."""

    Options = ReplicateImagesOptions
    name = NAME
    deadline_s = DEADLINE_S

    def __init__(self, options: ReplicateImagesOptions, line: Line = PLAIN) -> None:
        if options.model not in MODELS:
            raise ProviderRejected(
                NAME,
                f"{options.model!r} is no known image model",
                code="configuration",
                action=f"choose one of {', '.join(MODELS)}",
            )
        self.model = f"{OWNER}/{options.model}"
        self._options = options
        self._wait_s = min(max(options.wait_s, 0), MOST_WAIT_S)
        line = line.within(Timeouts(read_s=self._wait_s + 30.0))
        self._predictions = Predictions(options, line, may_be_unsafe=True)

    def submit(self, request: ArtRequest, *, idempotency_key: str) -> str:
        """The prediction's id, finished or not. The contract knows no idempotency key."""
        check_prompt(NAME, request)
        inputs = MODELS[self._options.model](
            self._prompt(request), request.seed % 2**31, self._options.resolution
        )
        address = f"/models/{self.model}/predictions"
        return self._predictions.create(address, {"input": inputs}, wait_s=self._wait_s)

    def collect(self, external_id: str, request: ArtRequest, workdir: Path) -> Art | None:
        finished = self._predictions.finished(external_id)
        if finished is None:
            return None
        prediction, urls = finished
        target = workdir / "art.png"
        fetch_art(self._predictions.http, urls[0], target)
        version = prediction.version[:12]
        return Art(
            picture=checked_picture(NAME, target),
            provenance=Provenance(
                provider=NAME,
                model=f"{self.model}:{version}" if version else self.model,
                licence=LICENCE,
                generator="ai",
                prompt=self._prompt(request),
                seed=prediction.input.seed,
            ),
            facts={"prediction_id": external_id},
        )

    def poll_after_s(self, waited_s: float) -> float:
        return 3.0 if waited_s < 60 else 10.0

    def estimate_cost(self, request: ArtRequest) -> Decimal | None:
        return self._options.price.usd if self._options.price else None

    def health(self) -> ProviderHealth:
        return self._predictions.health(self.model)

    @staticmethod
    def _prompt(request: ArtRequest) -> str:
        return picture_prompt(request, limit=PROMPT_CHARACTERS)
