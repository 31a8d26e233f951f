"""Fetches a media file from an address a provider named, without trusting the address or the file.

An answer of a provider may hold any address, so each one is checked before a connection is made:
https only, an ordinary port, no user name, and a host of which every resolved address is public.
The connection goes to the checked address itself; the name is not looked up again, so a DNS record
that changes between check and connect changes nothing. Redirects are followed by hand, each
checked the same way. The body is bounded in bytes and seconds, and its first bytes must be those
of a wanted media type. Only origins the operator configured are exempt from the address rules.
Proxies are not used: a proxy would look the name up itself.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

import certifi
from requests.utils import requote_uri
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.files import atomic_output
from media_tools.media_types import AUDIO, IMAGE, SNIFF_BYTES, VIDEO, MediaType, sniff
from media_tools.providers.redaction import redact
from media_tools.providers.wire import USER_AGENT, fault_words, retry_after_s

MAX_REDIRECTS = 5
READ_BYTES = 64 * 1024
_PORTS = {"http": 80, "https": 443}
_NAT64 = IPv6Network("64:ff9b::/96")

Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class DownloadLimits:
    """What a file may be at most. max_seconds: for the whole download, redirects included.

    media: kinds that are wanted, of "audio", "video", "image". read_s: silence allowed.
    hosts: where the file may come from besides the operator's own, subdomains included; empty:
    from any public host.
    """

    max_bytes: int = 512 * 1024 * 1024
    max_seconds: float = 300.0
    media: tuple[str, ...] = (AUDIO, VIDEO, IMAGE)
    connect_s: float = 5.0
    read_s: float = 20.0
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Downloaded:
    """A file that is whole and of a wanted kind. media.suffix may differ from the path's.

    headers: of the provider's own answer (fetch_to), looked up without regard to case.
    """

    path: Path
    media: MediaType
    size_bytes: int
    sha256: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port of an address, in lower case."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """Raises ValueError for an address without a usable scheme, host or port."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("not an http(s) address")
        host = parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else ""
        return cls(parts.scheme, host or parts.hostname, parts.port or _PORTS[parts.scheme])

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def is_near(origin: Origin) -> bool:
    """Whether a host is written as this machine or an inside address: no proxy leads there."""
    literal = ":" in origin.host or origin.host.replace(".", "").isdigit()
    return origin.host == "localhost" or (literal and bool(address_fault(origin.host)))


def shown(url: str) -> str:
    """An address for a message: without user name, query and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an unreadable address"
    return redact(f"{parts.scheme}://{host}{port}{parts.path}")[:200]


def system_addresses(host: str, port: int) -> list[str]:
    """Addresses the system's resolver gives for a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def address_fault(address: str) -> str:
    """Why an address must not be connected to, or "" for a public one.

    IPv4 inside IPv6 (mapped, 6to4, Teredo, NAT64) is judged by the IPv4 address too.
    """
    try:
        given = ip_address(address)
    except ValueError:
        return "not an IP address"
    for candidate in (given, *_embedded(given)):
        if candidate.is_loopback:
            return "a loopback address"
        if candidate.is_link_local:
            return "a link-local address"
        if candidate.is_multicast:
            return "a multicast address"
        if candidate.is_unspecified:
            return "the unspecified address"
        if candidate.is_reserved and not (candidate.version == 6 and candidate in _NAT64):
            return "a reserved address"
        if not candidate.is_global:
            return "a private address"
    return ""


