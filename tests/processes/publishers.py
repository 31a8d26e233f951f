"""Workers that publish by a clock of their own, which stands still while they have work.

The clock and a count of what was done lie in memory that all processes share. So days of waiting
take moments, and workers may be killed by kill -9 between any two pieces of work, or within one.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

IDLE_S = 0.02


class SharedClock:
    """A time that one process sets and all read. busy: how many pieces of work were begun."""

    def __init__(self, at: datetime) -> None:
        self._memory = mmap.mmap(-1, 16)
        self.set(at)

    def set(self, at: datetime) -> None:
        self._memory[:8] = struct.pack("d", at.timestamp())

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(struct.unpack("d", self._memory[:8])[0], UTC)


@dataclass
class Crew:
    """Workers that are replaced when they die.

    work: one piece of work; False if nothing is due. kill_every_s: mean time between two kills;
    0 for none. coarseness: how far beyond the next due moment the clock goes, so that several are
    due at once.
    """

    clock: SharedClock
    work: Callable[[], bool]
    size: int = 8
    kill_every_s: float = 0.0
    coarseness: timedelta = timedelta(0)
    draw: random.Random = field(default_factory=lambda: random.Random(1))
    kills: int = 0
    _workers: set[int] = field(default_factory=set)
    _born: int = 0

    def run(self, *, until: datetime, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Work through everything that is due until a time.

        meanwhile: what the coordinator does between its looks.
        """
        next_kill = time.monotonic() + self._until_kill()
        try:
            while True:
                self._fill()
                time.sleep(IDLE_S)
                self._bury()
                meanwhile()
                if self.kill_every_s and time.monotonic() > next_kill:
                    os.kill(self.draw.choice(sorted(self._workers)), signal.SIGKILL)
                    self.kills += 1
                    next_kill = time.monotonic() + self._until_kill()
                if not self._advance(until):
                    return
        finally:
            for pid in self._workers:
                os.kill(pid, signal.SIGKILL)
            for pid in list(self._workers):
                os.waitpid(pid, 0)
            self._workers.clear()

    def _until_kill(self) -> float:
        return self.draw.uniform(0.3, 1.7) * self.kill_every_s

    def _advance(self, until: datetime) -> bool:
        """Move the clock to the next moment at which there is work, once there is none now."""
        from django.db.models import Min

        from runs.models import Publication
        from runs.publishing import claims

        now = self.clock()
        claims.free_dropped(now=now)
        held = Publication.objects.exclude(owner="")
        if held.exists() or Publication.objects.workable(now=now).exists():
            return True
        coming = Publication.objects.filter(owner="", wake_at__gt=now)
        following = coming.aggregate(at=Min("wake_at"))["at"]
        if following is None or following > until:
            self.clock.set(until)
            return False
        self.clock.set(following + self.coarseness)
        return True

    def _fill(self) -> None:
        from django.db import connections

        while len(self._workers) < self.size:
            self._born += 1
            # Else the child would end the coordinator's connection with its own copy of it.
            connections.close_all()
            pid = os.fork()
            if pid:
                self._workers.add(pid)
                continue
            self._be_worker()

    def _be_worker(self) -> None:
        random.seed(self._born)
        try:
            while True:
                at = self.clock()
                if self.work():
                    continue
                # Idle until the time changes, or something may have been freed.
                for _ in range(25):
                    time.sleep(IDLE_S)
                    if self.clock() != at:
                        break
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(1)

    def _bury(self) -> None:
        for pid in list(self._workers):
            done, _ = os.waitpid(pid, os.WNOHANG)
            if done:
                self._workers.discard(pid)
