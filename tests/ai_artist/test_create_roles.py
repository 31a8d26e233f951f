"""The groups: what each may do, and that running the command again changes nothing."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def create_roles() -> dict[str, str]:
    out = StringIO()
    call_command("create_roles", "--json", stdout=out)
    return {role["name"]: role["state"] for role in json.loads(out.getvalue())["roles"]}


def permissions_of(name: str) -> set[str]:
    group = Group.objects.get(name=name)
    return {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()}


def test_three_groups_are_created() -> None:
    assert create_roles() == {
        "Reviewer": "created",
        "Producer": "created",
        "Administrator": "created",
    }


def test_again_nothing_changes() -> None:
    create_roles()

    assert set(create_roles().values()) == {"unchanged"}


def test_foreign_permissions_are_taken_away() -> None:
    create_roles()
    reviewer = Group.objects.get(name="Reviewer")
    reviewer.permissions.set(Group.objects.get(name="Administrator").permissions.all())

    assert create_roles()["Reviewer"] == "corrected"
    assert "artists.change_artist" not in permissions_of("Reviewer")


def test_reviewer_decides_and_does_not_operate() -> None:
    create_roles()

    granted = permissions_of("Reviewer")
    assert {"runs.review_run", "runs.view_run", "runs.view_artifact"} <= granted
    assert not {"runs.operate_run", "artists.change_artist"} & granted


def test_producer_operates_and_does_not_decide() -> None:
    create_roles()

    granted = permissions_of("Producer")
    assert {"runs.operate_run", "artists.add_artist", "experiments.change_experiment"} <= granted
    assert not {"runs.review_run", "artists.change_lifecyclepolicy"} & granted


def test_nobody_is_granted_the_task_queue() -> None:
    create_roles()

    for name in ("Reviewer", "Producer", "Administrator"):
        assert not {p for p in permissions_of(name) if p.startswith("django_q.")}
