"""Benchmark of the review desk: long queues, and many decisions over a bad line.

`desk_keys` adds what a reviewer notices: the time from a key until the next item is seen and heard.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess

from django.conf import settings

from ai_artist.benchmarks.desk_keys import keys
from ai_artist.benchmarks.measuring import (
    Result,
    call_function,
    function_command,
    percentile,
    scratch_project,
)

PENDING = 10_000
OPENINGS = 30
REVIEWERS = 4
DECISIONS = 10_000
FAILURE_SHARE = 0.05
WORK = "ai_artist.benchmarks.desk_work"


def desk() -> Result:
    """Measure keys, the opening of a long queue, and decisions of four reviewers over a bad line.

    The browser's part needs the package playwright and a Chromium; otherwise it is left out.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    figures = keys(chromium) if chromium else {}
    return Result("desk", figures | opening() | decisions())


def opening() -> dict[str, float]:
    """Measure the time and the database queries to open a queue of PENDING runs."""
    with scratch_project() as environment:
        call_function(WORK, "populate", PENDING, 1, {}, environment=environment)
        opened = call_function(WORK, "open_desk", OPENINGS, environment=environment)
    return {
        "pending": PENDING,
        "open_ms_p50": 1000 * percentile(opened["seconds"], 0.5),
        "open_ms_p95": 1000 * percentile(opened["seconds"], 0.95),
        "queries_of_an_opening": opened["queries"],
    }


def decisions() -> dict[str, float]:
    """Make DECISIONS by REVIEWERS at once; count those lost or doubled, and runs shown twice."""
    with scratch_project() as environment:
        environment["AI_ARTIST_SECOND_REVIEW_FIRST_RELEASE"] = "false"  # one verdict decides
        call_function(WORK, "populate", DECISIONS + 100, REVIEWERS, {}, environment=environment)
        processes = [
            subprocess.Popen(
                function_command(WORK, "judge", number, DECISIONS // REVIEWERS, FAILURE_SHARE),
                env={**os.environ, **environment, "PYTHONPATH": str(settings.BASE_DIR)},
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(REVIEWERS)
        ]
        answers = [json.loads(process.communicate()[0]) for process in processes]
        counted = call_function(WORK, "count", environment=environment)
    shown = [set(answer["shown"]) for answer in answers]
    decided = [run for answer in answers for run in answer["decided"]]
    return {
        "decisions": len(decided),
        "decisions_per_s": len(decided) / max(answer["seconds"] for answer in answers),
        "lost": len(decided) - counted["standing"],
        "doubled": counted["entries"] - len(set(decided)),
        "shown_to_two": sum(map(len, shown)) - len(set().union(*shown)),
    }
