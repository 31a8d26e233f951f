"""No request, however odd, is answered with a fault of ours: every address against odd values.

PostgreSQL, which refuses what SQLite takes, meets the whole table; SQLite a smaller one.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from ai_artist import errors, site
from ai_artist.wsgi import application
from runs.models import Artifact
from tests.addresses import Address, addresses, row_of
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

# As they stand in an address or a form: the server decodes them.
ODD = (
    "%00",
    "9" * 30,
    "%C2%B2",  # "²": a digit to str.isdigit(), no number to int()
    "99999-99-99",
    "%5B%28%25%27%22%3C%24",  # brackets of a regular expression that do not close
    "x" * 5_000,
    "%ED%A0%80%FF",  # half of a surrogate pair, and no UTF-8 at all
    "-1",
    "9" * 5_000,  # more digits than int() takes
    f"{uuid.UUID(int=0)}x",
    "_00_5F",  # the admin's own way of quoting
    "1e400",
)
HEADERS: tuple[dict[str, str], ...] = (
    {"range": f"bytes={'9' * 4_301}-"},
    {"range": f"bytes=-{'9' * 5_000}"},
    {"range": f"bytes=0-{'9' * 5_000}"},
    {"range": "bytes=\xb2-\xb3"},
    {"range": "bytes=" + "0-1," * 2_000},
    {"if-none-match": "\x01" * 4_000},
    {"if-modified-since": "Mon, 99 Foo 99999 99:99:99 GMT"},
    {"if-modified-since": "Mon, 01 Jan 0000 00:00:00 GMT"},
    {"accept": "*/*;q=" + "9" * 400},
    {"accept": "q;;=,/"},
    {"accept-language": "x-" * 3_000},
    {"cookie": "sessionid=" + "x" * 5_000},
    {"cookie": 'sessionid="aaaaaaaaaaaa\\000"'},
    {"cookie": 'messages="\\000"; csrftoken="\\000\\377"; ;;=;'},
    {"authorization": "Bearer \xff\xfe"},
    {"referer": "http://[", "origin": "http://["},
    {"x-forwarded-for": "\x7f" * 3_000},
    {"host": "a" * 300},
    {"user-agent": "\xff" * 3_000},
    {"x-requested-with": "XMLHttpRequest", "hx-request": "true"},
)
# What the admin, its theme and our pages read of an address.
LIST_PARAMETERS = ("q", "p", "o", "e", "all", "_facets", "_popup", "_changelist_filters")
PARAMETERS = (
    *LIST_PARAMETERS,
    *("page", "s", "next", "extended", "term", "app_label", "model_name", "field_name"),
    *("run", "ids", "batch", "from", "artist", "genre", "preview", "download"),
)
# What a list takes of its own fields beside its filters; lists of each kind of key.
LOOKUPS = ("pk__regex", "pk__in", "pk__gt", "pk__isnull", "pk__nonsense", "id__exact", "_to_field")
LOOKED_UP = ("runs_run", "artists_artist", "django_q_success")
# What our pages and the admin's read of a form.
FIELDS = (
    *("action", "_selected_action", "select_across", "index", "form_key", "next", "dataset"),
    *("username", "password", "old_password", "new_password1", "new_password2", "_save"),
    *("size", "verdict", "to", "verb", "reason", "version", "why", "evolution", "unlink", "value"),
    *("from_step", "anew", "artist", "kind", "subject", "external_id", "found", "use", "runs"),
    *("decision", "reasons", "comment", "content_hash", "confirm", "post", "isrc", "upc"),
)
OF_THE_ADMIN = ("_add", "_change", "_changelist", "_delete", "_history", "_simple_history")
FORM = "application/x-www-form-urlencoded"
BODIES = (
    ("application/json", b'{"have": ["\\u0000"], "key": 1e999, "runs": [{}], "scope": "x"}'),
    ("application/json", b'{"key": "\\ud800", "run": ' + b"[" * 20_000),
    ("application/json", b"\xff\xfe\x00"),
    ("multipart/form-data", b"--x\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n\x00"),
    (FORM, b"_selected_action=1&" * 2_000),  # twice as many fields as are read
)
GAP = re.compile(r"\(\?P<\w+>(?:\[\^/\]\+|[^)]*)\)|\(\[\^/\]\+\)|<[^>]+>")


class Walk:
    """Asks for everything with one browser and keeps what came back as a fault."""

    def __init__(self, client: Client) -> None:
        client.raise_request_exception = False
        self.client = client
        self.answers: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()

    def ask(self, method: str, url: str, words: str = "", **request: Any) -> Any:
        answer = self.client.generic(method, url, **request)
        self.answers[answer.status_code] += 1
        if answer.status_code >= 500:
            why = repr(answer.exc_info[1])[:150] if getattr(answer, "exc_info", None) else ""
            self.faults[f"{method} {url[:120]} {words[:70]}: {answer.status_code} {why}"] += 1
        if answer.streaming:
            with suppress(Exception):
                answer.close()
        return answer

    def table(self) -> str:
        return "\n".join(self.faults)


def some(count: int) -> tuple[str, ...]:
    """The first odd values; on SQLite, which refuses less, one that it does refuse."""
    return ODD[:count] if connection.vendor == "postgresql" else ODD[1:2]


def bodies(number: int) -> tuple[tuple[str, bytes], ...]:
    """The odd bodies for an address; on SQLite one of them, which take turns."""
    return BODIES if connection.vendor == "postgresql" else (BODIES[number % len(BODIES)],)


def every_address() -> list[Address]:
    """All addresses, filled in with rows that are there."""
    own = [
        Address(name, reverse(name))
        for name in ("admin:index", "admin:login", "admin:jsi18n", "admin:search")
    ]
    return [
        *addresses(),
        *own,
        Address("admin:view_on_site", reverse("admin:view_on_site", args=[1, 1])),
        Address("admin:app_list", reverse("admin:app_list", args=["runs"])),
        Address("provider_callback", reverse("provider_callback", args=["suno"])),
        Address("calendar_feed", reverse("calendar_feed", args=["x"])),
        Address("preview", reverse("preview", args=["x"])),
        Address("preview_song", reverse("preview_song", args=["x", 1])),
        Address("static", "/static/panel/panel.css"),
        Address("nowhere", "/admin/nowhere/"),
    ]


def with_odd_parts(url: str, odd: str) -> Iterator[str]:
    """The address, with each of its gaps filled with the odd value in turn."""
    try:
        match = resolve(url)
    except Exception:
        return
    route = match.route.replace("/^", "/").removesuffix("$")
    values = [str(value) for value in (*match.args, *match.kwargs.values())]
    gaps = list(GAP.finditer(route))
    if len(gaps) != len(values):
        raise AssertionError((url, route, values))
    for number in range(len(gaps)):
        filled = iter([*values[:number], odd, *values[number + 1 :]])
        yield "/" + GAP.sub(lambda gap, filled=filled: next(filled), route)


def lists() -> Iterator[tuple[Any, str, str]]:
    """Each admin page with the name of its model and the address of its list."""
    for model, page in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        yield page, name, reverse(f"admin:{name}_changelist")


def request_of(client: Client) -> Any:
    request = RequestFactory().get("/")
    request.user = client.user  # type: ignore[attr-defined]
    return request


def filter_parameters(page: Any, client: Client) -> list[str]:
    """The names that the filters of a list read."""
    filters = page.get_changelist_instance(request_of(client)).filter_specs
    return [str(name) for spec in filters for name in spec.expected_parameters()]


def model_fields(address: Address, client: Client) -> list[str]:
    """The fields of the form on the page of one row; nothing for other pages."""
    for page, name, _ in lists():
        if address.name == f"admin:{name}_change":
            row = row_of(address.name)
            return list(page.get_form(request_of(client), row, change=True).base_fields)
        if address.name == f"admin:{name}_add" and page.has_add_permission(request_of(client)):
            return list(page.get_form(request_of(client)).base_fields)
    return []


@pytest.fixture
def refusals_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind of refusal is drawn once for staff and once for others, then plainly.

    Most answers of a walk are one of four pages, which say nothing of the address; staff see them
    with the panel around.
    """
    draw = errors._page
    drawn: set[tuple[str, bool]] = set()

    def answer(request: Any, status: int, title: str, words: str) -> Any:
        kind = (title, errors._is_staff(request))
        if kind in drawn:
            return errors._plain(request, status, title, words)
        drawn.add(kind)
        return draw(request, status, title, words)

    monkeypatch.setattr(errors, "_page", answer)


