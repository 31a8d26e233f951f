"""The audit page: who signed in, who was refused, what changed about rights and limits."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from ai_artist import audit
from runs.models import Budget
from tests.factories import PolicyFactory, UserFactory
from tests.signing_in import PASSWORD, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db: None) -> Client:
    UserFactory(username="boss", password=PASSWORD, is_superuser=True)
    return sign_in("boss")[0]


@pytest.fixture
def busy_day(boss: Client) -> None:
    """A role is given, a budget raised, a policy changed, and somebody guesses."""
    call_command("create_roles", verbosity=0)
    nora, role = UserFactory(username="nora", password=PASSWORD), Group.objects.get(name="Producer")
    budget = Budget.objects.create(period="day", cap_usd=5)
    policy = PolicyFactory(name="Gentle", min_runs=5)
    policy.min_runs = 8
    policy.save()

    account = {"username": "nora", "groups": [role.pk], "is_active": "on", "is_staff": "on"}
    boss.post(reverse("admin:auth_user_change", args=[nora.pk]), account)
    cap = {"provider": "", "period": "day", "cap_usd": "10"}
    boss.post(reverse("admin:runs_budget_change", args=[budget.pk]), cap)
    sign_in("nora", "guess")
    sign_in("nora")


def told(client: Client, **asked: Any) -> list[tuple[str, str]]:
    page = client.get(reverse("admin:audit"), asked)
    return [(entry.who, entry.what) for entry in page.context["entries"]]


@pytest.mark.usefixtures("busy_day")
def test_everything_is_told_in_sentences_newest_first(boss: Client) -> None:
    entries = told(boss)

    assert entries[:2] == [
        ("nora", "Signed in from 127.0.0.1 with an unknown browser."),
        ("nora", "Failed to sign in from 127.0.0.1 with an unknown browser."),
    ]
    assert ("boss", "User “nora”: Roles: added Producer.") in entries
    assert ("the program", "Policy “Gentle”: min runs from 5 to 8.") in entries
    assert any("At most: from 5 to 10." in what for _, what in entries)


def test_queries_do_not_grow_with_the_changes_of_policies(
    boss: Client, django_assert_max_num_queries: Any
) -> None:
    policies = [PolicyFactory(name=name, min_runs=1) for name in ("Gentle", "Strict")]
    for runs in range(2, 8):
        for policy in policies:
            policy.min_runs = runs
            policy.save()
    told(boss)

    with django_assert_max_num_queries(20):
        entries = told(boss, kind="policies")

    assert [what for _, what in entries[:3]] == [
        "Policy “Strict”: min runs from 6 to 7.",
        "Policy “Gentle”: min runs from 6 to 7.",
        "Policy “Strict”: min runs from 5 to 6.",
    ]
    assert entries[-1] == ("the program", "Policy “Gentle”: added.")


@pytest.mark.usefixtures("busy_day")
def test_filters_by_kind_and_person(boss: Client) -> None:
    failed = told(boss, kind="failed")
    about_nora = told(boss, person="nora")

    assert [who for who, _ in failed] == ["nora"]
    assert len(about_nora) == 3
    assert told(boss, kind="nonsense") == []


@pytest.mark.usefixtures("busy_day")
def test_pages_follow_each_other_and_the_file_has_all(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = told(boss)
    monkeypatch.setattr(audit, "AT_ONCE", 2)

    read, page = [], boss.get(reverse("admin:audit"))
    while True:
        read += [(entry.who, entry.what) for entry in page.context["entries"]]
        if not page.context["older"]:
            break
        page = boss.get(f"{reverse('admin:audit')}?{page.context['older']}")
    answer = boss.get(reverse("admin:audit_file"))
    rows = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    assert read == whole
    assert [(row[1], row[3]) for row in rows[1:]] == whole


def test_a_wrong_password_when_asked_again_is_no_failed_sign_in(boss: Client) -> None:
    asked = boss.get(reverse("mfa_activate_totp"))

    boss.post(asked.url, {"password": "guess"})

    assert told(boss, kind="failed") == [
        ("boss", "Gave a wrong password when asked again from 127.0.0.1 with an unknown browser.")
    ]


def test_only_superusers_see_it(browser_of: Callable[[str], Client]) -> None:
    administrator = browser_of("Administrator")

    for name in ("admin:audit", "admin:audit_file"):
        assert administrator.get(reverse(name)).status_code == 403
