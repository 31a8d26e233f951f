"""Workers that may be killed at any moment: `crew.py PLAN`, PLAN being a Plan as JSON.

Makes the runs of the plan, prints "ready", and lets forked workers do them until nothing is left
but what waits for a person or a budget. Then it prints how many workers it killed. The music comes
over HTTP from the server the settings name; texts too, if the plan says so; every other step takes
no time. What would take minutes (delays between attempts, polls, breakers) takes moments here.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any


@dataclass(frozen=True)
class Plan:
    """runs: new ones to make first. kill_every_steps: mean number of performed steps between two
    kills, 0 for none; not of seconds, or a slow machine would have more deaths for each step.
    die_after_submit: share of submissions after which the worker dies before it can write down the
    job's id. cap_usd: a budget for each day, 0 for none. resolve: ids of calls and of their jobs,
    empty for none, as a person finds them before the workers begin.
    """

    runs: int
    workers: int
    seed: int = 1
    texts: bool = False
    kill_every_steps: float = 0.0
    die_after_submit: float = 0.0
    cap_usd: str = "0"
    poll_s: float = 0.2
    resolve: tuple[tuple[int, str], ...] = ()

    @property
    def argument(self) -> str:
        return json.dumps(asdict(self))


def main(plan: Plan) -> None:
    # Here and not above: tests import this module for Plan only.
    from manage import load_apps

    load_apps()
    set_the_stage(plan)
    wait_for(forked(lambda: make_runs(plan)))
    print("ready", flush=True)
    draw = random.Random(plan.seed)
    progress, STAGE.progress = os.pipe()
    born = 0
    workers: set[int] = set()

    def stop(*_: object) -> None:
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        os._exit(1)

    signal.signal(signal.SIGTERM, stop)
    kills = 0
    steps_to_kill = steps_until_kill(plan, draw)
    settled = False
    while workers or not settled:
        while not settled and len(workers) < plan.workers:
            born += 1
            STAGE.draw = random.Random(f"{plan.seed}:{born}")  # the child's from here on
            workers.add(forked(work))
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            workers.discard(pid)
            settled = settled or status == 0
            continue
        if select.select([progress], [], [], 0.01)[0]:
            steps_to_kill -= len(os.read(progress, 1))
        if steps_to_kill <= 0 and not settled:
            os.kill(draw.choice(sorted(workers)), signal.SIGKILL)
            kills += 1
            steps_to_kill = steps_until_kill(plan, draw)
    print(json.dumps({"kills": kills, "workers": born}), flush=True)


def steps_until_kill(plan: Plan, draw: random.Random) -> float:
    return draw.uniform(0.5, 1.5) * plan.kill_every_steps if plan.kill_every_steps else math.inf


def forked(work: Callable[[], None]) -> int:
    """A child process doing this; its connections are its own, for the parent opens none."""
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        work()
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)


def wait_for(pid: int) -> None:
    _, status = os.waitpid(pid, 0)
    if status:
        raise SystemExit("The runs could not be made.")


def make_runs(plan: Plan) -> None:
    from django.utils import timezone

    from runs.models import Budget
    from runs.providers.ledger import resolve_unknown
    from runs.work.pipeline import create_steps
    from tests.factories import ArtistFactory, BatchFactory, RunFactory

    if Decimal(plan.cap_usd):
        Budget.objects.create(period=Budget.Period.DAY, cap_usd=plan.cap_usd)
    for call, job in plan.resolve:
        resolve_unknown(call_id=call, external_id=job)
    if not plan.runs:
        return
    batch = BatchFactory(size=plan.runs)
    now = timezone.now()
    for number in range(plan.runs):
        run = RunFactory(batch=batch, artist=ArtistFactory(), seed=number, due_at=now)
        create_steps([run])


def work() -> None:
    """What a worker of a cluster does, and what the sweep does, until all is settled."""
    from django.utils import timezone

    from runs import tasks
    from runs.models import Run, Step
    from runs.work import claims

    held = (Step.WaitingFor.OPERATOR, Step.WaitingFor.BUDGET)
    while True:
        claims.requeue_dropped(now=timezone.now())
        if tasks.pump():
            continue
        stuck = Run.objects.filter(status=Run.Status.WAITING, steps__waiting_for__in=held)
        if not Run.objects.open().exclude(pk__in=stuck).exists():
            return
        time.sleep(0.1)


STAGE = SimpleNamespace(draw=random.Random(), progress=0)


def set_the_stage(plan: Plan) -> None:
    """Real music over HTTP, other steps of no duration, all waits short.

    Imports here what the workers need: each of them would take the same seconds for it.
    """
    for module in ("media_tools.music.suno", "media_tools.text.llm", "runs.tasks", "tests.outputs"):
        importlib.import_module(module)
    from runs.providers import engines
    from runs.steps.definition import StepDefinition
    from runs.work import pipeline

    pipeline.RETRY_DELAYS_S = (0.05, 0.1, 0.2)
    tools = engines.Engines(writer=writer, music=lambda name: music(plan))
    engines.configured = lambda: tools
    real = {"music", *(("concept", "lyrics", "reflection") if plan.texts else ())}
    step_named = pipeline.step_named
    pipeline.step_named = lambda name: counted(
        step_named(name) if name in real else StepDefinition(instant(name))
    )


def counted(definition: Any) -> Any:
    """The step, which says when it has been performed: just before it is committed."""

    def perform(context: Any) -> Any:
        result = definition.perform(context)
        os.write(STAGE.progress, b".")
        return result

    return replace(definition, perform=perform)


def instant(name: str) -> Callable[[Any], Any]:
    from runs.storage import NewArtifact, StepResult
    from tests.factories import CONCEPT
    from tests.outputs import MADE_BY, OUTPUTS

    def perform(context: Any) -> StepResult:
        artifacts = ()
        if name == "video":
            path = context.workdir / "video.mp4"
            path.write_text(f"video of {context.run.pk}")
            artifacts = (NewArtifact(path, "video", "video/mp4", MADE_BY),)
        fields = {"concept": dict(CONCEPT), "title": "Neon Rivers"} if name == "concept" else {}
        return StepResult(OUTPUTS[name], fields=fields, artifacts=artifacts)

    return perform


def breaker_for(provider: str) -> Any:
    from media_tools.providers.breaker import BreakerLimits, CircuitBreaker
    from runs.providers.breakers import DatabaseBreakerStore

    limits = BreakerLimits(cooldown_s=0.2, longest_cooldown_s=0.5, probe_s=1.0)
    return CircuitBreaker(provider, limits=limits, store=DatabaseBreakerStore())


def writer(book: Any, temperature: float) -> Any:
    from django.conf import settings

    from media_tools.providers.http import Timeouts
    from media_tools.text.llm import LlmWriter
    from media_tools.text.llm_profiles import Access

    return LlmWriter(
        settings.LLM_MODELS,
        {
            name: Access(api_key=key, base_url=url)
            for name, (key, url) in settings.LLM_ACCESS.items()
        },
        prices=settings.LLM_PRICES,
        temperature=temperature,
        before_call=book.before_call,
        on_usage=book.on_usage,
        breaker_for=breaker_for,
        timeouts=Timeouts(connect_s=1.0, read_s=1.0, total_s=3.0),
    )


def music(plan: Plan) -> Any:
    from media_tools.music import suno
    from media_tools.providers.http import Line, RetryPolicy, Timeouts
    from runs.providers.engines import MUSIC

    suno._BACKOFF_S = suno._MAINTENANCE_S = 0.2

    class Hasty(suno.SunoMusic):
        """Polls often, names its songs by their ledger rows, and may not outlive a submission."""

        def submit(self, request: Any, *, idempotency_key: str) -> str:
            job = super().submit(
                replace(request, title=idempotency_key), idempotency_key=idempotency_key
            )
            if STAGE.draw.random() < plan.die_after_submit:
                os.kill(os.getpid(), signal.SIGKILL)
            return job

        def poll_after_s(self, waited_s: float) -> float:
            return plan.poll_s

    line = Line(
        Timeouts(connect_s=1.0, read_s=1.0, total_s=3.0),
        RetryPolicy(retries=1, base_s=0.02, longest_wait_s=0.1),
        breaker_for("suno"),
    )
    return Hasty(MUSIC["suno"].options(), line)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
    main(Plan(**json.loads(sys.argv[1])))
