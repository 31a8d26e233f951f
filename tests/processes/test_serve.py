"""`manage.py serve` from the start to Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from media_tools.marking.certificates import CHAIN
from tests.ai_artist.operations.test_supervision import wait_until_gone

START_TIMEOUT_S = 240


@dataclass
class Server:
    process: subprocess.Popen[str]
    url: str
    folder: Path

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, ""

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.2)
        self.process.send_signal(signal.SIGTERM)
        raise AssertionError(f"serve did not come up: {self.process.communicate(timeout=60)}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def descendants(pid: int) -> list[int]:
    """Every process started by `pid` or by one of those, at this moment."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    parents = [tuple(map(int, line.split())) for line in listing.stdout.splitlines()]
    found = [pid]
    for one in found:
        found += [child for child, parent in parents if parent == one]
    return found[1:]


def grown_family(pid: int, *, at_least: int, within_s: float = 90.0) -> list[int]:
    """The descendants once there are that many: the cluster forks its own a little later."""
    deadline = time.monotonic() + within_s
    while len(family := descendants(pid)) < at_least and time.monotonic() < deadline:
        time.sleep(0.1)
    return family


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is up; the last test of the module ends it."""
    folder = tmp_path_factory.mktemp("serve")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "AI_ARTIST_ENV": "development",
            "DATABASE_URL": f"sqlite:///{folder / 'serve.sqlite3'}",
            "REDIS_URL": "",
            "MEDIA_ROOT": str(folder / "media"),
            "AI_ARTIST_WORK_DIR": str(folder / "work"),
            "AI_ARTIST_SIGNING_DIR": str(folder / "signing"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Server(process, f"http://127.0.0.1:{port}", folder)
    try:
        server.wait_until_up()
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


def test_styles_are_served_without_collecting_them(server: Server) -> None:
    status, page = server.get("/admin/login/")

    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)

    assert status == 200
    assert styles
    assert {server.get(path)[0] for path in styles} == {200}


def test_the_first_start_makes_the_certificate_of_releases(server: Server) -> None:
    assert (server.folder / "signing" / CHAIN).is_file()


def test_panel_and_workers_come_up_and_go_down_together(server: Server) -> None:
    # gunicorn and its worker, the cluster and its own
    family = grown_family(server.process.pid, at_least=4)

    server.process.send_signal(signal.SIGINT)
    said, complaints = server.process.communicate(timeout=60)

    assert "Password: " in said
    assert said.endswith("Stopped.\n")
    assert "Traceback" not in complaints
    assert server.process.returncode == 0
    assert len(family) >= 4
    assert wait_until_gone(family)
