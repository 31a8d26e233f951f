"""Messages in Redis; an outage of Redis loses nothing but the messages."""

from __future__ import annotations

import logging
import time
from typing import Any

import redis
from django.conf import settings
from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf

from runs.work.broker import Fetched, OwnWork

logger = logging.getLogger(__name__)


class Messages(Redis):
    """django-q2's Redis broker, changed so that it survives an outage.

    A cluster starts and goes on without Redis, tries again every second, and logs the beginning and
    the end of the outage once. Enqueueing fails within a second, because a page waits for it.
    """

    _away = False

    def dequeue(self) -> Fetched:
        # LPOP, not BLPOP: a blocking wait would have to be shorter than the connection's timeout.
        message = self._ask(self.connection.lpop, self.list_key)
        if message is None:
            time.sleep(Conf.POLL)
            return None
        return [(None, message)]

    def ping(self) -> bool:
        return bool(self._ask(self.connection.ping))

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        self._ask(self.connection.set, key, value, timeout)

    def _ask(self, command: Any, *arguments: Any) -> Any:
        """Return what Redis answers; None during an outage."""
        try:
            answer = command(*arguments)
        except redis.RedisError as error:
            if not self._away:
                logger.warning("Redis is away; messages wait: %s", error)
            self._away = True
            return None
        if self._away:
            logger.warning("Redis is back.")
        self._away = False
        return answer

    @staticmethod
    def get_connection(list_key: str | None = None) -> redis.Redis:
        # A pool of our own: by default redis-py retries for several seconds.
        pool = redis.ConnectionPool.from_url(settings.REDIS_URL, **settings.REDIS_TIMEOUTS)
        return redis.Redis(connection_pool=pool)


class RedisBroker(OwnWork, Messages):
    """The cluster's own work first, then messages in Redis."""
