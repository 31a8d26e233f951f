"""A bucket of an S3-compatible store. Imported when one is used: boto3 takes a while to load."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, TypeVar

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from media_tools.files import CHUNK_BYTES
from runs.errors import StoreTrouble
from runs.storage.kept import Kept, StoredFile
from runs.storage.troubles import Broken, passes, trouble_of

ATTEMPTS = 4
FIRST_DELAY_S = 0.5
# Up to here a file goes in one request, whose checksum is that of the whole file.
ONE_REQUEST_BYTES = 512 * 1024 * 1024
PART_BYTES = 16 * 1024 * 1024  # in memory, one at a time
# Of an address that no browser gets: the proxy uses it at once, and clocks may differ a little.
PROXY_LINK_S = 300
# An object without a row goes when it is a day old (purging.py); one that old is stored again, so
# that a purge which runs now finds it fresh.
FRESH_S = 12 * 3600
# Answers of stores that do not know the header of a checksum.
NO_CHECKSUMS = {"InvalidArgument", "InvalidRequest", "NotImplemented", "XNotImplemented"}
SHA256 = "sha256"

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class BucketOptions:
    """Settings of a bucket, by their names without the prefix; what is empty is up to boto3.

    profile: of boto3's configuration, which then knows where the store is and the keys.
    """

    bucket: str
    prefix: str
    endpoint: str = ""
    region: str = ""
    addressing: str = "auto"
    link_s: int = 0
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    profile: str = ""

    @property
    def signed_s(self) -> int:
        """Seconds a signed address is good for."""
        return self.link_s or PROXY_LINK_S


class Connected(S3Storage):
    """The storage of django-storages, with connections of its own in each process.

    What a parent opened before a fork must not be shared with it.
    """

    def __init__(self, options: BucketOptions) -> None:
        # One try each: `Bucket` repeats, since it first asks whether a lost answer was a success.
        config = Config(
            signature_version="s3v4",
            retries={"total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=60,
            # Not all stores know the newer checksums. The signature covers the content for all.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": options.addressing, "payload_signing_enabled": True},
        )
        super().__init__(
            bucket_name=options.bucket,
            endpoint_url=options.endpoint or None,
            region_name=options.region or None,
            session_profile=options.profile or None,
            access_key=options.access_key or None,
            secret_key=options.secret_key or None,
            # One of the environment belongs to the keys of the environment.
            **({"security_token": None} if options.access_key else {}),
            location=options.prefix,
            querystring_expire=options.signed_s,
            client_config=config,
        )
        self._pid = os.getpid()

    @property
    def connection(self) -> Any:
        if self._pid != os.getpid():
            self._pid, self._bucket, self._connections = os.getpid(), None, threading.local()
        return super().connection

    @property
    def client(self) -> Any:
        return self.connection.meta.client

    def key(self, name: str) -> str:
        return str(self._normalize_name(name))


class Bucket:
    """Files by their names. Every method raises StoreTrouble when the store cannot do it."""

    def __init__(
        self, options: BucketOptions, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.options = options
        self._connected = Connected(options)
        self._sleep = sleep
        self._knows_checksums = True
        self._link = lru_cache(maxsize=4096)(self._signed)

    def place(self, name: str) -> str:
        """Where a file lies, for people."""
        return f"s3://{self.options.bucket}/{self._connected.key(name)}"

    def look(self, name: str) -> Kept | None:
        """The file as it is kept; None if it is not there."""
        answer = self._head(name)
        return Kept(name, answer["ContentLength"], answer["LastModified"]) if answer else None

    def put(self, source: Path, file: StoredFile) -> None:
        """Store a file, unless it lies there whole. After a lost answer that is looked at first."""
        if self._holds(file, fresh=True):
            return
        for attempt in range(ATTEMPTS):
            try:
                self._upload(source, file)
                break
            except (BotoCoreError, ClientError) as error:
                if not passes(error) or attempt + 1 == ATTEMPTS:
                    raise trouble_of(error, self.options.bucket) from error
                self._wait(attempt)
                if self._holds(file):
                    break
        if not self._holds(file):
            raise StoreTrouble(
                f"The object store took {file.relative} and does not have it as it was sent.",
                "Look into the store's log; the upload is repeated with the next try.",
            )

    def fetch(self, name: str, target: Path, *, sha256: str = "") -> None:
        """Download a file and prove that it is whole.

        sha256: of its content; empty: as it was noted with it. Raises FileNotFoundError.
        """

        def download() -> None:
            answer = self._get(name)
            digest = hashlib.sha256()
            with closing(answer["Body"]) as body, target.open("wb") as file:
                for chunk in body.iter_chunks(CHUNK_BYTES):
                    digest.update(chunk)
                    file.write(chunk)
            wanted = sha256 or answer["Metadata"].get(SHA256, "")
            if wanted and digest.hexdigest() != wanted:
                raise Broken(f"{name} in the object store differs from what was stored.")

        self._patiently(download, name)

    def read(self, name: str, first: int, last: int) -> bytes:
        """The bytes first to last of a file. Raises FileNotFoundError."""

        def part() -> bytes:
            with closing(self._get(name, Range=f"bytes={first}-{last}")["Body"]) as body:
                content: bytes = body.read()
            return content

        return self._patiently(part, name)

    def opened(self, name: str) -> IO[bytes]:
        """A file to seek in, read by ranges. Raises FileNotFoundError."""
        kept = self.look(name)
        if kept is None:
            raise FileNotFoundError(name)
        return io.BufferedReader(Ranges(self, kept), buffer_size=256 * 1024)

    def walk(self, prefix: str) -> Iterator[Kept]:
        """All files whose names begin so, in pages of a thousand."""
        for page in self._pages(Prefix=f"{self._connected.key(prefix)}/"):
            for row in page.get("Contents", ()):
                yield Kept(row["Key"][self._start :], row["Size"], row["LastModified"])

    def folders(self) -> Iterator[str]:
        """What stands before the first slash of names."""
        for page in self._pages(Prefix=self._connected.key("x")[:-1], Delimiter="/"):
            for row in page.get("CommonPrefixes", ()):
                yield row["Prefix"][self._start : -1]

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        self._patiently(lambda: self._client.delete_object(**self._named(name)))

    def link(self, name: str, *, media_type: str, disposition: str) -> str:
        """A signed address of a file, for a browser or the proxy.

        The same one for a while, so that the browser's cache knows it again. It is good for three
        quarters of its time at least.
        """
        window = int(time.time() // max(1, self.options.signed_s // 4))
        return self._link(name, media_type, disposition, window)

    def _signed(self, name: str, media_type: str, disposition: str, window: int) -> str:
        parameters = {
            "ResponseContentType": media_type,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": "private, max-age=3600",
        }
        try:
            return str(self._connected.url(name, parameters=parameters))
        except BotoCoreError as error:
            raise trouble_of(error, self.options.bucket) from error

    @property
    def _client(self) -> Any:
        try:
            return self._connected.client
        except (BotoCoreError, ValueError) as error:  # such as an unknown profile
            raise trouble_of(error, self.options.bucket) from error

    @property
    def _start(self) -> int:
        """Where names begin in keys."""
        return len(self._connected.key("x")) - 1

    def _pages(self, **asked: str) -> Iterator[Any]:
        asked["Bucket"] = self.options.bucket
        while True:
            page = self._patiently(partial(self._client.list_objects_v2, **asked))
            yield page
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def _named(self, name: str) -> dict[str, str]:
        return {"Bucket": self.options.bucket, "Key": self._connected.key(name)}

    def _get(self, name: str, **more: str) -> Any:
        return self._client.get_object(**self._named(name), **more)

    def _head(self, name: str) -> Any:
        """What the store tells of an object; None if there is none."""
        try:
            return self._patiently(lambda: self._client.head_object(**self._named(name)), name)
        except FileNotFoundError:
            return None
        except StoreTrouble:
            # An answer to HEAD says no reason; one to GET does.
            self._patiently(
                partial(self._client.list_objects_v2, Bucket=self.options.bucket, MaxKeys=1)
            )
            raise

    def _holds(self, file: StoredFile, *, fresh: bool = False) -> bool:
        """Whether a file lies there whole; fresh: and no purge can want it."""
        answer = self._head(file.relative)
        if answer is None or answer["ContentLength"] != file.bytes:
            return False
        young = time.time() - answer["LastModified"].timestamp() < FRESH_S
        return answer["Metadata"].get(SHA256) == file.sha256 and (young or not fresh)

    def _upload(self, source: Path, file: StoredFile) -> None:
        told = {"Metadata": {SHA256: file.sha256}, "ContentType": "application/octet-stream"}
        if file.bytes > ONE_REQUEST_BYTES:
            config = TransferConfig(
                multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, use_threads=False
            )
            with source.open("rb") as body:
                self._client.upload_fileobj(
                    body, **self._named(file.relative), ExtraArgs=told, Config=config
                )
            return
        try:
            self._put(source, file, told)
        except ClientError as error:
            if not self._knows_checksums or error.response["Error"]["Code"] not in NO_CHECKSUMS:
                raise
            self._knows_checksums = False
            self._put(source, file, told)

    def _put(self, source: Path, file: StoredFile, told: dict[str, Any]) -> None:
        if self._knows_checksums:
            checksum = base64.b64encode(bytes.fromhex(file.sha256)).decode()
            told = {**told, "ChecksumSHA256": checksum}
        with source.open("rb") as body:
            self._client.put_object(**self._named(file.relative), Body=body, **told)

    def _patiently(self, ask: Callable[[], Answer], name: str = "") -> Answer:
        """The answer to a question that can be repeated. Raises FileNotFoundError, StoreTrouble."""
        for attempt in range(ATTEMPTS):
            try:
                return ask()
            except (BotoCoreError, ClientError, Broken) as error:
                if name and is_missing(error):
                    raise FileNotFoundError(self.place(name)) from error
                if not passes(error) or attempt + 1 == ATTEMPTS:
                    raise trouble_of(error, self.options.bucket) from error
            self._wait(attempt)
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, attempt: int) -> None:
        self._sleep(FIRST_DELAY_S * 2**attempt * random.uniform(0.5, 1.5))


class Ranges(io.RawIOBase):
    """An object as a file to seek in."""

    def __init__(self, bucket: Bucket, kept: Kept) -> None:
        self._bucket, self._kept, self._at = bucket, kept, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._kept.bytes}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        last = min(self._at + len(buffer), self._kept.bytes) - 1
        if last < self._at:
            return 0
        content = self._bucket.read(self._kept.name, self._at, last)
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def is_missing(error: Exception) -> bool:
    """Whether an object is not there, while its bucket is."""
    if not isinstance(error, ClientError):
        return False
    # HEAD has no body to name the code in, and tells no missing bucket from a missing object.
    return error.response["Error"]["Code"] in ("NoSuchKey", str(HTTPStatus.NOT_FOUND.value))
