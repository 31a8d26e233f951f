"""The broker a cluster fetches its tasks from: first work it finds in the database, then messages.

Work on runs and bundles needs no message. Every cluster looks once a second for what is due and
wakes its own workers, so nothing depends on a broker that may be down.
"""

from __future__ import annotations

import time
from typing import Any

from django import db
from django.conf import settings
from django.utils import timezone
from django_q.brokers import Broker
from django_q.brokers.orm import ORM
from django_q.humanhash import uuid
from django_q.signing import SignedPackage

from runs.work.claims import work_is_due
from runs.work.workers import told_to_stop

CANARY_EVERY_S = 60.0

Fetched = list[tuple[int | None, str]] | None


class OwnWork(Broker):
    """Mixin for a broker: adds canaries and pumps that nobody sent."""

    _next_canary = 0.0
    _pumps_in_a_row = 0

    def dequeue(self) -> Fetched:
        """Return a canary each minute, else a pump while work is due, else the next message.

        After one pump for each worker it looks at the messages, so that they never wait for the end
        of a backlog.
        """
        if time.monotonic() >= self._next_canary:
            self._next_canary = time.monotonic() + CANARY_EVERY_S
            return [package("runs.tasks.canary")]
        if self._pumps_in_a_row < settings.WORKERS and not told_to_stop():
            db.close_old_connections()
            if work_is_due(now=timezone.now()):
                self._pumps_in_a_row += 1
                return [package("runs.tasks.pump")]
        self._pumps_in_a_row = 0
        messages: Fetched = super().dequeue()
        return messages


def package(func: str) -> tuple[None, str]:
    """Pack a task as django-q2 does; it is not acknowledged, and its result is not kept."""
    name, key = uuid()
    task: dict[str, Any] = {"id": key, "name": name, "func": func, "args": (), "kwargs": {}}
    return None, SignedPackage.dumps(task | {"started": timezone.now(), "save": False})


class OrmBroker(OwnWork, ORM):
    """A broker with its messages in the database."""
