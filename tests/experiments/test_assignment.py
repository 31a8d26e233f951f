"""Runs get variants in balanced blocks, once and for all."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from artists.models import Artist
from experiments.assignment import (
    assign,
    mark_exposed,
    order_of_block,
    parameters_of,
    record_outcome,
)
from experiments.models import Assignment, Experiment, Variant
from tests.factories import NOON, ArtistFactory, ExperimentFactory, VariantFactory

pytestmark = pytest.mark.django_db

PREFIX = Experiment.Parameter.MUSIC_PROMPT_PREFIX


def arms(*values: str, **fields) -> Experiment:
    experiment = ExperimentFactory(**fields)
    for value in values:
        VariantFactory(experiment=experiment, value=value)
    return experiment


def run_for(artist: Artist, *, enabled: bool = True) -> uuid.UUID:
    run_id = uuid.uuid4()
    assign(run_id=run_id, artist=artist, now=NOON, enabled=enabled)
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


def test_asking_again_gives_the_same_and_takes_no_position() -> None:
    arms("a", "b")
    artist, run_id = ArtistFactory(), uuid.uuid4()

    first = assign(run_id=run_id, artist=artist, now=NOON, enabled=True)
    again = assign(run_id=run_id, artist=artist, now=NOON + timedelta(days=1), enabled=True)

    assert first == again
    assert Assignment.objects.get().position == 0


def test_a_run_keeps_its_variant_when_experiments_are_switched_off() -> None:
    arms("a", "b")
    artist = ArtistFactory()
    run_id = run_for(artist)
    Experiment.objects.update(status=Experiment.Status.CONCLUDED)

    given = assign(run_id=run_id, artist=artist, now=NOON, enabled=False)

    assert given == parameters_of(run_id) != {}


def test_nothing_is_assigned_while_switched_off() -> None:
    arms("a", "b")

    run_id = run_for(ArtistFactory(), enabled=False)

    assert parameters_of(run_id) == {}


@pytest.mark.parametrize("status", ["draft", "paused", "concluded"])
def test_only_running_experiments_assign(status: str) -> None:
    arms("a", "b", status=status)

    assert parameters_of(run_for(ArtistFactory())) == {}


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

    record_outcome(run_id=run_id, outcome="approved", cost_usd=Decimal("0.25"))
    assert Assignment.objects.get().outcome == Assignment.Outcome.APPROVED

    record_outcome(run_id=run_id, outcome=cleared)
    stored = Assignment.objects.get()
    assert (stored.outcome, stored.cost_usd) == ("", Decimal("0.25"))


def test_an_unknown_outcome_is_refused() -> None:
    with pytest.raises(ValueError, match="'maybe' is no outcome"):
        record_outcome(run_id=uuid.uuid4(), outcome="maybe")


def test_an_outcome_of_a_run_outside_experiments_is_no_error() -> None:
    record_outcome(run_id=uuid.uuid4(), outcome="approved", cost_usd=Decimal(1))

    assert not Variant.objects.exists()
