"""A run named on a command line."""

from __future__ import annotations

from uuid import UUID

from ai_artist.kit.commands import bad_usage
from runs.models import Run


def find_run(text: str) -> Run:
    """The run with this id. Raises CommandError (exit code 2) when there is none."""
    try:
        run = Run.objects.select_related("artist").filter(pk=UUID(text)).first()
    except ValueError:
        raise bad_usage(f"“{text}” is no run id; `run_batch --json` prints them.") from None
    if run is None:
        raise bad_usage(f"There is no run {text}.")
    return run
