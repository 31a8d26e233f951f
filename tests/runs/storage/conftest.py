"""Buckets on loopback: moto's, and our own strict one."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from runs.storage.bucket import Bucket, BucketOptions, Connected
from runs.storage.kept import StoredFile, artifact_name
from tests.runs.storage.fake_bucket import FakeBucket


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The address of a store that has all of S3 but its strictness."""
    from moto.server import ThreadedMotoServer

    # It logs each request.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def in_bucket(moto: str, settings: Any) -> Any:
    """Settings that put new files into an empty bucket."""
    import boto3

    name = f"b{uuid4().hex}"
    client = boto3.client(
        "s3",
        endpoint_url=moto,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket=name)
    settings.S3 = {
        "bucket": name,
        "endpoint": moto,
        "region": "us-east-1",
        "addressing": "path",
        "prefix": "art",
        "link_s": 3600,
        "access_key": "key",
        "secret_key": "secret",
    }
    settings.STORE = "s3"
    return settings


@pytest.fixture(scope="session")
def strict_server() -> Iterator[FakeBucket]:
    with FakeBucket() as server:
        yield server


@pytest.fixture
def strict(strict_server: FakeBucket) -> FakeBucket:
    strict_server.clear()
    return strict_server


@pytest.fixture
def waits() -> list[float]:
    """How long the bucket waited before each repetition."""
    return []


@pytest.fixture(scope="session")
def connected(strict_server: FakeBucket) -> Connected:
    """One client for all tests: making one takes a tenth of a second."""
    return Connected(BucketOptions(**strict_server.options()))


@pytest.fixture
def bucket(strict: FakeBucket, connected: Connected, waits: list[float]) -> Bucket:
    bucket = Bucket(BucketOptions(**strict.options()), sleep=waits.append)
    bucket._connected = connected
    return bucket


@pytest.fixture
def finished(tmp_path: Path) -> Callable[..., tuple[Path, StoredFile]]:
    """Makes a file and what it is stored under."""

    def make(content: bytes = b"words", suffix: str = ".txt") -> tuple[Path, StoredFile]:
        path = tmp_path / f"{uuid4().hex}{suffix}"
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        return path, StoredFile(artifact_name(digest, suffix), digest, len(content))

    return make
