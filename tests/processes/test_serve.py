"""`manage.py serve` from the start to Ctrl-C."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from media_tools.marking.certificates import CHAIN
from tests.ai_artist.operations.test_supervision import wait_until_gone
from tests.processes.clusters import free_port, wait_until
from tests.processes.conftest import Project

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

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False


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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is up; the last test of the module ends it."""
    folder = tmp_path_factory.mktemp("serve")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=settings.BASE_DIR,
        env={**Project(folder).environment, "AI_ARTIST_ENV": "development"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Server(process, f"http://127.0.0.1:{port}", folder)
    try:
        wait_until(server.is_up, what="the panel answers", patience_s=START_TIMEOUT_S)
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
    # gunicorn and its worker, the cluster and its own, which it forks a little later
    wait_until(lambda: len(descendants(server.process.pid)) >= 4, what="all have started")
    family = descendants(server.process.pid)

    server.process.send_signal(signal.SIGINT)
    said, complaints = server.process.communicate(timeout=60)

    assert "Password: " in said
    assert said.endswith("Stopped.\n")
    assert "Traceback" not in complaints
    assert server.process.returncode == 0
    assert len(family) >= 4
    assert wait_until_gone(family)
