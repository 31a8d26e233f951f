"""What a sending keeps across a crash: encrypted on its publication's row."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

from media_tools.publishing.base import Memory
from runs.models import Publication
from runs.publishing.claims import PublicationClaim
from runs.publishing.sealing import seal, unseal

PROGRESS_EVERY_S = 2.0


@dataclass
class PublicationMemory(Memory):
    """The memory of a claimed publication. put() and sent() raise LostLease once it is lost."""

    claim: PublicationClaim
    _values: dict[str, str] = field(default_factory=dict, repr=False)
    _noted: float = 0.0

    @classmethod
    def of(cls, publication: Publication, claim: PublicationClaim) -> PublicationMemory:
        stored = unseal(publication.memory)
        return cls(claim, json.loads(stored) if stored else {})

    @property
    def is_empty(self) -> bool:
        return not self._values

    def get(self, name: str) -> str:
        return self._values.get(name, "")

    def put(self, **values: str) -> None:
        kept = {name: value for name, value in (self._values | values).items() if value}
        self.claim.write(memory=seal(json.dumps(kept)))
        self._values = kept

    def sent(self, sent_bytes: int, of_bytes: int) -> None:
        if time.monotonic() - self._noted < PROGRESS_EVERY_S and sent_bytes < of_bytes:
            return
        self._noted = time.monotonic()
        self.claim.write(sent_bytes=sent_bytes, of_bytes=of_bytes)
