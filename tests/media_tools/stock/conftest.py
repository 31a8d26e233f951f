from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from media_tools.providers.http import Line, RetryPolicy, Timeouts
from media_tools.stock.base import FootageRequest
from media_tools.stock.cache import FileCache
from media_tools.stock.pexels import Pexels, PexelsOptions
from media_tools.stock.pixabay import Pixabay, PixabayOptions
from tests.contract_servers.stock import PEXELS_KEY, PIXABAY_KEY, PexelsServer, PixabayServer

QUICK = Line(Timeouts(connect_s=2.0, read_s=1.5, total_s=4.0), RetryPolicy(retries=0))


class Clock:
    """A clock the test sets."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(1_795_000_000.0)


@pytest.fixture
def cache(tmp_path: Path, clock: Clock) -> FileCache:
    return FileCache(tmp_path / "stock", clock=clock)


@pytest.fixture(scope="session")
def _pexels() -> Iterator[PexelsServer]:
    with PexelsServer() as server:
        yield server


@pytest.fixture(scope="session")
def _pixabay() -> Iterator[PixabayServer]:
    with PixabayServer() as server:
        yield server


@pytest.fixture
def pexels_server(_pexels: PexelsServer) -> PexelsServer:
    _pexels.clear()
    return _pexels


@pytest.fixture
def pixabay_server(_pixabay: PixabayServer) -> PixabayServer:
    _pixabay.clear()
    return _pixabay


@pytest.fixture
def pexels(pexels_server: PexelsServer, tmp_path: Path, clock: Clock) -> Pexels:
    options = PexelsOptions(api_key=PEXELS_KEY, spool=tmp_path, base_url=pexels_server.base_url)
    return Pexels(options, replace(QUICK, clock=clock))


@pytest.fixture
def pixabay(pixabay_server: PixabayServer, tmp_path: Path, clock: Clock) -> Pixabay:
    options = PixabayOptions(api_key=PIXABAY_KEY, spool=tmp_path, base_url=pixabay_server.base_url)
    return Pixabay(options, replace(QUICK, clock=clock))


@pytest.fixture
def wanted() -> Callable[..., FootageRequest]:
    def build(*queries: str, **changes: object) -> FootageRequest:
        fields: dict[str, object] = {
            "queries": queries or ("night rain",),
            "duration_s": 12.0,
            "seed": 7,
            "width": 270,
            "height": 480,
        }
        return FootageRequest(**(fields | changes))  # type: ignore[arg-type]

    return build
