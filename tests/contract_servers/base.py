"""What every contract server shares: routes, a record of requests, faults on demand.

A server is a class with handlers:

    class Acme(ContractServer):
        name = "acme"

        @route("POST", "/v1/songs")
        def submit(self, request: Request) -> Reply:
            return Reply({"id": "s-1"})

        @route("GET", "/v1/songs/{song}")
        def read(self, request: Request) -> Reply:
            return Reply({"id": request.parts["song"], "status": "done"})

    with Acme() as acme:
        acme.fault(status=503, headers={"Retry-After": "1"})   # the next request only
        acme.fault(reset="after", where="POST /v1/songs")      # the job is taken, the answer lost
        ...
        assert acme.count("POST /v1/songs") == 1

Handlers run under one lock, so their state needs none.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self, TypeVar
from urllib.parse import parse_qs, urlsplit

Handler = TypeVar("Handler", bound=Callable[..., "Reply"])


@dataclass(frozen=True)
class Request:
    """A request as it came. query: last value of each name; parts: of {name} in the route."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    client_port: int = 0  # tells connections apart
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        """A header's value without regard to case, or ""."""
        return next((v for k, v in self.headers.items() if k.lower() == name.lower()), "")

    @property
    def bearer(self) -> str:
        scheme, _, token = self.header("Authorization").partition(" ")
        return token if scheme == "Bearer" else ""


@dataclass(frozen=True)
class Reply:
    """An answer. body: bytes or text as they are, an iterator of bytes to stream without a
    length, anything else as JSON."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = ""

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body).encode()

    @property
    def streamed(self) -> bool:
        return not isinstance(self.body, bytes | str | Mapping | list | int | float | None)

    @property
    def media_type(self) -> str:
        if self.content_type:
            return self.content_type
        plain = isinstance(self.body, bytes) or self.streamed
        return "application/octet-stream" if plain else "application/json"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request.

    where: part of "METHOD /path" it waits for ("" = any). With status or body the handler is not
    run, unless taken (the job is accepted and the answer is wrong). reset: "before" or "after" the
    handler. cut_at: reset when so many bytes of a longer request have come; cut_off() keeps them.
    The others mangle the handler's answer: edit (makes another body of its body), delay_s,
    truncate_at (bytes sent of a longer declared body), content_type, drip_s (one byte each).
    """

    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = ""
    delay_s: float = 0.0
    reset: Literal["", "before", "after"] = ""
    cut_at: int | None = None
    truncate_at: int | None = None
    drip_s: float = 0.0
    taken: bool = False
    where: str = ""
    edit: Callable[[Any], Any] | None = None

    @property
    def replaces(self) -> bool:
        return self.status is not None or self.body is not None

    def reply(self) -> Reply:
        body = {"error": {"message": "scripted fault"}} if self.body is None else self.body
        content_type = self.content_type
        if not content_type and isinstance(body, str | bytes):
            content_type = "text/html" if body[:1] in ("<", b"<") else "text/plain"
        return Reply(body, self.status or 200, self.headers, content_type)

    def mangled(self, reply: Reply) -> Reply:
        body = self.edit(reply.body) if self.edit else reply.body
        headers = {**reply.headers, **self.headers}
        return Reply(body, reply.status, headers, self.content_type or reply.media_type)


# What troubled providers really do; for chaos().
EVERYDAY_FAULTS: tuple[Fault, ...] = (
    Fault(status=500),
    Fault(status=502, body="<html><h1>502 Bad Gateway</h1></html>"),
    Fault(status=503, headers={"Retry-After": "1"}),
    Fault(status=429),
    Fault(status=429, headers={"Retry-After": "1"}),
    Fault(status=200, body="<html>Sign in to the network</html>"),
    Fault(status=200, body="{not json"),
    Fault(status=200, body=b""),
    Fault(reset="before"),
    Fault(reset="after"),
    Fault(truncate_at=20),
    Fault(status=504, body="<html>504</html>", taken=True),
)


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Marks a handler of a ContractServer; {name} in the path matches one segment."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z")

    def mark(handler: Handler) -> Handler:
        routes = getattr(handler, "routes", [])
        handler.routes = [*routes, (method, pattern)]  # type: ignore[attr-defined]
        return handler

    return mark


