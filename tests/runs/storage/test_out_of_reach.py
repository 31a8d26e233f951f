"""Files of a store that browsers do not reach: the panel or its proxy fetches them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse

from ai_artist import media
from runs.models import Artifact, Run
from tests.contract_servers.base import Fault
from tests.runs.storage.fake_bucket import FakeBucket, refusal

pytestmark = pytest.mark.django_db

BODY = b"mp3" * 300  # of each file that new_run makes


@pytest.fixture
def unreached(in_bucket: Any) -> Any:
    in_bucket.S3 = {**in_bucket.S3, "link_s": 0}
    return in_bucket


@pytest.fixture
def track(unreached: Any, new_run: Callable[..., Run]) -> Artifact:
    """A song that only the bucket has."""
    artifact = new_run().artifact(Artifact.Kind.MP3)
    assert artifact is not None
    shutil.rmtree(unreached.CACHE_DIR, ignore_errors=True)
    return artifact


def address(artifact: Artifact) -> str:
    return reverse("artifact", args=[artifact.pk])


def test_the_panel_sends_what_was_asked_for(
    boss: Client, track: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "CHUNK_BYTES", 100)

    part = boss.get(address(track), headers={"range": "bytes=100-349"})
    whole = boss.get(address(track))
    outside = boss.get(address(track), headers={"range": "bytes=900-"})

    pieces = list(part.streaming_content)  # type: ignore[attr-defined]
    assert (part.status_code, part["Content-Range"]) == (206, "bytes 100-349/900")
    assert [len(piece) for piece in pieces] == [100, 100, 50]
    assert b"".join(pieces) == BODY[100:350]
    assert b"".join(whole.streaming_content) == BODY  # type: ignore[attr-defined]
    assert whole["Content-Type"] == "audio/mpeg"
    assert outside.status_code == 416


def test_the_proxy_gets_the_signed_address_without_its_host(
    boss: Client, track: Artifact, unreached: Any
) -> None:
    unreached.X_ACCEL_PREFIX = "/protected/"

    answer = boss.get(address(track), {"download": ""})

    sent = answer["X-Accel-Redirect"]
    place = f"/protected/bucket/{unreached.S3['bucket']}/art/{track.file.name}"
    assert urlsplit(sent).path == place
    assert parse_qs(urlsplit(sent).query)["X-Amz-Expires"] == ["300"]
    assert answer["Content-Type"] == "audio/mpeg"
    assert answer["Content-Disposition"].startswith("attachment")
    fetched = requests.get(
        unreached.S3["endpoint"] + sent.removeprefix("/protected/bucket"),
        headers={"Range": "bytes=2-5"},
        timeout=10,
    )
    assert (fetched.status_code, fetched.content) == (206, BODY[2:6])


def test_a_file_that_is_still_in_the_folder_comes_from_there(
    boss: Client, track: Artifact, unreached: Any
) -> None:
    unreached.X_ACCEL_PREFIX = "/protected/"
    kept = Path(unreached.MEDIA_ROOT) / track.file.name
    kept.parent.mkdir(parents=True)
    kept.write_bytes(BODY)

    assert boss.get(address(track))["X-Accel-Redirect"] == f"/protected/{track.file.name}"


@pytest.mark.parametrize("prefix", ["", "/protected/"])
def test_a_head_request_asks_no_store(
    boss: Client, track: Artifact, unreached: Any, prefix: str
) -> None:
    unreached.X_ACCEL_PREFIX = prefix

    answer = boss.head(address(track))

    assert (answer.status_code, answer["Content-Length"]) == (200, "900")
    assert "X-Accel-Redirect" not in answer


def test_a_store_that_refuses_is_told_without_its_words(
    boss: Client, track: Artifact, unreached: Any, strict: FakeBucket, caplog: Any
) -> None:
    unreached.S3 = strict.options(link_s=0)
    said = refusal(403, "InvalidAccessKeyId")
    strict.stand(Fault(status=403, body=said.body, content_type=said.content_type))

    answer = boss.get(address(track))

    assert answer.status_code == 503
    assert "ETag" not in answer
    assert answer.content.decode() == media.UNREADABLE
    assert "does not know the access key" in caplog.text
