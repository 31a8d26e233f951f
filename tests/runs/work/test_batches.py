"""Starting runs."""

from __future__ import annotations

import pytest

from artists.models import Artist
from artists.roster import ArtistNotSelectable, RosterEmpty
from experiments.models import Assignment
from runs.models import Batch
from runs.steps import NAMES
from runs.work.batches import create_batch
from tests.factories import NOON, ArtistFactory, ExperimentFactory, RunFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_new_artists(settings) -> None:
    settings.ARTIST_CREATION_PROBABILITY = 0.0


def batch_of(size: int, **options) -> Batch:
    return create_batch(size=size, origin=Batch.Origin.COMMAND, now=NOON, **options)


def test_each_run_goes_to_whoever_waits_longest() -> None:
    artists = ArtistFactory.create_batch(3)

    batch = batch_of(3)

    assert set(batch.runs.values_list("artist", flat=True)) == {artist.pk for artist in artists}


def test_runs_have_all_their_steps_and_rising_seeds() -> None:
    ArtistFactory()

    batch = batch_of(2, seed=40)

    assert sorted(batch.runs.values_list("seed", flat=True)) == [40, 41]
    for run in batch.runs.all():
        assert list(run.steps.values_list("name", flat=True)) == list(NAMES)


def test_a_batch_for_one_artist() -> None:
    ArtistFactory()
    wanted = ArtistFactory()

    batch = batch_of(2, artist=wanted)

    assert set(batch.runs.values_list("artist", flat=True)) == {wanted.pk}


def test_nobody_to_select_leaves_no_batch(settings) -> None:
    settings.ROSTER_CAP = 0
    ArtistFactory(status=Artist.Status.RETIRED)

    with pytest.raises(RosterEmpty):
        batch_of(2)

    assert not Batch.objects.exists()


def test_a_retired_artist_is_refused() -> None:
    with pytest.raises(ArtistNotSelectable):
        batch_of(1, artist=ArtistFactory(status=Artist.Status.RETIRED))


def test_a_turn_may_create_a_candidate(settings) -> None:
    settings.ARTIST_CREATION_PROBABILITY = 1.0
    ArtistFactory()

    batch = batch_of(1)

    assert batch.runs.get().artist.status == Artist.Status.CANDIDATE
    assert Artist.objects.count() == 2


def test_the_same_seed_of_an_artist_is_a_replay_outside_experiments() -> None:
    artist = ArtistFactory()
    earlier = RunFactory(artist=artist, seed=5)
    experiment = ExperimentFactory()
    VariantFactory(experiment=experiment, is_control=True)
    VariantFactory(experiment=experiment, value="warm")

    run = batch_of(1, artist=artist, seed=5).runs.get()

    assert run.replay_of == earlier
    assert not Assignment.objects.filter(run_id=run.pk).exists()


def test_new_runs_get_an_arm_of_a_running_experiment(settings) -> None:
    settings.AB_TESTING_ENABLED = True
    ArtistFactory()
    experiment = ExperimentFactory()
    VariantFactory(experiment=experiment, is_control=True)
    VariantFactory(experiment=experiment, value="warm")

    run = batch_of(1).runs.get()

    assert Assignment.objects.get().run_id == run.pk


def test_experiments_can_be_switched_off(settings) -> None:
    settings.AB_TESTING_ENABLED = False
    ArtistFactory()
    experiment = ExperimentFactory()
    VariantFactory(experiment=experiment, is_control=True)
    VariantFactory(experiment=experiment, value="warm")

    batch_of(1)

    assert not Assignment.objects.exists()
