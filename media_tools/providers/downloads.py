"""Fetches a media file from an address a provider named, without trusting the address or the file.

A provider may name any address, so each one is checked before we connect: https, an ordinary port,
no user name, and only public addresses behind the host's name. We connect to the checked address
itself and do not look the name up again, so a DNS record that changes in between has no effect.
Redirects are followed here, each checked the same way. The body is limited in bytes and seconds,
and its first bytes must be those of a wanted media type. Only origins the operator configured are
exempt from the address rules. Proxies are not used: a proxy would look the name up itself.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import certifi
from requests.utils import requote_uri
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.files import atomic_output
from media_tools.foreign import Refused
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
    """What is accepted of a file."""

    max_bytes: int = 512 * 1024 * 1024
    max_seconds: float = 300.0  # of the whole download, redirects included
    media: tuple[str, ...] = (AUDIO, VIDEO, IMAGE)
    connect_s: float = 5.0
    read_s: float = 20.0  # without a byte
    # Besides the operator's own, with their subdomains; empty: any public host.
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Downloaded:
    """A complete file of a wanted kind. media.suffix may differ from the path's.

    headers: of the provider's own answer (fetch_to); names are looked up in any case.
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
        """Read them from an address. Raises ValueError if one of them cannot be used."""
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
    """Whether a host is this machine or an address of an inner network, where no proxy leads."""
    literal = ":" in origin.host or origin.host.replace(".", "").isdigit()
    return origin.host == "localhost" or (literal and bool(address_fault(origin.host)))