def _embedded(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if not isinstance(address, IPv6Address):
        return []
    teredo = address.teredo or ()
    found = [address.ipv4_mapped, address.sixtofour, *teredo]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [inner for inner in found if inner is not None]


@dataclass(frozen=True)
class Guard:
    """Decides where a download may connect to.

    allowed: origins the operator configured. hosts: as in DownloadLimits.
    """

    provider: str
    allowed: frozenset[Origin]
    resolve: Resolve = system_addresses
    hosts: tuple[str, ...] = ()

    def addresses(self, url: str) -> tuple[Origin, list[str]]:
        """The origin of `url` and the addresses to connect to, all of them checked.

        Raises ProviderRejected (code "refused_address"), ProviderUnavailable if no DNS answer.
        """
        origin = self._origin(url)
        try:
            addresses = self.resolve(origin.host, origin.port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise ProviderUnavailable(
                self.provider,
                f"the host of {shown(url)} was not found",
                code="no_dns",
                action="check the network; the download is tried again",
            )
        if origin not in self.allowed:
            for address in addresses:
                if fault := address_fault(address):
                    raise self._refused(url, f"its host leads to {fault}")
        return origin, addresses

    def _origin(self, url: str) -> Origin:
        if any(character <= " " or character == "\\" for character in url):
            raise self._refused(url, "it holds a blank, control character or backslash")
        try:
            parts: SplitResult = urlsplit(url)
            if parts.scheme not in _PORTS:
                raise self._refused(url, "only https addresses are fetched")
            origin = Origin.of(url)
        except (ValueError, UnicodeError):
            raise self._refused(url, "it cannot be read as an address") from None
        if "@" in parts.netloc:
            raise self._refused(url, "it holds a user name")
        if origin in self.allowed:
            return origin
        if origin.scheme != "https":
            raise self._refused(url, "only https addresses are fetched")
        if origin.port not in _PORTS.values():
            raise self._refused(url, f"port {origin.port} is not allowed")
        if self.hosts and not any(f".{origin.host}".endswith(f".{host}") for host in self.hosts):
            raise self._refused(url, "its host is not among those the provider's files come from")
        return origin

    def _refused(self, url: str, why: str) -> ProviderRejected:
        return ProviderRejected(
            self.provider,
            f"the file at {shown(url)} was not fetched: {why}",
            code="refused_address",
            action="configure the provider's base URL if this host is meant, else report it",
        )


def origins(urls: Iterable[str]) -> frozenset[Origin]:
    """Origins of base URLs the operator configured; empty ones are left out."""
    return frozenset(Origin.of(url) for url in urls if url)


def joined(base: str, location: str) -> str:
    """The address a redirect leads to; one that cannot be read stays, to be refused in words."""
    try:
        return urljoin(base, location)
    except ValueError:
        return location


def download(
    url: str,
    target: Path,
    *,
    provider: str,
    limits: DownloadLimits | None = None,
    allow_http_for: Sequence[str] = (),
    resolve: Resolve = system_addresses,
    ca_file: str | None = None,
) -> Downloaded:
    """Fetch one media file to `target`, whole or not at all; no credentials are sent.

    provider: named in errors. allow_http_for: base URLs the operator configured; their origins
    may be plain http and private. ca_file: PEM of the trusted authorities (default: certifi's).
    Raises ProviderRejected for an address, size or type that is refused and for a file that is
    gone, ProviderUnavailable for what another attempt may cure (network, 5xx, cut off, too slow).
    """
    limits = limits or DownloadLimits()
    guard = Guard(provider, origins(allow_http_for), resolve, limits.hosts)
    deadline = time.monotonic() + limits.max_seconds
    for _ in range(MAX_REDIRECTS + 1):
        origin, addresses = guard.addresses(url)
        with _answer(
            url, origin, addresses, provider=provider, limits=limits, deadline=deadline, ca=ca_file
        ) as answer:
            location = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or not location:
                _raise_for_status(answer, url=url, provider=provider)
                return save_media(
                    _body(answer, url=url, provider=provider),
                    target,
                    limits=limits,
                    provider=provider,
                    what=f"the file at {shown(url)}",
                    declared_bytes=answer.length_remaining,
                    deadline=deadline,
                )
        url = joined(url, location)
    raise ProviderRejected(
        provider,
        f"the file at {shown(url)} was not fetched: more than {MAX_REDIRECTS} redirects",
        code="too_many_redirects",
        action="report it to the provider",
    )


def save_media(
    chunks: Iterable[bytes],
    target: Path,
    *,
    limits: DownloadLimits,
    provider: str,
    what: str,
    declared_bytes: int | None,
    deadline: float,
) -> Downloaded:
    """Write a body to `target` within the limits; nothing is kept if it breaks one.

    what: the object for messages. deadline: of time.monotonic(). Raises as download() does.
    """
    if declared_bytes is not None and declared_bytes > limits.max_bytes:
        raise _too_large(provider, what, limits)
    digest = hashlib.sha256()
    head = b""
    size = 0
    media: MediaType | None = None
    with atomic_output(target) as partial, partial.open("wb") as output:
        for chunk in chunks:
            if time.monotonic() > deadline:
                raise _too_slow(provider, what, limits)
            size += len(chunk)
            if size > limits.max_bytes:
                raise _too_large(provider, what, limits)
            if media is None:
                head += chunk[:SNIFF_BYTES]
                if len(head) >= SNIFF_BYTES:
                    media = _wanted(head, provider=provider, what=what, limits=limits)
            digest.update(chunk)
            output.write(chunk)
        media = media or _wanted(head, provider=provider, what=what, limits=limits)
    return Downloaded(target, media, size, digest.hexdigest())


def _wanted(head: bytes, *, provider: str, what: str, limits: DownloadLimits) -> MediaType:
    media = sniff(head)
    if media is not None and media.kinds & set(limits.media):
        return media
    wanted = " or ".join(limits.media)
    if media is not None:
        found = media.name
    elif not head:
        found = "nothing"
    elif head.lstrip()[:1] in (b"<", b"{", b"["):
        found = "a web page or message"
    else:
        raise ProviderRejected(
            provider,
            f"{what} is not {wanted}",
            code="wrong_type",
            action="nothing was kept; report it to the provider",
        )
    if media is not None:
        raise ProviderRejected(
            provider,
            f"{what} is {found}, not {wanted}",
            code="wrong_type",
            action="nothing was kept; report it to the provider",
        )
    # Hosts answer 200 with an error page when they are troubled: that may pass.
    raise ProviderUnavailable(
        provider,
        f"{what} gave {found} instead of {wanted}",
        code="wrong_type",
        action="nothing was kept; the download is tried again",
    )


def _too_large(provider: str, what: str, limits: DownloadLimits) -> ProviderRejected:
    return ProviderRejected(
        provider,
        f"{what} is larger than {limits.max_bytes / 1e6:.6g} MB",
        code="too_large",
        action="nothing was kept; raise the limit if such files are meant",
    )


def _too_slow(provider: str, what: str, limits: DownloadLimits) -> ProviderUnavailable:
    return ProviderUnavailable(
        provider,
        f"{what} took longer than {limits.max_seconds:.3g} s",
        code="too_slow",
        action="nothing was kept; the download is tried again",
    )


def _raise_for_status(answer: BaseHTTPResponse, *, url: str, provider: str) -> None:
    status = answer.status
    if status == 200:
        return
    what = f"the file at {shown(url)}"
    if status in (408, 425, 429) or status >= 500:
        raise ProviderUnavailable(
            provider,
            f"{what} was not given",
            code=f"HTTP {status}",
            action="the download is tried again",
            retry_after_s=retry_after_s(answer.headers, now=datetime.now(tz=UTC)),
        )
    raise ProviderRejected(
        provider,
        f"{what} is not there or its link has expired",
        code=f"HTTP {status}",
        action="ask the provider for a fresh link",
    )


def _lost(url: str, provider: str, why: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        provider,
        f"the file at {shown(url)} did not arrive: {why}",
        code="connection",
        action="nothing was kept; the download is tried again",
    )


def _body(answer: BaseHTTPResponse, *, url: str, provider: str) -> Iterator[bytes]:
    while True:
        failure: ProviderError | None = None
        chunk = b""
        try:
            # read1 returns what has come, so that a slow drip still meets the deadline.
            chunk = answer.read1(READ_BYTES, decode_content=False)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            failure = _lost(url, provider, f"cut off, {fault_words(error)}")
        if failure:
            raise failure
        if not chunk:
            return
        yield chunk


@contextlib.contextmanager
def _answer(
    url: str,
    origin: Origin,
    addresses: Sequence[str],
    *,
    provider: str,
    limits: DownloadLimits,
    deadline: float,
    ca: str | None,
) -> Iterator[BaseHTTPResponse]:
    """Headers of the answer to GET `url` from the first checked address that accepts."""
    parts = urlsplit(requote_uri(url))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connect(url, origin, addresses, provider=provider, limits=limits, ca=ca)
    finished = threading.Event()
    cut = threading.Event()

    def cut_at_deadline() -> None:
        # A read limit alone never ends a server that sends its headers byte by byte.
        wait_s = max(0.0, deadline - time.monotonic())
        while not finished.wait(wait_s):
            cut.set()
            with contextlib.suppress(OSError):
                if connection.sock is not None:
                    connection.sock.shutdown(socket.SHUT_RDWR)
            wait_s = 0.1

    watchdog = threading.Thread(target=cut_at_deadline, daemon=True)
    watchdog.start()
    try:
        failure: ProviderError | None = None
        try:
            connection.request(
                "GET",
                path,
                headers={
                    "Host": origin.host_header,
                    "User-Agent": USER_AGENT,
                    "Accept": "*/*",
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                },
                preload_content=False,
                decode_content=False,
            )
            answer = connection.getresponse()
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            failure = _lost(url, provider, f"no answer, {fault_words(error)}")
        if failure:
            raise failure
        yield answer
    except ProviderUnavailable:
        if cut.is_set():
            raise _too_slow(provider, f"the file at {shown(url)}", limits) from None
        raise
    finally:
        finished.set()
        connection.close()
        watchdog.join()


@functools.cache
def _trust(ca: str | None) -> ssl.SSLContext:
    """TLS that checks the certificate and the host's name."""
    context = ssl.create_default_context(cafile=ca or certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _connect(
    url: str,
    origin: Origin,
    addresses: Sequence[str],
    *,
    provider: str,
    limits: DownloadLimits,
    ca: str | None,
) -> HTTPConnection:
    why = ""
    for address in addresses:
        connection: HTTPConnection
        if origin.scheme == "https":
            connection = HTTPSConnection(
                address,
                origin.port,
                timeout=limits.connect_s,
                ssl_context=_trust(ca),
                # The certificate must be the named host's, though we dial the checked address.
                server_hostname=origin.host,
            )
        else:
            connection = HTTPConnection(address, origin.port, timeout=limits.connect_s)
        try:
            connection.connect()
        except (HTTPError, OSError, ValueError) as error:
            connection.close()
            why = fault_words(error)
            continue
        connection.timeout = limits.read_s
        return connection
    raise _lost(url, provider, f"no connection, {why}")
