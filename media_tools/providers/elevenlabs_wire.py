"""What music and speech of ElevenLabs share: its address, its account and its error answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.http import HttpClient, HttpReply
from media_tools.providers.replies import Label, Reply, Whole

NAME = "elevenlabs"
BASE_URL = "https://api.elevenlabs.io"
_BUSY_S = {"": 30.0, "too_many_concurrent_requests": 30.0, "system_busy": 60.0}
# A family of words; their exact spelling is not documented.
_PLAN = re.compile(r"plan|subscription|feature|terms", re.IGNORECASE)


class Subscription(Reply):
    """The account's plan and what is left of it; a restricted key sees less."""

    tier: Label = ""
    character_count: Whole | None = None
    character_limit: Whole | None = None
    voice_slots_used: Whole | None = None
    voice_limit: Whole | None = None

    @property
    def left(self) -> Decimal | None:
        """Characters, which are credits too; None where it is not told."""
        if self.character_count is None or self.character_limit is None:
            return None
        return Decimal(self.character_limit - self.character_count)


class KeyRefused(ProviderRejected):
    """Nothing works with this key."""


class PermissionMissing(ProviderRejected):
    """The key works, but not for this call."""


@dataclass(frozen=True)
class Fault:
    """An error answer. word: tells those of one HTTP status apart. data: what comes with it."""

    status: int
    word: str
    said: str
    data: Mapping[str, Any]
    retry_after_s: float | None

    @classmethod
    def of(cls, reply: HttpReply, http: HttpClient) -> Fault:
        detail = foreign.fields(reply.data).get("detail")
        told = foreign.fields(detail)
        said = http.words(_field_errors(detail)) if isinstance(detail, list) else http.said(reply)
        return cls(
            status=reply.status,
            word=foreign.label(told.get("status") or told.get("code"), longest=80),
            said=said,
            data=foreign.fields(told.get("data")),
            retry_after_s=reply.retry_after_s,
        )

    def rejected(
        self, kind: str, cause: str, action: str, error: type[ProviderRejected] = ProviderRejected
    ) -> ProviderRejected:
        """kind: of failure, the first word of the code."""
        code = f"{kind}, HTTP {self.status} {self.word}".strip()
        return error(NAME, f"{cause}: {self.said}", code=code, action=action)

    def busy(self) -> ProviderUnavailable:
        return ProviderUnavailable(
            NAME,
            f"it is busy: {self.said}",
            code=f"HTTP {self.status} {self.word}".strip(),
            action="it is tried again later",
            retry_after_s=self.retry_after_s or _BUSY_S.get(self.word),
        )

    def common(self) -> ProviderError | None:
        """The error it stands for at every use; None where the default rules know more."""
        status, word = self.status, self.word
        about_plan = _PLAN.search(word)
        if status == 429:
            return self.busy()
        if word == "quota_exceeded" or (status == 402 and not word):
            return self.rejected(
                "insufficient_credits",
                "the account is out of credits",
                "add credits at the provider, then retry the run",
            )
        if word == "missing_permissions":
            return self.rejected(
                "permission",
                "the key may not do this",
                "give the key the permission for music, text to speech and voices",
                PermissionMissing,
            )
        if status == 401 and not about_plan:
            return self.rejected(
                "auth", "the key was refused", "check ELEVENLABS_API_KEY", KeyRefused
            )
        if status in (401, 402, 403) or (status == 400 and about_plan):
            return self.rejected(
                "plan_required",
                "the account's plan does not allow it",
                "change the plan, or accept the music terms in the account; a free plan may not "
                "use library voices here",
            )
        if status in (400, 422) or (status == 404 and word):
            return self.rejected(
                "validation",
                "the request was not accepted",
                "check the model and the format in the settings, and the length of the words",
            )
        return None


def _field_errors(errors: list[Any]) -> str:
    """The sentences of a list of {loc, msg, type}."""
    found = []
    for error in map(foreign.fields, errors[:5]):
        where = ".".join(map(foreign.label, foreign.items(error.get("loc"), 5)))
        found.append(f"{where}: {foreign.label(error.get('msg'))}")
    return foreign.label("; ".join(found) or "no details", longest=300)
