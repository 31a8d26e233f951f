"""Who holds what: never two reviewers the same run."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections

from runs.reviewing.leases import (
    LEASE_S,
    Scope,
    age_of,
    give_back,
    holder_of,
    lease_runs,
    queue_counts,
    renew,
)
from tests.databases import file_of_database
from tests.factories import NOON, ArtistFactory, RunFactory
from tests.runs.desk.conftest import reviewer

LATER = NOON + timedelta(seconds=LEASE_S + 1)


@pytest.mark.django_db
def test_the_oldest_first_and_nobody_elses(anna: User, ben: User) -> None:
    runs = [
        RunFactory(reviewable=True, finished_at=NOON - timedelta(hours=hours))
        for hours in (1, 3, 2)
    ]

    assert lease_runs(anna, now=NOON, count=2) == [runs[1].pk, runs[2].pk]
    assert lease_runs(ben, now=NOON, count=2) == [runs[0].pk]
    assert holder_of(runs[1].pk, now=NOON) == anna


@pytest.mark.django_db
def test_a_lease_ends_by_itself(anna: User, ben: User) -> None:
    run = RunFactory(reviewable=True)
    lease_runs(anna, now=NOON, count=1)

    assert lease_runs(ben, now=NOON + timedelta(seconds=LEASE_S - 1), count=1) == []
    assert lease_runs(ben, now=LATER, count=1) == [run.pk]
    assert renew(anna, [run.pk], now=LATER) == set()


@pytest.mark.django_db
def test_a_heartbeat_renews_it(anna: User, ben: User) -> None:
    run = RunFactory(reviewable=True)
    lease_runs(anna, now=NOON, count=1)

    assert renew(anna, [run.pk], now=NOON + timedelta(minutes=3)) == {run.pk}
    assert lease_runs(ben, now=LATER, count=1) == []


@pytest.mark.django_db
def test_given_back_it_is_free_at_once(anna: User, ben: User) -> None:
    run = RunFactory(reviewable=True)
    lease_runs(anna, now=NOON, count=1)

    assert give_back(ben, [run.pk]) == 0
    assert give_back(anna, [run.pk]) == 1
    assert lease_runs(ben, now=NOON, count=1) == [run.pk]


@pytest.mark.django_db
def test_a_scope_narrows_the_queue(anna: User) -> None:
    artist = ArtistFactory(genre="lofi")
    run = RunFactory(reviewable=True, artist=artist)
    RunFactory(reviewable=True)

    for scope in (Scope(artist=artist.pk), Scope(batch=run.batch_id), Scope(genre="lofi")):
        assert lease_runs(anna, now=NOON, count=4, scope=scope) == [run.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "age"), [(1, "fresh"), (9, "aging"), (25, "escalated"), (15 * 24, "stale")]
)
def test_age_shows(hours: int, age: str) -> None:
    run = RunFactory(reviewable=True, finished_at=NOON - timedelta(hours=hours))

    assert age_of(run, now=NOON) == age


@pytest.mark.django_db
def test_waiting_is_counted_by_age() -> None:
    for hours in (1, 30, 24 * 20):
        RunFactory(reviewable=True, finished_at=NOON - timedelta(hours=hours))

    assert queue_counts(scope=Scope(), now=NOON) == {"waiting": 3, "escalated": 2, "stale": 1}


@pytest.mark.django_db(transaction=True)
def test_four_at_once_share_the_queue_without_overlap(tmp_path: Path) -> None:
    people = [reviewer() for _ in range(4)]
    RunFactory.create_batch(40, reviewable=True)
    shared = connections["default"]
    name = shared.settings_dict["NAME"]
    if connection.vendor == "sqlite":  # threads need a file of their own connections
        connections.settings["default"]["NAME"] = str(file_of_database(tmp_path))
    got: dict[int, list[UUID]] = {}
    faults: list[Exception] = []

    def grab(user: User) -> None:
        mine: list[UUID] = []
        try:
            while len(mine) < 10:
                mine += lease_runs(user, now=NOON, count=2, without=mine)
        except Exception as error:
            faults.append(error)
        finally:
            got[user.pk] = mine
            connections["default"].close()

    threads = [threading.Thread(target=grab, args=(user,)) for user in people]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        connections.settings["default"]["NAME"] = name

    assert not faults
    everything = [run_id for mine in got.values() for run_id in mine]
    assert len(everything) == len(set(everything)) == 40
