"""Runs get variants in balanced blocks, once and for all."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from artists.models import Artist
from experiments.assignment import (
    assign_new,
    mark_exposed,
    order_of_block,
    parameters_for,
    parameters_of,
    place_in_blocks,
    record_outcome,
)
from experiments.models import Assignment, Experiment, Variant
from experiments.promotion import promote
from tests.databases import file_of_database
from tests.factories import NOON, ArtistFactory, ExperimentFactory, VariantFactory

pytestmark = pytest.mark.django_db

PREFIX = Experiment.Parameter.MUSIC_PROMPT_PREFIX


def arms(*values: str | None, **fields) -> Experiment:
    experiment = ExperimentFactory(**fields)
    for value in values:
        VariantFactory(experiment=experiment, value=value)
    return experiment


def run_for(artist: Artist) -> uuid.UUID:
    run_id = uuid.uuid4()
    assign_new([(run_id, artist)], now=NOON)
    return run_id


def test_every_block_of_an_artist_holds_each_variant_once() -> None:
    experiment = arms("a", "b", "c")
    artists = ArtistFactory.create_batch(3)
    for _ in range(6):
        for artist in artists:
            run_for(artist)

    for artist in artists:
        given = list(
            Assignment.objects.filter(artist=artist)
            .order_by("position")
            .values_list("variant__value", flat=True)
        )
        assert [sorted(given[i : i + 3]) for i in range(0, 6, 3)] == [["a", "b", "c"]] * 2
    assert experiment.assignments.count() == 18


def test_the_order_differs_between_blocks_artists_and_salts() -> None:
    def order(salt: str, artist_id: int, block: int) -> tuple[int, ...]:
        return tuple(
            order_of_block(salt=salt, experiment_id=1, artist_id=artist_id, block=block, arms=2)
        )

    for orders in (
        [order("s", 1, block) for block in range(200)],
        [order("s", artist_id, 0) for artist_id in range(200)],
        [order(f"s{number}", 1, 0) for number in range(200)],
    ):
        counts = Counter(orders)
        assert set(counts) == {(0, 1), (1, 0)}
        assert 70 <= counts[0, 1] <= 130


def test_an_order_never_changes() -> None:
    order = order_of_block(salt="salt", experiment_id=1, artist_id=2, block=3, arms=4)

    assert order == [1, 0, 2, 3]


def test_a_run_keeps_its_variant_when_its_experiment_has_ended() -> None:
    arms("a", "b")
    run_id = run_for(ArtistFactory())
    given = parameters_of(run_id)
    Experiment.objects.update(status=Experiment.Status.CONCLUDED)

    assert parameters_of(run_id) == given != {}


def test_without_runs_no_experiment_is_locked(django_assert_num_queries: Any) -> None:
    arms("a", "b")

    with django_assert_num_queries(0):
        assign_new([], now=NOON)


@pytest.mark.parametrize("status", ["draft", "paused", "concluded"])
def test_only_running_experiments_assign(status: str) -> None:
    arms("a", "b", status=status)

    assert parameters_of(run_for(ArtistFactory())) == {}


def test_an_experiment_of_a_genre_takes_its_artists_only() -> None:
    arms("a", "b", genre="lofi")

    given = [parameters_of(run_for(ArtistFactory(genre=genre))) for genre in ("lofi", "techno")]

    assert [bool(values) for values in given] == [True, False]


def test_the_value_comes_under_the_name_of_its_parameter() -> None:
    arms("warm,", "warm,")

    assert parameters_of(run_for(ArtistFactory())) == {PREFIX: "warm,"}


def test_the_chance_of_the_arm_is_kept() -> None:
    arms("a", "b", "c", "d")
    run_for(ArtistFactory())

    assert Assignment.objects.get().probability == 0.25


def test_the_first_exposure_is_kept() -> None:
    arms("a", "b")
    run_id, other = run_for(ArtistFactory()), run_for(ArtistFactory())

    mark_exposed(run_id=run_id, parameter=PREFIX, now=NOON)
    mark_exposed(run_id=run_id, parameter=PREFIX, now=NOON + timedelta(hours=1))

    assert Assignment.objects.get(run_id=run_id).exposed_at == NOON
    assert Assignment.objects.get(run_id=other).exposed_at is None


@pytest.mark.parametrize("cleared", ["", None])
def test_an_outcome_can_be_cleared_again(cleared: str | None) -> None:
    arms("a", "b")
    run_id = run_for(ArtistFactory())

    record_outcome(run_id=run_id, outcome="approved", now=NOON, cost_usd=Decimal("0.25"), rating=5)
    stored = Assignment.objects.get()
    assert (stored.outcome, stored.outcome_at, stored.rating) == ("approved", NOON, 5)

    record_outcome(run_id=run_id, outcome=cleared, now=NOON)
    stored = Assignment.objects.get()
    assert (stored.outcome, stored.outcome_at, stored.rating) == ("", None, None)
    assert stored.cost_usd == Decimal("0.25")


def test_an_unknown_outcome_is_refused() -> None:
    with pytest.raises(ValueError, match="'maybe' is no outcome"):
        record_outcome(run_id=uuid.uuid4(), outcome="maybe", now=NOON)


def test_an_outcome_of_a_run_outside_experiments_is_no_error() -> None:
    record_outcome(run_id=uuid.uuid4(), outcome="approved", now=NOON, cost_usd=Decimal(1))

    assert not Variant.objects.exists()


# --- Arms that drop out, plans that are full ---


def give(experiment: Experiment, artist: Artist, runs: int, outcome: str = "rejected") -> list[str]:
    """Names of the arms of the next runs, each reviewed at once."""
    given = []
    for _ in range(runs):
        run_id = run_for(artist)
        record_outcome(run_id=run_id, outcome=outcome, now=NOON)
        row = Assignment.objects.filter(run_id=run_id, experiment=experiment).first()
        given.append(row.variant.value if row else "")
    return given


def test_a_stopped_arm_gets_no_more_runs_and_the_others_stay_balanced() -> None:
    experiment = arms("a", "b", "c")
    artist = ArtistFactory()
    give(experiment, artist, 4)
    Variant.objects.filter(value="b").update(stopped_at=NOON)

    later = give(experiment, artist, 8)

    assert "b" not in later
    total = Counter(experiment.assignments.values_list("variant__value", flat=True))
    assert abs(total["a"] - total["c"]) <= 1


def test_stopping_an_arm_does_not_change_the_order_of_the_others() -> None:
    live = place_in_blocks([2, 0, 1], live=[0, 1, 2], given=(), block=0)
    less = place_in_blocks([2, 0, 1], live=[0, 1], given=(), block=0)

    assert live is not None and less is not None
    assert (live.arm, less.arm) == (2, 0)
    assert less.chances == {0: 0.5, 1: 0.5}
    assert place_in_blocks([2, 0, 1], live=[0, 1], given={0, 1}, block=0) is None


def test_a_full_plan_gives_no_more_arms() -> None:
    experiment = arms("a", "b", planned_runs_per_arm=20)

    given = give(experiment, ArtistFactory(), 44)

    assert Counter(given) == {"a": 20, "b": 20, "": 4}


def test_a_lost_run_is_made_up_for() -> None:
    experiment = arms("a", "b", planned_runs_per_arm=20)
    artist = ArtistFactory()
    give(experiment, artist, 2, outcome="failed")

    assert Counter(give(experiment, artist, 44)) == {"a": 20, "b": 20, "": 4}


def test_open_blocks_of_other_artists_are_still_completed() -> None:
    experiment = arms("a", "b", planned_runs_per_arm=20)
    late = ArtistFactory()
    give(experiment, late, 1)
    give(experiment, ArtistFactory(), 44)

    assert len(set(give(experiment, late, 1)) & {"a", "b"}) == 1


def test_an_experiment_of_some_artists_is_for_them_alone() -> None:
    chosen = ArtistFactory.create_batch(2)
    arms("a", "b", artists=chosen)

    assert parameters_of(run_for(ArtistFactory())) == {}
    assert all(parameters_of(run_for(artist)) for artist in chosen)


# --- What a run uses ---


def test_a_run_uses_its_variant_before_a_promoted_winner() -> None:
    old = VariantFactory(experiment=ExperimentFactory(status="concluded"), value="old")
    promote(old.experiment, old, actor=None, now=NOON)
    arms("a", "b")
    artist = ArtistFactory()
    run_id = run_for(artist)

    assert parameters_for(run_id=run_id, artist=artist)[PREFIX] in ("a", "b")
    assert parameters_for(run_id=uuid.uuid4(), artist=artist) == {PREFIX: "old"}


def test_the_arm_as_it_is_uses_what_is_in_force() -> None:
    old = VariantFactory(experiment=ExperimentFactory(status="concluded"), value="old")
    promote(old.experiment, old, actor=None, now=NOON)
    arms(None)
    artist = ArtistFactory()

    assert parameters_for(run_id=run_for(artist), artist=artist) == {PREFIX: "old"}


# --- Many workers at once ---


@pytest.fixture
def in_workers(transactional_db: None, tmp_path: Path) -> Callable[..., list[Any]]:
    """Calls a function in several threads at once, on a database that stands such a thing.

    The tests' SQLite lives in memory, where connections lock each other out of tables; a copy in a
    file behaves as the product's does.
    """
    copied = cache(file_of_database)

    def call(work: Callable[[], Any], count: int) -> list[Any]:
        name = connection.settings_dict["NAME"]
        if connection.vendor == "sqlite":
            name = str(copied(tmp_path))

        def with_own_connection() -> Any:
            own = connections["default"]
            own.settings_dict = {**own.settings_dict, "NAME": name}
            try:
                return work()
            finally:
                own.close()

        with ThreadPoolExecutor(count) as pool:
            started = [pool.submit(with_own_connection) for _ in range(count)]
            return [future.result() for future in started]

    return call


def test_eight_workers_at_once_break_no_block(in_workers: Callable[..., list[Any]]) -> None:
    experiment = arms("a", "b", "c")
    artists = ArtistFactory.create_batch(2)

    def work() -> None:
        for number in range(9):
            run_for(artists[number % 2])

    def read() -> list[list[tuple[int, str]]]:
        return [
            list(
                Assignment.objects.filter(experiment=experiment, artist=artist)
                .order_by("position")
                .values_list("position", "variant__value")
            )
            for artist in artists
        ]

    in_workers(work, 8)

    (rows,) = in_workers(read, 1)
    assert [len(of_artist) for of_artist in rows] == [40, 32]
    for of_artist in rows:
        assert [position for position, _ in of_artist] == list(range(len(of_artist)))
        given = [value for _, value in of_artist]
        blocks = [sorted(given[i : i + 3]) for i in range(0, len(given) - 2, 3)]
        assert blocks == [["a", "b", "c"]] * (len(given) // 3)
