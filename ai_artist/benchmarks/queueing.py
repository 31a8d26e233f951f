"""Benchmarks of the queue and the roster, on their own database."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from ai_artist.benchmarks.measuring import Result, cost_of_python, scratch_project

RUNS = 200
ARTISTS = 100_000
PROCESSES = 8
CLAIM_S = 5.0

SETUP = "import django; django.setup()\n"

# Does runs with instant steps in this process, to measure only the pipeline's own cost.
PIPELINE = (
    SETUP
    + """
import time
from types import SimpleNamespace
from django.utils import timezone
from artists.starter_roster import seed_roster
from runs.models import Run
from runs.outputs import Output
from runs.steps.definition import StepDefinition
from runs.storage import StepResult
from runs.work import claims, pipeline
from runs.work.batches import create_batch
def instant(context):
    concept = {"concept": {"title": "Benchmark"}, "title": "Benchmark"}
    return StepResult(Output(), concept if context.step == "concept" else {})
pipeline.step_named = lambda name: StepDefinition(instant)
seed_roster(now=timezone.now())
create_batch(size=%(count)d, origin="command", now=timezone.now())
started = time.perf_counter()
while claim := claims.claim_next(now=timezone.now()):
    pipeline.perform_steps(claim, SimpleNamespace())
print(time.perf_counter() - started)
assert Run.objects.awaiting_review().count() == %(count)d
"""
)

# Does as many empty django-q2 tasks as the runs have steps, through django-q2's own worker code.
BARE = (
    SETUP
    + """
import time
from django_q.brokers.orm import ORM
from django_q.models import OrmQ, Success
from django_q.monitor import save_task
from django_q.signing import SignedPackage
from django_q.tasks import async_task
for _ in range(%(count)d):
    async_task("time.time")
broker = ORM()
started = time.perf_counter()
done = 0
while OrmQ.objects.exists():
    for ack_id, payload in broker.dequeue() or []:
        task = SignedPackage.loads(payload)
        task |= {"result": time.time(), "success": True, "stopped": task["started"]}
        save_task(task, broker)
        broker.acknowledge(ack_id)
        done += 1
print(time.perf_counter() - started)
assert done == %(count)d
"""
)

POPULATE = (
    SETUP
    + """
import random
from datetime import timedelta
from django.utils import timezone
from artists.models import Artist
now = timezone.now()
rng = random.Random(1)
Artist.objects.bulk_create(
    (Artist(name=f"Artist {n}", slug=f"artist-{n}", genre="lofi", sound_identity=str(n),
            status="active" if n %% 10 else "paused",
            turn_at=now - timedelta(seconds=rng.random() * 1e6)) for n in range(%(artists)d)),
    batch_size=2000,
)
"""
)

CLAIM = (
    SETUP
    + """
import json, random, time
from django.utils import timezone
from artists.roster import Casting, next_artists
claimed = []
deadline = time.monotonic() + %(seconds)f
rng = random.Random(1)
casting = Casting(create=None, creation_probability=0.0, roster_cap=0)
while time.monotonic() < deadline:
    [artist] = next_artists([rng], casting, now=timezone.now())
    claimed.append(artist.pk)
print(json.dumps(claimed))
"""
)


def pipeline() -> Result:
    """Measure runs per second with instant steps, and one step against one bare queue task."""
    with scratch_project() as environment:
        runs_s = float(cost_of_python(PIPELINE % {"count": RUNS}, environment=environment).stdout)
        tasks_s = float(cost_of_python(BARE % {"count": RUNS}, environment=environment).stdout)
    return Result(
        "pipeline",
        {
            "runs_per_s": RUNS / runs_s,
            "steps_per_s": 9 * RUNS / runs_s,
            "bare_tasks_per_s": RUNS / tasks_s,
        },
        {"step_time_by_bare_task_time": (runs_s / (9 * RUNS)) / (tasks_s / RUNS)},
    )


def claim() -> Result:
    """Measure claims per second of the longest-waiting of 100,000 artists, by 8 processes."""
    with scratch_project() as environment:
        cost_of_python(POPULATE % {"artists": ARTISTS}, environment=environment)
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", CLAIM % {"seconds": CLAIM_S}],
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(PROCESSES)
        ]
        claimed: list[int] = []
        for process in processes:
            output, _ = process.communicate()
            claimed += json.loads(output)
    # No artist may get a second turn before the whole roster had one.
    return Result(
        "claim",
        {
            "artists": ARTISTS,
            "processes": PROCESSES,
            "claims_per_s": len(claimed) / CLAIM_S,
            "doubles": len(claimed) - len(set(claimed)),
        },
    )
