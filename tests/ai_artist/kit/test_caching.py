"""What takes long is kept for a while, and a page goes on without the cache."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from ai_artist.kit import caching
from ai_artist.kit.caching import cache, kept

pytestmark = pytest.mark.django_db  # without Redis the cache is a table


class Work:
    """Says how often it was done. took_s: by a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, took_s: float) -> None:
        self.now, self.times, self.took_s = 1_000.0, 0, took_s
        for name, value in (("LONG_S", 0.1), ("KEPT_TIMES", 100), ("SWEEP_S", 60)):
            monkeypatch.setattr(caching, name, value)
        clock = SimpleNamespace(time=lambda: self.now, perf_counter=lambda: self.now)
        monkeypatch.setattr(caching, "time", clock)

    def __call__(self) -> int:
        self.now += self.took_s
        self.times += 1
        return self.times


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.delete("kept-figures")
    yield
    cache.delete("kept-figures")


@pytest.mark.parametrize(("took_s", "kept_s"), [(2.0, 200), (0.2, 120)])
def test_how_old_what_is_kept_may_be(
    monkeypatch: pytest.MonkeyPatch, took_s: float, kept_s: int
) -> None:
    work = Work(monkeypatch, took_s=took_s)
    assert kept("figures", work) == 1

    work.now += kept_s - 1
    assert kept("figures", work) == 1
    work.now += 2
    assert kept("figures", work) == 2


def test_the_sweep_renews_what_would_be_too_old_before_its_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work = Work(monkeypatch, took_s=0.2)
    kept("figures", work)

    work.now += 29
    assert kept("figures", work, until_sweep=True) == 1
    work.now += 2
    assert kept("figures", work, until_sweep=True) == 2
    work.now += 89  # the next sweep is late
    assert kept("figures", work) == 2


def test_what_is_quick_is_never_old(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(monkeypatch, took_s=0.05)

    assert [kept("figures", work), kept("figures", work)] == [1, 2]
    assert [kept("figures", work, however_quick=True), kept("figures", work)] == [3, 3]


def test_without_the_cache_it_only_takes_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object) -> None:
        raise ConnectionError("the cache is away")

    work = Work(monkeypatch, took_s=1.0)
    monkeypatch.setattr(cache, "get", away)
    monkeypatch.setattr(cache, "set", away)

    assert [kept("figures", work), kept("figures", work)] == [1, 2]
