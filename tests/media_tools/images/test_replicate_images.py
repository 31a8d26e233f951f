"""Flux through Replicate: held open, polled, failed, expired."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from media_tools.errors import (
    JobRefused,
    ProviderRejected,
    ProviderUnavailable,
)
from media_tools.images.art import ArtRequest
from media_tools.images.replicate_images import ReplicateImages, ReplicateImagesOptions
from media_tools.providers.http import Line, RetryPolicy, Timeouts
from tests.contract_servers.replicate import TOKEN
from tests.contract_servers.replicate_images import ReplicateImagesServer, problem
from tests.media_tools.providers.contract import PolledContract
from tests.prices import price_of

CREATE = "POST /v1/models"
WISH = ArtRequest("a lighthouse in fog", "35 mm film", ("#101020", "#e0e0f0"), 3)
Make = Callable[..., ReplicateImages]


@pytest.fixture(scope="module")
def _server() -> Iterator[ReplicateImagesServer]:
    with ReplicateImagesServer() as server:
        yield server


@pytest.fixture
def server(_server: ReplicateImagesServer) -> ReplicateImagesServer:
    _server.clear()
    return _server


@pytest.fixture
def make(server: ReplicateImagesServer) -> Make:
    def build(**changes: Any) -> ReplicateImages:
        options: dict[str, Any] = {
            "api_token": TOKEN,
            "base_url": server.base_url,
        }
        line = Line(Timeouts(2.0, 1.5, 4.0), RetryPolicy(retries=0))
        return ReplicateImages(ReplicateImagesOptions(**(options | changes)), line)

    return build


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("flux-schnell", {"num_outputs": 1, "num_inference_steps": 4}),
        ("flux-1.1-pro", {"output_quality": 95, "safety_tolerance": 2, "seed": 3}),
        ("flux-2-pro", {"resolution": "2 MP", "seed": 3}),
    ],
)
def test_each_model_gets_its_own_inputs(
    make: Make, server: ReplicateImagesServer, model: str, fields: dict[str, Any]
) -> None:
    make(model=model).submit(WISH, idempotency_key="k")

    sent = server.seen(CREATE)[0]
    given = sent.json["input"]
    assert given.pop("prompt").startswith("a lighthouse in fog")
    assert given == {"aspect_ratio": "1:1", "output_format": "png", **fields}
    assert sent.header("Prefer") == "wait=60"
    assert sent.path.endswith(f"/black-forest-labs/{model}/predictions")


@pytest.mark.parametrize("ending", ["succeeded", "list"])
def test_picture_arrives_whether_string_or_list(
    make: Make, server: ReplicateImagesServer, tmp_path: Path, ending: str
) -> None:
    server.ending = ending
    adapter = make(price=price_of("replicate/black-forest-labs/flux-1.1-pro"))

    art = adapter.collect(adapter.submit(WISH, idempotency_key="k"), WISH, tmp_path)

    assert art is not None
    assert (art.picture.width, art.picture.media_type) == (1024, "image/png")
    assert art.provenance.model == "black-forest-labs/flux-1.1-pro:hidden"
    assert art.provenance.seed == 3
    assert adapter.estimate_cost(WISH) == Decimal("0.04")


def test_health_names_the_account(make: Make) -> None:
    assert make().health().note == "account contract"


def test_unknown_model_is_refused_at_once(make: Make) -> None:
    with pytest.raises(ProviderRejected, match="choose one of flux-schnell"):
        make(model="flux-dev")


def submit_error(make: Make) -> pytest.ExceptionInfo[BaseException]:
    with pytest.raises(Exception) as caught:
        make().submit(WISH, idempotency_key="k")
    assert TOKEN not in str(caught.value)
    return caught


@pytest.mark.provider_error(
    adapter="replicate images", row="402 insufficient credit", outcome="ProviderRejected"
)
def test_empty_account_is_final(make: Make, server: ReplicateImagesServer) -> None:
    reply = problem(402, "You have insufficient credit to run this model.")
    server.fault(status=402, body=reply.body)

    found = submit_error(make).value
    assert isinstance(found, ProviderRejected)
    assert "add credit" in found.action


@pytest.mark.provider_error(
    adapter="replicate images", row="422 input validation", outcome="ProviderRejected"
)
def test_refused_input_names_the_field(make: Make, server: ReplicateImagesServer) -> None:
    server.fault(status=422, body=problem(422, "bad input", invalid_fields=["seed"]).body)

    found = submit_error(make).value
    assert isinstance(found, ProviderRejected)
    assert "seed" in found.cause


@pytest.mark.provider_error(adapter="replicate images", row="404", outcome="ProviderRejected")
def test_missing_model_is_final(make: Make, server: ReplicateImagesServer) -> None:
    server.fault(status=404, body=problem(404, "The requested resource was not found.").body)

    assert isinstance(submit_error(make).value, ProviderRejected)


@pytest.mark.provider_error(adapter="replicate images", row="429", outcome="ProviderUnavailable")
@pytest.mark.parametrize(
    ("body", "headers", "wait_s"),
    [
        ({"detail": "Request was throttled.", "status": 429, "retry_after": 12}, {}, 12),
        ({"detail": "Request was throttled. Limit resets in ~33s."}, {}, 33),
        ({"detail": "Request was throttled."}, {"Retry-After": "7"}, 7),
        ({"detail": "Request was throttled."}, {}, 30),
    ],
)
def test_throttling_tells_how_long(
    make: Make,
    server: ReplicateImagesServer,
    body: dict[str, Any],
    headers: dict[str, str],
    wait_s: float,
) -> None:
    server.fault(status=429, body=body, headers=headers)

    found = submit_error(make).value
    assert isinstance(found, ProviderUnavailable)
    assert found.retry_after_s == wait_s


@pytest.mark.provider_error(
    adapter="replicate images", row="failed: NSFW or safety", outcome="JobRefused"
)
def test_blocked_content_is_for_a_person(
    make: Make, server: ReplicateImagesServer, tmp_path: Path
) -> None:
    server.ending = "nsfw"
    adapter = make()
    prediction = adapter.submit(WISH, idempotency_key="k")

    with pytest.raises(JobRefused, match="NSFW") as caught:
        adapter.collect(prediction, WISH, tmp_path)
    assert caught.value.code == "content_policy"


@pytest.mark.provider_error(adapter="replicate images", row="canceled", outcome="JobRefused")
def test_cancelled_prediction_is_final(
    make: Make, server: ReplicateImagesServer, tmp_path: Path
) -> None:
    server.ending = "canceled"
    adapter = make()
    prediction = adapter.submit(WISH, idempotency_key="k")

    with pytest.raises(JobRefused, match="cancelled"):
        adapter.collect(prediction, WISH, tmp_path)


@pytest.mark.provider_error(
    adapter="replicate images", row="files deleted after an hour", outcome="JobRefused"
)
@pytest.mark.parametrize("gone", ["output", "file"])
def test_expired_file_is_final(
    make: Make, server: ReplicateImagesServer, tmp_path: Path, gone: str
) -> None:
    server.ending = "gone" if gone == "output" else "succeeded"
    adapter = make()
    prediction = adapter.submit(WISH, idempotency_key="k")
    if gone == "file":
        server.fault(status=404, where="/files/")

    with pytest.raises(JobRefused, match=r"hour|expired"):
        adapter.collect(prediction, WISH, tmp_path)


def test_id_that_is_none_is_not_put_into_a_path(make: Make, tmp_path: Path) -> None:
    with pytest.raises(ProviderRejected, match="%2Faccount does not exist"):
        make().collect("../account", WISH, tmp_path)


class TestContract(PolledContract):
    adapter, shown_as = ReplicateImages, "replicate images"
    key, key_option, key_setting = TOKEN, "api_token", "REPLICATE_API_TOKEN"
    submit_line, collect_line = CREATE, "GET /v1/predictions"

    @pytest.fixture
    def options(self, server: ReplicateImagesServer) -> dict[str, Any]:
        return {"api_token": TOKEN, "base_url": server.base_url}

    @pytest.fixture
    def wanted(self) -> ArtRequest:
        return WISH

    def delay(self, server: ReplicateImagesServer) -> None:
        server.polls = 1

    def fail(self, server: ReplicateImagesServer, said: str) -> None:
        server.ending = "failed"
        server.fault(edit=lambda body: {**body, "error": said}, where=self.collect_line)

    def with_id(self, body: Any, job: Any) -> Any:
        return {**body, "id": job}
