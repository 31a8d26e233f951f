"""Many runs against failing providers, by workers that are killed: `python -m tests.chaos`.

The language model and the music gateway answer over HTTP and fail in every way they are known to;
workers die by kill -9 at random moments, some right after a paid submission. In the end every run
is with a reviewer, failed for a reason, or waits for a person; what was paid is what the ledger
says; nothing was paid twice. Then a person resolves what waits, and the rest is done.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.contract_servers.base import EVERYDAY_FAULTS, Fault, Reply, Request, route
from tests.contract_servers.llm import LlmServer
from tests.contract_servers.songs import song
from tests.contract_servers.suno import Ending, SunoServer
from tests.processes.crew import Plan
from tests.processes.crews import Site
from tests.processes.preloaded import ROOT

FAULT_SHARE = 0.15
KILL_EVERY_STEPS = 6.0
SLOW = (Fault(delay_s=0.3), Fault(delay_s=1.3))  # the second is longer than the workers wait
MUSIC_FAULTS = (
    *EVERYDAY_FAULTS,
    *SLOW,
    Fault(body={"code": 500, "msg": "Server error", "data": None}),
    Fault(body={"code": 430, "msg": "Call frequency is too high", "data": None}),
    Fault(body={"code": 455, "msg": "Under maintenance", "data": None}),
    Fault(body={"code": 200, "msg": "success", "data": {}}, taken=True),
    Fault(truncate_at=2000),
)
ENDINGS = (
    *[Ending()] * 8,
    Ending(as_text=True),
    Ending(files=1),
    Ending("CALLBACK_EXCEPTION"),
    Ending("CREATE_TASK_FAILED", error_code=500, error_message="busy"),
    Ending("GENERATE_AUDIO_FAILED", error_code=531, error_message="failed"),
    Ending("SENSITIVE_WORD_ERROR", error_code=400, error_message="a word"),
)


class Gateway(SunoServer):
    """Its songs are all the same, which saves the time to make them, and its credits never end."""

    def reset_state(self) -> None:
        super().reset_state()
        self.credits = 1_000_000.0

    @route("GET", "/files/{name}")
    def file(self, request: Request) -> Reply:
        return Reply(song(1, 1.5), content_type="audio/mpeg")

    def jobs(self) -> dict[str, str]:
        """Ids of the paid jobs by the key of their ledger row, which workers send as the title."""
        keys = Counter(task.body["title"] for task in self.tasks.values())
        twice = [key for key, count in keys.items() if count > 1]
        assert not twice, f"submitted twice: {twice}"
        return {task.body["title"]: job for job, task in self.tasks.items()}


@dataclass
class Outcome:
    """What is left. rows: of the music ledger: key, run, status, external id, booked USD."""

    statuses: Counter[str]
    wrong: list[str] = field(default_factory=list)
    paid: int = 0
    lost: int = 0

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        wrong = "".join(f"\n  {line}" for line in self.wrong)
        return f"{counts}; {self.paid} songs paid, {self.lost} of them with lost answers{wrong}"


def outcome(site: Site, suno: Gateway) -> Outcome:
    """What the runs and the ledger say, held against what the gateway knows."""
    runs = site.rows("SELECT id, status, error FROM runs_run")
    found = Outcome(Counter(status for _, status, _ in runs))
    waiting = dict(site.rows("SELECT run_id, waiting_for FROM runs_step WHERE status = 'waiting'"))
    for run, status, error in runs:
        settled = (
            status == "awaiting_review"
            or (status == "failed" and error)
            or (status == "waiting" and waiting.get(run) == "operator")
        )
        if not settled:
            found.wrong.append(f"run {run} is {status} ({error or waiting.get(run, '')})")
    rows = site.rows(
        "SELECT idempotency_key, run_id, status, external_id, committed_usd "
        "FROM runs_providercall WHERE provider = 'suno'"
    )
    known = {key: (status, job, usd) for key, _, status, job, usd in rows}
    jobs = suno.jobs()
    found.paid = len(jobs)
    for key, job in jobs.items():
        status, external_id, usd = known.get(key, ("missing", "", 0))
        lost = status == "unknown"
        found.lost += lost
        if not usd or not (external_id == job or lost):
            found.wrong.append(f"{job} was paid, but its row {key} is {status} with {usd} USD")
    for key, (status, job, _) in known.items():
        if job and jobs.get(key) != job:
            found.wrong.append(f"row {key} ({status}) has the id {job}, which the gateway has not")
    live = Counter(run for _, run, status, job, _ in rows if job and status != "failed")
    found.wrong += [f"run {run} has {count} songs" for run, count in live.items() if count > 1]
    return found


def found_by_hand(site: Site, suno: Gateway) -> tuple[tuple[int, str], ...]:
    """Lost submissions and their jobs, which a person looks up at the gateway; empty for none."""
    jobs = suno.jobs()
    rows = site.rows("SELECT id, idempotency_key FROM runs_providercall WHERE status = 'unknown'")
    return tuple((call, jobs.get(key, "")) for call, key in rows)


@dataclass(frozen=True)
class Chaos:
    """One performance. after_person: how things stand when a person has resolved what waited."""

    kills: int
    first: Outcome
    resolved: int
    after_person: Outcome


def perform(
    site: Site, llm: LlmServer, suno: Gateway, *, runs: int, workers: int, seed: int
) -> Chaos:
    """Fail at random and kill at random until all is settled; then resolve, then finish."""
    suno.endings = random.Random(seed).choices(ENDINGS, k=10 * runs)
    llm.chaos(FAULT_SHARE, seed=seed, faults=(*EVERYDAY_FAULTS, *SLOW))
    suno.chaos(FAULT_SHARE, seed=seed, faults=MUSIC_FAULTS)
    plan = Plan(
        runs=runs,
        workers=workers,
        seed=seed,
        texts=True,
        kill_every_steps=KILL_EVERY_STEPS,
        die_after_submit=0.05,
    )
    timeout_s = 120.0 + 20 * runs  # a busy machine takes its time
    said = site.settle(plan, timeout_s=timeout_s)
    first = outcome(site, suno)
    llm.chaos(0, seed=seed)
    suno.chaos(0, seed=seed)
    resolve = found_by_hand(site, suno)
    calm = replace(plan, runs=0, kill_every_steps=0.0, die_after_submit=0.0, resolve=resolve)
    site.settle(calm, timeout_s=timeout_s)
    return Chaos(said["kills"], first, len(resolve), outcome(site, suno))


def site_for(folder: Path, database_url: str, llm: LlmServer, suno: Gateway) -> Site:
    # Deaths of workers count as attempts; with the usual three most runs would fail for them.
    return Site(folder, database_url, (llm, suno), {"AI_ARTIST_STEP_ATTEMPTS": "8"})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, LlmServer() as llm, Gateway() as suno:
        folder = Path(name)
        site = site_for(folder, f"sqlite:///{folder / 'db.sqlite3'}", llm, suno)
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=site.environment, check=True)
        started = time.monotonic()
        done = perform(site, llm, suno, runs=given.runs, workers=given.workers, seed=given.seed)
        print(f"{time.monotonic() - started:.0f} s; {done.kills} workers killed by chance, more")
        print("right after a submission")
        print(f"requests: {llm.count()} for texts, {suno.count()} for music")
        print(done.first)
        print(f"a person resolved {done.resolved}: {done.after_person}")
        for step, count in failures(site).items():
            print(f"  {count} x {step}")
    return 1 if done.first.wrong or done.after_person.wrong else 0


def failures(site: Site) -> Counter[str]:
    """The beginnings of the reasons of failed runs."""
    errors = site.rows("SELECT error FROM runs_run WHERE status = 'failed'")
    return Counter(re.sub(r"task-\d+", "task", error)[:110] for (error,) in errors)


if __name__ == "__main__":
    sys.exit(main())
