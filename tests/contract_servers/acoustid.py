"""AcoustID's lookup: errors with codes of its own, results with and without recordings.

`known` is what it answers to any fingerprint.
"""

from __future__ import annotations

import re
from typing import Any

from tests.contract_servers.base import ContractServer, Reply, Request, route
from tests.contract_servers.channel import form_of

KEY = "acoustid-contract-key"


def refusal(code: int, message: str, status: int = 400) -> Reply:
    return Reply({"status": "error", "error": {"code": code, "message": message}}, status)


class AcoustIdServer(ContractServer):
    name = "acoustid"

    def reset_state(self) -> None:
        self.known: list[dict[str, Any]] = []

    def environment(self) -> dict[str, str]:
        return {"ACOUSTID_API_KEY": KEY, "ACOUSTID_BASE_URL": self.url}

    def knows(self, score: float, *recordings: tuple[str, str]) -> None:
        """From now on every sound is taken for these: title and artist of each."""
        told = [
            {"id": f"r{number}", "title": title, "artists": [{"id": "a", "name": artist}]}
            for number, (title, artist) in enumerate(recordings)
        ]
        self.known.append({"id": "t1", "score": score, **({"recordings": told} if told else {})})

    @route("POST", "/v2/lookup")
    def lookup(self, request: Request) -> Reply:
        form = form_of(request)
        if form.get("client") != KEY:
            return refusal(4, "invalid API key")
        if form.get("trackid"):
            return Reply({"status": "ok", "results": []})
        if not re.fullmatch(r"[A-Za-z0-9_-]{20,}", form.get("fingerprint", "")):
            return refusal(3, "invalid fingerprint")
        if not form.get("duration", "").isdecimal():
            return refusal(8, 'parameter "duration" must be a number')
        return Reply({"status": "ok", "results": self.known})
