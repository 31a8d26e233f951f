"""Whoever lacks a permission gets 403 from every address, also by a direct POST."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory

from artists.models import Artist, StatusChange
from runs.models import Batch, Review, Run, RunEvent
from tests.addresses import addresses
from tests.factories import ExperimentFactory, TopicFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger() -> Client:
    """The browser of staff without any permission."""
    client = Client()
    client.force_login(UserFactory())
    return client


def state() -> list[object]:
    return [
        list(Run.objects.values_list("status", "concept", "title")),
        list(Artist.objects.values_list("status", "name")),
        *(model.objects.count() for model in (Batch, Review, RunEvent, StatusChange)),
    ]


def test_every_address_refuses_staff_without_permission(
    stranger: Client, new_run: Callable[..., Run]
) -> None:
    new_run()
    ExperimentFactory()
    TopicFactory()
    before = state()

    answers = {}
    for address in addresses():
        status = stranger.post(address.url).status_code
        # What only shows something refuses to show it.
        answers[address.name] = stranger.get(address.url).status_code if status == 405 else status

    assert {name: status for name, status in answers.items() if status != 403} == {}
    assert len(answers) > 60
    assert state() == before


def test_who_may_only_look_is_offered_no_action() -> None:
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    request = RequestFactory().get("/")
    request.user = type(user).objects.get(pk=user.pk)

    offered = {
        model._meta.label: sorted(page.get_actions(request))
        for model, page in admin.site._registry.items()
        if page.has_view_permission(request)
    }

    assert {label: names for label, names in offered.items() if names} == {}


def test_no_page_uses_actions_that_run_on_a_link() -> None:
    """Unfold runs those on GET and checks no permission."""
    kinds = ("actions_list", "actions_row", "actions_detail", "actions_submit_line")
    used = [
        (model._meta.label, kind)
        for model, page in admin.site._registry.items()
        for kind in kinds
        if getattr(page, kind, ())
    ]

    assert used == []
