"""Runs every contract server on a fixed port: `python -m tests.contract_servers`.

Prints the settings that send the product to them, then the requests as they come, until Ctrl-C.
With `-- COMMAND` it runs that command against them instead, on data of its own, and stops. Needs
no more than the product itself (requirements.txt).
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import tests.contract_servers as package
from ai_artist.object_storage import NO_STORE
from tests.contract_servers.base import ContractServer
from tests.contract_servers.suno import SunoServer

FIRST_PORT = 8710
SONG_READY_S = 5.0  # before the first poll: a command is to see the product, not to wait


def server_classes() -> list[type[ContractServer]]:
    """Every server of this package, by name; its place in this order gives its port."""
    found: dict[str, type[ContractServer]] = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.startswith("__") or module.name.endswith("_table"):
            continue  # the tables need pytest
        namespace = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        for value in namespace.values():
            own = isinstance(value, type) and issubclass(value, ContractServer)
            if own and value is not ContractServer and "name" in vars(value):
                found[value.name] = value
    return [found[name] for name in sorted(found)]


def environment(servers: list[ContractServer]) -> dict[str, str]:
    """Settings of all servers together."""
    return {k: v for server in servers for k, v in sorted(server.environment().items())}


def trial(servers: list[ContractServer], folder: Path) -> dict[str, str]:
    """Settings with which the product works against these servers, apart from its own data.

    Every provider's address is a server's, so that no key in a .env file is used for real.
    """
    return {
        **environment(servers),
        "AI_ARTIST_WRITER": "llm",
        **NO_STORE,
        "REFLECTION_LLM_FALLBACKS": "",
        "AI_ARTIST_LLM_OFFLINE_FALLBACK": "false",
        "AI_ARTIST_MUSIC": "suno",
        "AI_ARTIST_FOOTAGE": "pexels",
        "AI_ARTIST_COVER_ART": "local",
        "AI_ARTIST_VOICE": "",
        "AI_ARTIST_TREND_SOURCES": "local-calendar,x",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "REDIS_URL": "",
        "MEDIA_ROOT": str(folder / "media"),
        "AI_ARTIST_WORK_DIR": str(folder / "work"),
        "AI_ARTIST_SPOOL_DIR": str(folder / "spool"),
        "AI_ARTIST_INBOX_DIR": str(folder / "inbox"),
    }


def run_with(servers: list[ContractServer], command: list[str], folder: Path) -> int:
    """Run a command with trial settings; returns its exit code."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(command, env={**os.environ, **trial(servers, folder)})
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the command got it too, and ends in its own way


def watch(servers: list[ContractServer]) -> None:
    """Print the requests as they come, until Ctrl-C."""
    shown = dict.fromkeys(servers, 0)
    while True:
        time.sleep(0.5)
        for server in servers:
            for request in server.seen()[shown[server] :]:
                print(f"{server.name}: {request.line}", file=sys.stderr)
                shown[server] += 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.contract_servers", description=__doc__)
    parser.add_argument("--only", default="", help="names of servers, comma separated")
    parser.add_argument("--port", type=int, help=f"port of the first server ({FIRST_PORT})")
    parser.add_argument("--env", type=Path, help="also write the settings to this file")
    parser.add_argument("--chaos", type=float, default=0.0, help="share of requests that fail")
    parser.add_argument(
        "--folder", type=Path, default=Path("var/contract"), help="data of the command"
    )
    parser.add_argument("command", nargs="*", help="after --: run this against them, then stop")
    arguments = parser.parse_args()
    only = {name for name in arguments.only.split(",") if name}
    classes = server_classes()
    if unknown := only - {made.name for made in classes}:
        parser.error(f"no server {', '.join(unknown)}; there are {[c.name for c in classes]}")
    if only and arguments.command:
        parser.error("a command needs all servers, lest it asks a real one")
    # A command is told the ports, so that they can be any.
    first = arguments.port or (0 if arguments.command else FIRST_PORT)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(made(first + place if first else 0))
            for place, made in enumerate(classes)
            if not only or made.name in only
        ]
        for server in servers:
            server.chaos(arguments.chaos, seed=1)
            if arguments.command and isinstance(server, SunoServer):
                server.work_s = SONG_READY_S
        if arguments.command:
            return run_with(servers, arguments.command, arguments.folder)
        for server in servers:
            print(f"# {server.name}: {server.url}")
        lines = [f"{name}={value}" for name, value in environment(servers).items()]
        print("\n".join(lines), flush=True)
        if arguments.env:
            arguments.env.write_text("\n".join(lines) + "\n", encoding="utf-8")
        try:
            watch(servers)
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
