"""Finds the address a login is counted for."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from ipware import get_client_ip

# One household or server can choose any address in an IPv6 network of this length.
IPV6_NETWORK_BITS = 64


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the person in front of the trusted proxies; for IPv6 the /64 network.

    Each of settings.PROXIES proxies appends its client to X-Forwarded-For. So the address is that
    many places from the end; a visitor can forge only what stands before it. Without proxies, or
    with a shorter header, returns the address of the connection: None on a Unix socket.
    """
    text = None
    if settings.PROXIES:
        text, _ = get_client_ip(
            request,
            proxy_count=settings.PROXIES - 1,
            request_header_order=["HTTP_X_FORWARDED_FOR"],
            strict=False,  # a forged header may be longer
        )
    if text is None:
        text, _ = get_client_ip(request, request_header_order=["REMOTE_ADDR"])
    if text is None:
        return None
    address = ipaddress.ip_address(text.partition("%")[0])
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False).network_address)
