"""Music models at Replicate: inputs by the model's schema, predictions, webhooks, errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from media_tools.errors import (
    JobRefused,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.music.base import MusicRequest
from media_tools.music.replicate import ReplicateMusic, ReplicateMusicOptions, fitted_input
from media_tools.providers.callbacks import CallbackRefused
from tests.contract_servers.replicate import (
    TOKEN,
    WEBHOOK_SECRET,
    ReplicateServer,
    problem,
    version_of,
)
from tests.media_tools.music.conftest import QUICK
from tests.media_tools.providers.contract import PolledContract

Asked = Callable[..., MusicRequest]
ACE_STEP = "fishaudio/ace-step-1.5"
COMMUNITY = "POST /v1/predictions"
OFFICIAL = "POST /v1/models/minimax/music-2.6/predictions"
NOW = 1_795_000_000.0


@pytest.fixture
def replicate(replicate_server: ReplicateServer) -> ReplicateMusic:
    return adapter(replicate_server)


def adapter(server: ReplicateServer, **changes: Any) -> ReplicateMusic:
    fields: dict[str, Any] = {
        "api_token": TOKEN,
        "model": f"{ACE_STEP}:{version_of(ACE_STEP)}",
        "base_url": server.base_url,
        "webhook_secret": WEBHOOK_SECRET,
    }
    return ReplicateMusic(ReplicateMusicOptions(**(fields | changes)), QUICK)


# What is sent


def test_pinned_version_is_sent(
    replicate: ReplicateMusic, replicate_server: ReplicateServer, asked: Asked
) -> None:
    prediction = replicate.submit(asked(), idempotency_key="k")

    assert prediction == "p1"
    (request,) = replicate_server.seen(COMMUNITY)
    assert request.bearer == TOKEN
    assert request.json == {
        "version": version_of(ACE_STEP),
        "input": {
            "prompt": "glassy lead, gated snare, synth pop, restless, 118 BPM, A minor",
            "lyrics": asked().lyrics.strip(),
            "duration": 60,
        },
    }


def test_community_model_without_a_version_takes_the_latest(
    replicate_server: ReplicateServer, asked: Asked
) -> None:
    replicate = adapter(replicate_server, model=ACE_STEP)

    replicate.submit(asked(), idempotency_key="k")

    assert replicate_server.seen(COMMUNITY)[0].json["version"] == version_of(ACE_STEP)
    assert replicate_server.paid == 1


def test_official_model_needs_no_version(replicate_server: ReplicateServer, asked: Asked) -> None:
    adapter(replicate_server, model="minimax/music-2.6").submit(asked(), idempotency_key="k")

    (request,) = replicate_server.seen(OFFICIAL)
    assert set(request.json["input"]) == {"prompt", "lyrics"}


def test_schema_is_asked_for_once(
    replicate: ReplicateMusic, replicate_server: ReplicateServer, asked: Asked
) -> None:
    replicate.submit(asked(), idempotency_key="k")
    replicate.submit(asked(), idempotency_key="l")

    assert replicate_server.count("/versions/") == 1


def test_webhook_is_asked_for_at_the_end_only(
    replicate_server: ReplicateServer, asked: Asked
) -> None:
    replicate = adapter(replicate_server, webhook_url="https://panel.example/hooks/replicate")

    replicate.submit(asked(), idempotency_key="k")

    body = replicate_server.seen(COMMUNITY)[0].json
    assert body["webhook"] == "https://panel.example/hooks/replicate"
    assert body["webhook_events_filter"] == ["completed"]


def test_instrumental_model_gets_no_lyrics(replicate_server: ReplicateServer, asked: Asked) -> None:
    replicate = adapter(replicate_server, model="meta/musicgen")

    replicate.submit(asked(), idempotency_key="k")

    sent = replicate_server.seen(COMMUNITY)[0].json["input"]
    assert "lyrics" not in sent
    assert (sent["duration"], sent["seed"]) == (30, 7)
    assert not replicate.sings


def test_old_ace_step_takes_tags(replicate_server: ReplicateServer, asked: Asked) -> None:
    replicate = adapter(replicate_server, model="lucataco/ace-step")

    replicate.submit(asked(instrumental=True, duration_s=400.0), idempotency_key="k")

    sent = replicate_server.seen(COMMUNITY)[0].json["input"]
    assert (sent["lyrics"], sent["duration"]) == ("[Instrumental]", 240)


@pytest.mark.parametrize("model", ["", "name", "owner/name:latest", "owner/name/more", "../x"])
def test_odd_model_names_the_setting(replicate_server: ReplicateServer, model: str) -> None:
    with pytest.raises(ProviderRejected, match="REPLICATE_MUSIC_MODEL"):
        adapter(replicate_server, model=model)


def test_input_follows_the_schema() -> None:
    schema = {
        "properties": {
            "prompt": {"maxLength": 10},
            "duration": {"minimum": 5, "maximum": 30},
        }
    }
    wanted = {"prompt": "soft rain outside", "duration": 90, "lyrics": "la"}

    assert fitted_input(wanted, schema) == {"prompt": "soft rain", "duration": 30}


def test_input_without_a_schema_has_no_seed() -> None:
    assert fitted_input({"prompt": "rain", "seed": 1}, {}) == {"prompt": "rain"}


@pytest.mark.provider_error(
    adapter="replicate", row="the model needs other inputs", outcome="ProviderRejected"
)
def test_model_that_needs_more_is_refused() -> None:
    schema = {"required": ["prompt", "image"], "properties": {"prompt": {}, "image": {}}}

    with pytest.raises(ProviderRejected, match="needs image"):
        fitted_input({"prompt": "rain"}, schema)


def test_lyrics_the_model_cannot_take_are_not_cut() -> None:
    with pytest.raises(ProviderRejected, match="shorten the lyrics"):
        fitted_input({"lyrics": "la la la"}, {"properties": {"lyrics": {"maxLength": 5}}})


# What comes back


def test_song_comes_when_the_prediction_succeeded(
    replicate: ReplicateMusic, replicate_server: ReplicateServer, asked: Asked, tmp_path: Path
) -> None:
    replicate_server.polls_needed = 1
    prediction = replicate.submit(asked(), idempotency_key="k")

    assert replicate.collect(prediction, asked(), tmp_path) is None
    track = replicate.collect(prediction, asked(), tmp_path)

    assert track is not None
    assert track.duration_s == pytest.approx(2.0, abs=0.1)
    assert track.provenance.model == f"{ACE_STEP}:{version_of(ACE_STEP)[:12]}"
    assert track.provenance.licence.startswith("MIT")
    assert track.provenance.source_url == ""


@pytest.mark.parametrize("shape", ["list", "object"])
def test_every_file_is_a_take(
    replicate: ReplicateMusic,
    replicate_server: ReplicateServer,
    asked: Asked,
    tmp_path: Path,
    shape: str,
) -> None:
    replicate_server.outputs, replicate_server.output_shape = 2, shape
    prediction = replicate.submit(asked(), idempotency_key="k")

    track = replicate.collect(prediction, asked(), tmp_path)

    assert track is not None
    assert len(track.takes) == 1


def test_weights_for_other_than_commercial_use_are_marked(
    replicate_server: ReplicateServer, asked: Asked, tmp_path: Path
) -> None:
    replicate = adapter(replicate_server, model="meta/musicgen")

    track = replicate.collect(replicate.submit(asked(), idempotency_key="k"), asked(), tmp_path)

    assert track is not None
    assert "no commercial release" in track.provenance.licence
    assert track.provenance.seed == 7


@pytest.mark.provider_error(
    adapter="replicate", row="unknown status", outcome="polled until the deadline"
)
def test_unknown_status_is_waited_for(
    replicate: ReplicateMusic, replicate_server: ReplicateServer, asked: Asked, tmp_path: Path
) -> None:
    replicate_server.endings = [("polishing", "")]
    prediction = replicate.submit(asked(), idempotency_key="k")

    assert replicate.collect(prediction, asked(), tmp_path) is None


def test_account_is_the_health(replicate: ReplicateMusic) -> None:
    assert replicate.health().note == "account contract"


# Errors


def _submit_error(
    replicate: ReplicateMusic, asked: Asked, kind: type[ProviderError]
) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        replicate.submit(asked(), idempotency_key="k")
    assert type(caught.value) is kind
    assert TOKEN not in str(caught.value)
    return caught.value


def _collect_error(
    replicate: ReplicateMusic, asked: Asked, workdir: Path, kind: type[ProviderError]
) -> ProviderError:
    prediction = replicate.submit(asked(), idempotency_key="k")
    with pytest.raises(ProviderError) as caught:
        replicate.collect(prediction, asked(), workdir)
    assert type(caught.value) is kind
    assert TOKEN not in str(caught.value)
    return caught.value


@pytest.mark.provider_error(
    adapter="replicate", row="402 insufficient credit", outcome="ProviderRejected"
)
def test_empty_account(
    replicate: ReplicateMusic, replicate_server: ReplicateServer, asked: Asked
) -> None:
    reply = problem(402, "You have insufficient credit to run this model.", "Insufficient credit")
    replicate_server.fault(status=402, body=reply.body, where=COMMUNITY)

    error = _submit_error(replicate, asked, ProviderRejected)

    assert "insufficient credit" in str(error)
    assert "add credit" in error.action


@pytest.mark.provider_error(
    adapter="replicate", row="404 no such model", outcome="ProviderRejected"
)
def test_unknown_model(replicate_server: ReplicateServer, asked: Asked) -> None:
    replicate = adapter(replicate_server, model="nobody/nothing")

    assert "the model" in _submit_error(replicate, asked, ProviderRejected).action
    assert replicate_server.paid == 0


@pytest.mark.provider_error(
    adapter="replicate", row="422 input validation", outcome="ProviderRejected"
)
def test_refused_input(
    replicate: ReplicateMusic, replicate_server: ReplicateServer, asked: Asked
) -> None:
    body = {"detail": "- input.duration: too long", "status": 422, "invalid_fields": ["duration"]}
    replicate_server.fault(status=422, body=body, where=COMMUNITY)

    error = _submit_error(replicate, asked, ProviderRejected)

    assert "input.duration: too long (duration)" in str(error)


@pytest.mark.provider_error(adapter="replicate", row="429 throttled", outcome="ProviderUnavailable")
@pytest.mark.parametrize(
    ("details", "headers", "wait_s"),
    [
        ({"retry_after": 12}, {"Retry-After": "50"}, 12),
        ({"detail": "Request was throttled. It resets in ~31s."}, {"Retry-After": "50"}, 31),
        ({}, {"Retry-After": "50"}, 50),
        ({}, {}, 30),
    ],
    ids=["field", "sentence", "header", "nothing"],
)
def test_throttled(
    replicate: ReplicateMusic,
    replicate_server: ReplicateServer,
    asked: Asked,
    details: dict[str, Any],
    headers: dict[str, str],
    wait_s: float,
) -> None:
    body = {"detail": "Request was throttled.", "status": 429} | details
    replicate_server.fault(status=429, body=body, headers=headers, where=COMMUNITY)

    error = _submit_error(replicate, asked, ProviderUnavailable)

    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after_s == wait_s


@pytest.mark.provider_error(
    adapter="replicate", row="trouble before the submission", outcome="ProviderUnavailable"
)
@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 200, "body": "[]"}])
def test_trouble_while_reading_the_schema(
    replicate: ReplicateMusic,
    replicate_server: ReplicateServer,
    asked: Asked,
    fault: dict[str, Any],
) -> None:
    replicate_server.fault(**fault, where="/versions/")

    _submit_error(replicate, asked, ProviderUnavailable)

    assert replicate_server.count(COMMUNITY) == 0


def test_lost_official_answer_is_not_tried_at_the_other_address(
    replicate_server: ReplicateServer, asked: Asked
) -> None:
    replicate = adapter(replicate_server, model="minimax/music-2.6")
    replicate_server.fault(reset="after", where=OFFICIAL)

    _submit_error(replicate, asked, SubmissionUnknown)

    assert replicate_server.count(COMMUNITY) == 0


@pytest.mark.provider_error(adapter="replicate", row="status canceled", outcome="JobRefused")
def test_cancelled_prediction(
    replicate: ReplicateMusic, replicate_server: ReplicateServer, asked: Asked, tmp_path: Path
) -> None:
    replicate_server.endings = [("canceled", "")]

    _collect_error(replicate, asked, tmp_path, JobRefused)


@pytest.mark.provider_error(
    adapter="replicate", row="outputs deleted after an hour", outcome="JobRefused"
)
def test_expired_outputs(
    replicate: ReplicateMusic, replicate_server: ReplicateServer, asked: Asked, tmp_path: Path
) -> None:
    replicate_server.outputs = 0

    assert _collect_error(replicate, asked, tmp_path, JobRefused).code == "expired"


@pytest.mark.provider_error(
    adapter="replicate", row="trouble while fetching", outcome="ProviderUnavailable"
)
@pytest.mark.parametrize(
    "fault",
    [
        {"truncate_at": 500, "where": "GET /files"},
        {"status": 200, "body": "<html>", "where": "GET /files"},
    ],
    ids=["truncated", "web page"],
)
def test_trouble_on_the_way(
    replicate: ReplicateMusic,
    replicate_server: ReplicateServer,
    asked: Asked,
    tmp_path: Path,
    fault: dict[str, Any],
) -> None:
    replicate_server.fault(**fault)

    _collect_error(replicate, asked, tmp_path, ProviderUnavailable)


def test_prediction_a_person_adopted_is_only_a_name(
    replicate: ReplicateMusic, replicate_server: ReplicateServer, asked: Asked, tmp_path: Path
) -> None:
    with pytest.raises(ProviderRejected):
        replicate.collect("../account?x=", asked(), tmp_path)

    assert replicate_server.count("GET /v1/account") == 0


# Webhooks


def test_signed_webhook_is_a_hint_to_look(
    replicate: ReplicateMusic, replicate_server: ReplicateServer
) -> None:
    body, headers = replicate_server.webhook("p1", now=NOW)

    assert replicate.callback_job(body, headers, now=NOW) == "p1"


@pytest.mark.parametrize(
    ("change", "late_s"),
    [
        ({"Webhook-Signature": "v1,AAAA"}, 0),
        ({"Webhook-Signature": ""}, 0),
        ({"Webhook-Id": "msg-2"}, 0),
        ({"Webhook-Timestamp": "1795000001"}, 0),
        ({"Webhook-Timestamp": "soon"}, 0),
        ({}, 301),
    ],
)
def test_forged_or_old_webhook_is_refused(
    replicate: ReplicateMusic,
    replicate_server: ReplicateServer,
    change: dict[str, str],
    late_s: float,
) -> None:
    body, headers = replicate_server.webhook("p1", now=NOW)

    with pytest.raises(CallbackRefused):
        replicate.callback_job(body, headers | change, now=NOW + late_s)


def test_webhook_with_another_body_is_refused(
    replicate: ReplicateMusic, replicate_server: ReplicateServer
) -> None:
    body, headers = replicate_server.webhook("p1", now=NOW)

    with pytest.raises(CallbackRefused):
        replicate.callback_job(body.replace(b"p1", b"p2"), headers, now=NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64", "whsec_$$$"])
def test_webhook_needs_a_proper_secret(replicate_server: ReplicateServer, secret: str) -> None:
    body, headers = replicate_server.webhook("p1", now=NOW)

    with pytest.raises(CallbackRefused):
        adapter(replicate_server, webhook_secret=secret).callback_job(body, headers, now=NOW)


class TestContract(PolledContract):
    adapter, shown_as = ReplicateMusic, "replicate"
    key, key_option, key_setting = TOKEN, "api_token", "REPLICATE_API_TOKEN"
    submit_line, collect_line = COMMUNITY, "GET /v1/predictions"

    @pytest.fixture
    def server(self, replicate_server: ReplicateServer) -> ReplicateServer:
        return replicate_server

    @pytest.fixture
    def options(self, server: ReplicateServer) -> dict[str, Any]:
        model = f"{ACE_STEP}:{version_of(ACE_STEP)}"
        return {"api_token": TOKEN, "model": model, "base_url": server.base_url}

    @pytest.fixture
    def wanted(self, asked: Asked) -> MusicRequest:
        return asked()

    def delay(self, server: ReplicateServer) -> None:
        server.polls_needed = 1

    def fail(self, server: ReplicateServer, said: str) -> None:
        server.endings = [("failed", said)]

    def with_id(self, body: Any, job: Any) -> Any:
        return {**body, "id": job}
