"""Fetching updates by long polling: one process at a time, each update confirmed when done."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType

from django.db import close_old_connections
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from media_tools.errors import ProviderUnavailable
from media_tools.messaging.telegram import TelegramApi
from runs.models import TelegramBot
from runs.telegram import updates
from runs.telegram.bot import row_of

logger = logging.getLogger(__name__)

POLL_S = 25
LEASE = timedelta(seconds=120)
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0


class PollerBusy(Exception):
    """Another process polls."""


class Stopped(BaseException):
    """A signal came while the poller only waited."""


class Poller:
    """Polls until it is asked to stop.

    clock, sleep: for tests. Telegram itself refuses a second poller of the bot (UpdatesTaken);
    the lease also keeps two of ours from fetching the same updates in turns.
    """

    def __init__(
        self,
        api: TelegramApi,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        poll_s: int = POLL_S,
    ) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}"[:80]
        self._api = api
        self._clock = clock
        self._sleep = sleep
        self._poll_s = poll_s
        self._asked_to_stop = False
        self._waiting = False

    def run(self, *, once: bool = False) -> int:
        """Handle updates until a stop signal; once: only those that wait now. Gives how many.

        Raises PollerBusy, UpdatesTaken and BotRefused; outages of Telegram are waited out.
        """
        handled = 0
        with self.signals(), self.lease():
            wait_s = FIRST_WAIT_S
            while not self._asked_to_stop:
                close_old_connections()
                try:
                    count = self.pass_over(timeout_s=0 if once else self._poll_s)
                except Stopped:
                    break
                except ProviderUnavailable as error:
                    if once:
                        raise
                    logger.warning("Telegram: %s", error)
                    if not self.pause(error.retry_after_s or wait_s):
                        break
                    wait_s = min(LONGEST_WAIT_S, wait_s * 2)
                    continue
                handled += count
                wait_s = FIRST_WAIT_S
                if once and not count:
                    break
        return handled

    def pass_over(self, *, timeout_s: int) -> int:
        """Fetch updates once and handle them; gives how many came."""
        self.renew()
        offset = self.rows().values_list("next_offset", flat=True).get()
        with self.interruptible():
            found = self._api.get_updates(offset, timeout_s=timeout_s)
        for count, update in enumerate(found, start=1):
            updates.handle_update(update, api=self._api, now=self._clock())
            # Never back: after a pause Telegram may number anew, but ours is then kept by it.
            self.rows().update(next_offset=update["update_id"] + 1)
            if self._asked_to_stop:
                return count
            self.renew()
        return len(found)

    def rows(self) -> "QuerySet[TelegramBot]":
        """The bot's row."""
        return TelegramBot.objects.filter(bot_id=self._api.bot_id)
