"""What stands before every view that an admin page has beside Django's own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, reverse

from ai_artist.kit.views import Guard
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
UNKNOWN = {"int": 10**30, "uuid": uuid.uuid4()}


def guarded_views() -> Iterator[tuple[URLPattern, Guard]]:
    """The addresses of all marked methods of all pages."""
    for page in admin.site._registry.values():
        for pattern in page.get_urls():
            guard = getattr(pattern.callback, "guard", None)
            if isinstance(guard, Guard):
                yield pattern, guard


def address(pattern: URLPattern) -> str:
    """Of a row that is not there."""
    converters = pattern.pattern.converters
    ids = {name: UNKNOWN[type(kind).__name__[:-9].lower()] for name, kind in converters.items()}
    return reverse(f"admin:{pattern.name}", kwargs=ids)


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


def test_every_view_of_a_row_answers_404_where_there_is_none(boss: Client) -> None:
    answers = {
        pattern.name: boss.post(address(pattern)).status_code
        for pattern, guard in guarded_views()
        if pattern.pattern.converters and "POST" in guard.methods
    }

    assert {name: status for name, status in answers.items() if status != 404} == {}
    assert len(answers) > 15


def test_who_lacks_the_permission_is_not_told_which_rows_there_are() -> None:
    stranger = Client()
    stranger.force_login(UserFactory())

    answers = {
        pattern.name: stranger.post(address(pattern)).status_code
        for pattern, guard in guarded_views()
        if pattern.pattern.converters and "POST" in guard.methods
    }

    assert set(answers.values()) == {403}


def test_every_view_answers_405_to_another_method(boss: Client) -> None:
    answers = {}
    for pattern, guard in guarded_views():
        other = "POST" if guard.methods == ("GET",) else "PUT"
        answers[pattern.name] = boss.generic(other, address(pattern)).status_code
        if guard.methods == ("POST",):
            answers[f"{pattern.name} by GET"] = boss.get(address(pattern)).status_code

    assert set(answers.values()) == {405}


def test_no_two_marked_methods_share_an_address() -> None:
    seen = [address(pattern) for pattern, _ in guarded_views()]

    assert len(seen) == len(set(seen))
