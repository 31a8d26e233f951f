"""Eight workers plan and send 500 publications against caps: no cap is broken in any window.

Every fifth item is late: its channel is away when it is to be sent, or takes days to process it.
"""

from __future__ import annotations

import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from ai_artist.benchmarks.measuring import Result, call_function
from tests.benchmarks.scratch import project

PROCESSES = 8
PUBLICATIONS = 500
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEED = 1
MOST_A_DAY = 6
LATE_SHARE = 0.2


def pacing() -> Result:
    """Publications planned and sent, seconds, and how often a cap was broken (0)."""
    with project() as environment:
        environment["AI_ARTIST_PUBLISH_MOST_A_DAY"] = str(MOST_A_DAY)
        figures = call_function("tests.benchmarks.pacing", "measure", environment=environment)
    return Result("pacing", figures)


@dataclass(frozen=True)
class Public:
    """An item that came out."""

    artist: int
    channel: int
    account: str
    at: datetime


def measure() -> dict[str, float]:
    from django.db import connection

    from runs.models import Publication
    from runs.publishing import performing
    from tests.processes.publishers import Crew, SharedClock

    releases = populate()
    clock = SharedClock(START)
    log = Path(os.environ["MEDIA_ROOT"]) / "public.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.touch()
    started = time.monotonic()
    with staged(log, clock):
        plan_at_once(releases)
        planned_s = time.monotonic() - started
        planned = broken(
            [
                Public(artist, channel, account, at)
                for artist, channel, account, at in Publication.objects.values_list(
                    "release__artist", "channel", "channel__account_id", "due_at"
                )
            ]
        )
        crew = Crew(
            clock,
            lambda: performing.publish_next(clock=clock),
            size=PROCESSES,
            coarseness=timedelta(minutes=3),
        )
        crew.run(until=START + timedelta(days=3 * 365))
    connection.close()
    out = list(read(log))
    return {
        "publications": float(Publication.objects.count()),
        "planned_s": planned_s,
        "sent_s": time.monotonic() - started - planned_s,
        "live": float(Publication.objects.filter(status="live").count()),
        "public": float(len(out)),
        "late": float(sum(1 for row in Publication.objects.all() if row.due_at > row.asked_at)),
        "broken_when_planned": float(planned),
        "broken_when_public": float(broken(out)),
    }


