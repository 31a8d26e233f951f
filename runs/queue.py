"""Makes work due, and sends the few messages there are.

Clusters find due runs and bundles by themselves (runs/work/broker.py). The remaining messages may
be lost or come twice: the sweep sends them again.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task

from runs.models import Channel, Packing, Run, Step

logger = logging.getLogger(__name__)


def wake_waiting(waiting_for: str, *, run_id: UUID | None = None) -> int:
    """Make the runs due that wait for this, because it may be there now. Returns how many."""
    waiting = Run.objects.filter(
        status=Run.Status.WAITING,
        steps__status=Step.Status.WAITING,
        steps__waiting_for=waiting_for,
    )
    if run_id is not None:
        waiting = waiting.filter(pk=run_id)
    ids = list(waiting.values_list("pk", flat=True))
    return Run.objects.filter(pk__in=ids, status=Run.Status.WAITING).update(due_at=timezone.now())


def package_soon(release_id: UUID, *, now: datetime) -> None:
    """Make the bundle of a release due; what went wrong with it before is forgotten."""
    Packing.objects.update_or_create(
        release_id=release_id, defaults={"due_at": now, "attempts": 0, "error": ""}
    )


def notify_soon() -> None:
    """Send reviewers' notifications once the current transaction is committed."""
    transaction.on_commit(lambda: send("runs.tasks.notify_reviewers"))


def watch_channels_soon() -> None:
    """Have the channels looked at, and people told of what needs them, if there is any channel."""
    if Channel.objects.exists():
        transaction.on_commit(lambda: send("runs.tasks.watch_channels"))


def tell_soon() -> None:
    """Have people told of what needs a hand, if mail or the webhook is set up."""
    if settings.MAIL_ENABLED or settings.WEBHOOK["url"]:
        transaction.on_commit(lambda: send("runs.tasks.tell_people"))


def export_site_soon() -> None:
    """Have the public site written, if there is one, once the current transaction is committed."""
    if settings.SITE_DIR:
        transaction.on_commit(lambda: send("runs.tasks.export_site"))


def send(func: str) -> bool:
    """Send a message to the workers. Returns False, and logs why, if the broker does not take it.

    Never raises: what was committed stays, and the caller has nothing to undo.
    """
    try:
        async_task(func)
    except Exception as error:  # of any client library, or of the database
        logger.warning("The queue does not take %s; the sweep asks again: %s", func, error)
        return False
    return True


def queue_size() -> int | None:
    """Return how many messages wait; None if the broker does not answer."""
    try:
        return int(get_broker().queue_size())
    except Exception as error:
        logger.warning("The queue does not answer: %s", error)
        return None
