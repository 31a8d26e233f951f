"""A real `qcluster` whose steps take no time: `staged_cluster.py HOLD`.

While the file HOLD exists, every step that has begun waits for its end. HOLD.performed lists what
was performed.
"""

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from manage import load_apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
load_apps()

from django.core.management import call_command  # noqa: E402

from runs.management.commands import qcluster  # noqa: E402
from runs.providers import engines  # noqa: E402
from runs.steps.definition import StepDefinition  # noqa: E402
from runs.work import pipeline  # noqa: E402
from tests.processes.crew import instant  # noqa: E402

hold = Path(sys.argv[1])


def held(name):
    perform = instant(name)

    def perform_when_let_go(context):
        while hold.exists():
            time.sleep(0.05)
        result = perform(context)
        with hold.with_suffix(".performed").open("a") as performed:
            performed.write(f"{context.run.pk} {name}\n")
        return result

    return perform_when_let_go


pipeline.step_named = lambda name: StepDefinition(held(name))
engines.configured = lambda: SimpleNamespace()
qcluster.LOOK_EVERY_S = 1.0

call_command("qcluster")
