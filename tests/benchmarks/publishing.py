"""200 publications on five contract servers by workers that are killed, while all else fails too.

Lost answers, resets and cuts in mid-upload, 429, expired and lost tokens, kill -9. In the end every
one is out, needs a person or failed with a reason; none is doubled, lost, or was public before its
time; no more than a tenth of the bytes was sent twice. Then all are recalled, and each is proven
gone. The adapters are the real ones.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ai_artist.benchmarks.measuring import Result, call_function
from tests.benchmarks.scratch import project
from tests.contract_servers.base import Fault
from tests.contract_servers.channel import CLIENT_ID, CLIENT_SECRET, ChannelServer, Copy
from tests.contract_servers.labelgrid import BASE, LABEL, LabelGridServer
from tests.contract_servers.mastodon import MastodonServer
from tests.contract_servers.peertube import CHANNEL, PASSWORD, USER, PeerTubeServer
from tests.contract_servers.soundcloud_channel import SoundCloudChannelServer
from tests.contract_servers.youtube_channel import YouTubeChannelServer

RELEASES = 40
WORKERS = 6
SIZE_BYTES = 2_000_000
CHUNK_BYTES = 4 * 262_144
START = datetime(2026, 3, 2, 13, tzinfo=UTC)
FAULT_SHARE = 0.05
KILL_EVERY_S = 1.0  # mean
EXPIRE_EVERY = timedelta(hours=1)  # by the common clock, or a slow machine would see more of it
# What falls due within it is due at once, so that the workers get in each other's way.
COARSENESS = timedelta(minutes=2)
SEED = 1
FAULTS = (
    Fault(status=500),
    Fault(status=503, headers={"Retry-After": "60"}),
    Fault(status=429, headers={"Retry-After": "30"}),
    Fault(status=200, body="{not json"),
    Fault(reset="before"),
    Fault(reset="after"),
    Fault(cut_at=SIZE_BYTES // 3),
    Fault(status=504, body="<html>504</html>", taken=True),
)
SIGN_IN = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
HOSTS = ("base_url", "analytics_url", "accounts_url", "grant_url", "public_url")


@dataclass(frozen=True)
class Contender:
    """A channel in the performance: its kind, its server, and the part it is sent.

    block: setting of its options. file: in the bundle; no file: it is sent words alone.
    """

    kind: str
    server: type[ChannelServer]
    part: str
    block: str
    file: str = ""
    options: dict[str, Any] = field(default_factory=dict)


CONTENDERS = (
    Contender(
        "youtube",
        YouTubeChannelServer,
        "video",
        "YOUTUBE_CHANNEL",
        "video/video.mp4",
        {**SIGN_IN, "chunk_bytes": CHUNK_BYTES},
    ),
    Contender(
        "soundcloud",
        SoundCloudChannelServer,
        "audio",
        "SOUNDCLOUD_CHANNEL",
        "audio/master.flac",
        SIGN_IN,
    ),
    Contender(
        "peertube",
        PeerTubeServer,
        "video",
        "PEERTUBE_CHANNEL",
        "video/video.mp4",
        {"chunk_bytes": CHUNK_BYTES},
    ),
    Contender("labelgrid", LabelGridServer, "release", "LABELGRID_CHANNEL", "audio/master.wav"),
    Contender("mastodon", MastodonServer, "post", "MASTODON_CHANNEL"),
)


def publishing() -> Result:
    """How 200 publications ended, and what of it must be 0; what is not proven gone by name."""
    with project() as environment:
        told = call_function("tests.benchmarks.publishing", "perform", environment=environment)
    return Result("publishing", told["figures"], lines=told["open"])


@dataclass
class Stage:
    """The servers by kind, and the person who agrees and connects channels again."""

    servers: dict[str, ChannelServer]
    next_expiry: datetime = START
    reconnected: int = 0
    answered: int = 0

    def start(self, clock: Any) -> None:
        for server in self.servers.values():
            server.clock = lambda: clock().timestamp()  # type: ignore[method-assign]
            server.start()

    def meanwhile(self, clock: Any) -> None:
        """Let tokens expire now and then, and do what is a person's to do."""
        if clock() > self.next_expiry:
            self.next_expiry = clock() + EXPIRE_EVERY
            for server in self.servers.values():
                server.expire_access()
        self.reconnect(clock)
        self.answer(clock)

    def reconnect(self, clock: Any) -> None:
        from runs.models import Channel
        from runs.publishing.accounts import store_tokens
        from runs.publishing.resolving import resume_channel

        for channel in Channel.objects.exclude(state="active"):
            store_tokens(channel, tokens_of(self.servers[channel.kind]))
            resume_channel(channel_id=channel.pk, now=clock())
            self.reconnected += 1

    def answer(self, clock: Any) -> None:
        """Agree to what goes to shops, as nothing does without a person."""
        from django.contrib.auth.models import User

        from runs.models import Publication
        from runs.publishing.planning import confirm

        person, _ = User.objects.get_or_create(username="person")
        asked = Publication.objects.filter(
            channel__kind="labelgrid", status="needs_person", confirmed_at=None
        )
        for publication in asked:
            confirm(publication_id=publication.pk, actor=person, now=clock())
            self.answered += 1


