"""Accounts and finished runs for tests of the panel."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from runs.models import Run
from tests.factories import UserFactory
from tests.media_rows import finished_run, plain_media


@pytest.fixture
def boss(db: None) -> Client:
    """A superuser's browser."""
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


@pytest.fixture
def browser_of(db: None) -> Callable[[str], Client]:
    """The browser of a staff account in a group; of none for an empty name."""

    def make(role: str) -> Client:
        call_command("create_roles", stdout=StringIO())
        user = UserFactory()
        if role:
            user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def new_run(db: None, tmp_path: Path) -> Callable[..., Run]:
    """Makes runs that await review, files and all."""
    media = plain_media(tmp_path / "source")

    def make(**fields: Any) -> Run:
        return finished_run(media, **fields)

    return make
