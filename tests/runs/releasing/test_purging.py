"""Freeing space: what goes, what stays, and what the product says of what is gone."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from media_tools.provenance import Provenance
from runs.errors import ReviewRefused
from runs.models import Artifact, Release, Run, RunEvent, Step
from runs.releasing.purging import Purged, drop_stems, purge
from runs.reviewing.reviews import decide, undo
from runs.steps import NAMES
from runs.storage import NewArtifact, artifact_row, store_file
from runs.work.operating import retry_run
from tests.factories import NOON, RunFactory, StepFactory, UserFactory, single_of

pytestmark = pytest.mark.django_db

LONG_AGO = NOON - timedelta(days=100)
AGE = timedelta(days=90)


@pytest.fixture
def keep(tmp_path: Path):
    """Store a text as a file of a run, written long ago."""

    def store(run: Run, text: str, *, kind: str = Artifact.Kind.MIX, **fields) -> Artifact:
        path = tmp_path / "new.wav"
        path.write_text(text)
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
        new = NewArtifact(
            path=path,
            kind=kind,
            media_type="audio/wav",
            provenance=Provenance(provider="local", model="test", licence="CC0-1.0"),
        )
        artifact = artifact_row(run, "music", new, store_file(path))
        path.unlink()
        os.utime(artifact.path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
        for name, value in fields.items():
            setattr(artifact, name, value)
        artifact.save()
        return artifact

    return store


def ended(status: str, **fields) -> Run:
    """A run that came to its end long ago."""
    at = {"finished_at": LONG_AGO, "created_at": LONG_AGO}
    if status in Run.DECIDED or status == Run.Status.RELEASED:
        at["decided_at"] = LONG_AGO
    error = "broken" if status == Run.Status.FAILED else ""
    return RunFactory(reviewable=True, **{"status": status, "error": error, **at, **fields})


@pytest.mark.parametrize("status", ["rejected", "failed", "cancelled"])
def test_files_of_runs_that_ended_badly_go_and_their_rows_stay(keep, status: str) -> None:
    artifact = keep(ended(status), "mix")

    done = purge(older_than=AGE, now=NOON, act=True)

    assert done == Purged(runs=1, artifacts=1, files=1, bytes=3)
    artifact.refresh_from_db()
    assert artifact.purged_at == NOON
    assert not artifact.path.exists()
    assert "1 file removed" in RunEvent.objects.get(run=artifact.run, kind="purged").message


@pytest.mark.parametrize("status", ["approved", "released"])
def test_of_what_came_out_not_even_replaced_takes_go(keep, status: str) -> None:
    run = ended(status)
    files = [keep(run, "take 1", superseded_at=LONG_AGO), keep(run, "take 2")]

    assert purge(older_than=AGE, now=NOON, act=True) == Purged()

    assert all(artifact.path.is_file() for artifact in files)


def test_a_run_with_a_release_keeps_its_files_whatever_became_of_it(keep) -> None:
    run = ended("rejected")
    bundle = keep(run, "zip", kind=Artifact.Kind.BUNDLE)
    single_of(
        run,
        bundle=bundle,
        status=Release.Status.RECALLED,
        recalled_at=NOON,
        recall_reason="rights",
    )

    assert purge(older_than=AGE, now=NOON, act=True) == Purged()


@pytest.mark.parametrize("status", ["awaiting_review", "queued"])
def test_of_runs_that_may_still_come_out_replaced_takes_go_alone(keep, status: str) -> None:
    run = ended(status)
    replaced, current = keep(run, "take 1", superseded_at=LONG_AGO), keep(run, "take 2")

    done = purge(older_than=AGE, now=NOON, act=True)

    assert (done.artifacts, done.files) == (1, 1)
    assert not replaced.path.exists()
    assert current.path.is_file()


def test_what_is_young_stays(keep) -> None:
    run = ended("rejected", decided_at=NOON - timedelta(days=89))
    artifact = keep(run, "mix")

    assert purge(older_than=AGE, now=NOON, act=True) == Purged()

    assert artifact.path.is_file()


def test_a_file_that_another_run_needs_stays(keep) -> None:
    """The same seed gives the same bytes, and equal files are stored once."""
    shared, needed = keep(ended("rejected"), "same"), keep(ended("approved"), "same")

    done = purge(older_than=AGE, now=NOON, act=True)

    assert (done.artifacts, done.files) == (1, 0)
    shared.refresh_from_db()
    assert shared.purged_at == NOON
    assert needed.path.read_text() == "same"


@pytest.mark.parametrize("act", [False, True])
def test_a_file_of_several_runs_that_may_all_go_is_counted_once(keep, act: bool) -> None:
    first, _ = keep(ended("rejected"), "same"), keep(ended("failed"), "same")

    done = purge(older_than=AGE, now=NOON, act=act)

    assert (done.runs, done.artifacts, done.files, done.bytes) == (2, 2, 1, 4)
    assert first.path.exists() is not act


def test_a_file_that_was_stored_again_just_now_stays(keep, tmp_path: Path) -> None:
    """Its new row may not be written yet."""
    artifact = keep(ended("rejected"), "same")
    again = tmp_path / "again.wav"
    again.write_text("same")

    store_file(again)

    assert purge(older_than=AGE, now=NOON, act=True).files == 0
    assert artifact.path.is_file()


def test_files_without_a_row_go_when_they_are_old(keep, settings) -> None:
    orphan = keep(ended("approved"), "left behind")
    path = orphan.path
    orphan.delete()
    young = path.with_name("young.wav")
    young.write_text("just written")

    done = purge(older_than=AGE, now=NOON, act=True)

    assert (done.orphans, done.files) == (1, 1)
    assert not path.exists()
    assert young.is_file()


def test_a_purge_that_was_killed_is_finished_by_the_next(keep) -> None:
    artifact = keep(ended("rejected"), "mix", purged_at=LONG_AGO)

    done = purge(older_than=AGE, now=NOON, act=True)

    assert (done.orphans, done.files) == (1, 1)
    assert not artifact.path.exists()


def test_the_command_removes_nothing_until_told(keep, capsys) -> None:
    artifact = keep(ended("rejected"), "mix")

    call_command("purge_media", "--days", "1", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["removed"], told["files"], told["bytes"]) == (False, 1, 3)
    assert artifact.path.is_file()

    call_command("purge_media", "--days", "1", "--yes")
    assert "Removed 1 file," in capsys.readouterr().out
    assert not artifact.path.exists()

    with pytest.raises(CommandError, match="--days"):
        call_command("purge_media", "--days", "0")


def test_a_purged_rejection_cannot_be_judged_again(keep) -> None:
    run = RunFactory(reviewable=True)
    keep(run, "master", kind=Artifact.Kind.MASTER)
    decide(run_id=run.pk, decision="reject", reasons=["other"], reviewer=None, now=LONG_AGO)
    purge(older_than=AGE, now=NOON, act=True)

    with pytest.raises(ReviewRefused, match="same seed"):
        undo(run_id=run.pk, reviewer=None, now=NOON)

    run.refresh_from_db()
    assert run.status == Run.Status.REJECTED


def test_a_purged_failure_is_retried_from_its_first_step(keep) -> None:
    run = ended("failed")
    artifact = keep(run, "words", kind=Artifact.Kind.LYRICS)
    for position, name in enumerate(("concept", "lyrics", "music")):
        StepFactory(
            run=run, name=name, position=position, status=Step.Status.DONE, finished_at=LONG_AGO
        )
    purge(older_than=AGE, now=NOON, act=True)

    retry_run(run_id=run.pk, actor=None, now=NOON)

    assert set(run.steps.values_list("status", flat=True)) == {Step.Status.PENDING}
    artifact.refresh_from_db()
    assert artifact.superseded_at == NOON


def rejected(keep, *, days_ago: int) -> dict[str, Artifact]:
    """Files of a run that was rejected, by their kinds."""
    run = RunFactory(reviewable=True)
    kinds = ("mix", "stem", "wav", "mp3")
    files = {kind: keep(run, f"{kind} of {days_ago}", kind=kind) for kind in kinds}
    at = NOON - timedelta(days=days_ago)
    decide(run_id=run.pk, decision="reject", reasons=["other"], reviewer=None, now=at)
    return files


def test_mix_and_stems_of_a_rejection_go_and_it_can_still_be_undone(keep) -> None:
    old, young = rejected(keep, days_ago=8), rejected(keep, days_ago=6)
    others = [keep(ended(status), status) for status in ("approved", "failed", "awaiting_review")]

    done = drop_stems(older_than=timedelta(days=7), now=NOON)

    assert (done.runs, done.artifacts) == (1, 2)
    left = [*young.values(), *others, old["wav"], old["mp3"]]
    assert all(artifact.path.is_file() for artifact in left)
    assert not old["mix"].path.exists()
    undo(run_id=old["mix"].run_id, reviewer=None, now=NOON)
    assert Run.objects.get(pk=old["mix"].run_id).status == Run.Status.AWAITING_REVIEW


@pytest.mark.parametrize(
    ("asked", "begun"), [("master", "music"), ("cover", "cover"), ("lyrics", "lyrics")]
)
def test_without_its_mix_a_run_is_mastered_again_from_its_music(keep, asked, begun) -> None:
    run = rejected(keep, days_ago=8)["mix"].run
    for position, name in enumerate(NAMES):
        StepFactory(
            run=run, name=name, position=position, status=Step.Status.DONE, finished_at=LONG_AGO
        )
    drop_stems(older_than=timedelta(days=7), now=NOON)
    undo(run_id=run.pk, reviewer=None, now=NOON)

    retry_run(run_id=run.pk, actor=None, now=NOON, from_step=asked)

    done = run.steps.filter(status=Step.Status.DONE).order_by("position")
    assert list(done.values_list("name", flat=True)) == list(NAMES[: NAMES.index(begun)])


def test_a_purged_file_is_not_served(client, keep) -> None:
    artifact = keep(ended("rejected"), "mix")
    client.force_login(UserFactory(is_superuser=True))
    address = reverse("artifact", args=[artifact.pk])
    assert client.get(address).status_code == 200
    purge(older_than=AGE, now=NOON, act=True)

    assert client.get(address).status_code == 404
