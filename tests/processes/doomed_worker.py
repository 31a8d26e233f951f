"""Workers that are killed in the middle of one step each: `doomed_worker.py LOG`.

The step's work is done in full and then the process dies before anything is committed, which is
the worst moment. Every step that begins is written to LOG. Workers are forked one after the other,
each doomed in the next step.
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from manage import load_apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
load_apps()

from django.core.management import call_command  # noqa: E402

from runs.steps import NAMES  # noqa: E402
from runs.work import pipeline  # noqa: E402

log = Path(sys.argv[1])


def doomed_in(doomed: str) -> None:
    """Do the runs that are due as a worker does, until it dies in this step."""
    step_named = pipeline.step_named

    def watched_step(name):
        definition = step_named(name)
        return replace(definition, perform=watched(name, definition.perform))

    def watched(name, perform):
        def perform_and_perhaps_die(context):
            with log.open("a") as lines:
                lines.write(f"{name}\n")
            result = perform(context)
            if name == doomed:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return perform_and_perhaps_die

    pipeline.step_named = watched_step
    call_command("resume_runs")


for step in NAMES:
    pid = os.fork()
    if not pid:
        doomed_in(step)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        sys.exit(f"The worker doomed in {step} was not killed there: it ended with {status}.")
