"""`manage.py qcluster`: django-q2's command, with a main process that looks after its workers."""

from __future__ import annotations

import logging
import sys
import threading
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand
from django.db import connections
from django.utils import timezone
from django_q.cluster import Cluster

from runs import tasks
from runs.work import workers

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
# For a look that has begun; it can be cut off anywhere.
LAST_LOOK_S = 5.0


class StoppableCluster(Cluster):
    """Tells its workers first; django-q2 alone would wait until none of them finds any work."""

    def stop(self) -> bool:
        workers.tell_to_stop()
        return bool(super().stop())


class Command(BaseCommand):
    help = (
        "Starts workers that do what is due, and looks after them: runs of dead workers go on, "
        "and of all clusters one sweeps each minute. SIGTERM ends it after the present steps."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.check(tags=[Tags.database], databases=["default"])
        ended = threading.Event()
        with workers.cluster(now=timezone.now()):
            # The workers inherit no connection.
            connections.close_all()
            cluster = StoppableCluster()
            cluster.start()
            # Beside the workers, so that no long step and no broker that is away delays it.
            watch = threading.Thread(target=look_after, args=[ended], daemon=True, name="watch")
            watch.start()
            cluster.sentinel.join()
            ended.set()
            watch.join(LAST_LOOK_S)
        sys.exit(1 if cluster.sentinel.exitcode else 0)


def look_after(ended: threading.Event) -> None:
    """Look after workers and work until the cluster has ended, whatever goes wrong."""
    while True:
        try:
            tasks.look_after()
        except Exception:
            logger.exception("Nobody was looked after; tried again")
        finally:
            connections.close_all()
        if ended.wait(LOOK_EVERY_S):
            return
