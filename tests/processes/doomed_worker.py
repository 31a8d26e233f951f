"""A worker that is killed in the middle of one step: `doomed_worker.py STEP LOG`.

The step's work is done in full and then the process dies before anything is committed, which is
the worst moment. Every step that begins is written to LOG.
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from runs.work import pipeline  # noqa: E402

doomed, log = sys.argv[1], Path(sys.argv[2])


def watched(name, perform):
    def perform_and_perhaps_die(context):
        with log.open("a") as lines:
            lines.write(f"{name}\n")
        result = perform(context)
        if name == doomed:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return perform_and_perhaps_die


step_named = pipeline.step_named


def watched_step(name):
    definition = step_named(name)
    return replace(definition, perform=watched(name, definition.perform))


pipeline.step_named = watched_step

call_command("resume_runs")
