"""OpenAI Images: one long request whose answer holds the picture itself.

There is no job to poll, so the whole answer goes to the spool before submit() returns, and
collect() takes the picture out of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.files import atomic_output, write_text
from media_tools.images.art import (
    Art,
    ArtRequest,
    CoverArt,
    check_prompt,
    checked_picture,
    fetch_art,
    picture_prompt,
    unusable_art,
)
from media_tools.provenance import Provenance
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, Call, HttpClient, HttpReply, Line, Timeouts
from media_tools.providers.job import JobOptions, bearer, checked_key
from media_tools.providers.prices import Price
from media_tools.providers.replies import Label, Reference, Reply, Whole, at, first, rows
from media_tools.providers.spool import Spool

NAME = "openai"
BASE_URL = "https://api.openai.com/v1"
LICENCE = "OpenAI terms: output belongs to the customer; AI disclosure due"
# A picture of high quality can take more than a minute.
PAINT_TIMEOUTS = Timeouts(connect_s=5.0, read_s=240.0, total_s=300.0)
WANTED_SIZE, SMALLER_SIZE = "2048x2048", "1024x1024"
# A 2048 px PNG of fine texture, in base64.
MAX_ANSWER_BYTES = 48 * 1024 * 1024
PROMPT_CHARACTERS = 32_000
_PICTURES_READ, _PROMPT_READ = 8, 4000


class _Picture(Reply):
    b64_json: str = ""
    url: Reference = ""
    revised_prompt: Annotated[
        str, BeforeValidator(partial(foreign.label, longest=_PROMPT_READ))
    ] = ""


class _Usage(Reply):
    """The tokens of an answer; without the picture's own they are no basis for a price."""

    output_tokens: Whole
    input_tokens: Whole | None = None
    image_tokens: Whole | None = at("input_tokens_details", "image_tokens", default=None)


class _Painted(Reply):
    data: Annotated[list[_Picture], rows(_PICTURES_READ)] = []
    size: Label = ""
    usage: _Usage | None = None


class _Kept(Reply):
    """What lies in the spool."""

    request_id: Label = ""
    answer: _Painted = _Painted()


class _Failed(Reply):
    error: dict[str, Any] = {}
    code: Label = at("error", "code")
    type: Label = at("error", "type")
    param: Label = at("error", "param")
    categories: Annotated[list[Label], first(5)] = at(
        "error", "moderation_details", "categories", default=[]
    )


class SizeMemory:
    """Remembers which (base URL, model) refused the wanted size, so that each is met once."""

    def __init__(self) -> None:
        self._smaller: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def size(self, base_url: str, model: str) -> str:
        with self._lock:
            return SMALLER_SIZE if (base_url, model) in self._smaller else WANTED_SIZE

    def refused(self, base_url: str, model: str) -> None:
        with self._lock:
            self._smaller.add((base_url, model))


SHARED_SIZES = SizeMemory()


@dataclass(frozen=True, kw_only=True)
class OpenAiImagesOptions(JobOptions):
    """spool: folder for paid answers on their way, common to all workers."""

    api_key: str = field(repr=False)
    spool: Path
    base_url: str = ""
    model: str = "gpt-image-2.5-flare"
    quality: str = "high"  # or "low", "medium", or what else the model takes

    @property
    def priced_as(self) -> str:
        return f"{NAME}/{self.model}"


