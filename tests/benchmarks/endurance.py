"""Half an hour of cheap runs on one cluster: nothing grows without bound.

A run is queued each second, so that workers also rest. Memory is compared once the workers have
done everything once. Set `REDIS_URL` and `DATABASE_URL` for a broker and a database of the size of
a real installation's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ai_artist.benchmarks.measuring import Result, call_function
from tests.benchmarks.hosts import ROOT, queue, wait_until
from tests.benchmarks.scratch import project
from tests.processes.clusters import STAGED

MINUTES = 30
WARM_UP_MINUTES = 4
RUN_EVERY_S = 1.0


def endurance() -> Result:
    """What a cluster's processes, folders and broker hold at first and in the end."""
    with project() as environment:
        environment["REDIS_URL"] = os.environ.get("REDIS_URL", "")
        environment["LOG_LEVEL"] = "WARNING"
        figures = call_function("tests.benchmarks.endurance", "perform", environment=environment)
    grown = figures["last_worker_mib"] / figures["first_worker_mib"]
    return Result("endurance", figures, {"worker_memory": grown})


@dataclass(frozen=True)
class Sample:
    """What is held at a moment.

    worker_mib: resident memory of the largest process. open_files: of all processes. keys: in
    Redis. other_rows: of tables that do not keep the product's own records.
    """

    worker_mib: float
    open_files: int
    work_files: int
    keys: int
    other_rows: int


def perform() -> dict[str, float]:
    from runs.models import Run

    base = Path(os.environ["MEDIA_ROOT"]).parent
    with (base / "cluster.log").open("ab") as log:
        command = [sys.executable, str(STAGED), str(base / "hold")]
        cluster = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        first = after_minutes(cluster, WARM_UP_MINUTES)
        last = after_minutes(cluster, MINUTES - WARM_UP_MINUTES)
        done = Run.objects.filter(status=Run.Status.AWAITING_REVIEW).count()
    finally:
        cluster.terminate()
        cluster.wait()
    named = {"first": first, "last": last}
    return {"runs": float(done), "log_bytes": float((base / "cluster.log").stat().st_size)} | {
        f"{when}_{name}": float(value)
        for when, sample in named.items()
        for name, value in vars(sample).items()
    }


def after_minutes(cluster: subprocess.Popen[bytes], minutes: float) -> Sample:
    """Let runs come for a while, and look once all are done."""
    from runs.models import Run

    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        began = time.monotonic()
        if Run.objects.open().count() < 20:
            queue(1)
        time.sleep(max(0.0, RUN_EVERY_S - (time.monotonic() - began)))
    wait_until(lambda: not Run.objects.open().exists(), what="all runs are done")
    return sample_of([cluster.pid, *children_of(cluster.pid)])


def children_of(pid: int) -> list[int]:
    """All processes below one, by /proc."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    below = [int(word) for word in text.split()]
    return below + [one for child in below for one in children_of(child)]


def sample_of(pids: Sequence[int]) -> Sample:
    from django.conf import settings

    return Sample(
        worker_mib=max(resident_mib(pid) for pid in pids),
        open_files=sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids),
        work_files=sum(1 for _ in Path(settings.WORK_DIR).rglob("*")),
        keys=keys_in_redis(),
        other_rows=rows_of_libraries(),
    )


def resident_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kib,) = (line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kib) / 1024


def keys_in_redis() -> int:
    import redis
    from django.conf import settings

    if not settings.REDIS_URL:
        return 0
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return int(client.dbsize())


def rows_of_libraries() -> int:
    """Rows of queue, sessions, log: tables that do not keep the product's own records."""
    from django.db import connection

    count = 0
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("django_", "axes_")):
                cursor.execute(f"SELECT COUNT(*) FROM {table}")
                count += cursor.fetchone()[0]
    return count
