"""Songs that people upload for runs with imported music."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
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
    runs = Run.objects.filter(pk=run_id)
    with inbox.received(chunks) as song, _refusing(), ExitStack() as undo:
        wait = _wait_of(runs)
        # Before the run is locked: it may take minutes.
        if shared := share_song(wait.external_id, song):
            undo.callback(shared.withdraw)
        with transaction.atomic():
            if _wait_of(runs.select_for_update(no_key=True)) != wait:
                raise RunRefused("The run began anew meanwhile; upload the song again.")
            if shared:
                shared.offer(inbox.declare(song, declared))
            else:
                inbox.publish(song, str(run_id), declared)
            message = f"A song was uploaded: {run_id}{song.suffix}. Rights: {declared.licence}"
            RunEvent.objects.log(run_id, RunEvent.Kind.SONG, message, now=now, actor=actor)
            queue.wake_waiting(Step.WaitingFor.PROVIDER, run_id=run_id)
        undo.pop_all()


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn trouble with the store into RunRefused."""
    try:
        yield
    except StoreRefused as error:
        raise RunRefused(str(error)) from error
    except StoreTrouble as error:
        raise RunRefused(error.with_advice) from error


def _wait_of(runs: QuerySet[Run]) -> ProviderCall:
    """The wait of the only run there. Raises RunRefused if it waits for no song."""
    run = runs.first()
    wait = waits_of(run).first() if run and run.status in Run.OPEN else None
    if wait is None:
        raise RunRefused("This run waits for no song any more; nothing was kept.")
    return wait
