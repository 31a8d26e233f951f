"""Forms with files, for channels that take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from media_tools.providers.http import Call
from media_tools.providers.multipart import FilePart, MultipartBody
from media_tools.publishing.sending import unreadable


def form(
    provider: str, fields: Mapping[str, str | Sequence[str]], *files: FilePart
) -> MultipartBody:
    """A form, read from its files while it is sent. Raises ProviderRejected if one is gone."""
    try:
        return MultipartBody(fields, files)
    except OSError as error:
        path = Path(str(error.filename))
        raise unreadable(provider, path, error.strerror or "no reason") from error


def form_call(method: str, address: str, body: MultipartBody) -> Call:
    """A request with this form, which may be repeated."""
    headers = {"Content-Type": body.content_type}
    return Call(method, address, data=body, headers=headers, safe=True)
