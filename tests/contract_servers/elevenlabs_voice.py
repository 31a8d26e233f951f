"""ElevenLabs speech and voice design, beside its music: one account, one base URL.

`design` says how previews come: "sound" (base64), "ids" (to be streamed), "broken" (one is no
base64) or "empty".
"""

from __future__ import annotations

import base64
from typing import Any

from tests.contract_servers import media
from tests.contract_servers.base import Reply, Request, route
from tests.contract_servers.elevenlabs import KEY, ElevenLabsServer, refusal

SPEECH_MODELS = ("eleven_v4", "eleven_v4_turbo", "eleven_multilingual_v2")


def fields_refused(place: str, message: str) -> Reply:
    """A 422 as the API's framework sends it."""
    error = {"loc": ["body", place], "msg": message, "type": "value_error"}
    return Reply({"detail": [error]}, 422)


class ElevenLabsVoiceServer(ElevenLabsServer):
    """slots: voices the account may still make. tier: its plan."""

    name = "elevenlabs-voice"

    def reset_state(self) -> None:
        super().reset_state()
        self.design = "sound"
        self.slots = 3
        self.tier = "creator"
        self.voices: list[dict[str, Any]] = [{"voice_id": "v_stock", "name": "Ada", "labels": {}}]

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
        if request.parts["voice"] not in {voice["voice_id"] for voice in self.voices}:
            return refusal(400, "voice_not_found", "A voice with this id was not found")
        if self.used >= self.limit:
            return refusal(401, "quota_exceeded", "This request exceeds your quota")
        self.used += len(body["text"])
        headers = {"request-id": f"r{self.count()}", "character-cost": str(len(body["text"]))}
        return Reply(
            media.audio(".mp3", duration_s=1.2), headers=headers, content_type="audio/mpeg"
        )

    @route("POST", "/v1/text-to-voice/design")
    def designed(self, request: Request) -> Reply:
        if error := self._refused(request):
            return error
        body = request.json
        if not 20 <= len(body.get("voice_description", "")) <= 1000:
            return fields_refused("voice_description", "20 to 1000 characters")
        if "reference_audio_base64" in body:
            return fields_refused("reference_audio_base64", "cloning is not for us")
        sound = base64.b64encode(media.audio(".mp3", duration_s=1.2)).decode()
        previews: list[dict[str, Any]] = [
            {
                "audio_base_64": "" if self.design == "ids" else sound,
                "generated_voice_id": f"gen_{number}",
                "media_type": "audio/mpeg",
                "duration_secs": 1.2,
                "language": "en",
            }
            for number in (1, 2, 3)
        ]
        if self.design == "broken":
            previews[1]["audio_base_64"] = "!!! not base64"
        answer = {"previews": [] if self.design == "empty" else previews, "text": body.get("text")}
        return Reply(answer)

    @route("GET", "/v1/text-to-voice/{generated}/stream")
    def preview(self, request: Request) -> Reply:
        return Reply(media.audio(".mp3", duration_s=1.2), content_type="audio/mpeg")

    @route("POST", "/v1/text-to-voice")
    def keep(self, request: Request) -> Reply:
        if error := self._refused(request):
            return error
        if not self.slots:
            return refusal(400, "voice_limit_reached", "You have reached your voice limit")
        body = request.json
        self.slots -= 1
        voice = {
            "voice_id": f"v_{len(self.voices)}",
            "name": body["voice_name"],
            "category": "generated",
            "labels": body.get("labels", {}),
            "description": body["voice_description"],
        }
        self.voices.append(voice)
        return Reply(voice)

    @route("GET", "/v1/voices")
    def listed(self, request: Request) -> Reply:
        return self._refused(request) or Reply({"voices": self.voices})

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
