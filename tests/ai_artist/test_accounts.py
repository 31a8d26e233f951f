"""Accounts made in the panel: their role, their way in, and what nobody may give himself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory
from tests.signing_in import PASSWORD, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def roles(db: None) -> None:
    call_command("create_roles", verbosity=0)


def add(client: Client, **fields: Any) -> HttpResponse:
    return client.post(
        reverse("admin:auth_user_add"),
        {
            "username": "rita",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
            **fields,
        },
    )


def role(name: str) -> str:
    return str(Group.objects.get(name=name).pk)


def test_account_with_a_role_signs_in_and_works(roles: None, boss: Client) -> None:
    add(boss, role=role("Reviewer"))

    client, _ = sign_in("rita")

    assert client.get(reverse("admin:desk")).status_code == 200
    assert client.get(reverse("admin:auth_user_changelist")).status_code == 403


def test_account_without_a_role_is_not_made(roles: None, boss: Client) -> None:
    response = add(boss)

    assert list(response.context["adminform"].form.errors) == ["role"]
    assert not User.objects.filter(username="rita").exists()


def test_superuser_needs_no_role(roles: None, boss: Client) -> None:
    add(boss, is_superuser="on")

    assert User.objects.get(username="rita").is_superuser


def test_administrator_makes_accounts_and_no_superusers(
    roles: None, browser_of: Callable[[str], Client]
) -> None:
    administrator = browser_of("Administrator")

    form = administrator.get(reverse("admin:auth_user_add")).context["adminform"].form
    add(administrator, role=role("Producer"), is_superuser="on")

    user = User.objects.get(username="rita")
    assert "is_superuser" not in form.fields
    assert (user.is_superuser, user.is_staff) == (False, True)
    assert [group.name for group in user.groups.all()] == ["Producer"]


def test_right_password_of_an_account_that_may_not_enter_is_not_called_wrong() -> None:
    UserFactory(username="nora", is_staff=False, password=PASSWORD)

    _, answer = sign_in("nora")
    _, wrong = sign_in("nora", "guess")

    assert answer.context["form"].has_error("__all__", code="not_staff")
    assert wrong.context["form"].has_error("__all__", code="invalid_login")


LINK = re.compile(r"http://testserver(/password/[^<]+)")


def said(response: HttpResponse) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def last_entry(user: User) -> str:
    entry = LogEntry.objects.filter(object_id=str(user.pk)).first()
    assert entry is not None
    return entry.get_change_message()


def test_person_chooses_the_password_by_a_link_that_works_once(roles: None, boss: Client) -> None:
    answer = add(
        boss,
        role=role("Reviewer"),
        first_name="Rita",
        email="rita@example.org",
        usable_password="false",
        password1="",
        password2="",
    )
    found = LINK.search(said(answer))
    assert found is not None
    stranger, new = Client(), {"new_password1": PASSWORD, "new_password2": PASSWORD}

    form = stranger.get(found[1], follow=True)
    stranger.post(form.redirect_chain[-1][0], new)
    again = Client().get(found[1], follow=True)
    client, _ = sign_in("rita")

    user = User.objects.get(username="rita")
    assert (user.first_name, user.email) == ("Rita", "rita@example.org")
    assert client.get(reverse("admin:desk")).status_code == 200
    assert "was used already" in again.content.decode()


def test_new_link_is_made_by_who_may_change_the_account(
    roles: None, boss: Client, browser_of: Callable[[str], Client]
) -> None:
    user, chief = UserFactory(username="nora"), UserFactory(is_superuser=True)

    def link(client: Client, account: User) -> HttpResponse:
        return client.post(reverse("admin:auth_user_link", args=[account.pk]))

    assert LINK.search(said(link(boss, user)))
    assert "link" in last_entry(user)
    assert link(browser_of("Reviewer"), user).status_code == 403
    assert link(browser_of("Administrator"), chief).status_code == 403


def test_log_names_roles_that_were_given_and_taken(roles: None, boss: Client) -> None:
    add(boss, role=role("Reviewer"))
    user = User.objects.get(username="rita")
    made = last_entry(user)

    boss.post(
        reverse("admin:auth_user_change", args=[user.pk]),
        {
            "username": "rita",
            "groups": [role("Producer")],
            "is_active": "on",
            "is_staff": "on",
            "email": "r@example.org",
        },
    )

    assert made == "Made with the role Reviewer."
    assert last_entry(user) == (
        "Email: from – to r@example.org. Roles: added Producer; removed Reviewer."
    )


def test_log_names_rights_of_a_role_with_few_queries(
    roles: None, boss: Client, django_assert_max_num_queries: Any
) -> None:
    producer = Group.objects.get(name="Producer")
    address = reverse("admin:auth_group_change", args=[producer.pk])
    rights = list(producer.permissions.values_list("pk", flat=True))
    boss.get(address)

    with django_assert_max_num_queries(25):
        boss.post(address, {"name": "Producer", "permissions": rights[1:]})

    taken = Permission.objects.get(pk=rights[0])
    message = LogEntry.objects.latest("pk").get_change_message()
    assert len(rights) > 25
    assert message.endswith(f"removed {taken}.")


def test_accounts_are_not_deleted(boss: Client) -> None:
    user = UserFactory(username="nora")

    assert boss.post(reverse("admin:auth_user_delete", args=[user.pk])).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


def test_passkey_leads_to_the_page_that_was_asked_for() -> None:
    asked = reverse("admin:audit")

    page = Client().get(reverse("admin:login"), {"next": asked}).content.decode()
    elsewhere = Client().get(reverse("admin:login"), {"next": "https://example.org/"})

    assert f'name="next" value="{asked}"' in page.split('id="mfa_login"')[1]
    assert "example.org" not in elsewhere.content.decode().split('id="mfa_login"')[1]


def test_log_names_no_new_password(boss: Client) -> None:
    user = UserFactory(username="nora")
    new = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}

    boss.post(reverse("admin:auth_user_password_change", args=[user.pk]), new)

    assert last_entry(user) == "Changed password."
    assert sign_in("nora")[1].status_code == 302


def test_page_of_an_account_shows_no_hash(boss: Client) -> None:
    user = UserFactory()

    page = boss.get(reverse("admin:auth_user_change", args=[user.pk])).content.decode()

    assert "pbkdf2" not in page
    assert "iterations" not in page
