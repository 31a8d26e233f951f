"""What a cluster fetches: due work by itself, then messages; and a Redis that is away."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator

import pytest
from django.conf import settings as configured
from django.utils import timezone
from django_q.signing import SignedPackage

from runs import queue
from runs.work import broker, workers
from runs.work.broker import OrmBroker
from runs.work.redis_broker import RedisBroker
from tests.factories import RunFactory, single_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_waits(monkeypatch) -> None:
    """An empty queue waits a second before it is looked at again."""
    monkeypatch.setattr("django_q.brokers.orm.sleep", lambda seconds: None)
    monkeypatch.setattr("runs.work.redis_broker.time.sleep", lambda seconds: None)


def fetch(source: OrmBroker | RedisBroker) -> str:
    """The function of the next task; "" for none."""
    fetched = source.dequeue()
    return SignedPackage.loads(fetched[0][1])["func"] if fetched else ""


def after_canary(source: OrmBroker | RedisBroker) -> OrmBroker | RedisBroker:
    assert fetch(source) == "runs.tasks.canary"
    return source


def test_a_cluster_fetches_a_canary_each_minute(monkeypatch) -> None:
    source = after_canary(OrmBroker())
    assert fetch(source) == ""

    now = time.monotonic()
    monkeypatch.setattr(broker.time, "monotonic", lambda: now + broker.CANARY_EVERY_S)

    assert fetch(source) == "runs.tasks.canary"


@pytest.mark.skipif(bool(configured.REDIS_URL), reason="messages are in Redis")
def test_due_runs_need_no_message_and_messages_do_not_wait_for_a_backlog(settings) -> None:
    settings.WORKERS = 3
    source = after_canary(OrmBroker())
    RunFactory()
    queue.send("runs.tasks.notify_reviewers")

    fetched = [fetch(source) for _ in range(5)]

    pump = "runs.tasks.pump"
    assert fetched == [pump, pump, pump, "runs.tasks.notify_reviewers", pump]


def test_a_bundle_that_is_due_is_work_too() -> None:
    source = after_canary(OrmBroker())
    single = single_of(RunFactory(reviewable=True))
    assert fetch(source) == ""

    queue.package_soon(single.pk, now=timezone.now())

    assert fetch(source) == "runs.tasks.pump"


def test_a_cluster_that_ends_fetches_no_work() -> None:
    source = after_canary(OrmBroker())
    RunFactory()

    with workers.cluster(now=timezone.now()):
        workers.tell_to_stop()
        assert fetch(source) == ""


@pytest.fixture(params=["refuses", "is silent"])
def away(request, settings) -> Iterator[None]:
    """A Redis that refuses connections, or accepts them and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.REDIS_URL = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        if request.param == "refuses":
            listener.close()
        yield


def test_without_redis_work_goes_on_and_the_outage_is_logged_once(away, caplog) -> None:
    source = after_canary(RedisBroker())
    assert [fetch(source) for _ in range(2)] == ["", ""]
    source.set_stat("key", "value", 3)
    assert source.ping() is False

    RunFactory()

    assert fetch(source) == "runs.tasks.pump"
    logged = [record for record in caplog.records if record.name == "runs.work.redis_broker"]
    assert [record.levelno for record in logged] == [logging.WARNING]


def test_a_message_that_is_not_taken_costs_a_moment_and_no_error(away, monkeypatch, caplog) -> None:
    monkeypatch.setattr("django_q.tasks.get_broker", lambda cluster=None: RedisBroker())
    monkeypatch.setattr(queue, "get_broker", RedisBroker)
    started = time.monotonic()

    assert queue.send("runs.tasks.notify_reviewers") is False
    assert queue.queue_size() is None

    assert time.monotonic() - started < 4
    assert len([record for record in caplog.records if record.name == "runs.queue"]) == 2
