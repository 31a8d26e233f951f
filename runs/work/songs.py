"""Songs that people upload for runs with imported music."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from media_tools.music.declaration import NAME, Declaration
from runs import queue
from runs.errors import RunRefused
from runs.models import ProviderCall, Run, RunEvent, Step
from runs.providers import engines


def awaits_song(run: Run) -> bool:
    """Whether the run waits for a music file that somebody has yet to upload."""
    calls = ProviderCall.objects.filter(
        run=run, provider=NAME, status=ProviderCall.Status.SUBMITTED
    )
    return run.status in Run.OPEN and calls.exists()


def deliver_song(
    *,
    run_id: UUID,
    chunks: Iterable[bytes],
    declared: Declaration,
    actor: User | None,
    now: datetime,
) -> None:
    """Put a song and its declaration into the inbox, as a person would by hand, and wake the run.

    Raises RunRefused if the run does not wait for a song, ProviderRejected if the file is not one.
    """
    inbox = engines.imported()
    with inbox.received(chunks) as song, transaction.atomic():
        run = Run.objects.select_for_update(no_key=True).filter(pk=run_id).first()
        if run is None or not awaits_song(run):
            raise RunRefused("This run waits for no song any more; nothing was kept.")
        name = inbox.publish(song, str(run_id), declared).name
        message = f"A song was uploaded: {name}. Rights: {declared.licence}"
        RunEvent.objects.log(run.pk, RunEvent.Kind.SONG, message, now=now, actor=actor)
        queue.wake_waiting(Step.WaitingFor.PROVIDER, run_id=run_id)