class OpenAiImages(CoverArt):
    """Raises ProviderRejected without a key."""

    Options = OpenAiImagesOptions
    name = NAME

    def __init__(
        self, options: OpenAiImagesOptions, line: Line = PLAIN, sizes: SizeMemory = SHARED_SIZES
    ) -> None:
        self.model = options.model
        self._options = options
        self._spool = Spool(options.spool, provider=NAME, kind="art")
        self._sizes = sizes
        self._http = HttpClient(
            NAME,
            options.base_url or BASE_URL,
            headers=bearer(checked_key(NAME, options.api_key, "OPENAI_API_KEY")),
            line=line.within(PAINT_TIMEOUTS),
            classify=self._error_in,
            max_answer_bytes=MAX_ANSWER_BYTES,
        )

    def submit(self, request: ArtRequest, *, idempotency_key: str) -> str:
        """Have the picture painted and keep the answer in the spool; returns its name there.

        A model that refuses the size is asked once more for a smaller one, which is remembered.
        """
        if found := self.recover(idempotency_key):
            return found
        check_prompt(NAME, request)
        size = self._sizes.size(self._http.base_url, self.model)
        try:
            reply = self._paint(request, size)
        except _SizeRefused:
            if size == SMALLER_SIZE:
                raise
            self._sizes.refused(self._http.base_url, self.model)
            reply = self._paint(request, SMALLER_SIZE)
        external_id = self._spool.name(idempotency_key)
        request_id = foreign.label(reply.headers.get("x-request-id"))
        answer = {"request_id": request_id, "answer": reply.data}
        write_text(self._spool.path(external_id), json.dumps(answer))
        return external_id

    def recover(self, idempotency_key: str) -> str | None:
        """The answer of an earlier submission, when it lies whole in the spool."""
        return self._spool.recover(idempotency_key)

    def collect(self, external_id: str, request: ArtRequest, workdir: Path) -> Art:
        """Take the picture out of the kept answer, or fetch it where a gateway gave an address.

        Raises JobRefused if there is none in it.
        """
        kept = _Kept.of(json.loads(self._spool.whole(external_id).read_text(encoding="utf-8")))
        answer = kept.answer
        found = next((entry for entry in answer.data if entry.b64_json or entry.url), None)
        if found is None:
            raise unusable_art(NAME, "the answer holds no picture")
        target = workdir / "art.png"
        if found.b64_json:
            with atomic_output(target) as unfinished:
                unfinished.write_bytes(_decoded(found.b64_json))
        else:
            fetch_art(self._http, found.url, target)
        picture = checked_picture(NAME, target)
        return Art(
            picture=picture,
            provenance=Provenance(
                provider=NAME,
                model=self.model,
                licence=LICENCE,
                generator="ai",
                prompt=picture_prompt(request, limit=PROMPT_CHARACTERS),
            ),
            cost_usd=_cost_usd(answer.usage, self._options.price),
            facts={
                "usage": answer.usage and answer.usage.model_dump(exclude_none=True),
                "told_size": answer.size,
                "request_id": kept.request_id,
                "revised_prompt": found.revised_prompt,
            },
        )

    def estimate_cost(self, request: ArtRequest) -> Decimal | None:
        return self._options.price.usd if self._options.price else None

    def health(self) -> ProviderHealth:
        """Whether the key reaches the model; no balance is told."""
        self._http.json(Call("GET", f"/models/{self.model}", timeouts=Timeouts()))
        return ProviderHealth(NAME, self.model, note="the model is there")

    def _paint(self, request: ArtRequest, size: str) -> HttpReply:
        return self._http.call(
            Call(
                "POST",
                "/images/generations",
                json={
                    "model": self.model,
                    "prompt": picture_prompt(request, limit=PROMPT_CHARACTERS),
                    "n": 1,
                    "size": size,
                    "quality": self._options.quality,
                    "output_format": "png",
                    "background": "opaque",
                },
                submission=True,
            ),
            want_json=True,
        )

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        """The contract's table: the code in the body decides among answers of one status."""
        status = reply.status
        if status < 400:
            return None
        failed = _Failed.of(reply.data)
        code, kind = failed.code, failed.type
        said = self._http.said(reply)
        if status == 400 and (
            code == "moderation_blocked" or kind == "image_generation_user_error"
        ):
            named = ", ".join(filter(None, failed.categories))
            return self._rejected(
                f"its safety rules refused the picture{f' ({named})' if named else ''}: {said}",
                "content_policy",
                status,
                "reword the picture's prompt; harmless ones are refused at times",
            )
        if status == 400 and failed.param == "size":
            return _SizeRefused(
                NAME,
                f"{self.model} does not paint this size: {said}",
                code=f"validation, HTTP {status}",
                action="choose another image model",
            )
        if status == 402 or "insufficient_quota" in (code, kind):
            return self._rejected(
                f"the account is out of credit: {said}",
                "insufficient_credits",
                status,
                "add credit or raise the limit at the provider",
            )
        if status == 401:
            return self._rejected(
                f"the key was refused: {said}", "auth", status, "check OPENAI_API_KEY"
            )
        if status == 403:
            return self._rejected(
                f"the key may not use {self.model}: {said}",
                "permission",
                status,
                "verify the organisation at OpenAI, or choose another image model",
            )
        if status == 404:
            return self._rejected(
                f"it does not know {self.model} or this path: {said}",
                "model_not_found",
                status,
                "choose a current image model, check the base URL",
            )
        if status >= 500 and failed.error:
            # Its own error body: the request ended there and nothing was painted. A gateway's page
            # proves nothing and keeps the default rule.
            return ProviderUnavailable(
                NAME,
                f"it is busy or down: {said}",
                code=f"transient, HTTP {status}",
                action="it is tried again later",
                retry_after_s=reply.retry_after_s,
            )
        if status in (400, 422):
            named = f" ({failed.param})" if failed.param else ""
            return self._rejected(
                f"the request was not accepted: {said}",
                "validation",
                status,
                f"check the image model and quality in the settings{named}",
            )
        return None

    @staticmethod
    def _rejected(cause: str, code: str, status: int, action: str) -> ProviderRejected:
        return ProviderRejected(NAME, cause, code=f"{code}, HTTP {status}", action=action)


class _SizeRefused(ProviderRejected):
    """The one refusal that a smaller picture answers."""


def _cost_usd(usage: _Usage | None, price: Price | None) -> Decimal | None:
    """USD by tokens where the picture's own and token prices are known, else of a picture."""
    if price is None or usage is None or price.tokens is None:
        return price.usd if price else None
    image_in = usage.image_tokens or 0
    text_in = max((usage.input_tokens or 0) - image_in, 0)
    return price.tokens.cost_usd(text_in=text_in, image_in=image_in, out=usage.output_tokens)


def _decoded(encoded: str) -> bytes:
    """The bytes of a base64 picture, with or without a data: prefix. Raises JobRefused."""
    text = encoded.split(",", 1)[-1] if encoded.startswith("data:") else encoded
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise unusable_art(NAME, "the picture in the answer is not base64") from None