def tokens_of(server: ChannelServer) -> Any:
    """Return the tokens that a server issues at a new sign-in."""
    from media_tools.publishing.passwords import Credentials
    from media_tools.publishing.tokens import Tokens

    if isinstance(server, PeerTubeServer):
        kept = Credentials(server.refresh, USER, PASSWORD).packed()
        return Tokens(access=server.access, refresh=kept)
    pasted = isinstance(server, LabelGridServer | MastodonServer)
    return Tokens(access=server.access, refresh="" if pasted else server.refresh)


def perform() -> dict[str, Any]:
    from django.conf import settings

    from runs.models import Publication, Release
    from runs.publishing import channels, performing
    from runs.publishing.recall import recall_release
    from tests.processes.publishers import Crew, SharedClock

    clock = SharedClock(START)
    stage = Stage({one.kind: one.server() for one in CONTENDERS})
    stage.start(clock)
    channels.line_of = line_by(clock)
    set_the_stage(stage, settings)
    plan_all()
    for server in stage.servers.values():
        server.chaos(FAULT_SHARE, seed=SEED, faults=FAULTS)
    started = time.monotonic()
    crew = Crew(
        clock,
        lambda: performing.publish_next(clock=clock),
        size=WORKERS,
        kill_every_s=KILL_EVERY_S,
        coarseness=COARSENESS,
        draw=random.Random(SEED),
    )
    crew.run(until=START + timedelta(days=9), meanwhile=lambda: stage.meanwhile(clock))
    out = outcome(stage)
    sent_s = time.monotonic() - started
    for release in Release.objects.exclude(published_at=None):
        recall_release(release_id=release.pk, reason="Sample", actor=None, now=clock())
    crew.run(until=START + timedelta(days=19), meanwhile=lambda: stage.meanwhile(clock))
    states = Counter(Publication.objects.values_list("status", flat=True))
    left = sum(not copy.gone for server in stage.servers.values() for copy in server.copies)
    figures = {
        **out,
        "sent_s": sent_s,
        "kills": float(crew.kills),
        "reconnected": float(stage.reconnected),
        "answered": float(stage.answered),
        "recalled_proven": float(states["recalled"]),
        "recall_open": float(states["recalling"] + states["recall_unproven"]),
        "left_at_channels": float(left),
    }
    return {"figures": figures, "open": not_proven_gone()}


def not_proven_gone() -> list[str]:
    """What is not proven gone, and why."""
    from runs.models import Publication

    rows = Publication.objects.exclude(status="recalled").select_related("channel")
    return [f"{row.channel} {row.status}, next look {row.wake_at}: {row.reason}" for row in rows]


def line_by(clock: Any) -> Any:
    """How channels are reached when all goes by one clock."""
    from media_tools.providers.breaker import CircuitBreaker
    from media_tools.providers.http import Line
    from runs.providers.breakers import DatabaseBreakerStore

    def seconds() -> float:
        return float(clock().timestamp())

    def line_of(channel: Any) -> Line:
        name = f"{channel.kind}-{channel.pk}"
        breaker = CircuitBreaker(name, store=DatabaseBreakerStore(), clock=seconds)
        return Line(breaker=breaker, clock=seconds, sleep=lambda _: None)

    return line_of


def set_the_stage(stage: Stage, settings: Any) -> None:
    """A channel of each kind, connected to its contract server."""
    from runs.models import Channel
    from runs.publishing.accounts import store_tokens

    for contender in CONTENDERS:
        server = stage.servers[contender.kind]
        base = f"{server.url}{BASE}" if contender.kind == "labelgrid" else server.url
        addresses = {**dict.fromkeys(HOSTS, server.url), "base_url": base}
        setattr(settings, contender.block, {**addresses, **contender.options})
        at = {"peertube": f"{server.url}/c/{CHANNEL}", "mastodon": server.url}
        channel = Channel.objects.create(
            kind=contender.kind,
            name=contender.kind,
            address=at.get(contender.kind, ""),
            parts=[contender.part],
            artist_most=0,
            account_most=0,
            gap_h=0,
            lead_time_h=24,
        )
        store_tokens(channel, tokens_of(server))


