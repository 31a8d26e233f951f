"""Flux models at Replicate: predictions that end at once or after some polls.

`polls` says how many polls find a prediction unfinished (0: the request is held until it ends);
`ending` how it ends: succeeded (one address), list (a list of them), gone (files deleted), failed,
nsfw or canceled.
"""

from __future__ import annotations

from typing import Any

from tests.contract_servers import media
from tests.contract_servers.base import ContractServer, Reply, Request, route
from tests.contract_servers.replicate import TOKEN

MODELS = ("flux-schnell", "flux-1.1-pro", "flux-2-pro", "flux-2-max")
FAILURES = {
    "failed": "CUDA out of memory",
    "nsfw": "NSFW content detected. Try running it again, or try a different prompt.",
}


def problem(status: int, detail: str, **more: Any) -> Reply:
    """An error body as Replicate sends it."""
    return Reply({"title": "Problem", "detail": detail, "status": status, **more}, status)


class ReplicateImagesServer(ContractServer):
    """`{url}/v1` is the base URL."""

    name = "replicate-images"

    def reset_state(self) -> None:
        self.polls = 0
        self.ending = "succeeded"
        self.predictions: dict[str, dict[str, Any]] = {}

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def environment(self) -> dict[str, str]:
        return {"REPLICATE_API_TOKEN": TOKEN, "REPLICATE_IMAGES_BASE_URL": self.base_url}

    @route("GET", "/v1/account")
    def account(self, request: Request) -> Reply:
        if request.bearer != TOKEN:
            return problem(401, "Invalid token.")
        return Reply({"type": "user", "username": "contract", "name": "Contract"})

    @route("GET", "/files/{name}")
    def file(self, request: Request) -> Reply:
        return Reply(media.image(".png", width=1024, height=1024), content_type="image/png")

    @route("POST", "/v1/models/black-forest-labs/{model}/predictions")
    def create(self, request: Request) -> Reply:
        if request.bearer != TOKEN:
            return problem(401, "Invalid token.")
        if request.parts["model"] not in MODELS:
            return problem(404, "The requested resource could not be found.")
        given = request.json["input"]
        if not given.get("prompt"):
            return problem(422, "input is invalid", invalid_fields=["prompt"])
        prediction = f"p{len(self.predictions) + 1}"
        self.predictions[prediction] = {
            "id": prediction,
            "model": f"black-forest-labs/{request.parts['model']}",
            "version": "hidden",
            "input": given,
            "left": self.polls,
        }
        held = request.header("Prefer").startswith("wait") and not self.polls
        return Reply(self._shown(prediction, final=held), 201)

    @route("GET", "/v1/predictions/{prediction}")
    def read(self, request: Request) -> Reply:
        if request.parts["prediction"] not in self.predictions:
            return problem(404, "Prediction not found")
        state = self.predictions[request.parts["prediction"]]
        state["left"] -= 1
        return Reply(self._shown(state["id"], final=state["left"] < 0))

    def _shown(self, prediction: str, *, final: bool) -> dict[str, Any]:
        state = self.predictions[prediction]
        shown = {name: state[name] for name in ("id", "model", "version", "input")}
        shown |= {"output": None, "error": None, "logs": "", "metrics": {}}
        if not final:
            return shown | {"status": "processing"}
        if self.ending in FAILURES:
            return shown | {"status": "failed", "error": FAILURES[self.ending]}
        if self.ending == "canceled":
            return shown | {"status": "canceled"}
        link = f"{self.url}/files/{prediction}.png"
        output = {"list": [link], "gone": None}.get(self.ending, link)
        return shown | {"status": "succeeded", "output": output}
