"""Serves private files: an artifact's bytes for staff who may see it, with HTTP ranges.

A file in an object store is played from there, by a signed address that is good for some hours. If
browsers do not reach the store (AI_ARTIST_S3_LINK_S=0), the proxy or the panel fetches it for them.
"""

from __future__ import annotations

import logging
import os
import re
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from ai_artist.second_factor import may_enter
from media_tools.foreign import digits
from runs.errors import StoreTrouble
from runs.models import Artifact
from runs.storage.artifacts import artifact_storage

logger = logging.getLogger(__name__)

# Of an object in a bucket each is a request of its own.
CHUNK_BYTES = 1024 * 1024
RANGE = re.compile(r"bytes=(?!-$)(?P<first>[0-9]*)-(?P<last>[0-9]*)$")
# Below the proxy's location of MEDIA_ROOT, the one of the object store (deploy/nginx.conf).
STORE_LOCATION = "bucket"
# Larger than any file: what a number with too many digits is taken for.
FAR = 10**18
UNREADABLE = "This file cannot be read at the moment. Try again in a few minutes."
# Everything else is downloaded: a browser must never run a file as a page of this site.
SHOWN_INLINE = re.compile(r"(audio|video)/[\w.+-]+$|image/(jpeg|png|webp|gif)$|text/plain$")


@require_safe
@user_passes_test(may_enter)
def artifact_file(request: HttpRequest, artifact_id: uuid.UUID) -> HttpResponseBase:
    """Serve the file of an artifact: 200, one range (206), 304, 412, or 416 outside the file.

    One in an object store that browsers reach: 302 to its signed address, which only who got it
    here knows. The path comes only from the row, so nothing in the address reaches the file system.
    """
    if not request.user.has_perm("runs.view_artifact"):
        raise PermissionDenied
    artifact = Artifact.objects.filter(pk=artifact_id).select_related("run__artist").first()
    if artifact is None:
        raise Http404("No such file.")
    if artifact.purged_at:
        raise Http404(f"{artifact} was removed on {artifact.purged_at:%Y-%m-%d} to free space.")
    return send(request, artifact)


def send(request: HttpRequest, artifact: Artifact) -> HttpResponseBase:
    """Send a file to somebody who may have it; who that is was decided before."""
    link = link_of(request, artifact)
    # The address was signed for GET alone.
    if link and request.method == "HEAD":
        length = {"Content-Length": str(artifact.bytes)}
        return with_headers(request, HttpResponse(headers=length), artifact)
    if link and settings.S3 and settings.S3["link_s"]:
        return HttpResponseRedirect(link, headers={"Cache-Control": "no-store"})
    if settings.X_ACCEL_PREFIX:
        return with_headers(request, by_proxy(artifact, link), artifact)
    try:
        return with_headers(request, by_application(request, artifact), artifact)
    except StoreTrouble as error:
        logger.warning("%s could not be sent: %s", artifact, error.with_advice)
        return HttpResponse(UNREADABLE, "text/plain", HTTPStatus.SERVICE_UNAVAILABLE)


def link_of(request: HttpRequest, artifact: Artifact) -> str:
    """The signed address of a file in an object store; empty if it lies in the folder."""
    return artifact_storage().link(
        str(artifact.file),
        media_type=media_type_of(artifact),
        disposition=disposition_of(request, artifact),
    )


def by_proxy(artifact: Artifact, link: str) -> HttpResponse:
    """Let the reverse proxy send the file; it handles ranges itself.

    link: of a file in an object store. The proxy gets it without the host, which stands in its own
    configuration: it can be sent nowhere else.
    """
    path = quote(str(artifact.file))
    if link:
        parts = urlsplit(link)
        path = f"{STORE_LOCATION}{parts.path}?{parts.query}"
    return HttpResponse(
        headers={"X-Accel-Redirect": f"{settings.X_ACCEL_PREFIX.rstrip('/')}/{path}"}
    )


def by_application(request: HttpRequest, artifact: Artifact) -> HttpResponseBase:
    """Send the file in chunks, so that memory does not grow with its size. Raises StoreTrouble."""
    etag = f'"{artifact.sha256}"'
    if (held := get_conditional_response(request, etag=etag)) is not None:
        return held
    try:
        file = artifact_storage().seekable(str(artifact.file))
    except FileNotFoundError as error:
        raise Http404(f"The file of {artifact} is gone from the store.") from error
    size = file.seek(0, os.SEEK_END)
    # A client that holds parts of another version gets the whole file.
    current = request.headers.get("If-Range", etag) == etag
    try:
        span = parse_range(request.headers.get("Range", "") if current else "", size)
    except OutsideFile:
        file.close()
        return HttpResponse(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            headers={"Content-Range": f"bytes */{size}"},
        )
    first, last = span or (0, size - 1)
    headers = {"Content-Length": str(last - first + 1)}
    if span:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    status = HTTPStatus.PARTIAL_CONTENT if span else HTTPStatus.OK
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(chunks(file, first, last), status=status, headers=headers)


class OutsideFile(Exception):
    """The client asked for bytes that the file does not have."""


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte wanted of a file of `size` bytes; None for the whole file.

    Anything but one well-formed byte range is ignored, as RFC 9110 section 14.2 allows.
    Raises OutsideFile.
    """
    match = RANGE.match(header)
    if not match:
        return None
    first, last = (_place(written) for written in match.group("first", "last"))
    if first is None:  # the last N bytes
        if not last:
            raise OutsideFile
        return max(0, size - last), size - 1
    if last is None:
        last = size - 1
    # Not well formed, so it is ignored like any other odd header.
    elif last < first:
        return None
    if first >= size:
        raise OutsideFile
    return first, min(last, size - 1)


def _place(written: str) -> int | None:
    """Return a number of a range; None if the range leaves it out."""
    if not written:
        return None
    number = digits(written)
    return FAR if number is None else number


def chunks(file: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    """Yield the bytes first to last of an open file, and close it at the end."""
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk


def with_headers(
    request: HttpRequest, response: HttpResponseBase, artifact: Artifact
) -> HttpResponseBase:
    """Set type, name and caching. The content of an id never changes, but who may see it can."""
    response["Content-Type"] = media_type_of(artifact)
    response["Content-Disposition"] = disposition_of(request, artifact)
    response["ETag"] = f'"{artifact.sha256}"'
    response["Accept-Ranges"] = "bytes"
    # Private: a shared cache would also answer people who may not see the file.
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    patch_vary_headers(response, ["Cookie"])
    return response


def media_type_of(artifact: Artifact) -> str:
    text = artifact.media_type.startswith("text/")
    return f"{artifact.media_type}; charset=utf-8" if text else artifact.media_type


def disposition_of(request: HttpRequest, artifact: Artifact) -> str:
    """Whether a browser shows a file or saves it, and under which name."""
    attachment = "download" in request.GET or not SHOWN_INLINE.match(artifact.media_type)
    return content_disposition_header(attachment, download_name(artifact)) or "attachment"


def download_name(artifact: Artifact) -> str:
    """Return a name such as "nova-ray-neon-rivers-video.mp4"."""
    run = artifact.run
    parts = [run.artist.slug, slugify(run.title), slugify(artifact.kind), slugify(artifact.name)]
    ending = str(artifact.file).rpartition(".")[2]
    return "-".join(part for part in parts if part) + f".{ending}"