@pytest.fixture
def short_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The menu has no entry: it reads the path alone, which is no odd one here."""
    monkeypatch.setattr(site, "items", lambda request, entries: [])


@pytest.fixture
def stage(everything: None, refusals_drawn_once: None, settings: Any) -> Callable[[str], Walk]:
    """Rows of every model, and walks by role: superuser, Reviewer or anonymous."""
    settings.COVER_PX = 300  # one address draws a cover
    users = {"superuser": UserFactory(is_superuser=True), "Reviewer": UserFactory()}
    call_command("create_roles", verbosity=0)
    users["Reviewer"].groups.add(Group.objects.get(name="Reviewer"))
    # The newest of each is what the walk edits.
    UserFactory(username="target")
    Group.objects.create(name="target")

    def walk(role: str) -> Walk:
        client = Client()
        if role in users:
            client.force_login(users[role])
            client.user = users[role]  # type: ignore[attr-defined]
        return Walk(client)

    return walk


def test_odd_addresses_of_a_superuser(stage: Callable[[str], Walk]) -> None:
    walk = stage("superuser")
    everything = every_address()

    for address in everything:
        for odd in some(len(ODD)):
            for url in with_odd_parts(address.url, odd):
                walk.ask("GET", url)
        for odd in some(3):
            for url in with_odd_parts(address.url, odd):
                walk.ask("POST", url)
            walk.ask("GET", f"{address.url}?{'&'.join(f'{name}={odd}' for name in PARAMETERS)}")

    assert not walk.faults, walk.table()
    assert len(everything) > 150


@pytest.mark.parametrize("role", ["Reviewer", "anonymous"])
def test_odd_addresses_of_others(stage: Callable[[str], Walk], role: str) -> None:
    walk = stage(role)

    for address in every_address():
        for odd in some(3):
            for url in with_odd_parts(address.url, odd):
                walk.ask("GET", url)
        walk.ask("GET", f"{address.url}?next={ODD[2]}&p={ODD[2]}")

    assert not walk.faults, walk.table()


def test_odd_headers(stage: Callable[[str], Walk]) -> None:
    walk = stage("superuser")
    pages = ["/admin/", "/admin/search/?s=neon", "/static/panel/panel.css", "/metrics", "/healthz"]
    artifact = reverse("artifact", args=[Artifact.objects.first().pk])

    for url in [*pages, artifact, reverse("admin:runs_run_progress")]:
        for headers in HEADERS:
            walk.ask("GET", url, str(headers), headers=headers)
    for headers in HEADERS:
        walk.ask("GET", "/admin/login/?next=/", str(headers), headers=headers)

    assert not walk.faults, walk.table()


@pytest.mark.usefixtures("short_menu")
def test_odd_parameters_of_lists(stage: Callable[[str], Walk]) -> None:
    walk = stage("superuser")

    for page, name, url in lists():
        for odd in some(4):
            walk.ask("GET", f"{url}?{'&'.join(f'{key}={odd}' for key in LIST_PARAMETERS)}")
        for key in LOOKUPS if name in LOOKED_UP else ():
            for odd in some(len(ODD)):
                walk.ask("GET", f"{url}?{key}={odd}")
        for key in filter_parameters(page, walk.client):
            for odd in some(4):
                walk.ask("GET", f"{url}?{key}={odd}")

    assert not walk.faults, walk.table()


@pytest.mark.usefixtures("short_menu")
def test_odd_bodies(stage: Callable[[str], Walk]) -> None:
    walk = stage("superuser")
    # Deleting comes last: what is gone is no test of the others.
    everything = sorted(every_address(), key=lambda address: "delete" in address.name)

    for page, _, url in lists():
        for action in page.get_actions(request_of(walk.client)):
            for odd in some(2):
                body = f"action={action}&index=0&_selected_action={odd}&select_across=0"
                walk.ask("POST", url, body, data=body, content_type=FORM)
    for number, address in enumerate(everything):
        names = [*FIELDS, *model_fields(address, walk.client)]
        for odd in some(2):
            body = "&".join(f"{name}={odd}&{name}_0={odd}&{name}_1={odd}" for name in names)
            walk.ask("POST", address.url, odd, data=body, content_type=FORM)
        # The admin's own pages read a body alike: one of them stands for all.
        own = address.name.endswith(OF_THE_ADMIN) and "runs_run_" not in address.name
        for content_type, content in () if own else bodies(number):
            walk.ask("POST", address.url, content_type, data=content, content_type=content_type)

    assert not walk.faults, walk.table()


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_the_page_of_a_refusal_is_drawn_at_an_odd_address(boss: Client, odd: str) -> None:
    answer = boss.get(f"/admin/{odd}/", HTTP_ACCEPT="text/html")

    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("charset", ["zlib", "unicode_escape", "utf-7", "idna", "nonsense"])
def test_a_charset_changes_nothing(charset: str) -> None:
    """Django looks it up before any middleware: the server's own entry is asked."""
    environ = RequestFactory()._base_environ(  # type: ignore[attr-defined]
        PATH_INFO="/admin/login/",
        QUERY_STRING="next=%ED%A0%80",
        CONTENT_TYPE=f"multipart/form-data; boundary=x; charset={charset}",
    )
    statuses: list[str] = []

    application(environ, lambda status, headers: statuses.append(status))

    assert statuses == ["200 OK"]