def plan_all(releases: int = RELEASES) -> None:
    """Every release on every channel, within two days; shops know days, not hours."""
    from runs.models import Channel
    from runs.publishing.planning import Wish, plan
    from tests.bundled import bundled_release

    draw = random.Random(SEED)
    channels = list(Channel.objects.all())
    label_data()
    for number in range(releases):
        release = bundled_release(size_bytes=SIZE_BYTES)
        track = release.tracks.get()
        track.isrc, release.upc = f"QZABC26{number:05d}", ean(4_000_000_000_00 + number)
        track.save()
        release.release_date = (START + timedelta(days=6)).date()
        release.save()
        for channel in channels:
            at = START + timedelta(hours=24 + draw.uniform(1, 48))
            if channel.kind == "labelgrid":
                at = START.replace(hour=0) + timedelta(days=6)
            position = 0 if channel.parts[0] in ("release", "post") else 1
            wish = Wish(channel, channel.parts[0], position, at)
            plan(release_id=release.pk, wishes=[wish], actor=None, now=START)


def label_data() -> None:
    from runs.models import Credit, LabelProfile, Role
    from runs.models.label import credits_to_json

    roles = (Role.COMPOSER, Role.LYRICIST, Role.PRODUCER)
    LabelProfile.objects.create(
        name="Example",
        is_default=True,
        label=LABEL,
        recording_country="DE",
        sub_genres={"synthwave": ["Synth Pop", ""]},
        credits=credits_to_json([Credit("Erika Example", role) for role in roles]),
    )


def ean(digits: int) -> str:
    """A thirteen-digit code with its check digit (GS1)."""
    body = f"{digits:012d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def outcome(stage: Stage) -> dict[str, float]:
    """How things stand at our side, held against what the servers know."""
    from runs.models import Publication

    rows = list(Publication.objects.select_related("channel", "release__artist"))
    states = Counter(row.status for row in rows)
    settled = [
        row
        for row in rows
        if row.status == "live" or (row.status in ("needs_person", "failed") and row.reason)
    ]
    reports = {kind: server.report() for kind, server in stage.servers.items()}
    known = {str(row.pk): row for row in rows}
    public = {key: at for report in reports.values() for key, at in report["public_at"].items()}
    early = [key for key, at in public.items() if at < known[key].asked_at.timestamp() - 1]
    lost = [
        copy
        for server in stage.servers.values()
        for copy in server.copies
        if copy.key not in known or not known[copy.key].external_id
    ]
    return {
        "publications": float(len(rows)),
        "live": float(states["live"]),
        "needs_person": float(states["needs_person"]),
        "failed": float(states["failed"]),
        "unsettled": float(len(rows) - len(settled)),
        "doubled": float(sum(report["doubled"] for report in reports.values())),
        "lost": float(len(lost)),
        "early": float(len(early)),
        "unlabelled": float(len(unlabelled(stage, rows))),
        **{f"bytes_ratio{of}": share for of, share in bytes_ratios(stage).items()},
        "requests": float(sum(report["requests"] for report in reports.values())),
    }


def unlabelled(stage: Stage, rows: list[Any]) -> list[Any]:
    """Live items that are not told as made with AI, by what the servers hold."""
    found = []
    for row in rows:
        if row.status != "live":
            continue
        server = stage.servers[row.channel.kind]
        copy = next(copy for copy in server.copies_of(str(row.pk)) if not copy.gone)
        said = row.disclosed is not False and row.flagged is not False
        if not (said and flagged_there(row.channel.kind, copy)):
            found.append(row)
    return found


def flagged_there(kind: str, copy: Copy) -> bool:
    """Whether the service's own AI field says so; True where it has none."""
    if kind == "youtube":
        return bool(copy.fields["status"]["containsSyntheticMedia"])
    return kind != "labelgrid" or copy.fields["artwork_ai_usage"] == "all"


def bytes_ratios(stage: Stage) -> dict[str, float]:
    """What was sent for each byte of the files it made: by channel that takes files, and in all."""
    taking = [one for one in CONTENDERS if one.file]
    files = {one.kind: len(stage.servers[one.kind].copies) * SIZE_BYTES for one in taking}
    sent = {one.kind: stage.servers[one.kind].bytes_received for one in taking}
    shares = {f"_{kind}": sent[kind] / files[kind] for kind in files if files[kind]}
    return shares | {"": sum(sent.values()) / (sum(files.values()) or 1)}
