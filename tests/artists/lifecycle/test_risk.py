"""What a policy's page says of its risks."""

from __future__ import annotations

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from artists.lifecycle import risk
from artists.models import Artist, LifecyclePolicy
from tests.artists.helpers import live
from tests.artists.lifecycle.streaks import retired_by_streak
from tests.factories import ArtistFactory, PolicyFactory, RunFactory, UserFactory

Mode = LifecyclePolicy.RetirementMode


@pytest.mark.parametrize(
    ("rate", "reviews", "percent"), [(0.6, 200, 71.4), (0.5, 200, 96.6), (0.6, 100, 45.9)]
)
def test_a_streak_of_five_risks_what_is_published(
    rate: float, reviews: int, percent: float
) -> None:
    assert 100 * risk.chance_of_streak(rate, 5, reviews) == pytest.approx(percent, abs=0.05)


@pytest.mark.parametrize("streak", [2, 5, 7])
def test_the_exact_chance_agrees_with_a_simulation(streak: int) -> None:
    approved = np.random.Generator(np.random.PCG64(1)).random((20_000, 100)) < 0.55
    simulated = np.mean(retired_by_streak(approved, streak=streak) <= 100)

    assert risk.chance_of_streak(0.55, streak, 100) == pytest.approx(simulated, abs=0.012)


def test_probation_risks_far_less_and_still_catches_poor_artists() -> None:
    lines = {
        line.rate: line.chances
        for line in risk.risk_table(LifecyclePolicy(retirement_mode=Mode.PROBATION))
    }

    assert lines[0.6][1] <= 0.01
    assert lines[0.5][1] <= 0.02
    assert lines[0.3][0] == pytest.approx(0.35, abs=0.03)
    assert risk.chance_of_failed_probation(0.1, 5, 10, 200) > 0.99


def test_the_sentence_is_for_people() -> None:
    assert risk.sentence(LifecyclePolicy()) == (
        "Of 100 artists whose songs people approve 60% of the time, about 71 are retired by bad "
        "luck alone within 200 reviewed runs."
    )
    assert "fewer than 1 are retired" in risk.sentence(
        LifecyclePolicy(retirement_mode=Mode.PROBATION)
    )
    assert "come up for retirement, which a person decides," in risk.sentence(
        LifecyclePolicy(retirement_mode=Mode.PROPOSE)
    )


@pytest.mark.parametrize(
    ("values", "idle"),
    [
        ({}, 1),
        ({"pause_below_rate": 0.3}, 0),
        # Eight in a row leave room for 12 %; the pause below 20 % acts then.
        ({"consecutive_rejections": 8}, 0),
        ({"retirement_mode": Mode.PROBATION}, 0),
    ],
)
def test_rules_that_never_act_are_named(values: dict[str, object], idle: int) -> None:
    assert len(risk.idle_rules(LifecyclePolicy(**values))) == idle


@pytest.fixture
def admin(db, client: Client) -> Client:
    client.force_login(UserFactory(is_superuser=True))
    return client


def page(admin: Client, policy: LifecyclePolicy) -> str:
    url = reverse("admin:artists_lifecyclepolicy_change", args=[policy.pk])
    return " ".join(admin.get(url).content.decode().split())


def test_the_page_shows_risk_and_history(admin: Client) -> None:
    retired = ArtistFactory(name="Ana <b>", status=Artist.Status.CANDIDATE)
    live(retired, "ARRRRR")

    shown = page(admin, PolicyFactory(retirement_mode=Mode.PROBATION))
    assert "fewer than 1 are retired by bad luck alone" in shown
    assert "6 finished runs of 1 artist" in shown
    assert "Ana &lt;b&gt;" in shown

    shown = page(admin, PolicyFactory())
    assert "about 71 are retired by bad luck alone" in shown
    assert "The pause below 20% never acts" in shown


def test_the_page_of_an_empty_roster_says_what_to_do(admin: Client) -> None:
    assert "Nothing to replay yet" in page(admin, PolicyFactory())


def test_a_policy_keeps_its_versions(admin: Client) -> None:
    policy = PolicyFactory()
    policy.min_runs = 12
    policy.save()

    url = reverse("admin:artists_lifecyclepolicy_history", args=[policy.pk])

    assert policy.history.count() == 2
    assert admin.get(url).status_code == 200


def test_the_page_of_a_change_links_the_runs_behind_it(admin: Client) -> None:
    artist = ArtistFactory()
    (change,) = live(artist, "RRRRR")
    for run_id in change.figures["runs"]:
        RunFactory(pk=run_id, artist=artist)

    url = reverse("admin:artists_statuschange_change", args=[change.pk])
    shown = admin.get(url).content.decode()

    for run_id in change.figures["runs"]:
        assert reverse("admin:runs_run_change", args=[run_id]) in shown
    assert len(change.figures["runs"]) == 5


def test_the_list_of_evolutions_opens(admin: Client) -> None:
    assert admin.get(reverse("admin:artists_evolution_changelist")).status_code == 200
