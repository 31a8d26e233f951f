"""A bucket that is as strict as real stores are, where moto takes anything.

It proves checksums, lets signed addresses expire, and refuses what `refuses_checksums` says.
"""

from __future__ import annotations

import base64
import email.utils
import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from tests.contract_servers.base import ContractServer, Reply, Request

BUCKET = "songs"


def refusal(status: int, code: str) -> Reply:
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>"
    return Reply(text, status, content_type="application/xml")


class FakeBucket(ContractServer):
    """Objects by key: content and metadata."""

    name = "bucket"

    def reset_state(self) -> None:
        self.objects: dict[str, tuple[bytes, dict[str, str], float]] = {}
        self.refuses_checksums = False
        self.page_size = 1000
        self.ahead = timedelta(0)  # of its clock

    def options(self, **others: Any) -> dict[str, Any]:
        """The settings that lead here."""
        return {
            "bucket": BUCKET,
            "endpoint": self.url,
            "region": "us-east-1",
            "addressing": "path",
            "prefix": "art",
            "link_s": 3600,
            "access_key": "key",
            "secret_key": "secret",
            **others,
        }

    def damage(self, ending: str) -> None:
        """Change the content of an object behind everybody's back."""
        key = next(key for key in self.objects if key.endswith(ending))
        content, told, at = self.objects[key]
        self.objects[key] = (content[:-1] + b"?", told, at)

    def age(self, by: timedelta) -> None:
        """Let all objects be older."""
        for key, (content, told, at) in self.objects.items():
            self.objects[key] = (content, told, at - by.total_seconds())

    def _handle(self, request: Request) -> Reply:
        bucket, _, key = unquote(request.path).lstrip("/").partition("/")
        if bucket != BUCKET:
            return refusal(404, "NoSuchBucket")
        if expired(request, now=datetime.now(UTC) + self.ahead):
            return refusal(403, "AccessDenied")
        if request.method == "GET" and not key:
            return self.listed(request.query)
        if request.method == "PUT":
            return self.put(key, request)
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return Reply(status=204)
        return self.get(key, request)

    def put(self, key: str, request: Request) -> Reply:
        digest = hashlib.sha256(request.body)
        if checksum := request.header("x-amz-checksum-sha256"):
            if self.refuses_checksums:
                return refusal(501, "NotImplemented")
            if checksum != base64.b64encode(digest.digest()).decode():
                return refusal(400, "BadDigest")
        if request.header("x-amz-content-sha256") != digest.hexdigest():
            return refusal(400, "XAmzContentSHA256Mismatch")
        told = {
            name.lower(): value
            for name, value in request.headers.items()
            if name.lower().startswith("x-amz-meta-")
        }
        self.objects[key] = (request.body, told, time.time())
        return Reply(headers={"ETag": '"etag"'})

    def get(self, key: str, request: Request) -> Reply:
        if key not in self.objects:
            return refusal(404, "NoSuchKey")
        content, told, at = self.objects[key]
        headers = {"Last-Modified": email.utils.formatdate(at, usegmt=True), **told}
        status = 200
        if asked := request.header("Range"):
            first, last = asked.removeprefix("bytes=").split("-")
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            content, status = content[int(first) : int(last) + 1], 206
        if kind := request.query.get("response-content-disposition"):
            headers["Content-Disposition"] = kind
        return Reply(
            content, status, headers, request.query.get("response-content-type", "x/unknown")
        )

    def listed(self, query: Any) -> Reply:
        keys = sorted(key for key in self.objects if key.startswith(query.get("prefix", "")))
        start = int(query.get("continuation-token", "0"))
        page = keys[start : start + self.page_size]
        more = start + self.page_size < len(keys)
        rows = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(self.objects[key][0])}</Size><LastModified>"
            f"{datetime.fromtimestamp(self.objects[key][2], UTC):%Y-%m-%dT%H:%M:%SZ}"
            "</LastModified></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{start + self.page_size}</NextContinuationToken>"
        return Reply(
            f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{token if more else ''}{rows}</ListBucketResult>",
            content_type="application/xml",
        )


def expired(request: Request, *, now: datetime) -> bool:
    """Whether a signed address is over."""
    if "X-Amz-Signature" not in request.query:
        return False
    signed_at = datetime.strptime(request.query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return now > signed_at + timedelta(seconds=int(request.query["X-Amz-Expires"]))
