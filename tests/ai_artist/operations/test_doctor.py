"""The doctor names what is wrong, says what to do, and never breaks itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django_q.models import Schedule

from ai_artist.operations import doctor
from ai_artist.operations.doctor import Level, Result, examine
from media_tools.errors import ToolMissing
from media_tools.marking.certificates import CHAIN, KEY, VALID_FOR, local_certificate
from runs.models import Letter, WorkerBeat
from runs.work.schedules import install
from runs.work.workers import worker_name
from tests.factories import ArtifactFactory, ArtistFactory, RunFactory, UserFactory

ROOT = Path(django_settings.BASE_DIR)


def only(check: str, now: datetime) -> list[Result]:
    return examine([check], now=now)


def complaints(results: list[Result]) -> list[str]:
    return [result.found for result in results if result.level is not Level.OK]


def run_manage(*arguments: str, database: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{database}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.django_db
def test_a_whole_installation_has_no_problems(now: datetime) -> None:
    install(now=now)
    for cluster in (worker_name(), WorkerBeat.SWEEP):
        WorkerBeat.objects.create(cluster=cluster, at=now)

    results = examine(doctor.CHECKS, now=now)

    assert complaints(results) == []
    assert {result.check for result in results} == set(doctor.CHECKS)


@pytest.mark.django_db
def test_passwords_alone_are_a_warning_in_production(now: datetime, settings: Any) -> None:
    UserFactory(username="rita", is_superuser=True)
    settings.PRODUCTION = True
    alone = only("accounts", now)
    settings.SECOND_FACTOR = "spending"
    asked = only("accounts", now)

    assert [result.level for result in (*alone, *asked)] == [Level.WARNING, Level.OK]
    assert "rita" in asked[0].found


@pytest.mark.django_db
def test_the_probe_leaves_nothing_in_the_database(now: datetime) -> None:
    only("database", now)

    assert not WorkerBeat.objects.exists()


@pytest.mark.django_db
def test_a_singing_artist_without_the_voice_is_a_warning(
    now: datetime, settings, tmp_path: Path
) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "requirements-voice.txt").write_text("-r requirements.txt\nno-such-voice>=1\n")
    assert complaints(only("voice", now)) == []
    ArtistFactory(sings=True)
    ArtistFactory(sings=True, status="retired")

    (result,) = only("voice", now)

    assert result.level is Level.WARNING
    assert result.found == "1 artist is to sing, but no-such-voice is missing"
    assert "make voice" in result.advice


@pytest.mark.django_db
def test_a_silent_worker_is_a_warning_while_nothing_is_due(now: datetime) -> None:
    install(now=now)
    WorkerBeat.objects.create(cluster="here", at=now - timedelta(minutes=10))

    (result,) = [result for result in only("queue", now) if result.level is not Level.OK]

    assert result.level is Level.WARNING
    assert result.found == "no worker answers (last seen: 10 min ago); 0 runs due"
    assert "make serve" in result.advice


@pytest.mark.django_db
def test_a_silent_worker_is_a_problem_while_runs_wait(now: datetime) -> None:
    install(now=now)
    RunFactory(due_at=now - timedelta(hours=1))

    levels = [result.level for result in only("queue", now)]

    assert Level.PROBLEM in levels


@pytest.mark.django_db
def test_a_hung_cluster_here_is_seen_although_others_are_alive(now: datetime) -> None:
    WorkerBeat.objects.create(cluster="elsewhere/1/2/3", at=now)
    WorkerBeat.objects.create(cluster=worker_name(), at=now - timedelta(minutes=10))

    levels = [result.level for result in only("queue", now)]

    assert levels == [Level.OK, Level.PROBLEM]


@pytest.mark.django_db
def test_a_machine_without_workers_is_a_warning_while_others_work(now: datetime) -> None:
    WorkerBeat.objects.create(cluster="elsewhere/1/2/3", at=now)
    RunFactory(due_at=now - timedelta(hours=1))

    levels = [result.level for result in only("queue", now)]

    assert levels == [Level.OK, Level.WARNING]


@pytest.mark.django_db
def test_a_healthy_machine_is_left_alone_whatever_the_others_and_the_schedules_do(
    now: datetime,
) -> None:
    WorkerBeat.objects.create(cluster=worker_name(), at=now)
    WorkerBeat.objects.create(cluster="elsewhere/1/2/3", at=now - timedelta(minutes=10))

    assert complaints(only("queue", now)) == []


@pytest.mark.django_db
def test_no_sweep_is_named(now: datetime) -> None:
    install(now=now)
    WorkerBeat.objects.create(cluster=WorkerBeat.SWEEP, at=now - timedelta(minutes=6))

    assert complaints(only("schedules", now)) == ["no sweep (last one: 6 min ago)"]


@pytest.mark.django_db
def test_missing_schedules_are_named(now: datetime) -> None:
    WorkerBeat.objects.create(cluster=WorkerBeat.SWEEP, at=now)

    (complaint,) = complaints(only("schedules", now))

    assert "daily batch" in complaint


@pytest.mark.django_db
def test_overdue_schedules_are_named(now: datetime) -> None:
    WorkerBeat.objects.create(cluster=WorkerBeat.SWEEP, at=now)
    install(now=now)
    Schedule.objects.filter(name="daily batch").update(next_run=now - timedelta(hours=1))

    (complaint,) = complaints(only("schedules", now))

    assert complaint == "schedules overdue: daily batch"


@pytest.mark.django_db
def test_a_lost_file_is_found(now: datetime) -> None:
    ArtifactFactory()

    (complaint,) = complaints(only("media", now))

    assert "missing or cut short" in complaint


def test_a_damaged_soundfont_is_found(now: datetime, settings, tmp_path: Path) -> None:
    whole = Path(settings.SOUNDFONT).read_bytes()
    settings.SOUNDFONT = tmp_path / "cut.sf3"
    settings.SOUNDFONT.write_bytes(whole[:-1])

    assert complaints(only("soundfont", now)) == ["cut.sf3 is damaged (its SHA-256 differs)"]


def test_something_else_under_the_soundfonts_name_is_found(now, settings, tmp_path: Path) -> None:
    settings.SOUNDFONT = tmp_path / "page.sf3"
    settings.SOUNDFONT.write_text("<html>Not found</html>")

    assert complaints(only("soundfont", now)) == ["page.sf3 is no SoundFont"]


def test_a_missing_font_is_found(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(family: str, size_px: int) -> None:
        raise ToolMissing(f"Font {family}: not installed.")

    monkeypatch.setattr(doctor, "FAMILIES", ("anton",))
    monkeypatch.setattr(doctor, "load_font", missing)

    assert complaints(only("fonts", now)) == ["Font anton: not installed."]


def test_an_ffmpeg_without_h264_is_found(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "REQUIRED_ENCODERS", ("libx264", "libx999"))

    assert complaints(only("ffmpeg", now)) == ["this ffmpeg cannot encode libx999"]


def test_a_full_disk_is_a_problem(now: datetime, settings) -> None:
    settings.MIN_FREE_MB = 10**9

    assert {result.level for result in only("disk", now)} == {Level.PROBLEM}


@pytest.mark.parametrize(
    ("setting", "name"), [("MEDIA_ROOT", "MEDIA_ROOT"), ("SPOOL_DIR", "spool folder")]
)
@pytest.mark.django_db
def test_a_folder_that_is_a_file_is_found(
    setting: str, name: str, now: datetime, settings, tmp_path: Path
) -> None:
    (tmp_path / "in the way").write_text("a file")
    setattr(settings, setting, tmp_path / "in the way")

    assert complaints(only("media", now)) == [f"{name} is a file, not a folder"]


def test_a_package_of_another_version_is_found(now: datetime, settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "requirements.txt").write_text("Django<2\nno-such-package>=1  # a remark\n")

    (complaint,) = complaints(only("python", now))

    assert "not <2" in complaint
    assert "no-such-package is missing" in complaint


def test_bad_settings_are_a_problem(now: datetime, settings) -> None:
    settings.LEASE_S = 1

    (complaint,) = complaints(only("settings", now))

    assert complaint.startswith("ai_artist.E004")


@pytest.mark.django_db
def test_a_clock_that_went_back_is_found(now: datetime) -> None:
    RunFactory(created_at=now + timedelta(hours=1))

    assert complaints(only("clock", now)) == ["1 run was created in the future"]


def test_secrets_are_never_printed(now: datetime, settings) -> None:
    settings.METRICS_TOKEN = "very-secret-token"

    found = " ".join(result.found + result.advice for result in only("keys", now))

    assert settings.SECRET_KEY not in found
    assert "very-secret-token" not in found


def test_a_check_that_breaks_is_a_result(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(now: datetime):
        raise RuntimeError("cable unplugged")

    monkeypatch.setitem(doctor.CHECKS, "fonts", broken)

    (result,) = only("fonts", now)

    assert result.level is Level.PROBLEM
    assert result.found == "RuntimeError: cable unplugged"


def test_json_is_for_scripts_and_problems_end_with_exit_code_1(settings) -> None:
    settings.MIN_FREE_MB = 10**9
    printed = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json", "--only", "disk", stdout=printed)

    report = json.loads(printed.getvalue())
    assert ended.value.code == 1
    assert report["ok"] is False
    assert report["results"][0]["check"] == "disk"
    assert report["results"][0]["advice"]


@pytest.mark.django_db
def test_strict_counts_warnings() -> None:
    call_command("doctor", "--only", "queue", stdout=StringIO())

    with pytest.raises(SystemExit):
        call_command("doctor", "--only", "queue", "--strict", stdout=StringIO())


@pytest.mark.rehearsal
def test_a_damaged_database_is_told_in_plain_words(tmp_path: Path) -> None:
    database = tmp_path / "broken.sqlite3"
    database.write_bytes(b"these are not the pages you are looking for" * 200)

    done = run_manage("doctor", "--json", database=database)

    report = json.loads(done.stdout)
    by_check = {result["check"]: result for result in report["results"]}
    assert done.returncode == 1
    assert "file is not a database" in by_check["database"]["found"]
    assert "restore a backup" in by_check["database"]["advice"]
    assert by_check["queue"]["level"] == "problem"
    assert by_check["ffmpeg"]["level"] == "ok"


@pytest.mark.rehearsal
def test_a_missing_database_is_not_created_by_looking(tmp_path: Path) -> None:
    database = tmp_path / "none.sqlite3"

    done = run_manage("doctor", "--only", "database", "queue", database=database)

    assert done.returncode == 1
    assert "manage.py migrate" in done.stdout
    assert not database.exists()


@pytest.mark.rehearsal
@pytest.mark.parametrize(
    ("content", "said"),
    [(b"junk" * 1000, "file is not a database"), (b"", "no such table")],
)
def test_any_command_reports_a_broken_database_in_one_line(
    tmp_path: Path, content: bytes, said: str
) -> None:
    database = tmp_path / "broken.sqlite3"
    database.write_bytes(content)

    done = run_manage("seed_roster", database=database)

    assert done.returncode == 1
    assert done.stderr.startswith("Database error: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.django_db
def test_artists_that_no_run_can_use_are_named(now: datetime) -> None:
    ArtistFactory(name="Vera Halogen", keys=["H minor"], preferred_music="nosuch")
    ArtistFactory(name="Long Gone", keys=["H minor"], status="retired")
    ArtistFactory(name="Oolong Sundays")

    (found,) = complaints(only("artists", now))

    assert "Vera Halogen" in found
    assert "H minor" in found
    assert "nosuch" in found


def test_the_doctor_says_that_others_do_not_know_the_signer(now: datetime, settings) -> None:
    (before,) = only("signing", now)
    assert (before.level, Path(settings.SIGNING_DIR).exists()) == (Level.OK, False)
    local_certificate(Path(settings.SIGNING_DIR), now=now)

    (result,) = only("signing", now)

    assert result.level is Level.OK
    assert "the signer is unknown to others" in result.found


def test_a_signing_certificate_is_looked_after(now: datetime, settings) -> None:
    folder = Path(settings.SIGNING_DIR)
    local_certificate(folder, now=now)
    (folder / KEY).chmod(0o644)
    _, ends, readable = only("signing", now + VALID_FOR - timedelta(days=30))
    assert (ends.level, ends.advice) == (
        Level.WARNING,
        "Run: manage.py make_signing_cert --renew",
    )
    assert (readable.level, readable.advice) == (Level.WARNING, f"Run: chmod 600 {folder / KEY}")

    (over,) = only("signing", now + VALID_FOR + timedelta(days=1))
    assert over.level is Level.PROBLEM
    (folder / CHAIN).write_text("broken")
    (broken,) = only("signing", now)
    assert broken.level is Level.PROBLEM
    settings.SIGN = False
    (off,) = only("signing", now)
    assert off.level is Level.WARNING


@pytest.mark.django_db
def test_messages_that_were_given_up_are_named_with_their_cause(now: datetime) -> None:
    Letter.objects.create(
        event="failures-1",
        way="webhook",
        state="failed",
        error="HTTP 404",
        created_at=now,
        due_at=now,
        body="{}",
    )

    (complaint,) = complaints(only("telling", now + timedelta(days=1)))

    assert "1 message" in complaint
    assert "HTTP 404" in complaint
