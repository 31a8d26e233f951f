"""OpenAI Images: one picture for one payment, whatever the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from media_tools.errors import (
    JobRefused,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from media_tools.images.art import Art, ArtRequest
from media_tools.images.openai_images import OpenAiImages, OpenAiImagesOptions, SizeMemory
from media_tools.providers.http import Line, RetryPolicy, Timeouts
from tests.contract_servers.llm import GOOD_KEY
from tests.contract_servers.openai_images import OpenAiImagesServer
from tests.media_tools.providers.contract import SpooledContract
from tests.prices import price_of

PAINT = "POST /v1/images/generations"
WISH = ArtRequest("a lighthouse in fog", "35 mm film", ("#101020", "#e0e0f0"), 3)
QUICK = Line(Timeouts(0.5, 2.0, 3.0), RetryPolicy(retries=0))
Make = Callable[..., OpenAiImages]


@pytest.fixture(scope="module")
def _server() -> Iterator[OpenAiImagesServer]:
    with OpenAiImagesServer() as server:
        yield server


@pytest.fixture
def server(_server: OpenAiImagesServer) -> OpenAiImagesServer:
    _server.clear()
    return _server


@pytest.fixture
def make(server: OpenAiImagesServer, tmp_path: Path) -> Make:
    def build(line: Line = QUICK, sizes: SizeMemory | None = None, **changes: Any) -> OpenAiImages:
        options: dict[str, Any] = {
            "api_key": GOOD_KEY,
            "spool": tmp_path / "spool",
            "base_url": server.base_url,
        }
        return OpenAiImages(OpenAiImagesOptions(**(options | changes)), line, sizes or SizeMemory())

    return build


def painted(adapter: OpenAiImages, workdir: Path, key: str = "run-1") -> Art:
    return adapter.collect(adapter.submit(WISH, idempotency_key=key), WISH, workdir)


def error_of(adapter: OpenAiImages) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter.submit(WISH, idempotency_key="run-1")
    assert GOOD_KEY not in str(caught.value)
    return caught.value


def test_request_is_what_the_contract_takes(make: Make, server: OpenAiImagesServer) -> None:
    make().submit(WISH, idempotency_key="run-1")

    body = server.seen(PAINT)[0].json
    assert body.pop("prompt").startswith("a lighthouse in fog")
    assert body == {
        "model": "gpt-image-2.5-flare",
        "n": 1,
        "size": "2048x2048",
        "quality": "high",
        "output_format": "png",
        "background": "opaque",
    }


def test_picture_arrives_with_its_provenance(make: Make, tmp_path: Path) -> None:
    art = painted(make(), tmp_path)

    assert (art.picture.width, art.picture.height) == (2048, 2048)
    assert art.picture.path == tmp_path / "art.png"
    assert art.provenance.provider == "openai"
    assert art.provenance.model == "gpt-image-2.5-flare"
    assert art.provenance.generator == "ai"
    assert "lighthouse" in art.provenance.prompt
    assert art.facts["request_id"] == "req_1"


def test_cost_is_counted_by_tokens(make: Make, tmp_path: Path) -> None:
    price = price_of("openai/gpt-image-2")
    art = painted(make(model="gpt-image-2", price=price), tmp_path)

    # 120 text tokens at 5 and 4,100 picture tokens at 30 USD a million
    assert art.cost_usd == Decimal("0.123600")


def test_cost_without_usage_is_the_price_of_a_picture(
    make: Make, server: OpenAiImagesServer, tmp_path: Path
) -> None:
    server.answers = "no-usage"
    price = price_of("openai/gpt-image-2")
    adapter = make(model="gpt-image-2", price=price)

    assert painted(adapter, tmp_path).cost_usd == Decimal("0.40")
    assert adapter.estimate_cost(WISH) == Decimal("0.40")


def test_cost_without_price_is_unknown(make: Make, tmp_path: Path) -> None:
    assert painted(make(), tmp_path).cost_usd is None


def test_refused_size_is_remembered(make: Make, server: OpenAiImagesServer, tmp_path: Path) -> None:
    server.answers = "small-only"
    adapter = make()

    assert painted(adapter, tmp_path, "a").picture.width == 1024
    painted(adapter, tmp_path, "b")

    sizes = [request.json["size"] for request in server.seen(PAINT)]
    assert sizes == ["2048x2048", "1024x1024", "1024x1024"]


def test_size_is_measured_not_believed(
    make: Make, server: OpenAiImagesServer, tmp_path: Path
) -> None:
    server.answers = "other-size"
    art = painted(make(), tmp_path)

    assert art.picture.width == 1024
    assert art.facts["told_size"] == "2048x2048"


def test_address_instead_of_base64_is_fetched(
    make: Make, server: OpenAiImagesServer, tmp_path: Path
) -> None:
    server.answers = "url"

    assert painted(make(), tmp_path).picture.width == 1024


def test_answer_of_many_megabytes_is_taken(
    make: Make, server: OpenAiImagesServer, tmp_path: Path
) -> None:
    server.answers = "huge"

    assert painted(make(), tmp_path).picture.width == 2048


def test_health_asks_for_the_model_only(make: Make, server: OpenAiImagesServer) -> None:
    assert make().health().model == "gpt-image-2.5-flare"
    assert [request.line for request in server.seen()] == ["GET /v1/models/gpt-image-2.5-flare"]


def test_known_name_in_the_prompt_is_not_paid_for(make: Make, server: OpenAiImagesServer) -> None:
    with pytest.raises(ProviderRejected, match="prompt names"):
        make().submit(
            ArtRequest("in the style of Taylor Swift", "", (), 1), idempotency_key="run-1"
        )
    assert server.requests == []


@pytest.mark.provider_error(
    adapter="openai images", row="400 moderation_blocked", outcome="ProviderRejected"
)
@pytest.mark.parametrize("details", [{}, {"moderation_stage": "input", "categories": ["violence"]}])
def test_moderation_is_for_a_person(
    make: Make, server: OpenAiImagesServer, details: dict[str, Any]
) -> None:
    error = {
        "message": "Your request was rejected by the safety system.",
        "type": "image_generation_user_error",
        "code": "moderation_blocked",
        **({"moderation_details": details} if details else {}),
    }
    server.fault(status=400, body={"error": error})

    found = error_of(make())

    assert isinstance(found, ProviderRejected)
    assert found.code.startswith("content_policy")
    assert "reword" in found.action
    assert ("violence" in found.cause) is bool(details)


@pytest.mark.provider_error(
    adapter="openai images", row="400 param size, twice", outcome="ProviderRejected"
)
def test_every_size_refused_is_final(make: Make, server: OpenAiImagesServer) -> None:
    body = {"error": {"message": "bad size", "type": "invalid_request_error", "param": "size"}}
    server.fault(status=400, body=body, times=2)

    assert isinstance(error_of(make()), ProviderRejected)
    assert server.count(PAINT) == 2


@pytest.mark.provider_error(adapter="openai images", row="400 param", outcome="ProviderRejected")
def test_other_bad_field_is_named(make: Make, server: OpenAiImagesServer) -> None:
    body = {"error": {"message": "bad", "type": "invalid_request_error", "param": "quality"}}
    server.fault(status=400, body=body)

    found = error_of(make())
    assert isinstance(found, ProviderRejected)
    assert "(quality)" in found.action


@pytest.mark.provider_error(
    adapter="openai images", row="403 organisation", outcome="ProviderRejected"
)
def test_unverified_organisation_says_what_to_do(make: Make, server: OpenAiImagesServer) -> None:
    server.fault(status=403, body={"error": {"message": "must be verified to use the model"}})

    found = error_of(make())
    assert isinstance(found, ProviderRejected)
    assert "verify the organisation" in found.action


@pytest.mark.provider_error(
    adapter="openai images", row="404 model gone", outcome="ProviderRejected"
)
def test_retired_model_is_final(make: Make) -> None:
    found = error_of(make(model="dall-e-3"))
    assert isinstance(found, ProviderRejected)
    assert "choose a current image model" in found.action


@pytest.mark.provider_error(
    adapter="openai images", row="429 rate_limit_exceeded", outcome="ProviderUnavailable"
)
def test_rate_limit_is_waited_for(make: Make, server: OpenAiImagesServer) -> None:
    body = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}
    server.fault(status=429, body=body, headers={"Retry-After": "17"})

    found = error_of(make())
    assert isinstance(found, ProviderUnavailable)
    assert found.retry_after_s == 17


@pytest.mark.provider_error(
    adapter="openai images", row="429 insufficient_quota", outcome="ProviderRejected"
)
def test_empty_account_is_not_retried(make: Make, server: OpenAiImagesServer) -> None:
    body = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    server.fault(status=429, body=body)

    found = error_of(make())
    assert isinstance(found, ProviderRejected)
    assert found.code.startswith("insufficient_credits")


@pytest.mark.provider_error(
    adapter="openai images", row="5xx with its own body", outcome="ProviderUnavailable"
)
def test_own_server_error_passes(make: Make, server: OpenAiImagesServer) -> None:
    server.fault(status=500, body={"error": {"message": "server had an error"}})
    adapter = make()

    assert isinstance(error_of(adapter), ProviderUnavailable)
    assert adapter.submit(WISH, idempotency_key="run-1")


@pytest.mark.provider_error(
    adapter="openai images", row="200 without a usable picture", outcome="JobRefused"
)
@pytest.mark.parametrize("answers", ["broken", "no-picture", "not-image"])
def test_paid_answer_without_a_picture_is_for_a_person(
    make: Make, server: OpenAiImagesServer, tmp_path: Path, answers: str
) -> None:
    server.answers = answers
    adapter = make()
    external_id = adapter.submit(WISH, idempotency_key="run-1")

    with pytest.raises(JobRefused, match="pays, anew"):
        adapter.collect(external_id, WISH, tmp_path)


def test_spool_holds_no_key(make: Make, tmp_path: Path) -> None:
    external_id = make().submit(WISH, idempotency_key="run-1")

    text = (tmp_path / "spool" / external_id).read_text()
    assert GOOD_KEY not in text
    assert json.loads(text)["request_id"] == "req_1"


class TestContract(SpooledContract):
    adapter, shown_as = OpenAiImages, "openai images"
    line = QUICK
    key, key_setting = GOOD_KEY, "OPENAI_API_KEY"
    submit_line = PAINT

    @pytest.fixture
    def options(self, server: OpenAiImagesServer, tmp_path: Path) -> dict[str, Any]:
        return {"api_key": GOOD_KEY, "spool": tmp_path / "spool", "base_url": server.base_url}

    @pytest.fixture
    def wanted(self) -> ArtRequest:
        return WISH
