"""ElevenLabs Music: the answer to the submission is the song."""

from __future__ import annotations

from typing import Any

from tests.contract_servers.base import ContractServer, Reply, Request, route
from tests.contract_servers.songs import song

KEY = "xi-contract-key-0123456789"
MODELS = ("music_v1", "music_v2", "music_v2_5")


def refusal(http_status: int, word: str, message: str, **data: Any) -> Reply:
    """An error body with the word that tells errors of one HTTP status apart."""
    detail: dict[str, Any] = {"status": word, "message": message}
    return Reply({"detail": detail | ({"data": data} if data else {})}, http_status)


class ElevenLabsServer(ContractServer):
    """song_s: length of its songs, None for the one asked for."""

    name = "elevenlabs"

    def reset_state(self) -> None:
        self.paid = 0
        self.song_s: float | None = None
        self.used, self.limit = 10_000, 100_000

    def environment(self) -> dict[str, str]:
        return {"ELEVENLABS_API_KEY": KEY, "ELEVENLABS_BASE_URL": self.url}

    @route("POST", "/v1/music")
    def compose(self, request: Request) -> Reply:
        if request.header("xi-api-key") != KEY:
            return refusal(401, "invalid_api_key", "Invalid API key")
        body = request.json
        if fault := _fault_of(body):
            return fault
        if self.used >= self.limit:
            return refusal(401, "quota_exceeded", "This request exceeds your quota")
        self.paid += 1
        self.used += 900
        length_s = self.song_s or _length_ms(body) / 1000
        headers = {"song-id": f"song-{self.paid}", "request-id": f"request-{self.paid}"}
        return Reply(song(100 + self.paid, length_s), headers=headers, content_type="audio/mpeg")

    @route("GET", "/v1/user/subscription")
    def subscription(self, request: Request) -> Reply:
        if request.header("xi-api-key") != KEY:
            return refusal(401, "invalid_api_key", "Invalid API key")
        used = {"character_count": self.used, "character_limit": self.limit}
        return Reply({"tier": "creator", "status": "active", **used})


def _length_ms(body: dict[str, Any]) -> int:
    plan = body.get("composition_plan")
    if plan is None:
        return int(body["music_length_ms"])
    parts = plan["chunks"] if "chunks" in plan else plan["sections"]
    return sum(part["duration_ms"] for part in parts)


def _fault_of(body: dict[str, Any]) -> Reply | None:
    """What the API refuses: the wrong mix of fields, or a plan beyond its limits."""
    errors = []

    def refuse(place: str, message: str) -> None:
        errors.append({"loc": ["body", place], "msg": message, "type": "value_error"})

    plan = body.get("composition_plan")
    if (plan is None) == (body.get("prompt") is None):
        refuse("prompt", "exactly one of prompt and composition_plan is needed")
    if plan is not None and ("music_length_ms" in body or "force_instrumental" in body):
        refuse("music_length_ms", "only with prompt")
    if body.get("model_id") not in MODELS:
        refuse("model_id", "unknown model")
    if plan is not None:
        wanted = "sections" if body["model_id"] == "music_v1" else "chunks"
        parts = plan.get(wanted, [])
        if not 1 <= len(parts) <= 30:
            refuse(wanted, "1 to 30 are needed")
        for part in parts:
            if not 3_000 <= part["duration_ms"] <= 120_000:
                refuse("duration_ms", "3000 to 120000")
            lines = part["lines"] if wanted == "sections" else part["text"].splitlines()[1:]
            if len(lines) > 30 or any(len(line) > 200 for line in lines):
                refuse("text", "30 lines of 200 characters at most")
    return Reply({"detail": errors}, 422) if errors else None
