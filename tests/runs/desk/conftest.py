"""Reviewers, their browsers, and a short way to ask the desk something."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from runs.models import Run
from runs.reviewing.reviews import content_hash_of
from tests.factories import UserFactory


def reviewer(**fields: Any) -> User:
    """Staff with the right to review, and no other."""
    user: User = UserFactory(**fields)
    user.user_permissions.add(Permission.objects.get(codename="review_run"))
    return User.objects.get(pk=user.pk)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, name: str, **body: Any) -> HttpResponse:
    """POST JSON to one of the desk's addresses."""
    return client.post(
        reverse(f"admin:desk_{name}"), json.dumps(body, default=str), "application/json"
    )


def verdict(run: Run, decision: str = "approve", **fields: Any) -> dict[str, Any]:
    """The body of a decision, as the page sends it."""
    return {
        "key": str(uuid4()),
        "run": str(run.pk),
        "decision": decision,
        "reasons": [] if decision == "approve" else ["weak_hook"],
        "comment": "",
        "content_hash": content_hash_of(run),
        "active_seconds": 4.5,
        **fields,
    }


@pytest.fixture
def anna(db: None) -> User:
    return reviewer(username="anna")


@pytest.fixture
def ben(db: None) -> User:
    return reviewer(username="ben")


@pytest.fixture
def carl(db: None) -> User:
    return reviewer(username="carl")


@pytest.fixture
def desk(anna: User) -> Callable[..., HttpResponse]:
    """Anna asks the desk."""
    client = browser(anna)
    return lambda name, **body: ask(client, name, **body)
