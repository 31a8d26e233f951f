"""The form of a policy: rates in percent, faults at their fields, and one default."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from artists.admin.policy import LifecyclePolicyAdmin
from artists.models import LifecyclePolicy
from tests.factories import PolicyFactory

pytestmark = pytest.mark.django_db


def save(client: Client, policy: LifecyclePolicy, **changes: Any) -> HttpResponse:
    page = reverse("admin:artists_lifecyclepolicy_change", args=[policy.pk])
    form = client.get(page).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    shown["is_default"] = "on" if policy.is_default else ""
    return client.post(page, shown | changes)


def errors_of(response: HttpResponse) -> set[str]:
    return set(response.context["adminform"].form.errors)


def test_rates_are_read_and_written_in_percent(boss: Client) -> None:
    policy = PolicyFactory(keep_evolution_chance=0.07)
    page = boss.get(reverse("admin:artists_lifecyclepolicy_change", args=[policy.pk]))

    save(boss, policy, pause_below_rate="2.5", evolve_below_rate="35")

    policy.refresh_from_db()
    assert page.context["adminform"].form["keep_evolution_chance"].value() == "7"
    assert (policy.pause_below_rate, policy.evolve_below_rate) == (0.025, 0.35)


def test_saving_without_a_change_changes_nothing(boss: Client) -> None:
    policy = PolicyFactory()
    before = LifecyclePolicy.objects.filter(pk=policy.pk).values().get()

    save(boss, policy)

    assert LifecyclePolicy.objects.filter(pk=policy.pk).values().get() == before


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"pause_below_rate": "50"}, {"evolve_below_rate"}),
        ({"evolve_below_rate": "90"}, {"explore_above_rate"}),
        ({"pause_above_error_rate": "101"}, {"pause_above_error_rate"}),
        ({"keep_evolution_chance": "-1"}, {"keep_evolution_chance"}),
        ({"consecutive_rejections": "1"}, {"consecutive_rejections"}),
        ({"consecutive_rejections": "1", "name": ""}, {"consecutive_rejections", "name"}),
    ],
)
def test_faults_are_told_at_their_fields(
    boss: Client, changes: dict[str, str], fields: set[str]
) -> None:
    assert errors_of(save(boss, PolicyFactory(), **changes)) == fields


def test_a_new_default_takes_over_and_one_stays(boss: Client) -> None:
    first, second = PolicyFactory(is_default=True), PolicyFactory()

    save(boss, second, is_default="on")
    second.refresh_from_db()
    refused = save(boss, second, is_default="")

    first.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)
    assert errors_of(refused) == {"is_default"}


def test_every_field_of_a_policy_is_on_its_form() -> None:
    shown = [
        name
        for _, options in LifecyclePolicyAdmin.fieldsets
        for row in options["fields"]
        for name in ([row] if isinstance(row, str) else row)
    ]

    assert set(shown) == {field.name for field in LifecyclePolicy._meta.fields} - {"id"}
