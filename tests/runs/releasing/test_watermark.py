"""The watermark of a release: written into its bundle, and found by the command."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.management import call_command

from media_tools.ffmpeg import run_ffmpeg
from runs.models import Artifact, Run
from runs.releasing.releases import package_release, single_of
from runs.releasing.watermark import watermark_key, watermark_master
from tests.factories import NOON, RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Sixteen seconds of sound."""
    path = tmp_path / "song.wav"
    noise = "anoisesrc=color=pink:seed=1:duration=16:amplitude=0.3"
    run_ffmpeg(["-f", "lavfi", "-i", noise, "-ac", "2", str(path)], timeout_s=30, what="song")
    return path


def detect(path: Path) -> dict:
    out = StringIO()
    try:
        call_command("detect_mark", str(path), "--json", stdout=out)
    except SystemExit as ended:
        assert ended.code == 1
    return json.loads(out.getvalue())


def test_the_command_names_the_run_in_a_file(song: Path) -> None:
    run, _ = RunFactory(), RunFactory()

    watermark_master(run, song)

    [found] = detect(song)["watermarks"]
    assert found["payload"] == str(run.pk)[:8]
    assert [named["id"] for named in found["runs"]] == [str(run.pk)]
    assert found["score"] >= 6.0


def test_a_mark_of_a_deleted_run_is_found_without_it(song: Path) -> None:
    watermark_master(Run(), song)

    [found] = detect(song)["watermarks"]

    assert found["runs"] == []


def test_no_mark_ends_with_code_1(song: Path) -> None:
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("detect_mark", str(song), stdout=out)

    assert ended.value.code == 1
    assert out.getvalue() == "No watermark of this installation.\n"


def test_a_mark_is_read_with_the_key_it_was_written_with(song: Path, settings) -> None:
    run = RunFactory()
    settings.WATERMARK_KEY = "own"
    watermark_master(run, song)

    settings.SECRET_KEY = "renewed" * 10
    assert len(detect(song)["watermarks"]) == 1
    settings.WATERMARK_KEY = ""
    assert detect(song)["watermarks"] == []


def test_the_key_is_not_the_secret(settings) -> None:
    settings.WATERMARK_KEY = ""
    settings.SECRET_KEY = "secret" * 10

    key = watermark_key()

    assert len(key) == 32
    assert key != settings.SECRET_KEY.encode()[:32]


@pytest.mark.parametrize("switched_on", [True, False])
def test_the_master_of_a_bundle_is_marked_if_wanted(approved_run, settings, switched_on) -> None:
    settings.WATERMARK = switched_on

    single = single_of(approved_run.pk)
    release = package_release(release_id=single.pk, now=NOON)

    bundled = Path(settings.MEDIA_ROOT) / release.folder / "audio/master.wav"
    approved = approved_run.artifact(Artifact.Kind.MASTER)
    sounds_the_same = np.array_equal(soundfile.read(bundled)[0], soundfile.read(approved.path)[0])
    assert sounds_the_same is not switched_on
