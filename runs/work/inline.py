"""Works on runs for a command: in its own process, or through a temporary cluster."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.utils import timezone
from tqdm import tqdm

from runs.models import Run, RunQuerySet, Step
from runs.providers import engines
from runs.work import claims, pipeline
from runs.work.workfolders import remove_left

CLUSTER_GRACE_S = 20
LOOK_EVERY_S = 1.0


def work_here(runs: RunQuerySet, *, wait: bool) -> None:
    """Do the due runs among `runs` in this process, like any other worker.

    wait: stay until all of them are settled, even while others work on them or they wait for a
    provider; otherwise return when none is due.
    """
    tools = engines.configured()
    remove_left(now=timezone.now())
    with progress_bar(runs) as show:
        while unsettled(runs).exists():
            now = timezone.now()
            claims.requeue_dropped(now=now)
            due = runs.due(now=now).first()
            if due is None:
                if not wait:
                    return
                time.sleep(LOOK_EVERY_S)
            elif claim := claims.claim_run(due.pk, now=now):
                pipeline.perform_steps(claim, tools)
            show()


def wait_for_cluster(runs: RunQuerySet) -> None:
    """Wait while clusters do the runs, until all are settled."""
    with progress_bar(runs) as show:
        while unsettled(runs).exists():
            time.sleep(LOOK_EVERY_S)
            show()


def unsettled(runs: RunQuerySet) -> RunQuerySet:
    """Return open runs that need nobody: not those that wait for a person, a budget or disk."""
    stuck = Run.objects.filter(
        status=Run.Status.WAITING,
        due_at__gt=timezone.now(),
        steps__status=Step.Status.WAITING,
        steps__waiting_for__in=(
            Step.WaitingFor.OPERATOR,
            Step.WaitingFor.BUDGET,
            Step.WaitingFor.DISK,
            Step.WaitingFor.STORE,
        ),
    )
    return runs.open().exclude(pk__in=stuck)


@contextlib.contextmanager
def temporary_cluster() -> Iterator[None]:
    """Run a `qcluster` of this project while the block lasts.

    It gets its own process group, and SIGTERM goes to its main process only: django-q2 hangs if the
    whole group is signalled.
    """
    process = subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"],
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=CLUSTER_GRACE_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def progress_bar(runs: RunQuerySet) -> Iterator[Callable[[], None]]:
    """Show a bar over all steps, on a terminal only. Yields a function that refreshes it."""
    steps = Step.objects.filter(run__in=runs)
    with tqdm(total=steps.count(), unit="step", disable=None, leave=False) as bar:

        def show() -> None:
            done = steps.filter(status=Step.Status.DONE).count()
            running = steps.filter(status=Step.Status.RUNNING).values_list(
                "run__artist__name", "name", "progress"
            )
            bar.set_postfix_str(
                ", ".join(f"{artist}: {name} {share:.0%}" for artist, name, share in running)
            )
            bar.update(done - bar.n)

        show()
        yield show
        show()
