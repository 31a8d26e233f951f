"""The contract servers as a set, and the page of errors made from the tests."""

from __future__ import annotations

import subprocess
import sys

import pytest
import requests

from tests.contract_servers import error_table, hostile_table
from tests.contract_servers.__main__ import environment, server_classes
from tests.contract_servers.base import ContractServer, Fault, Reply, Request, route
from tests.contract_servers.error_table import PAGE, Row, page_of, rows_on
from tests.contract_servers.hostile import ROWS
from tests.contract_servers.soundcloud_channel import SoundCloudChannelServer


class Echo(ContractServer):
    """Answers with what it was sent."""

    name = "echo"

    @route("GET", "/items/{item}")
    def item(self, request: Request) -> Reply:
        return Reply({"item": request.parts["item"], "page": request.query.get("page")})


def test_every_server_starts_and_names_its_settings() -> None:
    for made in server_classes():
        with made() as server:
            assert requests.get(f"{server.url}/no-such-path", timeout=2).status_code >= 400
            assert environment([server])


def test_route_gives_parts_and_query() -> None:
    with Echo() as echo:
        answer = requests.get(f"{echo.url}/items/7?page=2", timeout=2).json()

    assert answer == {"item": "7", "page": "2"}


def test_faults_wait_for_their_request() -> None:
    with Echo() as echo:
        echo.fault(status=418, where="GET /items/2")
        statuses = [requests.get(f"{echo.url}/items/{n}", timeout=2).status_code for n in (1, 2, 2)]

    assert statuses == [200, 418, 200]


def test_reset_breaks_the_connection() -> None:
    with Echo() as echo:
        echo.fault(reset="after")
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{echo.url}/items/1", timeout=2)

        assert echo.count("GET /items/1") == 1


def test_chaos_is_the_same_for_the_same_seed() -> None:
    def statuses() -> list[int]:
        with Echo() as echo:
            echo.chaos(0.5, seed=3, faults=[Fault(status=503)])
            answers = [requests.get(f"{echo.url}/items/1", timeout=2) for _ in range(12)]
        return [answer.status_code for answer in answers]

    first = statuses()
    assert first == statuses() and set(first) == {200, 503}


def test_channel_is_troubled_and_counted_from_another_process() -> None:
    with SoundCloudChannelServer() as server:
        control = f"{server.url}/-/"
        token, refresh = server.access, server.refresh
        requests.post(f"{control}fault", json={"status": 418, "where": "GET /me"}, timeout=2)
        requests.post(f"{control}tokens", json={"access": False}, timeout=2)
        hello = {"Authorization": f"OAuth {token}"}
        statuses = [
            requests.get(f"{server.url}/me", headers=hello, timeout=2).status_code for _ in range(2)
        ]
        report = requests.get(f"{control}report", timeout=2).json()

        assert statuses == [418, 401]
        assert server.refresh == refresh
        assert (report["made"], report["doubled"], report["requests"]) == (0, 0, 2)


def test_page_gives_its_rows_back() -> None:
    row = Row("acme", "429 | busy", "ProviderUnavailable")

    assert rows_on(page_of({row: "acme: busy | later"})) == {row}


def test_committed_page_has_the_hostile_answers_of_the_table() -> None:
    page = hostile_table.PAGE.read_text(encoding="utf-8")

    wanted = hostile_table.rows_on(hostile_table.page_of({}))
    assert len(wanted) == len(ROWS)
    assert hostile_table.rows_on(page) == wanted, f"run python -m {hostile_table.__name__}"


def test_row_without_its_error_is_refused() -> None:
    with pytest.raises(RuntimeError, match="never made"):
        page_of({Row("acme", "429", "ProviderUnavailable"): ""})


@pytest.mark.rehearsal
def test_committed_page_has_the_rows_of_the_tests() -> None:
    script = (
        "from tests.contract_servers.error_table import collected, page_of\n"
        "rows = collected(run=False)\n"
        "print('ROWS', sorted((r.adapter, r.row, r.outcome) for r in rows))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=PAGE.parents[1]
    )
    line = next(x for x in done.stdout.splitlines() if x.startswith("ROWS "))
    on_page = sorted((r.adapter, r.row, r.outcome) for r in rows_on(PAGE.read_text()))

    assert line == f"ROWS {on_page}", f"run python -m {error_table.__name__}"
