"""ElevenLabs speech, beside its music: one account, one base URL."""

from __future__ import annotations

from tests.contract_servers import media
from tests.contract_servers.base import Reply, Request, route
from tests.contract_servers.elevenlabs import KEY, ElevenLabsServer, refusal

SPEECH_MODELS = ("eleven_v4", "eleven_v4_turbo", "eleven_multilingual_v2")


def fields_refused(place: str, message: str) -> Reply:
    """A 422 as the API's framework sends it."""
    error = {"loc": ["body", place], "msg": message, "type": "value_error"}
    return Reply({"detail": [error]}, 422)


class ElevenLabsVoiceServer(ElevenLabsServer):
    """tier: its plan."""

    name = "elevenlabs-voice"

    def reset_state(self) -> None:
        super().reset_state()
        self.tier = "creator"
        self.voices = ["v_stock"]

    @route("POST", "/v1/text-to-speech/{voice}")
    def speak(self, request: Request) -> Reply:
        if error := self._refused(request):
            return error
        body = request.json
        if body.get("model_id") not in SPEECH_MODELS:
            return fields_refused("model_id", "unknown model")
        if not body.get("text"):
            return fields_refused("text", "field required")
        if "language_code" in body and body["model_id"] == "eleven_multilingual_v2":
            return refusal(400, "unsupported_language", "language_code is not supported")
        if request.parts["voice"] not in self.voices:
            return refusal(400, "voice_not_found", "A voice with this id was not found")
        if self.used >= self.limit:
            return refusal(401, "quota_exceeded", "This request exceeds your quota")
        self.used += len(body["text"])
        headers = {"request-id": f"r{self.count()}", "character-cost": str(len(body["text"]))}
        return Reply(
            media.audio(".mp3", duration_s=1.2), headers=headers, content_type="audio/mpeg"
        )

    @route("GET", "/v1/user/subscription")
    def subscription(self, request: Request) -> Reply:
        if error := self._refused(request):
            return error
        used = {"character_count": self.used, "character_limit": self.limit}
        slots = {"voice_slots_used": len(self.voices), "voice_limit": 30}
        return Reply({"tier": self.tier, "status": "active", **used, **slots})

    def _refused(self, request: Request) -> Reply | None:
        if request.header("xi-api-key") == KEY:
            return None
        return refusal(401, "invalid_api_key", "Invalid API key")
