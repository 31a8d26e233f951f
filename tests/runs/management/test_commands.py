"""The commands: stable JSON, exit codes, messages."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_q.models import Schedule

from media_tools.errors import MediaInvalid
from runs.models import Run
from runs.work import inline
from runs.work.pipeline import create_steps
from tests.factories import ArtistFactory, RunFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def instant(settings, fake_steps, monkeypatch):
    settings.ARTIST_CREATION_PROBABILITY = 0.0
    monkeypatch.setattr(inline.engines, "configured", lambda: None)
    return fake_steps


def run_json(*args: str) -> dict:
    out = StringIO()
    call_command(*args, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_run_batch_prints_the_stable_form() -> None:
    artist = ArtistFactory()

    data = run_json("run_batch", "--size", "2", "--seed", "7", "--artist", artist.slug)

    assert set(data) == {"batch", "runs"}
    first = data["runs"][0]
    assert set(first) == {
        "id",
        "artist",
        "title",
        "status",
        "seed",
        "duration_s",
        "lufs",
        "true_peak_dbtp",
        "bpm",
        "error",
        "files",
    }
    assert set(first["files"]) == {"audio", "master", "cover", "video", "lyrics"}
    assert [run["seed"] for run in data["runs"]] == [7, 8]
    assert {run["status"] for run in data["runs"]} == {"awaiting_review"}
    assert first["artist"] == artist.slug


def test_run_batch_ends_with_1_when_a_run_failed(instant) -> None:
    def broken(context) -> None:
        raise MediaInvalid("lyrics", "no")

    ArtistFactory()
    instant.before["lyrics"] = broken

    with pytest.raises(SystemExit) as stop:
        call_command("run_batch", "--json", stdout=StringIO(), stderr=StringIO())

    assert stop.value.code == 1


def test_run_batch_names_an_unknown_artist() -> None:
    with pytest.raises(CommandError, match="nobody") as stop:
        call_command("run_batch", "--artist", "nobody")

    assert stop.value.returncode == 2


def test_run_batch_refuses_an_empty_batch() -> None:
    with pytest.raises(CommandError, match="--size") as stop:
        call_command("run_batch", "--size", "0")

    assert stop.value.returncode == 2


def test_run_batch_can_only_queue() -> None:
    ArtistFactory()

    data = run_json("run_batch", "--no-wait")

    assert data["runs"][0]["status"] == "queued"


def test_resume_runs_goes_on_with_a_dead_workers_run() -> None:
    run = RunFactory(status=Run.Status.RUNNING, owner="gone/1/1/1")
    create_steps([run])

    data = run_json("resume_runs")

    assert data["requeued"] == [str(run.pk)]
    assert data["runs"][0]["status"] == "awaiting_review"


def test_review_run_prints_the_artist_too() -> None:
    run = RunFactory(reviewable=True)

    data = run_json("review_run", str(run.pk), "reject", "--reason", "weak_hook")

    assert data == {
        "run": str(run.pk),
        "status": "rejected",
        "artist": {
            "slug": run.artist.slug,
            "status": "active",
            "consecutive_rejections": 1,
        },
    }


def test_review_run_refuses_a_second_verdict() -> None:
    run = RunFactory(reviewable=True)
    call_command("review_run", str(run.pk), "reject", stdout=StringIO())

    with pytest.raises(CommandError, match="rejected") as stop:
        call_command("review_run", str(run.pk), "approve")

    assert stop.value.returncode == 1


@pytest.mark.parametrize("text", ["17", "0b6ab7a0-0000-4000-8000-000000000000"])
def test_unknown_runs_are_bad_usage(text: str) -> None:
    with pytest.raises(CommandError, match=text) as stop:
        call_command("review_run", text, "approve")

    assert stop.value.returncode == 2


def test_a_cron_that_never_comes_is_refused_in_words(settings) -> None:
    settings.BATCH_CRON = "0 6 31 2 *"

    with pytest.raises(CommandError, match="AI_ARTIST_BATCH_CRON") as refused:
        call_command("install_schedules")

    assert refused.value.returncode == 1


def test_schedules_are_installed_once() -> None:
    first = run_json("install_schedules")
    second = run_json("install_schedules")

    assert "daily batch" in first["created"]
    assert second["created"] == []
    assert sorted(second["kept"]) == sorted(first["created"])


def test_what_clusters_do_by_themselves_is_no_schedule_any_more() -> None:
    Schedule.objects.create(name="sweep", func="runs.tasks.sweep")
    Schedule.objects.create(name="canary", func="elsewhere.canary")

    done = run_json("install_schedules")

    assert (done["removed"], done["foreign"]) == (["sweep"], ["canary"])
    assert not Schedule.objects.filter(name="sweep").exists()
