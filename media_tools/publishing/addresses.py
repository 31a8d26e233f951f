"""Addresses that a channel names for what we send next."""

from __future__ import annotations

from urllib.parse import urlsplit

from media_tools.errors import ProviderRejected
from media_tools.providers.downloads import Origin, is_near


def host_of(provider: str, address: str, *, named_by: str) -> str:
    """Scheme, host and port of an address that the server at `named_by` told us.

    Raises ProviderRejected if it is none on the internet, unless that server itself is near, as in
    a trial on one machine.
    """
    parts = urlsplit(address)
    host = f"{parts.scheme}://{parts.netloc}"
    try:
        outside = parts.scheme == "https" and "@" not in host and not is_near(Origin.of(host))
        if outside or is_near(Origin.of(named_by)):
            return host
    except (ValueError, UnicodeError):
        pass
    raise ProviderRejected(
        provider,
        "it named an address that is none on the internet",
        code="refused_address",
        action="check the channel's address; if it is right, tell those who run that server",
    )
