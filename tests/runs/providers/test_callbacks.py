"""A provider's callback wakes the run that waits for its job, and does nothing else."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from media_tools.providers.callbacks import MAX_BODY_BYTES
from runs.models import ProviderCall, Run, Step
from tests.contract_servers.suno import WEBHOOK_KEY, KieServer
from tests.factories import RunFactory, StepFactory

pytestmark = pytest.mark.django_db

JOB = "task-0001"


@pytest.fixture(autouse=True)
def gateway(settings) -> None:
    settings.SUNO = {
        **settings.SUNO,
        "api_key": "suno-key",
        "profile": "kie",
        "webhook_key": WEBHOOK_KEY,
    }


@pytest.fixture
def waiting() -> Run:
    """Its music is due in an hour."""
    run = RunFactory(status=Run.Status.WAITING, due_at=timezone.now() + timedelta(hours=1))
    StepFactory(
        run=run,
        name="music",
        status=Step.Status.WAITING,
        waiting_for=Step.WaitingFor.PROVIDER,
    )
    ProviderCall.objects.create(
        run=run,
        purpose="music",
        provider="suno",
        idempotency_key=f"{run.pk}:0:music:0",
        external_id=JOB,
        status=ProviderCall.Status.SUBMITTED,
    )
    return run


def post(body: bytes, headers: dict[str, str], provider: str = "suno") -> int:
    client = Client(enforce_csrf_checks=True)
    return client.post(
        f"/callbacks/{provider}/", body, content_type="application/json", headers=headers
    ).status_code


def signed(job: str) -> tuple[bytes, dict[str, str]]:
    with KieServer() as server:
        return server.callback(job, "complete", now=time.time())


def is_due(run: Run) -> bool:
    return Run.objects.due(now=timezone.now()).filter(pk=run.pk).exists()


def test_the_waiting_run_is_due_at_once(waiting: Run) -> None:
    assert post(*signed(JOB)) == 200

    assert is_due(waiting)


def test_a_callback_changes_nothing_but_the_time(waiting: Run) -> None:
    post(*signed(JOB))

    waiting.refresh_from_db()
    assert waiting.status == Run.Status.WAITING
    assert ProviderCall.objects.get().status == ProviderCall.Status.SUBMITTED


def test_an_unknown_job_is_answered_alike(waiting: Run) -> None:
    assert post(*signed("task-9999")) == 200

    assert not is_due(waiting)


def test_a_run_that_waits_for_an_operator_is_left_alone(waiting: Run) -> None:
    waiting.steps.update(waiting_for=Step.WaitingFor.OPERATOR)

    post(*signed(JOB))

    assert not is_due(waiting)


def test_another_providers_job_of_the_same_name_is_left_alone(waiting: Run) -> None:
    ProviderCall.objects.update(provider="replicate")

    post(*signed(JOB))

    assert not is_due(waiting)


def test_a_wrong_signature_is_refused(waiting: Run) -> None:
    body, headers = signed(JOB)

    assert post(body, headers | {"X-Webhook-Signature": "AAAA"}) == 400
    assert not is_due(waiting)


@pytest.mark.parametrize("body", [b"", b"[]", b"no json", json.dumps({"data": {}}).encode()])
def test_a_body_without_a_job_is_refused(body: bytes) -> None:
    assert post(body, {}) == 400


def test_a_refusal_says_nothing() -> None:
    answer = Client().post("/callbacks/suno/", b"x", content_type="application/json")

    assert (answer.status_code, answer.content) == (400, b"")


def test_a_giant_body_is_not_read() -> None:
    assert post(b" " * (MAX_BODY_BYTES + 1), {}) == 413


@pytest.mark.parametrize("provider", ["nobody", "elevenlabs"])
def test_a_provider_that_is_not_set_up_has_no_address(provider: str) -> None:
    assert post(b"{}", {}, provider) == 404


def test_a_provider_without_callbacks_refuses_them() -> None:
    assert post(b"{}", {}, "local") == 400


def test_reading_the_address_is_refused() -> None:
    assert Client().get("/callbacks/suno/").status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{not json",
        b"[" * 100_000,
        b'{"data": {"task_id": NaN}}',
        b'{"data": {"task_id": 7}}',
        b'{"data": {"task_id": "\\u0000"}}',
        b'{"data": {"task_id": "task-0001\xff"}}',
        b'{"data": {"task_id": "' + b"t" * 8_001 + b'"}}',
        b'{"data": {"task_id": "task 0001\' OR 1=1"}}',
        b'{"data": [["task-0001"]]}',
    ],
)
@pytest.mark.parametrize("provider", ["suno", "replicate"])
def test_what_no_provider_sends_is_refused(
    waiting: Run, body: bytes, provider: str, settings
) -> None:
    settings.REPLICATE_MUSIC = {**settings.REPLICATE_MUSIC, "api_token": "r8_key"}

    assert post(body, {}, provider) == 400
    assert not is_due(waiting)


def test_a_long_id_wakes_its_run(waiting: Run, settings) -> None:
    settings.SUNO = {**settings.SUNO, "profile": "sunoapi"}
    job = "t" * 5_000
    ProviderCall.objects.update(external_id=job)

    assert post(json.dumps({"data": {"task_id": job}}).encode(), {}) == 200
    assert is_due(waiting)
