"""The page of an experiment: its results, its moves, and what is fixed once it runs."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from experiments.models import Experiment
from tests.factories import ExperimentFactory, VariantFactory

pytestmark = pytest.mark.django_db


def draft(arms: int = 2) -> Experiment:
    experiment: Experiment = ExperimentFactory(status="draft", started_at=None)
    for number in range(arms):
        VariantFactory(experiment=experiment, value=f"arm {number}", is_control=number == 0)
    return experiment


def move(client: Client, experiment: Experiment, verb: str) -> Any:
    address = reverse("admin:experiments_experiment_move", args=[experiment.pk])
    response = client.post(address, {"verb": verb})
    experiment.refresh_from_db()
    return response


def page_of(client: Client, experiment: Experiment) -> str:
    address = reverse("admin:experiments_experiment_change", args=[experiment.pk])
    return client.get(address).content.decode()


def test_life_of_an_experiment(boss: Client) -> None:
    experiment = draft()
    seen = []

    for verb in ("start", "pause", "start", "conclude"):
        move(boss, experiment, verb)
        seen.append(experiment.status)

    assert seen == ["running", "paused", "running", "concluded"]


def test_experiment_of_one_arm_does_not_start(boss: Client) -> None:
    experiment = draft(arms=1)

    response = move(boss, experiment, "start")

    assert experiment.status == Experiment.Status.DRAFT
    assert list(get_messages(response.wsgi_request))


def test_unknown_move_is_not_found(boss: Client) -> None:
    assert move(boss, draft(), "explode").status_code == 404


def test_results_are_shown_by_arm(boss: Client) -> None:
    experiment = draft()

    page = page_of(boss, experiment)

    for variant in experiment.variants.all():
        assert variant.name in page
    assert "Chance to be best" in page


def test_arms_are_fixed_once_it_runs(boss: Client) -> None:
    experiment = draft()
    assert "variants-0-value" in page_of(boss, experiment)

    move(boss, experiment, "start")

    assert "variants-0-value" not in page_of(boss, experiment)


def test_started_experiment_is_not_deleted(boss: Client) -> None:
    experiment = draft()
    move(boss, experiment, "start")

    address = reverse("admin:experiments_experiment_delete", args=[experiment.pk])

    assert boss.post(address, {"post": "yes"}).status_code == 403


def test_new_experiment_gets_a_salt(boss: Client) -> None:
    page = boss.get(reverse("admin:experiments_experiment_add"))

    assert len(page.context["adminform"].form.initial["salt"]) >= 8
