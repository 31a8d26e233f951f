"""Buckets on loopback: moto's, and our own strict one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from runs.storage.bucket import Bucket, BucketOptions, Connected
from runs.storage.kept import StoredFile, artifact_name
from tests.buckets import in_bucket, moto
from tests.runs.storage.fake_bucket import FakeBucket

__all__ = ["in_bucket", "moto"]  # fixtures of every file


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
