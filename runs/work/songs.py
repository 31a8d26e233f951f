"""Songs that people upload for runs with imported music."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from media_tools.music.declaration import NAME, Declaration
from runs import queue
from runs.errors import RunRefused, StoreRefused, StoreTrouble
from runs.models import ProviderCall, Run, RunEvent, Step
from runs.providers import engines
from runs.storage.sharing import share_song


def awaits_song(run: Run) -> bool:
    """Whether the run waits for a music file that somebody has yet to upload."""
    return run.status in Run.OPEN and waits_of(run).exists()


def waits_of(run: Run) -> QuerySet[ProviderCall]:
    """The waits for music files that the run has opened: none or one."""
    return ProviderCall.objects.filter(run=run, provider=NAME, status=ProviderCall.Status.SUBMITTED)


def deliver_song(
    *,
    run_id: UUID,
    chunks: Iterable[bytes],
    declared: Declaration,
    actor: User | None,
    now: datetime,
) -> None:
    """Put a song and its declaration into the inbox, as a person would by hand, and wake the run.

    With an object store they go there, for whichever machine goes on with the run.
    Raises RunRefused if the run does not wait for a song or has one, ProviderRejected if the file
    is none.
    """
    inbox = engines.imported()
    with inbox.received(chunks) as song, transaction.atomic():
        run = Run.objects.select_for_update(no_key=True).filter(pk=run_id).first()
        if run is None or not awaits_song(run):
            raise RunRefused("This run waits for no song any more; nothing was kept.")
        wait = waits_of(run)[0]
        try:
            shared = share_song(wait.external_id, (inbox.declare(song, declared), song))
        except (StoreRefused, StoreTrouble) as error:
            raise RunRefused(str(error)) from error
        name = f"{run_id}{song.suffix}"
        if not shared:
            inbox.publish(song, str(run_id), declared)
        message = f"A song was uploaded: {name}. Rights: {declared.licence}"
        RunEvent.objects.log(run.pk, RunEvent.Kind.SONG, message, now=now, actor=actor)
        queue.wake_waiting(Step.WaitingFor.PROVIDER, run_id=run_id)
