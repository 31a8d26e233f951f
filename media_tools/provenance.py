"""Where a file came from: the record each artifact carries."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Provenance:
    """How a file was made, for the ledger, the reviewer and the AI disclosure.

    provider: "local", "suno" ...; model: engine and version; licence: SPDX id or the
    provider's terms in words; generator: "ai", "algorithm" or "human".
    """

    provider: str
    model: str
    licence: str
    generator: str = "algorithm"
    author: str = ""
    source_url: str = ""
    prompt: str = ""
    seed: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
