"""The product with its files in a bucket: runs, bundles, playing, moving, clean-up."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import requests
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from media_tools.files import sha256_of
from media_tools.music.declaration import Declaration
from media_tools.providers.spool import name_of
from runs.errors import StoreRefused, StoreTrouble
from runs.models import Artifact, Run, Step
from runs.publishing.items import bundle_of
from runs.releasing.handover import with_bundle
from runs.releasing.purging import purge
from runs.releasing.releases import folder_of, outdated_values, package_release, single_of
from runs.releasing.verifying import check_folder
from runs.storage import bucket, sharing, store_file
from runs.storage.artifacts import artifact_storage
from runs.storage.bundles import bundle_sums
from runs.storage.kept import ARTIFACTS, StoredFile
from runs.storage.moving import move_files
from tests.bundled import bundled_release
from tests.factories import NOON

pytestmark = pytest.mark.django_db

Finished = Callable[..., tuple[Path, StoredFile]]


def names() -> set[str]:
    """Of all artifacts in the bucket."""
    place = artifact_storage().bucket
    assert place is not None
    return {kept.name for kept in place.walk(ARTIFACTS)}


def another_machine(settings: Any) -> None:
    """Forget what only this machine has."""
    for place in (settings.MEDIA_ROOT, settings.CACHE_DIR, settings.SPOOL_DIR, settings.INBOX_DIR):
        shutil.rmtree(place, ignore_errors=True)


def test_a_run_goes_on_at_another_machine(
    in_bucket: Any, queued_run: Run, fake_steps: Any, work: Callable[..., Any]
) -> None:
    lengths = {}

    def read_mix(context: Any) -> None:
        another_machine(in_bucket)
        held = context.file(Artifact.Kind.MIX)
        shutil.rmtree(in_bucket.CACHE_DIR)
        lengths[held.name] = len(held.read_text())

    fake_steps.before["master"] = read_mix

    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.AWAITING_REVIEW
    assert names() == {str(artifact.file) for artifact in queued_run.artifacts.all()}
    assert list(lengths.values()) == [queued_run.artifact(Artifact.Kind.MIX).bytes]  # type: ignore[union-attr]
    assert not Path(in_bucket.MEDIA_ROOT).exists()


def test_a_crash_before_the_commit_loses_and_doubles_nothing(
    in_bucket: Any, queued_run: Run, fake_steps: Any, work: Callable[..., Any], monkeypatch: Any
) -> None:
    class Killed(BaseException):
        pass

    def die(*args: Any, **more: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("runs.work.pipeline.artifact_row", die)
        work(queued_run)
    left = names()
    assert len(left) == 1
    assert not queued_run.artifacts.exists()
    Run.objects.filter(pk=queued_run.pk).update(status=Run.Status.QUEUED, owner="", due_at=NOON)

    work(queued_run)

    assert names() >= left
    assert len(names()) == queued_run.artifacts.count()


def test_an_outage_of_the_store_parks_the_run(
    in_bucket: Any, queued_run: Run, fake_steps: Any, work: Callable[..., Any], monkeypatch: Any
) -> None:
    def fail(*args: Any, **more: Any) -> None:
        raise StoreTrouble("Object store: it cannot be reached.", "Check it.")

    with monkeypatch.context() as patch:
        patch.setattr("runs.work.pipeline.store_file", fail)
        work(queued_run)

    queued_run.refresh_from_db()
    step = queued_run.steps.get(status=Step.Status.WAITING)
    assert step.waiting_for == Step.WaitingFor.STORE
    assert "cannot be reached" in step.error

    work(queued_run, NOON + timedelta(minutes=2))

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.AWAITING_REVIEW


def test_an_approval_makes_a_bundle_that_plays_and_can_be_had(
    in_bucket: Any, approved_run: Run, boss: Client
) -> None:
    release = package_release(release_id=single_of(approved_run.pk).pk, now=NOON)
    bundle = release.bundle
    assert bundle is not None
    another_machine(in_bucket)

    # One file is read out of the ZIP, and no other.
    assert outdated_values(release) == []
    assert not (folder_of(release, "metadata.json") / "video").exists()
    film = bundle_of(release).file("video/video.mp4")
    assert sha256_of(film.path) == bundle_sums(bundle.sha256)["video/video.mp4"]
    assert all(not file.fault for file in check_folder(folder_of(release)))
    with with_bundle(release, {"papers.txt": b"x"}) as whole, ZipFile(whole) as archive:
        assert archive.testzip() is None

    played = boss.get(reverse("artifact", args=[approved_run.artifact(Artifact.Kind.MASTER).pk]))  # type: ignore[union-attr]
    assert (played.status_code, played["Cache-Control"]) == (302, "no-store")
    part = requests.get(played["Location"], headers={"Range": "bytes=0-3"}, timeout=10)
    assert (part.status_code, part.content) == (206, b"fLaC")

    saved = boss.get(reverse("artifact", args=[bundle.pk]), {"download": ""})
    got = requests.get(saved["Location"], timeout=10)
    assert len(got.content) == bundle.bytes
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Type"] == "application/zip"

    # Signed files are found in the bucket, so the next bundle has the same bytes.
    another_machine(in_bucket)
    again = package_release(release_id=release.pk, now=NOON).bundle
    assert again is not None
    assert again.sha256 == bundle.sha256


def test_who_may_not_see_a_file_gets_no_address(
    in_bucket: Any, approved_run: Run, client: Client
) -> None:
    address = reverse("artifact", args=[approved_run.artifact(Artifact.Kind.MASTER).pk])  # type: ignore[union-attr]

    answer = client.get(address)

    assert "login" in answer["Location"]


def test_a_head_request_is_answered_here(in_bucket: Any, approved_run: Run, boss: Client) -> None:
    artifact = approved_run.artifact(Artifact.Kind.MASTER)
    assert artifact is not None

    answer = boss.head(reverse("artifact", args=[artifact.pk]))

    assert (answer.status_code, answer["Content-Length"]) == (200, str(artifact.bytes))


def test_an_installation_moves_there_and_back(
    settings: Any, moto: str, request: pytest.FixtureRequest
) -> None:
    bundled_release()
    files = {str(artifact.file): artifact.sha256 for artifact in Artifact.objects.all()}
    request.getfixturevalue("in_bucket")

    there = move_files(to="s3", keep=False)

    assert there.failed == {}
    assert (there.folders, names()) == (1, set(files))
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert all(sha256_of(artifact.path) == artifact.sha256 for artifact in Artifact.objects.all())
    assert move_files(to="s3", keep=False).files == 0

    settings.STORE = "folder"
    back = move_files(to="folder", keep=False)

    assert back.failed == {}
    assert names() == set()
    for name, digest in files.items():
        assert sha256_of(Path(settings.MEDIA_ROOT) / name) == digest


def test_a_stopped_move_goes_on(settings: Any, moto: str, finished: Finished, request: Any) -> None:
    for content in (b"one", b"two", b"three"):
        store_file(finished(content)[0])
    request.getfixturevalue("in_bucket")

    def stop(kept: Any) -> None:
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(kept.name)

    seen: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        move_files(to="s3", keep=False, each=stop)
    assert names() == set(seen)

    assert move_files(to="s3", keep=False).files == 1
    assert len(names()) == 3


def test_a_damaged_file_stays_and_is_named(
    settings: Any, moto: str, finished: Finished, request: Any, capsys: Any
) -> None:
    stored = store_file(finished(b"one")[0])
    (Path(settings.MEDIA_ROOT) / stored.relative).write_bytes(b"bad")
    request.getfixturevalue("in_bucket")

    with pytest.raises(SystemExit):
        call_command("move_artifacts", "--to", "s3", "--json")

    assert list(json.loads(capsys.readouterr().out)["failed"]) == [stored.relative]
    assert (Path(settings.MEDIA_ROOT) / stored.relative).is_file()


def test_nothing_moves_while_new_files_go_the_other_way(in_bucket: Any) -> None:
    in_bucket.STORE = "folder"

    with pytest.raises(CommandError, match="AI_ARTIST_STORE=s3"):
        call_command("move_artifacts", "--to", "s3")
    in_bucket.S3 = None
    with pytest.raises(StoreRefused, match="BUCKET"):
        move_files(to="s3", keep=True)


def test_a_large_file_goes_in_parts(
    in_bucket: Any, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "ONE_REQUEST_BYTES", 1024)
    monkeypatch.setattr(bucket, "PART_BYTES", 5 * 1024 * 1024)

    stored = store_file(finished(os.urandom(6 * 1024 * 1024), ".mp4")[0])
    shutil.rmtree(in_bucket.CACHE_DIR)

    assert sha256_of(Path(artifact_storage().path(stored.relative))) == stored.sha256


def test_orphans_go_after_a_day(in_bucket: Any, finished: Finished) -> None:
    store_file(finished(b"orphan")[0])
    month = timedelta(days=30)

    assert purge(older_than=month, now=timezone.now(), act=True).files == 0
    assert purge(older_than=month, now=timezone.now() + timedelta(days=31), act=True).orphans == 1
    assert names() == set()


def test_a_paid_answer_is_found_at_another_machine(in_bucket: Any) -> None:
    spool = Path(in_bucket.SPOOL_DIR)
    spool.mkdir(parents=True)
    answer = name_of("song", "run:0:music:1")
    (spool / answer).write_bytes(b"paid")
    (spool / f"{answer}.json").write_text("{}")

    sharing.share_answer(answer)
    another_machine(in_bucket)
    sharing.bring_answer_to("run:0:music:1")

    assert (spool / answer).read_bytes() == b"paid"
    assert (spool / f"{answer}.json").is_file()
    assert sharing.remove_old(now=timezone.now() + timedelta(days=15)) == 2


def test_an_outage_keeps_a_paid_answer_here(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: Any
) -> None:
    class Down:
        def put(self, *args: object) -> None:
            raise StoreTrouble("Object store: it cannot be reached.")

    monkeypatch.setattr(sharing, "_bucket", Down)
    answer = name_of("art", "key")
    Path(settings.SPOOL_DIR).mkdir(parents=True)
    (Path(settings.SPOOL_DIR) / answer).write_bytes(b"paid")

    assert sharing.share_answer(answer) == answer
    assert "cannot be reached" in caplog.text


def test_an_uploaded_song_is_collected_at_another_machine(
    in_bucket: Any, finished: Finished
) -> None:
    from media_tools.music.imported import ImportedMusic

    inbox = ImportedMusic(inbox=Path(in_bucket.INBOX_DIR))
    song, _ = finished(b"RIFF", ".wav")
    declared = inbox.declare(song, Declaration(author="Ada"))

    shared = sharing.share_song("run.0.music.1", song)
    late = sharing.share_song("run.0.music.1", song)
    assert shared and late
    sharing.bring_song("run.0.music.1")
    assert inbox._taken("run.0.music.1") is None, "it is not offered yet"
    shared.offer(declared)
    with pytest.raises(StoreRefused, match="already"):
        late.offer(declared)
    late.withdraw()
    another_machine(in_bucket)
    sharing.bring_song("run.0.music.1")

    taken = inbox._taken("run.0.music.1")
    assert taken is not None
    assert inbox._declaration(taken).author == "Ada"
