"""A Redis server of a test's own, which it may stop and start again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.processes.clusters import free_port, wait_until


class PrivateRedis:
    """On a free port of this machine; skips the test where redis-server is not installed."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("redis-server") is None:
            give_up = pytest.fail if os.environ.get("CI") else pytest.skip
            give_up("redis-server is not installed")
        self.folder = folder
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ("--port", str(self.port), "--save", "", "--dir", str(self.folder))
        self.process = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", *options], stdout=subprocess.DEVNULL
        )
        wait_until(self.answers, what="Redis answers")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
