"""Contract servers of the trend sources, and a transport that never really sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from media_tools.providers.http import Line, RetryPolicy, Timeouts
from tests.contract_servers.base import ContractServer
from tests.contract_servers.charts import (
    AppleServer,
    ChartmetricServer,
    DeezerServer,
    LastfmServer,
    YoutubeServer,
)
from tests.contract_servers.x import XServer
from trends.sources.transport import Transport

Servers = dict[type[ContractServer], ContractServer]


@dataclass
class Clockwork:
    """Notes what should have been slept."""

    slept_s: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)


@pytest.fixture(scope="session")
def started() -> Iterator[Servers]:
    kinds = (AppleServer, ChartmetricServer, DeezerServer, LastfmServer, YoutubeServer, XServer)
    servers: Servers = {kind: kind().start() for kind in kinds}
    yield servers
    for server in servers.values():
        server.stop()


def _cleared(kind: type[ContractServer]):
    @pytest.fixture
    def server(started: Servers) -> ContractServer:
        started[kind].clear()
        return started[kind]

    return server


apple = _cleared(AppleServer)
chartmetric = _cleared(ChartmetricServer)
deezer = _cleared(DeezerServer)
lastfm = _cleared(LastfmServer)
youtube = _cleared(YoutubeServer)
x = _cleared(XServer)


@pytest.fixture
def clockwork() -> Clockwork:
    return Clockwork()


@pytest.fixture
def transport(clockwork: Clockwork) -> Transport:
    return Transport(
        Line(
            Timeouts(2.0, 1.5, 4.0),
            RetryPolicy(base_s=1.0, longest_wait_s=10.0),
            sleep=clockwork.sleep,
        )
    )