class ContractServer:
    """A provider on a loopback port. Use as a context manager, or start() and stop()."""

    name = "provider"
    # Of larger requests the record keeps no body.
    largest_kept: int | None = None

    def __init__(self, port: int = 0, *, tls: ssl.SSLContext | None = None) -> None:
        """port 0: any free one. tls: speak https with this context."""
        self.requests: list[Request] = []
        self._faults: list[Fault] = []
        self._standing: list[Fault] = []
        self.edited = 0  # answers that an edit changed
        self._chaos: tuple[random.Random, float, Sequence[Fault], str] | None = None
        self._lock = threading.RLock()
        self._routes = [
            (method, pattern, handler)
            for name in dir(type(self))
            if callable(handler := getattr(self, name, None))
            for method, pattern in getattr(handler, "routes", ())
        ]
        self._http = _Server(("127.0.0.1", port), _handler_for(self))
        self._scheme = "https" if tls else "http"
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self.reset_state()

    def reset_state(self) -> None:
        """Forget jobs and switches; servers with a state of their own set it up here."""

    def cut_off(self, request: Request) -> None:
        """Keep what came of a request that was reset in the middle (see Fault.cut_at)."""

    def environment(self) -> dict[str, str]:
        """Settings that send the product here (for `python -m tests.contract_servers`)."""
        return {}

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return self._http.server_port

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._thread.is_alive():
            self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def clear(self) -> None:
        """Forget requests, faults, chaos and state: call it between tests of a shared server."""
        with self._lock:
            self.requests.clear()
            self._faults.clear()
            self._standing.clear()
            self.edited = 0
            self._chaos = None
            self.reset_state()

    def fault(self, fault: Fault | None = None, *, times: int = 1, **details: Any) -> None:
        """Queue a fault for the next matching request(s): a Fault, or its fields."""
        with self._lock:
            self._faults += [fault or Fault(**details)] * times

    def stand(self, *faults: Fault) -> None:
        """Let these faults happen to every request they match, from now on."""
        with self._lock:
            self._standing += faults

    def chaos(
        self, rate: float, *, seed: int, faults: Sequence[Fault] = EVERYDAY_FAULTS, where: str = ""
    ) -> None:
        """From now on each request has a fault with this probability; rate 0 ends it."""
        with self._lock:
            self._chaos = (random.Random(seed), rate, faults, where) if rate else None

    def count(self, line: str = "") -> int:
        """How many requests had `line` ("POST /v1/songs", or a part of it)."""
        return len(self.seen(line))

    def seen(self, line: str = "") -> list[Request]:
        with self._lock:
            return [request for request in self.requests if line in request.line]

    def _take_fault(self, request: Request) -> Fault | None:
        for index, fault in enumerate(self._faults):
            if fault.where in request.line:
                return self._faults.pop(index)
        for fault in self._standing:
            if fault.where in request.line:
                return fault
        if self._chaos:
            draw, rate, faults, where = self._chaos
            if where in request.line and draw.random() < rate:
                return draw.choice(faults)
        return None

    def _fault_for(self, request: Request) -> Fault:
        """What goes wrong with a request whose body has not come yet."""
        with self._lock:
            return self._take_fault(request) or Fault()

    def _record(self, request: Request) -> None:
        large = self.largest_kept is not None and len(request.body) > self.largest_kept
        self.requests.append(replace(request, body=b"") if large else request)

    def _broken(self, request: Request) -> None:
        """Note a request that was reset in the middle."""
        with self._lock:
            self._record(request)
            self.cut_off(request)

    def _answer(self, request: Request, fault: Fault) -> Reply:
        with self._lock:
            self._record(request)
            skipped = fault.reset == "before" or (fault.replaces and not fault.taken)
            reply = Reply() if skipped else self._handle(request)
            made = fault.reply() if fault.replaces else fault.mangled(reply)
            self.edited += fault.edit is not None and made.body is not reply.body
        return made

    def _handle(self, request: Request) -> Reply:
        known = False
        for method, pattern, handler in self._routes:
            match = pattern.match(request.path)
            known = known or bool(match)
            if match and method == request.method:
                reply: Reply = handler(replace(request, parts=match.groupdict()))
                return reply
        return Reply({"error": {"message": "no such path"}}, 405 if known else 404)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is part of the tests; anything else should be seen."""
        import sys
        import traceback

        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()


def _handler_for(server: ContractServer) -> type[BaseHTTPRequestHandler]:
    class RequestHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 64 * 1024  # head and body leave in one packet

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            query = {k: v[-1] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
            head = Request(
                self.command,
                parts.path,
                query,
                dict(self.headers.items()),
                b"",
                self.client_address[1],
            )
            fault = server._fault_for(head)
            whole = fault.cut_at is None or fault.cut_at >= length
            body = self.rfile.read(length if whole else fault.cut_at)
            request = replace(head, body=body)
            if len(body) < length:  # cut here, or the client died
                server._broken(request)
                self.cut()
                return
            reply = server._answer(request, fault)
            if fault.delay_s:
                time.sleep(fault.delay_s)
            if fault.reset:
                self.cut()
            elif reply.streamed:
                self.send_stream(reply)
            else:
                self.send_whole(reply, fault)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

        def handle_expect_100(self) -> bool:
            """Let a client that waits for it send its body at once."""
            goes_on = super().handle_expect_100()
            self.wfile.flush()
            return goes_on

        def start(self, reply: Reply, length: int | None) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if length is None:
                self.send_header("Connection", "close")
                self.close_connection = True
            else:
                self.send_header("Content-Length", str(length))

        def send_whole(self, reply: Reply, fault: Fault) -> None:
            body = b"" if self.command == "HEAD" else reply.encoded()
            self.start(reply, len(reply.encoded()))
            if fault.drip_s or fault.truncate_at is not None:
                self.end_headers()
                self.close_connection = True
                self.send_partly(body, fault)
                return
            self.end_headers()
            self.wfile.write(body)

        def send_partly(self, body: bytes, fault: Fault) -> None:
            if fault.truncate_at is not None:
                body = body[: min(fault.truncate_at, len(body) - 1)]
            step = 1 if fault.drip_s else max(1, len(body))
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                self.wfile.flush()
                time.sleep(fault.drip_s)

        def send_stream(self, reply: Reply) -> None:
            self.start(reply, None)
            self.end_headers()
            body: Iterable[bytes] = reply.body
            for chunk in body:
                self.wfile.write(chunk)
                self.wfile.flush()

        def cut(self) -> None:
            """Reset the connection: the client sees ECONNRESET, not an end."""
            self.close_connection = True
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            with contextlib.suppress(OSError):
                os.close(self.connection.detach())

        def log_message(self, format: str, *args: object) -> None:
            pass

    return RequestHandler
