"""A server with OpenAI's /audio/speech, as a self-hosted Kokoro: voices in both shapes.

`plain_list`: voices as bare strings (older builds); `detail_errors`: errors as {"detail": ...}.
"""

from __future__ import annotations

from tests.contract_servers import media
from tests.contract_servers.base import ContractServer, Reply, Request, route

KEY = "speech-contract-key-0123456789"
VOICES = ("af_bella", "am_adam")
MODELS = ("kokoro",)


class SpeechServer(ContractServer):
    """`{url}/v1` is the base URL."""

    name = "speech"

    def reset_state(self) -> None:
        self.plain_list = False
        self.detail_errors = False

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def environment(self) -> dict[str, str]:
        return {"SPEECH_BASE_URL": self.base_url, "SPEECH_API_KEY": KEY}

    @route("GET", "/v1/audio/voices")
    def voices(self, request: Request) -> Reply:
        listed = list(VOICES) if self.plain_list else [{"id": v, "name": v} for v in VOICES]
        return Reply({"voices": listed})

    @route("POST", "/v1/audio/speech")
    def speak(self, request: Request) -> Reply:
        body = request.json
        if request.header("Authorization") and request.bearer != KEY:
            return self._refused(401, "Incorrect API key provided")
        if body["model"] not in MODELS:
            return self._refused(404, f"model {body['model']} does not exist")
        if body["voice"] not in VOICES:
            return self._refused(400, f"voice {body['voice']} is not known")
        assert 0 < len(body["input"]) <= 4096
        assert 0.25 <= body["speed"] <= 4.0
        suffix = f".{body['response_format']}"
        sound = media.audio(suffix, duration_s=1.2)
        if suffix == ".wav":
            # As a server that streams: the length in the header is a placeholder.
            sound = sound[:4] + b"\xff\xff\xff\xff" + sound[8:]
        return Reply(sound, headers={"x-request-id": "s1"}, content_type="audio/mpeg")

    def _refused(self, status: int, message: str) -> Reply:
        if self.detail_errors:
            return Reply({"detail": message}, status)
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
        return Reply({"error": error}, status)