def populate() -> list[Any]:
    """Ids of releases of ten artists, and four channels, two of which share an account."""
    from runs.models import Channel
    from tests.bundled import row_release
    from tests.factories import ArtistFactory, BatchFactory

    batch = BatchFactory()
    artists = [ArtistFactory() for _ in range(10)]
    for number, account in enumerate(("one", "one", "two", "three")):
        Channel.objects.create(
            kind=Channel.Kind.YOUTUBE,
            name=f"Channel {number}",
            account_id=account,
            parts=["video"],
            account_most=2,
            artist_days=2,
            gap_h=24,
        )
    return [
        row_release(artist=artists[number % 10], batch=batch).pk
        for number in range(PUBLICATIONS // 4)
    ]


def plan_at_once(releases: Sequence[Any]) -> None:
    """Plan everything for the same week in eight processes, each its share."""
    from django.db import connections

    from runs.models import Channel
    from runs.publishing.planning import Wish, plan

    connections.close_all()
    children = []
    for process in range(PROCESSES):
        pid = os.fork()
        if pid:
            children.append(pid)
            continue
        code = 1
        try:
            draw = random.Random(process)
            channels = list(Channel.objects.all())
            for release in releases[process::PROCESSES]:
                wishes = [
                    Wish(channel, "video", 1, START + timedelta(hours=draw.randrange(24, 24 * 8)))
                    for channel in channels
                ]
                plan(release_id=release, wishes=wishes, actor=None, now=START)
            code = 0
        finally:
            os._exit(code)
    if any(os.waitpid(pid, 0)[1] for pid in children):
        raise RuntimeError("A planner failed.")


class Stub:
    """A channel of this machine: what is public is a line in a file, written at its moment."""

    asks_first = False
    schedules = False
    look_after_s = (60.0,)

    def __init__(self, publication: Any, log: Path, clock: Any) -> None:
        self.publication, self.log, self.clock = publication, log, clock
        draw = random.Random(f"{SEED}:{publication.pk}")
        self.away_until = publication.asked_at + timedelta(
            hours=draw.uniform(0, 48) if draw.random() < LATE_SHARE / 2 else -10_000
        )
        self.processed_at = publication.asked_at + timedelta(
            hours=draw.uniform(0, 72) if draw.random() < LATE_SHARE / 2 else -10_000
        )

    def send(self, item: Any, memory: Any) -> Any:
        from media_tools.errors import ProviderUnavailable
        from media_tools.publishing.base import Sent

        if self.clock() < self.away_until:
            raise ProviderUnavailable("stub", "it is away", retry_after_s=8 * 3600)
        return Sent(str(self.publication.pk))

    def standing(self, external_id: str, item: Any) -> Any:
        from media_tools.publishing.base import Stage, Standing

        if self.clock() < self.processed_at:
            return Standing(stage=Stage.PROCESSING)
        live = f"{external_id} " in self.log.read_text()
        return Standing(stage=Stage.LIVE if live else Stage.HIDDEN)

    def publish(self, external_id: str, item: Any) -> None:
        row = self.publication
        line = (
            f"{external_id} {row.release.artist_id} {row.channel_id} {row.channel.account_id} "
            f"{self.clock().isoformat()}\n"
        )
        with self.log.open("a") as log:
            log.write(line)

    def witness(self, external_id: str, url: str) -> Any:
        from media_tools.publishing.base import Sighting

        return Sighting(there=True, address="", status=200, sha256="")

    def poll_after_s(self, waited_s: float) -> float:
        return 12 * 3600.0


def staged(log: Path, clock: Any) -> mock._patch[Any]:
    """Stubs in place of adapters, files and approvals, which pacing does not concern."""
    from runs.models import Channel, Publication
    from runs.publishing import channels, following, handling, performing, sending
    from runs.publishing.channels import ChannelKind, ItemKind
    from runs.releasing.blockers import VIDEO

    channels.KINDS[Channel.Kind.YOUTUBE] = ChannelKind(
        ItemKind.UPLOAD, channels.FILMS, VIDEO, path="tests.benchmarks.pacing.Stub"
    )
    sending.require_sendable = lambda *_, now: None  # type: ignore[assignment]
    following.declare_out = lambda *_: None  # type: ignore[assignment]

    def watch_no_more(one: Any) -> None:
        one.let_go(Publication.Status.LIVE, after=None)

    performing.WORK[Publication.Status.LIVE] = watch_no_more
    return mock.patch.multiple(
        handling.Handling,
        adapter=property(lambda self: Stub(self.publication, log, clock)),
        item=property(lambda self: None),
        checked_item=property(lambda self: None),
    )


def read(log: Path) -> Iterator[Public]:
    for line in log.read_text().splitlines():
        _, artist, channel, account, at = line.split()
        yield Public(int(artist), int(channel), account, datetime.fromisoformat(at))


def broken(items: Sequence[Public]) -> int:
    """How many windows hold more than their cap."""
    from runs.models import Channel

    count = crowds([item.at for item in items], MOST_A_DAY, timedelta(days=1))
    channels = {channel.pk: channel for channel in Channel.objects.all()}
    of_artist: Mapping[tuple[int, int], list[datetime]] = defaultdict(list)
    of_account: Mapping[str, list[datetime]] = defaultdict(list)
    for item in items:
        of_artist[item.artist, item.channel].append(item.at)
        of_account[item.account].append(item.at)
    for (_, channel_id), times in of_artist.items():
        channel = channels[channel_id]
        count += crowds(times, channel.artist_most, timedelta(days=channel.artist_days))
        count += crowds(times, 1, timedelta(hours=channel.gap_h))
    for times in of_account.values():
        count += crowds(times, 2, timedelta(days=1))
    return count


def crowds(times: Sequence[datetime], most: int, window: timedelta) -> int:
    ranked = sorted(times)
    return sum(last - first < window for first, last in zip(ranked, ranked[most:], strict=False))
