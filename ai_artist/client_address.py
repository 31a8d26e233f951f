"""Whose address a login counts for."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from ipware import get_client_ip

# One household or server has a whole IPv6 network of this length to choose addresses from.
IPV6_NETWORK_BITS = 64


def client_address(request: HttpRequest) -> str | None:
    """The address of the person in front of the trusted proxies; of IPv6 their /64 network.

    Each of settings.PROXIES proxies adds to X-Forwarded-For who talked to it, so what counts is
    that many places from its end; whatever a visitor wrote stands before that. Without proxies, or
    with a shorter header, it is the address of the connection: None on a Unix socket.
    """
    found = None
    if settings.PROXIES:
        found, _ = get_client_ip(
            request,
            proxy_count=settings.PROXIES - 1,
            request_header_order=["HTTP_X_FORWARDED_FOR"],
            strict=False,  # longer than that many is what a forged header makes it
        )
    if found is None:
        found, _ = get_client_ip(request, request_header_order=["REMOTE_ADDR"])
    if found is None:
        return None
    address = ipaddress.ip_address(found.partition("%")[0])
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False).network_address)
