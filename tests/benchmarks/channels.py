"""Does every item arrive once, whatever happens to requests, answers, tokens and workers?

Forty items for each adapter are sent to its contract server. One request in eight goes wrong, as at
troubled services; one in thirty kills its worker before it is sent, another after it was answered;
one sending in thirty finds its token expired. No time passes but the clock's own; 20 s.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests

from ai_artist.benchmarks.measuring import Result
from media_tools.errors import ProviderRejected, ProviderUnavailable, SubmissionUnknown
from media_tools.providers.http import Line, RetryPolicy, Timeouts
from media_tools.publishing.bluesky import Bluesky
from media_tools.publishing.discord import Discord
from media_tools.publishing.labelgrid import LabelGrid
from media_tools.publishing.mastodon import Mastodon
from media_tools.publishing.peertube import PeerTube
from tests.contract_servers.base import EVERYDAY_FAULTS, Fault
from tests.contract_servers.bluesky import BlueskyServer
from tests.contract_servers.channel import ChannelServer
from tests.contract_servers.discord import DiscordServer
from tests.contract_servers.labelgrid import BASE, LabelGridServer
from tests.contract_servers.mastodon import MastodonServer
from tests.contract_servers.peertube import PeerTubeServer
from tests.media_tools.publishing.contract import (
    Clock,
    KeptMemory,
    Killed,
    KnownAccount,
    media_file,
    upload,
)
from tests.media_tools.publishing.items import post, store_release

ITEMS = 40
FAULTS = 1 / 8
DEATHS = RENEWALS = 1 / 30
MOST_TRIES = 200
CUT = Fault(cut_at=20_000)


@dataclass(frozen=True)
class Trial:
    """An adapter, its server, and how its options and items are made."""

    adapter: Any
    server: type[ChannelServer]
    options: Callable[[Any], dict[str, Any]]
    item: Callable[[int], Any]


class DoomedWorker(requests.Session):
    """Dies before or after a request, at times."""

    def __init__(self, draw: random.Random) -> None:
        super().__init__()
        self._draw = draw

    def request(self, *args: Any, **options: Any) -> requests.Response:
        if self._draw.random() < DEATHS:
            raise Killed
        response = super().request(*args, **options)
        if self._draw.random() < DEATHS:
            response.close()
            raise Killed
        return response


def channels() -> Result:
    """Send items in trouble; count what arrived, what was doubled, what was left to a person."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for trial in trials(Path(folder)):
            with trial.server() as server:
                figures |= told(server, *played(trial, server))
    return Result("channels", figures)


def trials(folder: Path) -> list[Trial]:
    film = media_file(folder, 2_000_000)
    release, announcement = store_release(folder), post(folder)

    def store(number: int) -> Any:
        cat = f"AAP-{number:04d}"
        return replace(
            release, key=f"r-{number}", catalogue_number=cat, artist=f"Nova {number % 5}"
        )

    def words(number: int) -> Any:
        return replace(announcement, key=f"p{number}", address=f"https://example.org/r/p{number}")

    return [
        Trial(
            PeerTube,
            PeerTubeServer,
            lambda server: {"base_url": server.url},
            lambda number: upload(film, key=f"v{number}", title=f"Night Bus {number}"),
        ),
        Trial(
            LabelGrid, LabelGridServer, lambda server: {"base_url": f"{server.url}{BASE}"}, store
        ),
        Trial(Mastodon, MastodonServer, lambda server: {"base_url": server.url}, words),
        Trial(
            Bluesky,
            BlueskyServer,
            lambda server: {"base_url": server.url, "public_url": server.url},
            words,
        ),
        Trial(Discord, DiscordServer, lambda server: {}, words),
    ]


def played(trial: Trial, server: ChannelServer) -> tuple[int, int]:
    """How many items were sent, and how many were left to a person."""
    draw, clock = random.Random(1), Clock()
    server.clock = clock  # type: ignore[method-assign]
    server.clear()
    account = KnownAccount(server)
    server.chaos(FAULTS, seed=1, faults=[*EVERYDAY_FAULTS, CUT])
    sent = left = 0
    for number in range(ITEMS):
        item, memory = trial.item(number), KeptMemory()
        for _ in range(MOST_TRIES):
            line = Line(
                Timeouts(2.0, 1.5, 6.0),
                RetryPolicy(),
                session=DoomedWorker(draw),
                sleep=clock.move,
                clock=clock,
            )
            adapter = trial.adapter(trial.adapter.Options(**trial.options(server)), line, account)
            if draw.random() < RENEWALS:
                server.expire_access()
            clock.move(60)
            try:
                adapter.send(item, memory)
            except SubmissionUnknown:
                with suppress(Killed, ProviderUnavailable):
                    adapter.find(item, memory)
            except (ProviderUnavailable, Killed):
                continue
            except ProviderRejected:
                left += 1
                break
            else:
                sent += 1
                break
    return sent, left


def told(server: ChannelServer, sent: int, left: int) -> dict[str, float]:
    report = server.report()
    return {
        f"{server.name}_sent": sent,
        f"{server.name}_left_to_a_person": left,
        f"{server.name}_lost": ITEMS - sent - left,
        f"{server.name}_doubled": report["doubled"],
        f"{server.name}_requests": report["requests"],
    }