def shown(url: str) -> str:
    """Return an address for a message, without user name, query and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an unreadable address"
    return redact(f"{parts.scheme}://{host}{port}{parts.path}")[:200]


def system_addresses(host: str, port: int) -> list[str]:
    """Look a host up with the system's resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def address_fault(address: str) -> str:
    """Return why we must not connect to an address, or "" if it is public.

    An IPv4 address inside IPv6 (mapped, 6to4, Teredo, NAT64) is judged too.
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
class Arrival:
    """A body that is being saved. what: the object for messages. deadline: time.monotonic()."""

    provider: str
    what: str
    limits: DownloadLimits
    deadline: float

    def save(
        self, chunks: Iterable[bytes], target: Path, *, declared_bytes: int | None = None
    ) -> Downloaded:
        """Write the body to `target`. Keeps nothing if it breaks a limit.

        Raises as Downloads.fetch() does.
        """
        if declared_bytes is not None and declared_bytes > self.limits.max_bytes:
            raise self._too_large()
        digest = hashlib.sha256()
        head = b""
        size = 0
        media: MediaType | None = None
        with atomic_output(target) as partial, partial.open("wb") as output:
            for chunk in chunks:
                if time.monotonic() > self.deadline:
                    raise self.too_slow()
                size += len(chunk)
                if size > self.limits.max_bytes:
                    raise self._too_large()
                if media is None:
                    head += chunk[:SNIFF_BYTES]
                    if len(head) >= SNIFF_BYTES:
                        media = self._wanted(head)
                digest.update(chunk)
                output.write(chunk)
            media = media or self._wanted(head)
        return Downloaded(target, media, size, digest.hexdigest())

    def rejected(self, cause: str, code: str, action: str) -> ProviderRejected:
        return ProviderRejected(self.provider, f"{self.what} {cause}", code=code, action=action)

    def unavailable(
        self, cause: str, code: str, *, retry_after_s: float | None = None
    ) -> ProviderUnavailable:
        return ProviderUnavailable(
            self.provider,
            f"{self.what} {cause}",
            code=code,
            action="nothing was kept; the download is tried again",
            retry_after_s=retry_after_s,
        )

    def lost(self, why: str) -> ProviderUnavailable:
        return self.unavailable(f"did not arrive: {why}", "connection")

    def too_slow(self) -> ProviderUnavailable:
        return self.unavailable(f"took longer than {self.limits.max_seconds:.3g} s", "too_slow")

    def _too_large(self) -> ProviderRejected:
        return self.rejected(
            f"is larger than {self.limits.max_bytes / 1e6:.6g} MB",
            "too_large",
            "nothing was kept; raise the limit if such files are meant",
        )

    def _wanted(self, head: bytes) -> MediaType:
        media = sniff(head)
        if media is not None and media.kinds & set(self.limits.media):
            return media
        wanted = " or ".join(self.limits.media)
        if media is None and head.lstrip()[:1] in (b"", b"<", b"{", b"["):
            # Hosts answer 200 with an error page when they are troubled: that may pass.
            given = "a web page or message" if head else "nothing"
            raise self.unavailable(f"gave {given} instead of {wanted}", "wrong_type")
        raise self.rejected(
            f"is {media.name}, not {wanted}" if media else f"is not {wanted}",
            "wrong_type",
            "nothing was kept; report it to the provider",
        )


@dataclass(frozen=True)
class _Place:
    """A checked address, and the network addresses of its host."""

    url: str
    origin: Origin
    addresses: list[str]


@dataclass(frozen=True)
class Downloads:
    """Fetches the files that one provider names, without credentials.

    provider: named in errors. trusted: base URLs the operator configured; their origins may be
    plain http and private. ca_file: PEM of the trusted authorities (default: certifi's).
    """

    provider: str
    trusted: tuple[str, ...] = ()
    resolve: Resolve = system_addresses
    ca_file: str | None = None

    def fetch(self, url: str, target: Path, limits: DownloadLimits | None = None) -> Downloaded:
        """Save a media file at `target`, complete or not at all.

        Raises ProviderRejected if its address, size or type is refused or the file is gone,
        ProviderUnavailable if another attempt may help (network, 5xx, cut off, too slow).
        """
        limits = limits or DownloadLimits()
        deadline = time.monotonic() + limits.max_seconds
        for _ in range(MAX_REDIRECTS + 1):
            arrival = Arrival(self.provider, f"the file at {shown(url)}", limits, deadline)
            with _answer(self._place(url, arrival), arrival, self.ca_file) as answer:
                location = answer.headers.get("location")
                if answer.status not in (301, 302, 303, 307, 308) or not location:
                    _raise_for_status(answer, arrival)
                    body = chunks_of(answer, arrival.lost)
                    return arrival.save(body, target, declared_bytes=answer.length_remaining)
            url = joined(url, location)
        raise arrival.rejected(
            f"was not fetched: more than {MAX_REDIRECTS} redirects",
            "too_many_redirects",
            "report it to the provider",
        )

    def _place(self, url: str, arrival: Arrival) -> _Place:
        """Check an address and look its host up.

        Raises ProviderRejected (code "refused_address"), ProviderUnavailable if the host is not
        found.
        """
        trusted = origins(self.trusted)
        try:
            origin = _allowed(url, trusted, arrival.limits.hosts)
            addresses = self._addresses(origin, url)
            for address in addresses if origin not in trusted else []:
                if fault := address_fault(address):
                    raise Refused(f"its host leads to {fault}")
            return _Place(url, origin, addresses)
        except Refused as error:
            why = str(error)
        raise arrival.rejected(
            f"was not fetched: {why}",
            "refused_address",
            "configure the provider's base URL if this host is meant, else report it",
        )

    def _addresses(self, origin: Origin, url: str) -> list[str]:
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
        return addresses


def _allowed(url: str, trusted: frozenset[Origin], hosts: tuple[str, ...]) -> Origin:
    """Return the origin of an address. Raises Refused if it must not be fetched."""
    if any(character <= " " or character == "\\" for character in url):
        raise Refused("it holds a blank, control character or backslash")
    try:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS:
            raise Refused("only https addresses are fetched")
        origin = Origin.of(url)
    except Refused:
        raise
    except (ValueError, UnicodeError):
        raise Refused("it cannot be read as an address") from None
    if "@" in parts.netloc:
        raise Refused("it holds a user name")
    if origin in trusted:
        return origin
    if origin.scheme != "https":
        raise Refused("only https addresses are fetched")
    if origin.port not in _PORTS.values():
        raise Refused(f"port {origin.port} is not allowed")
    if hosts and not any(f".{origin.host}".endswith(f".{host}") for host in hosts):
        raise Refused("its host is not among those the provider's files come from")
    return origin


def origins(urls: Iterable[str]) -> frozenset[Origin]:
    """Return the origins of base URLs, without empty ones."""
    return frozenset(Origin.of(url) for url in urls if url)


def joined(base: str, location: str) -> str:
    """Return where a redirect leads. An unreadable one is returned as it is, and refused later."""
    try:
        return urljoin(base, location)
    except ValueError:
        return location


def _raise_for_status(answer: BaseHTTPResponse, arrival: Arrival) -> None:
    status, code = answer.status, f"HTTP {answer.status}"
    if status == 200:
        return
    if status in (408, 425, 429) or status >= 500:
        wait_s = retry_after_s(answer.headers, now=datetime.now(tz=UTC))
        raise arrival.unavailable("was not given", code, retry_after_s=wait_s)
    raise arrival.rejected(
        "is not there or its link has expired", code, "ask the provider for a fresh link"
    )


def chunks_of(
    answer: BaseHTTPResponse, lost: Callable[[str], ProviderError], *, decode: bool = False
) -> Iterator[bytes]:
    """Yield a body as it comes. lost: makes the error from the words for what went wrong."""
    while True:
        failure: ProviderError | None = None
        chunk = b""
        try:
            # read1 returns what has come, so that a slow drip still meets the deadline.
            chunk = answer.read1(READ_BYTES, decode_content=decode)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            failure = lost(f"cut off, {fault_words(error)}")
        if failure:
            raise failure
        if not chunk:
            return
        yield chunk


@contextlib.contextmanager
def _answer(place: _Place, arrival: Arrival, ca_file: str | None) -> Iterator[BaseHTTPResponse]:
    """GET the place from the first address that accepts. Yields the answer, its body unread."""
    parts = urlsplit(requote_uri(place.url))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connect(place, arrival, ca_file)
    finished = threading.Event()
    cut = threading.Event()

    def cut_at_deadline() -> None:
        # A read limit alone never ends a server that sends its headers byte by byte.
        wait_s = max(0.0, arrival.deadline - time.monotonic())
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
                    "Host": place.origin.host_header,
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
            failure = arrival.lost(f"no answer, {fault_words(error)}")
        if failure:
            raise failure
        yield answer
    except ProviderUnavailable:
        if cut.is_set():
            raise arrival.too_slow() from None
        raise
    finally:
        finished.set()
        connection.close()
        watchdog.join()


@functools.cache
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Make a TLS context that checks the certificate and the host's name."""
    context = ssl.create_default_context(cafile=ca_file or certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _connect(place: _Place, arrival: Arrival, ca_file: str | None) -> HTTPConnection:
    why = ""
    for address in place.addresses:
        connection = HTTPConnection(address, place.origin.port, timeout=arrival.limits.connect_s)
        if place.origin.scheme == "https":
            connection = HTTPSConnection(
                address,
                place.origin.port,
                timeout=arrival.limits.connect_s,
                ssl_context=_trust(ca_file),
                # The certificate must be the named host's, though we dial the checked address.
                server_hostname=place.origin.host,
            )
        try:
            connection.connect()
        except (HTTPError, OSError, ValueError) as error:
            connection.close()
            why = fault_words(error)
            continue
        connection.timeout = arrival.limits.read_s
        return connection
    raise arrival.lost(f"no connection, {why}")
