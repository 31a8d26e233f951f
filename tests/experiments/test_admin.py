"""The page of an experiment: its results, its moves, and what is fixed once it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from experiments.models import Experiment, Promotion
from tests.experiments.rows import experiment_with
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


def post(client: Client, experiment: Experiment, name: str, **data: Any) -> Any:
    address = reverse(f"admin:experiments_experiment_{name}", args=[experiment.pk])
    response = client.post(address, data)
    experiment.refresh_from_db()
    return response


def page_of(client: Client, experiment: Experiment) -> str:
    address = reverse("admin:experiments_experiment_change", args=[experiment.pk])
    return client.get(address).content.decode()


def test_life_of_an_experiment(boss: Client) -> None:
    experiment = draft()
    seen = []

    for verb in ("start", "pause", "start"):
        move(boss, experiment, verb)
        seen.append(experiment.status)

    assert seen == ["running", "paused", "running"]


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
    assert "95% range" in page
    assert "With 50 runs per arm (100 in all)" in page


def test_the_verdict_comes_first_with_counts_and_health(boss: Client) -> None:
    experiment = experiment_with("AR" * 10, "AAAR" * 5)

    page = page_of(boss, experiment)

    verdict = page.index("Keep going: B is ahead with 15 of 20 approved, 20 of 50 runs per arm")
    assert verdict < page.index("Chance that B is best:") < page.index("10 of 20")
    assert "acts at 99.9% now, at 98% at 50 runs" in page
    assert "Ratio of the arms: fine" in page
    assert "p-value" not in page


def test_the_chart_of_chances_appears_with_the_tenth_review_of_each_arm(boss: Client) -> None:
    early = experiment_with("AR" * 4, "AR" * 4)
    shown = experiment_with("AR" * 5, "AA" * 5, parameter="temperature")

    assert "Chance to be best, over time" not in page_of(boss, early)
    page = page_of(boss, shown)
    assert "Chance to be best, over time" in page
    assert "&quot;Needed to act&quot;" in page


def test_a_person_concludes_uses_and_takes_back(boss: Client) -> None:
    experiment = experiment_with("AR", "RA")
    chosen = experiment.variants.get(name="B")

    post(boss, experiment, "conclude", use=chosen.pk)
    assert Promotion.objects.standing().get().variant == chosen
    assert "In use since" in page_of(boss, experiment)

    post(boss, experiment, "undo")
    assert not Promotion.objects.standing().exists()


def test_concluding_twice_is_refused(boss: Client) -> None:
    experiment = experiment_with("AR", "RA")
    post(boss, experiment, "conclude")

    response = post(boss, experiment, "conclude")

    assert "is concluded" in str(list(get_messages(response.wsgi_request))[-1])


@pytest.mark.parametrize("name", ["move", "conclude", "undo"])
def test_who_may_not_change_does_nothing(browser_of: Callable[[str], Client], name: str) -> None:
    experiment = experiment_with("AR", "RA")

    response = post(browser_of("Reviewer"), experiment, name, verb="pause")

    assert response.status_code == 403
    assert experiment.status == Experiment.Status.RUNNING


def test_promotions_are_listed(boss: Client) -> None:
    experiment = experiment_with("AR", "RA")
    post(boss, experiment, "conclude", use=experiment.variants.get(name="B").pk)

    page = boss.get(reverse("admin:experiments_promotion_changelist")).content.decode()

    assert "Music prompt prefix of the roster" in page


@pytest.mark.parametrize(
    ("value", "saved"),
    [
        ("[80, 96]", True),
        ('"fast"', False),
        ("NaN", False),
        ("1" * 5_000, False),
        ("[" * 100_000, False),
        ('"a\\u0000b"', False),
    ],
    ids=["fits", "words", "nan", "digits", "deep", "nul"],
)
def test_a_value_is_checked_where_it_is_written(boss: Client, value: str, saved: bool) -> None:
    response = boss.post(
        reverse("admin:experiments_experiment_add"),
        {
            "name": "Tempo",
            "parameter": "tempo_range",
            "mode": "planned",
            "planned_runs_per_arm": "50",
            "error_margin": "0.1",
            "salt": "salt",
            "variants-TOTAL_FORMS": "2",
            "variants-INITIAL_FORMS": "0",
            "variants-0-name": "as it is",
            "variants-0-value": "",
            "variants-0-is_control": "on",
            "variants-1-name": "slow",
            "variants-1-value": value,
        },
    )

    assert response.status_code == (302 if saved else 200)
    assert Experiment.objects.filter(name="Tempo").exists() is saved


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
