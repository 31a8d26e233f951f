"""Experiments start, pause and end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experiments import setup
from experiments.models import Experiment
from experiments.setup import ExperimentRefused
from tests.factories import NOON, ExperimentFactory, VariantFactory

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


def test_concluding_is_final(draft: Experiment) -> None:
    setup.start(draft, NOON)
    setup.conclude(draft, NOON + timedelta(days=1))

    draft.refresh_from_db()
    assert draft.concluded_at == NOON + timedelta(days=1)
    with pytest.raises(ExperimentRefused, match="Prefix is concluded"):
        setup.start(draft, NOON)


def test_one_variant_is_too_few(draft: Experiment) -> None:
    draft.variants.filter(is_control=False).delete()

    with pytest.raises(ExperimentRefused, match="has 1 variant"):
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


@pytest.mark.parametrize("verb", [setup.pause, setup.conclude])
def test_a_draft_neither_pauses_nor_ends(draft: Experiment, verb) -> None:
    with pytest.raises(ExperimentRefused, match="Prefix is draft"):
        verb(draft, NOON)


def test_the_example_is_made_and_started_once() -> None:
    first = setup.seed_example(NOON)
    again = setup.seed_example(NOON + timedelta(days=1))

    assert first == again
    assert (again.status, again.started_at) == (Status.RUNNING, NOON)
    assert [(v.value, v.is_control) for v in again.variants.all()] == [
        ("", True),
        ("warm analogue, wide stereo,", False),
    ]


def test_the_example_waits_while_its_parameter_is_taken() -> None:
    ExperimentFactory(name="Other")

    assert setup.seed_example(NOON).status == Status.DRAFT
