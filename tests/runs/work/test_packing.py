"""Bundles that are due: one that cannot be made backs off and holds up no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Artifact, Packing, Release, Run, RunEvent
from runs.releasing.releases import single_of
from runs.reviewing.reviews import decide, undo
from runs.work import packing
from runs.work.packing import LEASE_S, RETRY_DELAYS_S, pack_next
from tests.factories import NOON, RunFactory

pytestmark = pytest.mark.django_db


def approved(run: Run) -> Run:
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
    return run


def bundled() -> list[Release]:
    return list(Release.objects.exclude(bundle=None))


@pytest.fixture
def broken() -> Callable[[], Run]:
    """Makes approved runs whose files are missing."""
    return lambda: approved(RunFactory(reviewable=True))


def test_two_broken_bundles_do_not_hold_up_a_sound_one(broken, approved_run) -> None:
    failing = [broken(), broken()]
    Packing.objects.filter(release=single_of(approved_run.pk)).update(
        due_at=NOON + timedelta(seconds=1)
    )

    while pack_next(now=NOON + timedelta(seconds=1)):
        pass

    assert bundled() == [single_of(approved_run.pk)]
    attempts = {row.release: row.attempts for row in Packing.objects.failing()}
    assert attempts == {single_of(run.pk): 1 for run in failing}


def test_tries_grow_apart_and_end_with_a_person(broken) -> None:
    run = broken()
    now, waits = NOON, []

    while pack_next(now=now):
        row = Packing.objects.get()
        assert row.error
        if row.due_at is None:
            break
        waits.append((row.due_at - now).total_seconds())
        now = row.due_at

    assert tuple(waits) == RETRY_DELAYS_S
    assert row.due_at is None
    assert row.attempts == len(RETRY_DELAYS_S) + 1
    assert RunEvent.objects.filter(run=run, kind="not packaged").count() == row.attempts


def test_a_person_tries_again_and_the_reason_is_gone_with_the_cause(
    approved_run, boss: Client
) -> None:
    run = approved_run
    video = Path(run.artifact(Artifact.Kind.VIDEO).path)
    away = video.rename(video.with_suffix(".away"))
    pack_next(now=NOON)
    page = reverse("admin:runs_run_change", args=[run.pk])
    reason = Packing.objects.get().error
    for address in (page, reverse("admin:index")):
        assert reason in boss.get(address).content.decode()

    boss.post(reverse("admin:runs_release_package", args=[single_of(run.pk).pk]))

    row = Packing.objects.get()
    assert (row.attempts, row.error) == (0, "")
    away.rename(video)
    assert pack_next(now=row.due_at)
    assert bundled() == [single_of(run.pk)]
    assert reason not in boss.get(reverse("admin:index")).content.decode()


def test_nothing_is_tried_again_that_has_not_failed(boss: Client, approved_run) -> None:
    run = approved_run
    Packing.objects.all().delete()

    boss.post(reverse("admin:runs_release_package", args=[single_of(run.pk).pk]))

    assert not Packing.objects.exists()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("odd\x00")])
def test_whatever_breaks_is_a_reason_in_words(error, broken, monkeypatch) -> None:
    broken()

    def breaks(**options) -> None:
        raise error

    monkeypatch.setattr(packing.releases, "package_release", breaks)

    assert pack_next(now=NOON)

    reason = Packing.objects.get().error
    assert reason.startswith(type(error).__name__)
    assert "\x00" not in reason


def test_a_worker_that_dies_while_packing_costs_an_attempt_and_no_bundle(
    approved_run, monkeypatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(packing, "pack", lambda *of, **options: None)
        assert pack_next(now=NOON)
    assert not pack_next(now=NOON + timedelta(seconds=LEASE_S - 1))

    assert pack_next(now=NOON + timedelta(seconds=LEASE_S))

    assert bundled() == [single_of(approved_run.pk)]
    assert not Packing.objects.exists()


def test_a_bundle_that_kills_every_worker_is_given_up(approved_run) -> None:
    Packing.objects.update(attempts=len(RETRY_DELAYS_S) + 1)

    assert pack_next(now=NOON)

    assert bundled() == []
    assert Packing.objects.get(release=single_of(approved_run.pk)).due_at is None


def test_an_undone_approval_needs_no_bundle(broken) -> None:
    undo(run_id=broken().pk, reviewer=None, now=NOON)

    assert not Packing.objects.exists()


def test_content_that_changed_goes_back_to_review_without_a_bundle(new_run) -> None:
    run = approved(new_run())
    run.artifacts.filter(kind=Artifact.Kind.COVER).update(sha256="0" * 64)

    assert pack_next(now=NOON)

    run.refresh_from_db()
    assert run.status == Run.Status.AWAITING_REVIEW
    assert not Packing.objects.exists()
