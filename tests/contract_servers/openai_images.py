"""OpenAI Images, with the traps of its contract by the server's `answers`.

answers      what a generation gives
good         the picture in base64, of the size asked for, with usage
other-size   a smaller picture than asked for, though the echo says otherwise
no-usage     no usage
url          an address instead of base64, as some gateways do
broken       no base64
no-picture   data is empty
not-image    base64 of a text
huge         good, in an answer of more than 8 MB
small-only   400 on any size but 1024x1024
"""

from __future__ import annotations

import base64
from typing import Any

from tests.contract_servers import media
from tests.contract_servers.base import ContractServer, Reply, Request, route
from tests.contract_servers.llm import GOOD_KEY, refusal

MODELS = ("gpt-image-2.5-flare", "gpt-image-2.5-sunburst", "gpt-image-2")
USAGE = {
    "input_tokens": 120,
    "output_tokens": 4100,
    "total_tokens": 4220,
    "input_tokens_details": {"text_tokens": 120, "image_tokens": 0},
}


class OpenAiImagesServer(ContractServer):
    """`{url}/v1` is the base URL."""

    name = "openai-images"

    def reset_state(self) -> None:
        self.answers = "good"

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def environment(self) -> dict[str, str]:
        return {"OPENAI_API_KEY": GOOD_KEY, "OPENAI_IMAGES_BASE_URL": self.base_url}

    @route("GET", "/v1/models/{model}")
    def model(self, request: Request) -> Reply:
        if request.bearer != GOOD_KEY:
            return refusal(401, "Incorrect API key provided", code="invalid_api_key")
        if request.parts["model"] not in MODELS:
            return refusal(404, "The model does not exist", code="model_not_found")
        return Reply({"id": request.parts["model"], "object": "model"})

    @route("GET", "/files/{name}")
    def file(self, request: Request) -> Reply:
        return Reply(media.image(".png", width=1024, height=1024), content_type="image/png")

    @route("POST", "/v1/images/generations")
    def generate(self, request: Request) -> Reply:
        if request.bearer != GOOD_KEY:
            return refusal(401, "Incorrect API key provided", code="invalid_api_key")
        body = request.json
        for name in ("response_format", "style"):
            if name in body:
                return refusal(400, f"Unknown parameter: '{name}'.", param=name)
        if body.get("model") not in MODELS:
            return refusal(404, "The model does not exist", code="model_not_found")
        if len(body["prompt"]) > 32_000 or not 1 <= body["n"] <= 10:
            return refusal(400, "Invalid value", param="prompt")
        size = body["size"]
        if self.answers == "small-only" and size != "1024x1024":
            return refusal(400, "Invalid size. Supported: 1024x1024", param="size")
        answer = {
            "created": 1763790000,
            "data": [self._entry(size)],
            "background": "opaque",
            "output_format": "png",
            "quality": body["quality"],
            "size": size,
            "usage": USAGE,
        }
        if self.answers == "no-usage":
            del answer["usage"]
        if self.answers == "no-picture":
            answer["data"] = []
        if self.answers == "huge":
            answer["padding"] = "x" * 9_000_000
        return Reply(answer, headers={"x-request-id": f"req_{self.count()}"})

    def _entry(self, size: str) -> dict[str, Any]:
        if self.answers == "url":
            return {"b64_json": None, "url": f"{self.url}/files/1.png"}
        if self.answers == "broken":
            return {"b64_json": "this is !!! not base64"}
        if self.answers == "not-image":
            return {"b64_json": base64.b64encode(b"words " * 50).decode()}
        side = 1024 if self.answers == "other-size" else int(size.split("x")[0])
        picture = media.image(".png", width=side, height=side)
        return {"b64_json": base64.b64encode(picture).decode(), "revised_prompt": None}
