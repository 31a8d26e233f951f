"""Who holds a lease: a name by which a machine can tell that a worker of its own is gone."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def worker_name() -> str:
    """Host, process namespace, process id and its start time, divided by slashes."""
    pid = os.getpid()
    return f"{_place()}/{pid}/{_started(pid)}"


def is_gone(name: str) -> bool:
    """True only when the worker ran on this machine and certainly does not any more.

    Of another machine's workers nothing is known here: their leases must run out.
    """
    place, _, rest = name.rpartition("/")
    place, _, pid = place.rpartition("/")
    if place != _place() or not pid.isdigit():
        return False
    return _started(int(pid)) != rest


def _place() -> str:
    """Host and process namespace: containers may share a host name but not process ids."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = "-"
    return f"{socket.gethostname()[:40]}/{namespace.strip('pid:[]')}"


def _started(pid: int) -> str:
    """The process's start time in clock ticks since boot; "-" where it is not known; "" if gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return ""
        except PermissionError:
            return "-"
        return "-"
    # The name in brackets may hold spaces; the fields after it do not. A zombie is gone.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
