"""Fetches updates by long polling: one process at a time, each update confirmed when done."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType

from django.db import close_old_connections
from django.db.models import Q, QuerySet

from media_tools.errors import ProviderUnavailable
from media_tools.messaging.telegram import TelegramApi
from runs.models import TelegramBot
from runs.telegram import updates
from runs.telegram.bot import row_of

logger = logging.getLogger(__name__)

POLL_S = 25
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class PollerBusy(Exception):
    """Another process polls for this bot."""


class Stopped(BaseException):
    """A stop signal came during a wait. A BaseException, so that no handler catches it."""


class Poller:
    """Polls until it is asked to stop: at once while it waits, or else after the present update.

    clock, sleep, poll_s: for tests. Telegram refuses two simultaneous pollers (UpdatesTaken); the
    lease also keeps two of ours from alternating. Use in the main thread.
    """

    def __init__(
        self,
        api: TelegramApi,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        poll_s: int = POLL_S,
    ) -> None:
        self.owner = f"{socket.gethostname()[:50]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._api = api
        self._clock = clock
        self._sleep = sleep
        self._poll_s = poll_s
        self._asked_to_stop = False
        self._waiting = False

    def run(self, *, once: bool = False) -> int:
        """Handle updates until a stop signal; once: only those that wait now. Returns how many.

        Raises PollerBusy, UpdatesTaken and BotRefused; waits for the end of Telegram's outages,
        unless `once` is set.
        """
        handled, wait_s = 0, FIRST_WAIT_S
        with self._signals_caught(), self._leased():
            try:
                while not self._asked_to_stop:
                    # A poller lives for weeks; the database may have restarted meanwhile.
                    close_old_connections()
                    started_s = time.monotonic()
                    try:
                        count = self._turn(timeout_s=0 if once else self._poll_s)
                    except ProviderUnavailable as error:
                        if once:
                            raise
                        logger.warning("Telegram: %s", error)
                        self._wait(error.retry_after_s or wait_s)
                        wait_s = min(LONGEST_WAIT_S, 2 * wait_s)
                        continue
                    handled, wait_s = handled + count, FIRST_WAIT_S
                    if once and not count:
                        break
                    if not count and time.monotonic() - started_s < FIRST_WAIT_S:
                        # Do not flood a server that answers at once instead of holding the request.
                        self._wait(FIRST_WAIT_S)
            except Stopped:
                logger.info("Telegram: the poller was asked to stop.")
        return handled

    def _turn(self, *, timeout_s: int) -> int:
        """Fetch updates once and handle them. Returns how many."""
        self._renew()
        bot = self._rows().get()
        # After a week without updates Telegram restarts its numbers at random. A lower number than
        # our offset would then count as confirmed, so the offset is used only while we know recent
        # updates.
        offset = bot.next_offset if bot.updates.exists() else 0
        with self._interruptible():
            fetched = self._api.get_updates(offset, timeout_s=timeout_s)
        for count, update in enumerate(fetched, start=1):
            updates.handle_update(update, api=self._api, now=self._clock())
            # After each update: a crash repeats only the one in hand.
            self._rows().update(next_offset=update["update_id"] + 1)
            if self._asked_to_stop:
                return count
            self._renew()
        return len(fetched)

    def _rows(self) -> QuerySet[TelegramBot]:
        return TelegramBot.objects.filter(bot_id=self._api.bot_id)

    @contextmanager
    def _leased(self) -> Iterator[None]:
        row_of(self._api)
        now = self._clock()
        free = Q(poller="") | Q(poller_until__lte=now) | Q(poller_until=None)
        taken = (
            self._rows()
            .filter(free)
            .update(poller=self.owner, poller_until=now + TelegramBot.POLLER_LEASE)
        )
        if not taken:
            raise PollerBusy(self._busy())
        try:
            yield
        finally:
            self._rows().filter(poller=self.owner).update(poller="", poller_until=None)

    def _renew(self) -> None:
        mine = self._rows().filter(poller=self.owner)
        if not mine.update(poller_until=self._clock() + TelegramBot.POLLER_LEASE):
            raise PollerBusy(self._busy())

    def _busy(self) -> str:
        holder = self._rows().values_list("poller", flat=True).get()
        lease_s = TelegramBot.POLLER_LEASE.total_seconds()
        return (
            f"{holder or 'Another process'} fetches the updates of this bot; stop it first. After "
            f"a crash its lease ends by itself within {lease_s:.0f} s."
        )

    def _wait(self, seconds: float) -> None:
        """Wait, and renew the lease meanwhile."""
        # Waits can be longer than the lease, so they are divided.
        piece_s = TelegramBot.POLLER_LEASE.total_seconds() / 4
        while seconds > 0:
            with self._interruptible():
                self._sleep(min(seconds, piece_s))
            seconds -= piece_s
            self._renew()

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let a stop signal interrupt the block."""
        if self._asked_to_stop:
            raise Stopped
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False

    @contextmanager
    def _signals_caught(self) -> Iterator[None]:
        def note(number: int, frame: FrameType | None) -> None:
            self._asked_to_stop = True
            if self._waiting:
                self._waiting = False
                raise Stopped

        before = {number: signal.signal(number, note) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
