"""Bundles that are due: one that cannot be made backs off and holds up no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse

from runs.models import Artifact, Packing, Release, Run, RunEvent
from runs.reviewing.reviews import decide, undo
from runs.work import packing
from runs.work.packing import LEASE_S, RETRY_DELAYS_S, pack_next
from tests.factories import NOON, RunFactory

pytestmark = pytest.mark.django_db


def approved(run: Run) -> Run:
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
    return run


@pytest.fixture
def broken() -> Callable[[], Run]:
    """Makes approved runs whose files are missing."""
    return lambda: approved(RunFactory(reviewable=True))


def test_two_broken_bundles_do_not_hold_up_a_sound_one(broken, approved_run) -> None:
    failing = [broken(), broken()]
    Packing.objects.filter(run=approved_run).update(due_at=NOON + timedelta(seconds=1))

    while pack_next(now=NOON + timedelta(seconds=1)):
        pass

    assert Release.objects.get().run == approved_run
    assert {row.run: row.attempts for row in Packing.objects.failing()} == dict.fromkeys(failing, 1)


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
    lyrics = Path(run.artifact(Artifact.Kind.LYRICS).path)
    away = lyrics.rename(lyrics.with_suffix(".away"))
    pack_next(now=NOON)
    page = reverse("admin:runs_run_change", args=[run.pk])
    reason = Packing.objects.get().error
    for address in (page, reverse("admin:index")):
        assert reason in boss.get(address).content.decode()

    boss.post(reverse("admin:runs_run_package", args=[run.pk]))

    row = Packing.objects.get()
    assert (row.attempts, row.error) == (0, "")
    away.rename(lyrics)
    assert pack_next(now=row.due_at)
    assert Release.objects.get().run == run
    assert reason not in boss.get(reverse("admin:index")).content.decode()


def test_nothing_is_tried_again_that_has_not_failed(boss: Client, new_run) -> None:
    run = new_run()

    boss.post(reverse("admin:runs_run_package", args=[run.pk]))

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

    assert Release.objects.get().run == approved_run
    assert not Packing.objects.exists()


def test_a_bundle_that_kills_every_worker_is_given_up(approved_run) -> None:
    Packing.objects.update(attempts=len(RETRY_DELAYS_S) + 1)

    assert pack_next(now=NOON)

    assert not Release.objects.exists()
    assert Packing.objects.get(run=approved_run).due_at is None


def test_an_upgrade_asks_for_the_bundles_that_are_missing() -> None:
    missing, revocable = RunFactory(reviewable=True), RunFactory(reviewable=True)
    approved(missing)
    decide(run_id=revocable.pk, decision="approve", reviewer=None, now=NOON, grace_s=60)
    Packing.objects.all().delete()
    (file,) = (settings.BASE_DIR / "runs" / "migrations").glob("*_pack_approved_runs.py")

    import_module(f"runs.migrations.{file.stem}").ask_for_bundles(apps, None)

    assert [row.run for row in Packing.objects.all()] == [missing]


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
