"""Runs and releases named on a command line."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandError

from ai_artist.kit.commands import bad_usage
from runs.models import Release, Run


def find_run(text: str) -> Run:
    """The run with this id. Raises CommandError (exit code 2) when there is none."""
    try:
        run = Run.objects.select_related("artist").filter(pk=UUID(text)).first()
    except ValueError:
        raise bad_usage(f"“{text}” is no run id; `run_batch --json` prints them.") from None
    if run is None:
        raise bad_usage(f"There is no run {text}.")
    return run


def find_release(text: str) -> Release:
    """The release with this id, or the single of the run with it. Raises CommandError."""
    try:
        release = Release.objects.filter(pk=UUID(text)).first()
    except ValueError:
        raise bad_usage(f"“{text}” is no id of a release or a run.") from None
    if release is not None:
        return release
    run = find_run(text)
    single = Release.objects.singles_of(run.pk).first()
    if single is None:
        raise CommandError(f"Run {run.pk} has no release; approve it first.", returncode=1)
    return single
