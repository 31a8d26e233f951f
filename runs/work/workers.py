"""Workers: the names of processes, their cluster, its beat and its end."""

from __future__ import annotations

import mmap
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q, QuerySet

from runs.models import WorkerBeat

# Canaries come every minute, and busy workers beat more often; four missed ones mean a fault.
BEAT_TOO_OLD = timedelta(minutes=4)


@dataclass(frozen=True)
class Cluster:
    """The cluster this process belongs to; workers inherit it by fork.

    stop: one byte of memory that all its processes share. No lock guards it, because a killed
    worker would never release a lock.
    """

    name: str
    stop: mmap.mmap


_cluster: Cluster | None = None


@contextmanager
def cluster(*, now: datetime) -> Iterator[Cluster]:
    """Make this process the main one of a cluster; its children belong to the cluster."""
    global _cluster
    _cluster = Cluster(worker_name(), mmap.mmap(-1, 1))
    beat(now=now)
    try:
        yield _cluster
    finally:
        tell_to_stop()
        WorkerBeat.objects.filter(cluster=_cluster.name).delete()
        _cluster = None


def tell_to_stop() -> None:
    """Ask all workers of this cluster to give back their runs after the present step."""
    if _cluster is not None:
        _cluster.stop[0] = 1


def told_to_stop() -> bool:
    """Whether the cluster of this process is ending; always False outside a cluster."""
    return _cluster is not None and bool(_cluster.stop[0])


def beat(*, now: datetime) -> None:
    """Record that this process's cluster works. Does nothing outside a cluster."""
    if _cluster is not None:
        WorkerBeat.objects.update_or_create(cluster=_cluster.name, defaults={"at": now})


def clusters() -> QuerySet[WorkerBeat]:
    """Return the clusters with a beat, newest beat first."""
    return WorkerBeat.objects.exclude(cluster=WorkerBeat.SWEEP).order_by("-at")


def clusters_here() -> list[WorkerBeat]:
    """Return the clusters whose main process runs on this machine."""
    here = clusters().filter(cluster__startswith=f"{_place()}/")
    return [cluster for cluster in here if not is_gone(cluster.cluster)]


def forget_gone_clusters(*, now: datetime, after: timedelta) -> None:
    """Delete the beats of clusters that ended on this machine, or have been silent for `after`."""
    gone = [name for name in clusters().values_list("cluster", flat=True) if is_gone(name)]
    clusters().filter(Q(cluster__in=gone) | Q(at__lt=now - after)).delete()


def worker_name() -> str:
    """Return host, process namespace, process id and its start time, separated by slashes."""
    pid = os.getpid()
    return f"{_place()}/{pid}/{_started(pid)}"


def is_gone(name: str) -> bool:
    """Whether the worker ran on this machine and certainly no longer does.

    Nothing is known here of another machine's workers: their leases must run out.
    """
    place, _, rest = name.rpartition("/")
    place, _, pid = place.rpartition("/")
    if place != _place() or not pid.isdigit():
        return False
    return _started(int(pid)) != rest


def _place() -> str:
    """Return host and process namespace: containers may share a host name but not process ids."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = "-"
    return f"{socket.gethostname()[:40]}/{namespace.strip('pid:[]')}"


def _started(pid: int) -> str:
    """Return a process's start time in clock ticks since boot; "-" if unknown; "" if it is gone."""
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
    # The name in brackets may contain spaces; the fields after it cannot. A zombie counts as gone.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
