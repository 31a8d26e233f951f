"""What the doctor says of a bucket."""

from __future__ import annotations

from typing import Any

import pytest

from ai_artist.operations.doctor import Level, Result, examine
from runs.storage import artifacts, bucket
from tests.contract_servers.base import Fault
from tests.factories import NOON
from tests.runs.storage.fake_bucket import FakeBucket
from tests.runs.storage.test_bucket import answer


@pytest.fixture
def set_up(strict: FakeBucket, settings: Any, monkeypatch: pytest.MonkeyPatch) -> FakeBucket:
    settings.S3, settings.STORE = strict.options(), "s3"
    monkeypatch.setattr(bucket, "FIRST_DELAY_S", 0)
    artifacts._bucket.cache_clear()
    return strict


def look() -> Result:
    (result,) = examine(["store"], now=NOON)
    return result


def test_a_folder_needs_no_store() -> None:
    assert look().level is Level.OK


def test_a_bucket_that_works_is_all_right(set_up: FakeBucket) -> None:
    result = look()

    assert result.level is Level.OK
    assert "s3://songs/art" in result.found
    assert {"PUT", "GET", "DELETE"} <= {request.method for request in set_up.requests}


@pytest.mark.parametrize(
    ("fault", "found", "advice"),
    [
        (answer(403, "RequestTimeTooSkewed"), "clocks", "NTP"),
        (answer(403, "InvalidAccessKeyId"), "access key", "AI_ARTIST_S3_ACCESS_KEY"),
        (answer(403, "AccessDenied"), "no right", "PutObject"),
        (answer(404, "NoSuchBucket"), "no bucket songs", "AI_ARTIST_S3_BUCKET"),
        (answer(503, "SlowDown"), "busy", "state"),
        (Fault(reset="before"), "connection", "AI_ARTIST_S3_ENDPOINT"),
    ],
)
def test_what_is_wrong_is_said_in_words(
    set_up: FakeBucket, fault: Fault, found: str, advice: str
) -> None:
    set_up.stand(fault)

    result = look()

    assert result.level is Level.PROBLEM
    assert found in result.found
    assert advice in result.advice


def test_a_store_that_cannot_read_parts_is_found(set_up: FakeBucket) -> None:
    set_up.stand(Fault(status=200, body=b"whole", where="GET"))

    assert "part" in look().found
