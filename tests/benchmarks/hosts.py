"""Three hosts, two clusters each, no shared folder: of 3,000 runs none is lost or done twice.

A host is a name of its own (a UTS namespace), a disk of its own, and its clusters; PostgreSQL,
Redis and the object store are shared. One host is killed, the others are restarted one after the
other under load. Needs root, `DATABASE_URL` (PostgreSQL) and `REDIS_URL`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ai_artist.benchmarks.measuring import Result, call_function
from tests.benchmarks.scratch import project
from tests.processes import clusters

ROOT = Path(__file__).resolve().parents[2]
HOSTS = ("host-a", "host-b", "host-c")
CLUSTERS = 2
WORKERS = 2  # of a cluster
RUNS, MORE = 2_000, 1_000  # more: while the hosts are restarted
REAL_RUNS = 6
KILL_AT = 0.2  # share of the runs that are done then
FOLDERS = ("MEDIA_ROOT", "AI_ARTIST_WORK_DIR", "AI_ARTIST_SPOOL_DIR", "AI_ARTIST_INBOX_DIR")


def hosts() -> Result:
    """How 3,000 instant and 6 real runs went; what of it must be 0; how long things took (s)."""
    redis = os.environ.get("REDIS_URL", "")
    if not (redis and os.environ.get("DATABASE_URL", "").startswith("postgres")):
        raise SystemExit("Set DATABASE_URL to PostgreSQL and REDIS_URL: hosts share them.")
    with project() as environment, bucket() as store:
        environment |= store | {"REDIS_URL": redis, "AI_ARTIST_WORKERS": str(WORKERS)}
        figures, unready = call_function(
            "tests.benchmarks.hosts", "perform", environment=environment
        )
    return Result("hosts", figures, lines=unready)


@contextmanager
def bucket() -> Iterator[dict[str, str]]:
    """A store in a process of its own; yields the settings of an empty bucket in it."""
    import boto3
    from botocore.config import Config

    command = [sys.executable, "-c", SERVE]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        access = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
        client = boto3.client(
            "s3", endpoint_url=address, region_name="us-east-1", config=Config(), **access
        )
        client.create_bucket(Bucket="songs")
        yield {
            "AI_ARTIST_STORE": "s3",
            "AI_ARTIST_S3_BUCKET": "songs",
            "AI_ARTIST_S3_ENDPOINT": address,
            "AI_ARTIST_S3_REGION": "us-east-1",
            "AI_ARTIST_S3_ADDRESSING": "path",
            "AI_ARTIST_S3_ACCESS_KEY": "key",
            "AI_ARTIST_S3_SECRET_KEY": "secret",
        }
    finally:
        server.kill()
        server.wait()


SERVE = """
import threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://{}:{}".format(*server.get_host_and_port()), flush=True)
threading.Event().wait()
"""

wait_until = partial(clusters.wait_until, patience_s=3_600.0)


@dataclass
class Host:
    """A machine's name and disk, and the clusters on it."""

    name: str
    disk: Path
    clusters: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        own = {name: str(self.disk / name.lower()) for name in FOLDERS}
        return {**os.environ, **own, "AI_ARTIST_CACHE_DIR": str(self.disk / "cache")}

    def start(self, command: Sequence[str]) -> None:
        self.disk.mkdir(parents=True, exist_ok=True)
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$1"; shift; exec "$@"', "sh", self.name]
        with (self.disk / "clusters.log").open("ab") as log:
            for _ in range(CLUSTERS):
                process = subprocess.Popen(
                    [*named, *command],
                    env=self.environment,
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
                self.clusters.append(process)

    def stop(self) -> float:
        """Ask all clusters to end; returns the seconds until the last has."""
        started = time.monotonic()
        for process in self.clusters:
            process.terminate()
        for process in self.clusters:
            process.wait()
        self.clusters.clear()
        return time.monotonic() - started

    def kill(self) -> None:
        """As when the power fails."""
        for process in self.clusters:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.clusters.clear()


def perform() -> tuple[dict[str, float], list[str]]:
    """Return the figures, and a line for each real run that did not reach review."""
    base = Path(os.environ["MEDIA_ROOT"]).parent
    hold = base / "hold"
    machines = [Host(name, base / name) for name in HOSTS]
    with ExitStack() as stack:
        for machine in machines:
            stack.callback(machine.kill)
        figures = instant_runs(machines, hold)
        for machine in machines:
            machine.stop()
        figures |= real_runs(machines)
        for machine in machines:
            machine.stop()
    return figures | stored(machines), unready()


def instant_runs(machines: Sequence[Host], hold: Path) -> dict[str, float]:
    """The runs whose steps take no time, while hosts are killed and restarted."""
    from runs.models import Run

    staged = [sys.executable, str(clusters.STAGED), str(hold)]
    hold.touch()
    for machine in machines:
        machine.start(staged)
    wait_until(lambda: beating() == len(machines) * CLUSTERS, what="all clusters beat")
    made_s = queue(RUNS)
    figures = {"made_s": made_s, "busy_all_s": until_all_busy(machines)}
    hold.unlink()
    wait_until(lambda: done() >= KILL_AT * RUNS, what="the first runs are done")
    hold.touch()
    figures |= lose_host(machines[0], hold)
    machines[0].start(staged)
    queue(MORE)
    for machine in machines:
        before = done()
        wait_until(lambda at=before: done() > at + MORE // 10, what="work goes on")
        figures[f"drained_{machine.name}_s"] = machine.stop()
        machine.start(staged)
    wait_until(lambda: not Run.objects.open().exists(), what="all runs are done")
    states = Counter(Run.objects.values_list("status", flat=True))
    performed = Counter(hold.with_suffix(".performed").read_text().splitlines())
    steps = Run.objects.count() * steps_of_a_run()
    return figures | {
        "runs": float(sum(states.values())),
        "ready": float(states[Run.Status.AWAITING_REVIEW]),
        "steps_lost": float(steps - len(performed)),
        "steps_doubled": float(sum(times > 1 for times in performed.values())),
    }


def lose_host(machine: Host, hold: Path) -> dict[str, float]:
    """Kill a host that holds runs; seconds until the others have gone on with all of them."""
    from runs.models import Run, Step

    held = Run.objects.filter(owner__startswith=f"{machine.name}/", status=Run.Status.RUNNING)
    most = CLUSTERS * WORKERS
    wait_until(lambda: held.count() == most, what=f"{machine.name} holds {most} runs")
    # A step between its end and its row would rightly be done again.
    stored = Step.objects.filter(status=Step.Status.DONE)
    performed = hold.with_suffix(".performed")
    wait_until(
        lambda: len(performed.read_text().splitlines()) == stored.count(),
        what="every performed step is stored",
    )
    machine.kill()
    names = list(held.values_list("pk", flat=True))
    hold.unlink()
    freed_s = wait_until(lambda: not held.filter(pk__in=names).exists(), what="they are freed")
    return {"held_by_the_killed": float(len(names)), "freed_s": freed_s}


def real_runs(machines: Sequence[Host]) -> dict[str, float]:
    """Whole release candidates, made by clusters as they are."""
    from runs.models import Run

    for machine in machines:
        machine.start([sys.executable, "manage.py", "qcluster"])
    wait_until(lambda: beating() == len(machines) * CLUSTERS, what="all clusters beat")
    earlier = set(Run.objects.values_list("pk", flat=True))
    started = time.monotonic()
    queue(REAL_RUNS)
    wait_until(lambda: not Run.objects.open().exists(), what="the real runs are done")
    made = Run.objects.exclude(pk__in=earlier)
    return {
        "real": float(made.count()),
        "real_ready": float(made.filter(status=Run.Status.AWAITING_REVIEW).count()),
        "real_s": time.monotonic() - started,
    }


def unready() -> list[str]:
    """What became of the runs that did not reach review."""
    from runs.models import Run, Step

    return [
        f"run {run.pk}, {run.status}, after "
        f"{', '.join(run.steps.filter(status=Step.Status.DONE).values_list('name', flat=True))}: "
        f"{run.error}"
        for run in Run.objects.exclude(status=Run.Status.AWAITING_REVIEW)
    ]


def stored(machines: Sequence[Host]) -> dict[str, float]:
    """What lies in the store, compared with its checksums; what stayed on the hosts' disks."""
    from runs.models import Artifact
    from runs.storage import artifact_storage

    storage = artifact_storage()
    wrong = size = 0
    rows = Artifact.objects.values_list("file", "sha256", "bytes")
    for name, sha256, size_bytes in rows.iterator():
        with storage.seekable(name) as content:
            wrong += hashlib.file_digest(content, "sha256").hexdigest() != sha256
        size += size_bytes
    media = [path for machine in machines for path in (machine.disk / "media_root").rglob("*")]
    return {
        "artifacts": float(rows.count()),
        "artifacts_wrong": float(wrong),
        "artifacts_mb": size / 1e6,
        "files_on_hosts": float(sum(path.is_file() for path in media)),
    }


def queue(size: int) -> float:
    """Make a batch; returns the seconds it took."""
    from django.utils import timezone

    from artists.models import Artist
    from artists.starter_roster import seed_roster
    from runs.models import Batch
    from runs.work.batches import create_batch

    if not Artist.objects.exists():
        seed_roster(timezone.now())
    started = time.monotonic()
    create_batch(size=size, origin=Batch.Origin.COMMAND, now=timezone.now())
    return time.monotonic() - started


def until_all_busy(machines: Sequence[Host]) -> float:
    """Seconds until each worker of each host holds a run."""
    from runs.models import Run

    workers = len(machines) * CLUSTERS * WORKERS
    owners = Run.objects.filter(status=Run.Status.RUNNING).values("owner").distinct()
    return wait_until(lambda: owners.count() == workers, what=f"{workers} workers are busy")


def beating() -> int:
    from runs.work import workers

    return workers.clusters().count()


def done() -> int:
    from runs.models import Run

    return Run.objects.filter(status=Run.Status.AWAITING_REVIEW).count()


def steps_of_a_run() -> int:
    from runs.models import Run

    first = Run.objects.order_by("pk")[0]
    return first.steps.count()
