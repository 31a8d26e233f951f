"""Replicate's predictions: official and community models, signed webhooks, files that expire."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from tests.contract_servers.base import ContractServer, Reply, Request, route
from tests.contract_servers.songs import song

TOKEN = "r8_contract0123456789"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"contract-webhook-secret").decode()

COMMUNITY = ("fishaudio/ace-step-1.5", "lucataco/ace-step", "meta/musicgen")
OFFICIAL = ("minimax/music-2.6",)

_INPUTS: dict[str, dict[str, Any]] = {
    "fishaudio/ace-step-1.5": {
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string", "maxLength": 512},
            "lyrics": {"type": "string", "maxLength": 4096},
            "duration": {"type": "number", "minimum": 10, "maximum": 600},
        },
    },
    "lucataco/ace-step": {
        "required": ["tags"],
        "properties": {
            "tags": {"type": "string"},
            "lyrics": {"type": "string"},
            "duration": {"type": "number", "minimum": 1, "maximum": 240},
            "seed": {"type": "integer"},
        },
    },
    "meta/musicgen": {
        "properties": {
            "prompt": {"type": "string"},
            "model_version": {"type": "string"},
            "duration": {"type": "integer", "minimum": 1, "maximum": 30},
            "output_format": {"type": "string"},
            "normalization_strategy": {"type": "string"},
            "seed": {"type": "integer"},
        },
    },
    "minimax/music-2.6": {
        "required": ["prompt"],
        "properties": {"prompt": {"type": "string"}, "lyrics": {"type": "string"}},
    },
}


def version_of(model: str) -> str:
    return hashlib.sha256(model.encode()).hexdigest()


@dataclass
class Prediction:
    number: int
    model: str
    body: dict[str, Any]
    ending: str
    error: str
    polls: int = 0


class ReplicateServer(ContractServer):
    """endings: (status, error text) of the next predictions. outputs: files a prediction has.

    output_shape: "list", "object" or "text". song_s: length of its songs.
    """

    name = "replicate"

    def reset_state(self) -> None:
        self.predictions: dict[str, Prediction] = {}
        self.endings: list[tuple[str, str]] = []
        self.polls_needed = 2
        self.outputs = 1
        self.output_shape = "text"
        self.song_s: float | None = None

    def environment(self) -> dict[str, str]:
        return {"REPLICATE_API_TOKEN": TOKEN, "REPLICATE_BASE_URL": self.base_url}

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def paid(self) -> int:
        return len(self.predictions)

    @route("GET", "/v1/account")
    def account(self, request: Request) -> Reply:
        return self._unknown_key(request) or Reply({"type": "user", "username": "contract"})

    @route("GET", "/v1/models/{owner}/{name}")
    def model(self, request: Request) -> Reply:
        model = f"{request.parts['owner']}/{request.parts['name']}"
        if model not in _INPUTS:
            return problem(404, "The requested resource could not be found.")
        return self._unknown_key(request) or Reply({"latest_version": _version_page(model)})

    @route("GET", "/v1/models/{owner}/{name}/versions/{version}")
    def version(self, request: Request) -> Reply:
        model = f"{request.parts['owner']}/{request.parts['name']}"
        if model not in _INPUTS or request.parts["version"] != version_of(model):
            return problem(404, "The requested resource could not be found.")
        return self._unknown_key(request) or Reply(_version_page(model))

    @route("POST", "/v1/models/{owner}/{name}/predictions")
    def predict_official(self, request: Request) -> Reply:
        model = f"{request.parts['owner']}/{request.parts['name']}"
        if model not in OFFICIAL:
            return problem(404, "The requested resource could not be found.")
        return self._create(request, model)

    @route("POST", "/v1/predictions")
    def predict(self, request: Request) -> Reply:
        version = request.json.get("version")
        model = next((name for name in _INPUTS if version_of(name) == version), "")
        if not model:
            return problem(422, "The specified version does not exist")
        return self._create(request, model)

    @route("GET", "/v1/predictions/{prediction}")
    def read(self, request: Request) -> Reply:
        prediction = self.predictions.get(request.parts["prediction"])
        if prediction is None:
            return problem(404, "The requested resource could not be found.")
        prediction.polls += 1
        return self._unknown_key(request) or Reply(self._page(prediction))

    @route("GET", "/files/{name}")
    def file(self, request: Request) -> Reply:
        number, place = request.parts["name"].removesuffix(".mp3").split("-")
        prediction = self.predictions[f"p{number}"]
        length_s = self.song_s or float(prediction.body["input"].get("duration", 60))
        content = song(300 + int(number) * 8 + int(place), length_s)
        return Reply(content, content_type="audio/mpeg")

    def webhook(self, prediction_id: str, *, now: float) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the webhook that ends a prediction."""
        body = json.dumps({"id": prediction_id, "status": "succeeded"}).encode()
        stamp = str(int(now))
        key = base64.b64decode(WEBHOOK_SECRET.removeprefix("whsec_"))
        signed = hmac.new(key, f"msg-1.{stamp}.".encode() + body, hashlib.sha256).digest()
        return body, {
            "Webhook-Id": "msg-1",
            "Webhook-Timestamp": stamp,
            "Webhook-Signature": f"v1,AAAA v1,{base64.b64encode(signed).decode()}",
        }

    def _unknown_key(self, request: Request) -> Reply | None:
        if request.bearer == TOKEN:
            return None
        return problem(401, "You did not pass a valid authentication token", "Unauthenticated")

    def _create(self, request: Request, model: str) -> Reply:
        if refused := self._unknown_key(request):
            return refused
        body = request.json
        schema = _INPUTS[model]
        unknown = [name for name in body["input"] if name not in schema["properties"]]
        missing = [name for name in schema.get("required", []) if name not in body["input"]]
        if unknown or missing:
            return problem(422, f"- input: unknown {unknown}, missing {missing}")
        number = len(self.predictions) + 1
        ending, error = self.endings.pop(0) if self.endings else ("succeeded", "")
        made = Prediction(number, model, body, ending, error)
        self.predictions[f"p{number}"] = made
        return Reply(self._page(made), 201)

    def _page(self, prediction: Prediction) -> dict[str, Any]:
        status = "processing" if prediction.polls else "starting"
        if prediction.polls > self.polls_needed:
            status = prediction.ending
        done = status == "succeeded"
        return {
            "id": f"p{prediction.number}",
            "model": prediction.model,
            "version": version_of(prediction.model),
            "status": status,
            "input": prediction.body["input"],
            "output": self._output(prediction) if done else None,
            "error": prediction.error or None if status == prediction.ending else None,
            "logs": "",
            "metrics": {},
            "urls": {"get": f"{self.base_url}/predictions/p{prediction.number}"},
        }

    def _output(self, prediction: Prediction) -> Any:
        files = [
            f"{self.url}/files/{prediction.number}-{place}.mp3" for place in range(self.outputs)
        ]
        if not files:
            return None
        if self.output_shape == "text":
            return files[0]
        if self.output_shape == "object":
            return {f"audio_{place}": file for place, file in enumerate(files)}
        return files


def problem(status: int, detail: str, title: str = "") -> Reply:
    return Reply({"title": title or "Error", "detail": detail, "status": status}, status)


def _version_page(model: str) -> dict[str, Any]:
    return {
        "id": version_of(model),
        "openapi_schema": {"components": {"schemas": {"Input": _INPUTS[model]}}},
    }
