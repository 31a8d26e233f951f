"""What every use of Replicate shares: predictions, their files, and the answers that are errors.

Files of a prediction are deleted an hour after it ended, so a run must come back within it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from media_tools import foreign
from media_tools.errors import (
    JobFailed,
    JobRefused,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call, HttpClient, HttpReply, Line, Timeouts
from media_tools.providers.job import JobOptions, bearer, checked_key
from media_tools.providers.replies import Label, Reference, Reply, Whole
from media_tools.providers.wire import LONGEST_RETRY_AFTER_S

NAME = "replicate"
BASE_URL = "https://api.replicate.com/v1"
# Files are gone an hour after the end.
DEADLINE_S = 3000.0
THROTTLED_S = 30.0
ADDRESSES_READ = 1000

# A prediction that its safety rules ended has no code for it, only a sentence.
_UNSAFE = re.compile(r"nsfw|safety|sensitive|moderat|flagged|content policy", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ReplicateOptions(JobOptions):
    """What music and pictures have in common."""

    api_token: str = field(repr=False)
    base_url: str = ""

    # The setting that names the model.
    setting: ClassVar[str]


class _Input(Reply):
    seed: Whole | None = None


class _Created(Reply):
    prediction_id: Reference = Field(alias="id", min_length=1)


class Prediction(Reply):
    """A prediction as it stands. version: of the model; input: as the model took it."""

    status: Label = ""
    version: Label = ""
    input: _Input = _Input()
    output: Any = None
    error: Any = None


class _Account(Reply):
    username: Label = Field(min_length=1)


class Predictions:
    """Creates predictions and reads them.

    secrets: further ones that no message may show. may_be_unsafe: a failure in words of safety
    rules is a refusal.
    """

    def __init__(
        self,
        options: ReplicateOptions,
        line: Line,
        *,
        secrets: Sequence[str] = (),
        may_be_unsafe: bool = False,
    ) -> None:
        self._setting = options.setting
        self._may_be_unsafe = may_be_unsafe
        self.http = HttpClient(
            NAME,
            options.base_url or BASE_URL,
            headers=bearer(checked_key(NAME, options.api_token, "REPLICATE_API_TOKEN")),
            secrets=secrets,
            line=line,
            classify=self._error_in,
        )

    def create(self, address: str, body: Mapping[str, Any], *, wait_s: int = 0) -> str:
        """The id of a new prediction. wait_s: how long the request is held open at most."""
        headers = {"Prefer": f"wait={wait_s}"} if wait_s else None
        call = Call("POST", address, json=body, headers=headers, submission=True)
        return self.http.read(call, _Created).prediction_id

    def finished(self, prediction_id: str) -> tuple[Prediction, list[str]] | None:
        """A prediction that succeeded, with the addresses of its files; None while it works.

        Raises JobFailed, and JobRefused for one that was cancelled or whose files are gone.
        """
        address = f"/predictions/{quote(prediction_id, safe='')}"
        prediction = self.http.read(Call("GET", address), Prediction)
        if prediction.status == "failed":
            raise self._failure(prediction_id, prediction)
        if prediction.status in ("canceled", "aborted"):
            raise JobRefused(
                NAME,
                f"prediction {prediction_id} was cancelled there",
                code="canceled",
                action="a retry of the run asks, and pays, anew",
            )
        if prediction.status != "succeeded":
            return None
        urls = list(islice(_addresses(prediction.output), ADDRESSES_READ))
        if not urls:
            raise JobRefused(
                NAME,
                f"prediction {prediction_id} has no files any more; they are deleted after an hour",
                code="expired",
                action="a retry of the run asks, and pays, anew",
            )
        return prediction, urls

    def health(self, model: str) -> ProviderHealth:
        """The account's name; Replicate tells no balance."""
        account = self.http.read(Call("GET", "/account", timeouts=Timeouts()), _Account)
        return ProviderHealth(NAME, model, note=f"account {account.username}")

    def _failure(self, prediction_id: str, prediction: Prediction) -> ProviderError:
        said = self.http.words(prediction.error) or "it says no cause"
        if self._may_be_unsafe and _UNSAFE.search(said):
            return JobRefused(
                NAME,
                f"its safety rules refused the picture: {said}",
                code="content_policy",
                action="reword the picture's prompt",
            )
        return JobFailed(
            NAME,
            f"prediction {prediction_id} failed: {said}",
            code="failed",
            action="a new submission may succeed; change the request if it fails again",
        )

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        said = self.http.said(reply)
        if reply.status == 429:
            return ProviderUnavailable(
                NAME,
                f"requests come too fast: {said}",
                code="HTTP 429",
                action="it is tried again later; add credit there if it happens with few requests",
                retry_after_s=_throttled_s(reply),
            )
        if reply.status not in _REJECTIONS:
            return None
        cause, code, action = _REJECTIONS[reply.status]
        named = foreign.items(foreign.fields(reply.data).get("invalid_fields"), 5)
        invalid = ", ".join(filter(None, map(self.http.words, named)))
        return ProviderRejected(
            NAME,
            f"{cause}: {said}" + (f" ({invalid})" if invalid else ""),
            code=f"{code}, HTTP {reply.status}",
            action=action.format(setting=self._setting),
        )


_REJECTIONS = {
    401: ("the token was refused", "auth", "check REPLICATE_API_TOKEN"),
    402: ("the account is out of credit", "insufficient_credits", "add credit at replicate.com"),
    422: (
        "the input was not accepted",
        "validation",
        "check {setting} against the model's page",
    ),
}


def _throttled_s(reply: HttpReply) -> float:
    """Seconds a 429 asks to wait: the body's retry_after, the number in its sentence, or the
    header."""
    told = foreign.fields(reply.data)
    asked = foreign.finite(told.get("retry_after"), low=0.0, high=LONGEST_RETRY_AFTER_S)
    if asked is not None:
        return asked
    if found := re.search(r"~\s*(\d{1,5})\s*s\b", foreign.label(told.get("detail"), longest=1000)):
        return float(found.group(1))
    return reply.retry_after_s or THROTTLED_S


def _addresses(output: Any) -> Iterator[str]:
    """The files in a prediction's output, which is an address, a list or an object of them."""
    if isinstance(output, str) and output.startswith(("https://", "http://")):
        if address := foreign.reference(output):
            yield address
    elif isinstance(output, list | Mapping):
        for value in output.values() if isinstance(output, Mapping) else output:
            yield from _addresses(value)
