"""Proposed changes of the profile: taken in, set aside, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runs.models import Reflection, Run
from runs.reflections import ChangeRefused, decide_change
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(new_run: Callable[..., Run]) -> Run:
    return new_run()


def propose(run: Run, **change: Any) -> None:
    Reflection.objects.filter(run=run).update(proposed_changes=[{"why": "", **change}])


def test_accepted_change_is_a_new_version_with_who_and_why(run: Run) -> None:
    user = UserFactory()
    before = run.artist.profile_version

    decide_change(run_id=run.pk, index=0, accept=True, actor=user)

    version = run.artist.history.latest()
    assert version.history_id != before
    assert version.history_user == user
    assert "Reflection on" in version.history_change_reason
    assert version.style_notes == "Analogue pads, a steady pulse, brighter drums."


def test_dismissed_change_leaves_the_profile(run: Run) -> None:
    before = run.artist.style_notes

    change = decide_change(run_id=run.pk, index=0, accept=False, actor=None)

    run.artist.refresh_from_db()
    assert change["verdict"] == "dismissed"
    assert run.artist.style_notes == before


def test_change_is_decided_once(run: Run) -> None:
    decide_change(run_id=run.pk, index=0, accept=False, actor=None)

    with pytest.raises(ChangeRefused, match="already dismissed"):
        decide_change(run_id=run.pk, index=0, accept=True, actor=None)


def test_change_of_an_older_profile_is_refused(run: Run) -> None:
    run.artist.style_notes = "Something new"
    run.artist.save()

    with pytest.raises(ChangeRefused, match="changed since"):
        decide_change(run_id=run.pk, index=0, accept=True, actor=None)
    assert "verdict" not in Reflection.objects.get(run=run).proposed_changes[0]


def test_status_is_never_changed_by_a_reflection(run: Run) -> None:
    propose(run, field="status", old="active", new="retired")

    with pytest.raises(ChangeRefused, match="may not change status"):
        decide_change(run_id=run.pk, index=0, accept=True, actor=None)


def test_invalid_value_is_refused(run: Run) -> None:
    propose(run, field="tempo_min_bpm", old=run.artist.tempo_min_bpm, new=400)

    with pytest.raises(ChangeRefused, match="not valid"):
        decide_change(run_id=run.pk, index=0, accept=True, actor=None)


def test_number_out_of_range_is_refused(run: Run) -> None:
    with pytest.raises(ChangeRefused, match="no change number 8"):
        decide_change(run_id=run.pk, index=7, accept=True, actor=None)
