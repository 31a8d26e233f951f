"""A person's own sessions: listed in words, ended elsewhere, seldom written."""

from __future__ import annotations

import re

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.cache import caches
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory
from tests.signing_in import PASSWORD, is_inside, sign_in

pytestmark = pytest.mark.django_db

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1"
)
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def rita() -> User:
    return UserFactory(username="rita", password=PASSWORD)


@pytest.fixture
def desk(rita: User) -> Client:
    return sign_in("rita", headers={"User-Agent": LINUX})[0]


@pytest.fixture
def phone(rita: User) -> Client:
    return sign_in("rita", headers={"User-Agent": PHONE}, REMOTE_ADDR="10.1.2.3")[0]


def test_sessions_are_listed_in_words(desk: Client, phone: Client) -> None:
    page = desk.get(reverse("usersessions_list"))

    text = page.content.decode()
    assert [row.ip for row in page.context["sessions"]] == ["127.0.0.1", "10.1.2.3"]
    assert re.search("Firefox 140 on Linux.*This one", text)
    assert "Mobile Safari 17 on iOS 17" in text
    assert "Mozilla" not in text


def test_signing_out_elsewhere_keeps_this_session(rita: User, desk: Client, phone: Client) -> None:
    desk.post(reverse("usersessions_list"))

    assert (is_inside(desk), is_inside(phone)) == (True, False)
    assert LogEntry.objects.get(object_id=str(rita.pk)).change_message == (
        "Signed out 1 other session."
    )


def test_one_session_is_signed_out(rita: User, desk: Client, phone: Client) -> None:
    other = UserSession.objects.get(ip="10.1.2.3")

    page = desk.post(reverse("usersessions_end", args=[other.pk]), follow=True)

    assert [row.ip for row in page.context["sessions"]] == ["127.0.0.1"]
    assert (is_inside(desk), is_inside(phone)) == (True, False)
    assert LogEntry.objects.get(object_id=str(rita.pk)).change_message == (
        "Signed out 1 other session."
    )


def test_only_an_own_other_session_is_signed_out(rita: User, desk: Client, phone: Client) -> None:
    UserFactory(username="otto", password=PASSWORD)
    stranger = sign_in("otto")[0]
    here = UserSession.objects.get(user=rita, ip="127.0.0.1")
    address = reverse("usersessions_end", args=[here.pk])

    assert stranger.post(address).status_code == 404
    assert desk.post(address).status_code == 404
    assert desk.get(address).status_code == 405
    assert Client().post(address).status_code == 302
    assert (is_inside(desk), is_inside(phone)) == (True, True)


def test_new_password_ends_the_other_sessions(desk: Client, phone: Client) -> None:
    new = "staple battery horse"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    desk.post(reverse("admin:password_change"), fields)

    assert (is_inside(desk), is_inside(phone)) == (True, False)
    assert len(desk.get(reverse("usersessions_list")).context["sessions"]) == 1


def test_being_seen_is_not_written_on_each_request(desk: Client) -> None:
    caches["limits"].clear()
    is_inside(desk)
    first = UserSession.objects.get().last_seen_at

    is_inside(desk)
    again = UserSession.objects.get().last_seen_at
    caches["limits"].clear()  # five minutes later
    is_inside(desk)

    assert again == first
    assert UserSession.objects.get().last_seen_at > first


def test_page_is_answered_though_it_cannot_be_written(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    caches["limits"].clear()
    monkeypatch.setattr(UserSession.objects, "create_from_request", locked)

    assert is_inside(desk)


def test_session_from_before_the_list_appears_when_it_is_used(rita: User, desk: Client) -> None:
    UserSession.objects.all().delete()
    caches["limits"].clear()

    page = desk.get(reverse("usersessions_list"))
    page = desk.get(reverse("usersessions_list"))

    assert len(page.context["sessions"]) == 1
