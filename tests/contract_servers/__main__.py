"""Runs every contract server on a fixed port: `python -m tests.contract_servers`.

Prints the settings that send the product to them, then the requests as they come, until Ctrl-C.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import tests.contract_servers as package
from tests.contract_servers.base import ContractServer

FIRST_PORT = 8710


def server_classes() -> list[type[ContractServer]]:
    """Every server of this package, by name; its place in this order gives its port."""
    found: dict[str, type[ContractServer]] = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.startswith("__"):
            continue
        namespace = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        for value in namespace.values():
            own = isinstance(value, type) and issubclass(value, ContractServer)
            if own and value is not ContractServer and "name" in vars(value):
                found[value.name] = value
    return [found[name] for name in sorted(found)]


def environment(servers: list[ContractServer]) -> dict[str, str]:
    """Settings of all servers together."""
    return {k: v for server in servers for k, v in sorted(server.environment().items())}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.contract_servers", description=__doc__)
    parser.add_argument("--only", default="", help="names of servers, comma separated")
    parser.add_argument("--port", type=int, default=FIRST_PORT, help="port of the first server")
    parser.add_argument("--env", type=Path, help="also write the settings to this file")
    parser.add_argument("--chaos", type=float, default=0.0, help="share of requests that fail")
    arguments = parser.parse_args()
    only = {name for name in arguments.only.split(",") if name}
    classes = server_classes()
    if unknown := only - {made.name for made in classes}:
        parser.error(f"no server {', '.join(unknown)}; there are {[c.name for c in classes]}")
    with ExitStack() as stack:
        servers = [
            stack.enter_context(made(arguments.port + place))
            for place, made in enumerate(classes)
            if not only or made.name in only
        ]
        for server in servers:
            server.chaos(arguments.chaos, seed=1)
            print(f"# {server.name}: {server.url}")
        lines = [f"{name}={value}" for name, value in environment(servers).items()]
        print("\n".join(lines), flush=True)
        if arguments.env:
            arguments.env.write_text("\n".join(lines) + "\n", encoding="utf-8")
        shown = dict.fromkeys(servers, 0)
        try:
            while True:
                time.sleep(0.5)
                for server in servers:
                    for request in server.seen()[shown[server] :]:
                        print(f"{server.name}: {request.line}", file=sys.stderr)
                        shown[server] += 1
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
