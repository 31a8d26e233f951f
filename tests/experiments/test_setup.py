"""Experiments start, pause and end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experiments import setup
from experiments.models import Experiment
from experiments.setup import ExperimentRefused
from tests.factories import NOON, ArtistFactory, ExperimentFactory, UserFactory, VariantFactory

pytestmark = pytest.mark.django_db

Status = Experiment.Status


@pytest.fixture
def draft() -> Experiment:
    experiment = ExperimentFactory(name="Prefix", status=Status.DRAFT, started_at=None)
    VariantFactory(experiment=experiment, value="", is_control=True)
    VariantFactory(experiment=experiment, value="warm,")
    return experiment


def test_a_draft_starts(draft: Experiment) -> None:
    setup.start(draft, NOON)

    draft.refresh_from_db()
    assert (draft.status, draft.started_at) == (Status.RUNNING, NOON)


def test_a_paused_experiment_goes_on_and_keeps_its_start(draft: Experiment) -> None:
    setup.start(draft, NOON)
    setup.pause(draft, NOON + timedelta(hours=1))
    setup.start(draft, NOON + timedelta(hours=2))

    draft.refresh_from_db()
    assert (draft.status, draft.started_at) == (Status.RUNNING, NOON)


def test_a_concluded_experiment_does_not_start_again(draft: Experiment) -> None:
    Experiment.objects.update(status=Status.CONCLUDED)

    with pytest.raises(ExperimentRefused, match="Prefix is concluded"):
        setup.start(draft, NOON)


def test_moves_are_written_down_with_who_did_them(draft: Experiment) -> None:
    person = UserFactory()
    setup.start(draft, NOON, actor=person)
    setup.pause(draft, NOON)
    setup.start(draft, NOON)

    noted = list(draft.events.order_by("pk").values_list("kind", "actor"))
    assert noted == [("started", person.pk), ("paused", None), ("resumed", None)]
    assert "50 runs per arm" in draft.events.get(kind="started").message


def test_one_variant_is_too_few(draft: Experiment) -> None:
    draft.variants.filter(is_control=False).delete()

    with pytest.raises(ExperimentRefused, match="has 1 variant"):
        setup.start(draft, NOON)


def test_seven_variants_are_too_many(draft: Experiment) -> None:
    for number in range(5):
        VariantFactory(experiment=draft, value=f"word {number}")

    with pytest.raises(ExperimentRefused, match="it needs 2 to 6"):
        setup.start(draft, NOON)


def test_a_value_must_fit_the_parameter(draft: Experiment) -> None:
    Experiment.objects.update(parameter=Experiment.Parameter.TEMPO_RANGE)
    draft.refresh_from_db()

    with pytest.raises(ExperimentRefused, match="two whole numbers of BPM"):
        setup.start(draft, NOON)


def test_a_control_is_needed(draft: Experiment) -> None:
    draft.variants.update(is_control=False)

    with pytest.raises(ExperimentRefused, match="has no control"):
        setup.start(draft, NOON)


def test_variants_must_differ(draft: Experiment) -> None:
    draft.variants.update(value="same")

    with pytest.raises(ExperimentRefused, match="same value"):
        setup.start(draft, NOON)


def test_one_experiment_runs_on_a_parameter(draft: Experiment) -> None:
    ExperimentFactory(name="Other")

    with pytest.raises(ExperimentRefused, match="Other is running on music prompt prefix"):
        setup.start(draft, NOON)

    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_an_experiment_on_one_artist_excludes_the_rosters(draft: Experiment) -> None:
    ExperimentFactory(name="Own", artists=[ArtistFactory()])

    with pytest.raises(ExperimentRefused, match="Own is running"):
        setup.start(draft, NOON)


def test_two_artists_may_each_have_their_own(draft: Experiment) -> None:
    ExperimentFactory(name="Own", artists=[ArtistFactory()])
    draft.artists.add(ArtistFactory())

    assert setup.start(draft, NOON).status == Status.RUNNING


def test_a_genre_excludes_the_roster_and_its_own_artists_and_not_other_genres(
    draft: Experiment,
) -> None:
    same = {"parameter": draft.parameter, "started_at": NOON, "status": "running"}
    Experiment.objects.filter(pk=draft.pk).update(genre="lofi")

    for others in ({}, {"genre": "lofi"}, {"artists": [ArtistFactory(genre="lofi")]}):
        rival = ExperimentFactory(**same, **others)
        with pytest.raises(ExperimentRefused, match="is running"):
            setup.start(draft, now=NOON)
        rival.delete()
    ExperimentFactory(**same, genre="techno")
    ExperimentFactory(**same, artists=[ArtistFactory(genre="techno")])

    assert setup.start(draft, now=NOON).status == "running"


def plan(**fields: object) -> setup.Plan:
    arms = (setup.Arm("As today", None), setup.Arm("Warm", "warm"))
    return setup.Plan("music_prompt_prefix", arms, (), {"name": "Warmer?", "salt": "s", **fields})


def test_a_plan_becomes_a_draft_and_is_written_anew() -> None:
    first = setup.write_draft(plan(), experiment=None, now=NOON)
    again = setup.write_draft(plan(planned_runs_per_arm=100), experiment=first, now=NOON)

    assert again.pk == first.pk
    assert (again.status, again.planned_runs_per_arm) == ("draft", 100)
    assert list(again.variants.values_list("name", "is_control")) == [
        ("As today", True),
        ("Warm", False),
    ]


def test_a_plan_is_refused_when_its_name_is_taken_or_it_has_started() -> None:
    started = ExperimentFactory(name="Warmer?")

    with pytest.raises(ExperimentRefused, match="of this name"):
        setup.write_draft(plan(), experiment=None, now=NOON)
    with pytest.raises(ExperimentRefused, match="cannot change"):
        setup.write_draft(plan(), experiment=started, now=NOON)

    assert Experiment.objects.count() == 1


def test_a_draft_does_not_pause(draft: Experiment) -> None:
    with pytest.raises(ExperimentRefused, match="Prefix is draft"):
        setup.pause(draft, NOON)


def test_the_example_is_made_and_started_once() -> None:
    first = setup.seed_example(NOON)
    again = setup.seed_example(NOON + timedelta(days=1))

    assert first == again
    assert (again.status, again.started_at) == (Status.RUNNING, NOON)
    assert [(v.value, v.is_control) for v in again.variants.all()] == [
        (None, True),
        ("warm analogue, wide stereo", False),
    ]


def test_the_example_waits_while_its_parameter_is_taken() -> None:
    ExperimentFactory(name="Other")

    assert setup.seed_example(NOON).status == Status.DRAFT
