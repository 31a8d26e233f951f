"""A bucket of a store on loopback that has all of S3 but its strictness."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import uuid4

import pytest


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The address of a store that has all of S3 but its strictness."""
    from botocore.loaders import create_loader
    from moto.server import ThreadedMotoServer

    # It logs each request.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        # Each bucket has a session of its own, which reads and parses a megabyte about S3.
        patch.setattr("botocore.session.create_loader", lru_cache(create_loader))
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
