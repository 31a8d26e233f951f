"""Wrong passwords lock their own address, read through real proxies, and no other."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory
from django.urls import reverse

from ai_artist.client_address import client_address
from tests.factories import UserFactory

PASSWORD = "correct horse battery"
LIMIT = 8


class AppendingProxy(BaseHTTPRequestHandler):
    """Passes everything on and appends who talks to it, as nginx's $proxy_add_x_forwarded_for."""

    protocol_version = "HTTP/1.1"
    upstream = ""

    def pass_on(self) -> None:
        headers = {name: value for name, value in self.headers.items() if name != "Connection"}
        before = [headers["X-Forwarded-For"]] if "X-Forwarded-For" in headers else []
        headers["X-Forwarded-For"] = ", ".join([*before, self.client_address[0]])
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection(self.upstream)
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name not in ("Connection", "Content-Length", "Transfer-Encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        connection.close()

    do_GET = do_POST = pass_on

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def proxy(upstream: str) -> Iterator[str]:
    """A running proxy in front of host:port; its own host:port."""
    handler = type("Proxy", (AppendingProxy,), {"upstream": upstream})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


SignIn = Callable[..., int]


@pytest.fixture
def sign_in(live_server: Any, settings: Any) -> Iterator[SignIn]:
    """Signs rita in through as many proxies as stand there, from an address; the status."""
    UserFactory(username="rita", password=PASSWORD)
    with ExitStack() as stack:

        def stand(proxies: int) -> str:
            door = urlsplit(live_server.url).netloc
            for _ in range(proxies):
                door = stack.enter_context(proxy(door))
            return door

        doors = {count: stand(count) for count in (0, 1, 2)}
        settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]

        def sign_in(
            password: str, *, source: str = "127.0.0.1", forged: str = "", proxies: int = 1
        ) -> int:
            headers = {"X-Forwarded-For": forged} if forged else {}
            connection = http.client.HTTPConnection(doors[proxies], source_address=(source, 0))
            connection.request("GET", reverse("admin:login"), headers=headers)
            form = connection.getresponse()
            page = form.read().decode()
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
            assert token, page
            fields = {
                "username": "rita",
                "password": password,
                "csrfmiddlewaretoken": token[1],
                "next": "/admin/",
            }
            cookie = str(form.headers["Set-Cookie"]).partition(";")[0]
            headers |= {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", reverse("admin:login"), urlencode(fields), headers)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer.status

        yield sign_in


def test_eight_wrong_passwords_lock_their_own_address_alone(sign_in: SignIn, settings: Any) -> None:
    settings.PROXIES = 1

    wrong = [sign_in("guess", source="127.0.0.2") for _ in range(LIMIT)]

    assert wrong == [200] * (LIMIT - 1) + [429]
    assert sign_in(PASSWORD, source="127.0.0.2") == 429
    assert sign_in(PASSWORD, source="127.0.0.3") == 302


def test_forged_header_changes_nothing_behind_a_proxy(sign_in: SignIn, settings: Any) -> None:
    settings.PROXIES = 1

    for number in range(LIMIT):
        sign_in("guess", source="127.0.0.2", forged=f"9.9.9.{number}")

    # A victim's address was named in the header, and is not locked.
    assert sign_in(PASSWORD, source="127.0.0.9", forged="127.0.0.2") == 302
    assert sign_in(PASSWORD, source="127.0.0.2", forged="8.8.8.8") == 429


def test_the_address_before_two_proxies_counts(sign_in: SignIn, settings: Any) -> None:
    settings.PROXIES = 2

    for _ in range(LIMIT):
        sign_in("guess", source="127.0.0.2", forged="9.9.9.9, 7.7.7.7", proxies=2)

    assert sign_in(PASSWORD, source="127.0.0.2", proxies=2) == 429
    assert sign_in(PASSWORD, source="127.0.0.3", proxies=2) == 302


def test_without_a_proxy_the_header_means_nothing(sign_in: SignIn) -> None:
    for number in range(LIMIT):
        sign_in("guess", source="127.0.0.2", forged=f"9.9.9.{number}", proxies=0)

    assert sign_in(PASSWORD, source="127.0.0.2", forged="8.8.8.8", proxies=0) == 429
    assert sign_in(PASSWORD, source="127.0.0.3", forged="9.9.9.1", proxies=0) == 302


@pytest.mark.parametrize(
    ("proxies", "connection", "header", "expected"),
    [
        (0, "192.0.2.1", "1.1.1.1", "192.0.2.1"),
        (0, "", "1.1.1.1", None),  # gunicorn on a Unix socket
        (1, "", "1.1.1.1", "1.1.1.1"),
        (1, "127.0.0.1", "1.1.1.1", "1.1.1.1"),
        (1, "127.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (1, "127.0.0.1", "what, ever, 1.1.1.1:4711", "1.1.1.1"),
        (1, "127.0.0.1", "10.1.2.3", "10.1.2.3"),
        (1, "127.0.0.1", None, "127.0.0.1"),  # a probe that asks past the proxy
        (1, "127.0.0.1", "nonsense", "127.0.0.1"),
        (1, "127.0.0.1", "9" * 5_000, "127.0.0.1"),
        (2, "127.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.5", "1.1.1.1"),
        (2, "10.0.0.5", "1.1.1.1", "10.0.0.5"),  # one of the two was passed by
        (1, "127.0.0.1", "2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::"),
        (1, "127.0.0.1", "[2001:db8:1:2::1]:443", "2001:db8:1:2::"),
        (0, "::ffff:192.0.2.1", None, "192.0.2.1"),
        (0, "fe80::1%eth0", None, "fe80::"),
    ],
)
def test_address_of_a_request(
    settings: Any, proxies: int, connection: str, header: str | None, expected: str | None
) -> None:
    settings.PROXIES = proxies
    headers = {} if header is None else {"X-Forwarded-For": header}

    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=connection)

    assert client_address(request) == expected


# --- What cannot be anybody's name or password ---


@pytest.mark.parametrize(
    "fields",
    [
        {"username": "x" * 10_000, "password": "guess"},
        {"username": "x" * 300, "password": "guess"},
        {"username": "ri\0ta", "password": "guess"},
        {"username": "rita", "password": "\0"},
        {"username": "\ud800rita".encode("utf-8", "surrogatepass"), "password": "guess"},
        {"username": "rita", "password": b"\xff\xfe"},
        {"username": "rita", "password": "x" * 100_000},
        {"username": "rita"},
        {"password": "guess"},
        {},
    ],
)
def test_odd_credentials_get_the_form_back(db: None, fields: dict[str, Any]) -> None:
    answer = Client().post(
        reverse("admin:login"),
        urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        headers={"user-agent": "x" * 5_000, "accept": "y" * 5_000},
    )

    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_a_name_longer_than_any_is_refused_as_a_wrong_password(db: None) -> None:
    answer = Client().post(reverse("admin:login"), {"username": "x" * 300, "password": "guess"})

    assert answer.context["form"].has_error("__all__", code="invalid_login")
    assert not AccessAttempt.objects.exists()
