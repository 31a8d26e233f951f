"""200 publications on five channels by workers that are killed, while everything else fails too.

Lost answers, resets in mid-upload, 429, expired and lost tokens, kill -9. In the end every one is
out, needs a person or failed with a reason; none is doubled, lost, or was public before its time;
no more than a tenth of the bytes was sent twice. Then all are recalled, and each is proven gone.

The channels are a parameter: adapters join as a Contender each.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ai_artist.benchmarks.measuring import Result, call_function
from tests.benchmarks.scratch import project
from tests.contract_servers.base import Fault
from tests.invented_channel import ChannelServer

RELEASES = 40
WORKERS = 6
SIZE_BYTES = 400_000
START = datetime(2026, 3, 2, 13, tzinfo=UTC)
FAULT_SHARE = 0.05
KILL_EVERY_S = 1.0
EXPIRE_EVERY_S = 1.0
SEED = 1
FAULTS = (
    Fault(status=500),
    Fault(status=503, headers={"Retry-After": "60"}),
    Fault(status=429, headers={"Retry-After": "30"}),
    Fault(status=200, body="{not json"),
    Fault(reset="before"),
    Fault(reset="after"),
    Fault(status=504, body="<html>504</html>", taken=True),
)


@dataclass(frozen=True)
class Contender:
    """A channel in the performance: its kind, its server, and the adapter that speaks to it."""

    kind: str
    path: str
    schedules: bool = False


CONTENDERS = (
    Contender("youtube", "tests.fake_channel.ScheduledChannel", schedules=True),
    Contender("soundcloud", "tests.fake_channel.FakeChannel"),
    Contender("peertube", "tests.fake_channel.FakeChannel"),
    Contender("labelgrid", "tests.fake_channel.ScheduledChannel", schedules=True),
    Contender("tiktok", "tests.fake_channel.FakeChannel"),
)


def publishing() -> Result:
    """How 200 publications ended, and what of it must be 0."""
    with project() as environment:
        figures = call_function("tests.benchmarks.publishing", "perform", environment=environment)
    return Result("publishing", figures)


@dataclass
class Stage:
    """The servers by kind, and the person who connects channels again."""

    servers: dict[str, ChannelServer]
    next_expiry: float = 0.0
    reconnected: int = 0

    def meanwhile(self, clock: Any) -> None:
        """Let tokens expire now and then; connect again what lost them for good."""
        if time.monotonic() > self.next_expiry:
            self.next_expiry = time.monotonic() + EXPIRE_EVERY_S
            for server in self.servers.values():
                server.expire()
            self.reconnect(clock)

    def reconnect(self, clock: Any) -> None:
        from media_tools.publishing.tokens import Tokens
        from runs.models import Channel
        from runs.publishing.accounts import store_tokens
        from runs.publishing.resolving import resume_channel

        for channel in Channel.objects.exclude(state="active"):
            tokens = self.servers[channel.kind].tokens
            store_tokens(channel, Tokens(access=tokens.access, refresh=tokens.refresh))
            resume_channel(channel_id=channel.pk, now=clock())
            self.reconnected += 1


def perform() -> dict[str, float]:
    from runs.models import Publication, Release
    from runs.publishing import performing
    from runs.publishing.recall import recall_release
    from tests.processes.publishers import Crew, SharedClock

    clock = SharedClock(START)
    stage = Stage({one.kind: ChannelServer() for one in CONTENDERS})
    for server, one in zip(stage.servers.values(), CONTENDERS, strict=True):
        server.clock, server.schedules = clock, one.schedules
    set_the_stage(stage, clock)
    plan_all()
    for server in stage.servers.values():
        server.start()
        server.chaos(FAULT_SHARE, seed=SEED, faults=FAULTS)
    started = time.monotonic()
    crew = Crew(
        clock,
        lambda: performing.publish_next(clock=clock),
        size=WORKERS,
        kill_every_s=KILL_EVERY_S,
        draw=random.Random(SEED),
    )
    crew.run(until=START + timedelta(days=6), meanwhile=lambda: stage.meanwhile(clock))
    out = outcome(stage)
    sent_s = time.monotonic() - started
    for release in Release.objects.filter(status="published"):
        recall_release(release_id=release.pk, reason="Sample", actor=None, now=clock())
    crew.run(until=START + timedelta(days=16), meanwhile=lambda: stage.meanwhile(clock))
    states = Counter(Publication.objects.values_list("status", flat=True))
    left = sum(
        not item.deleted for server in stage.servers.values() for item in server.items.values()
    )
    return {
        **out,
        "sent_s": sent_s,
        "kills": float(crew.kills),
        "reconnected": float(stage.reconnected),
        "recalled_proven": float(states["recalled"]),
        "recall_open": float(states["recalling"] + states["recall_unproven"]),
        "left_at_channels": float(left),
    }


def set_the_stage(stage: Stage, clock: Any) -> None:
    """Our own servers in place of platforms, and breakers that go by the shared clock."""
    from django.conf import settings

    from media_tools.providers.breaker import CircuitBreaker
    from media_tools.publishing.tokens import Tokens
    from runs.models import Channel
    from runs.providers.breakers import DatabaseBreakerStore
    from runs.publishing import channels
    from runs.publishing.accounts import store_tokens
    from runs.publishing.channels import ChannelKind, ItemKind
    from runs.releasing.blockers import VIDEO

    channels.breaker_for = lambda name: CircuitBreaker(
        name, store=DatabaseBreakerStore(), clock=lambda: clock().timestamp()
    )
    for contender in CONTENDERS:
        block = f"FAKE_{contender.kind.upper()}"
        setattr(settings, block, {"base_url": stage.servers[contender.kind].url})
        channels.KINDS[contender.kind] = ChannelKind(
            ItemKind.UPLOAD,
            channels.FILMS,
            VIDEO,
            path=contender.path,
            issuer="tests.fake_channel.FakeIssuer",
            block=block,
        )
        channel = Channel.objects.create(
            kind=contender.kind,
            name=contender.kind,
            parts=["video"],
            artist_most=0,
            account_most=0,
            gap_h=0,
        )
        store_tokens(channel, Tokens(access="access-0", refresh="refresh-0"))


def plan_all() -> None:
    """Every release on every channel, within two days."""
    from runs.models import Channel
    from runs.publishing.planning import Wish, plan
    from tests.bundled import bundled_release

    draw = random.Random(SEED)
    channels = list(Channel.objects.all())
    for _ in range(RELEASES):
        release = bundled_release(size_bytes=SIZE_BYTES)
        wishes = [
            Wish(channel, "video", 1, START + timedelta(hours=24 + draw.uniform(1, 48)))
            for channel in channels
        ]
        plan(release_id=release.pk, wishes=wishes, actor=None, now=START)


def outcome(stage: Stage) -> dict[str, float]:
    """How things stand at our side, held against what the servers know."""
    from runs.models import Publication

    rows = list(Publication.objects.select_related("channel"))
    states = Counter(row.status for row in rows)
    settled = [
        row
        for row in rows
        if row.status == "live" or (row.status in ("needs_person", "failed") and row.reason)
    ]
    items = {
        (kind, name): item
        for kind, server in stage.servers.items()
        for name, item in server.items.items()
    }
    by_key = {item.body["key"]: item for item in items.values()}
    early = [
        row
        for row in rows
        if (item := by_key.get(str(row.pk)))
        and item.public_since
        and item.public_since < row.asked_at - timedelta(seconds=1)
    ]
    unlabelled = [
        row for row in rows if row.status == "live" and not (row.flagged and row.disclosed)
    ]
    unknown_there = [
        key
        for key, item in by_key.items()
        if not any(row.external_id and str(row.pk) == key for row in rows)
    ]
    sent = sum(
        len(request.body)
        for server in stage.servers.values()
        for request in server.seen("PUT /sessions")
    )
    made = sum(item.body["size"] for item in items.values())
    return {
        "publications": float(len(rows)),
        "live": float(states["live"]),
        "needs_person": float(states["needs_person"]),
        "failed": float(states["failed"]),
        "unsettled": float(len(rows) - len(settled)),
        "doubled": float(sum(len(server.doubled()) for server in stage.servers.values())),
        "lost": float(len(unknown_there)),
        "early": float(len(early)),
        "unlabelled": float(len(unlabelled)),
        "bytes_sent_to_made": sent / max(made, 1),
        "requests": float(sum(server.count() for server in stage.servers.values())),
    }
