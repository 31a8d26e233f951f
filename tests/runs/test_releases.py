"""Release bundles of real, small media."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from media_tools.ffmpeg import run_ffmpeg
from media_tools.provenance import Provenance
from runs.errors import ReleaseRefused, ReviewRefused
from runs.models import Artifact, Release, Run, Step
from runs.releases import disclosure_of, package_release, unpackaged
from runs.reviews import decide, undo
from runs.storage import NewArtifact, artifact_row, store_file
from tests.factories import NOON, RunFactory, StepFactory

pytestmark = pytest.mark.django_db

MADE_BY = Provenance(provider="local", model="composer-1", licence="Apache-2.0", seed=7)
SOURCES = {
    Artifact.Kind.WAV: ("master.wav", ["-f", "lavfi", "-i", "sine=440:d=1", "-ac", "2"]),
    Artifact.Kind.COVER: (
        "cover.jpg",
        ["-f", "lavfi", "-i", "testsrc2=s=300x300:d=1", "-frames:v", "1"],
    ),
    Artifact.Kind.VIDEO: ("video.mp4", ["-f", "lavfi", "-i", "testsrc2=s=54x96:d=1"]),
}


@pytest.fixture
def approved_run(tmp_path: Path) -> Run:
    run = RunFactory(reviewable=True)
    add(run, Artifact.Kind.MIX, write(tmp_path / "mix.wav", "mix"))
    add(run, Artifact.Kind.LYRICS, write(tmp_path / "lyrics.txt", "[Verse 1]\nOne line\n"))
    add(run, Artifact.Kind.TIMED_LYRICS, write(tmp_path / "lyrics.lrc", "[00:00.00]One line\n"))
    for kind, (name, source) in SOURCES.items():
        run_ffmpeg([*source, str(tmp_path / name)], timeout_s=30, what=name)
        add(run, kind, tmp_path / name)
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
    run.refresh_from_db()
    return run


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def add(run: Run, kind: str, path: Path) -> None:
    new = NewArtifact(path=path, kind=kind, media_type="x/y", provenance=MADE_BY)
    artifact_row(run, "test", new, store_file(path)).save()


def finish_step(run: Run, name: str, output: dict) -> None:
    StepFactory(run=run, name=name, status=Step.Status.DONE, finished_at=NOON, output=output)


def test_a_bundle_holds_everything_with_checksums(approved_run, settings) -> None:
    release = package_release(run_id=approved_run.pk, now=NOON)

    folder = Path(settings.MEDIA_ROOT) / release.folder
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "master.wav",
        "master.mp3",
        "cover.jpg",
        "video.mp4",
        "lyrics.txt",
        "lyrics.lrc",
        "metadata.json",
    }
    metadata = json.loads((folder / "metadata.json").read_text())
    assert set(metadata["files"]) == names - {"metadata.json"}
    assert metadata["files"]["cover.jpg"]["bytes"] == (folder / "cover.jpg").stat().st_size
    with zipfile.ZipFile(release.bundle.path) as bundle:
        assert set(bundle.namelist()) == names
        assert bundle.testzip() is None


def test_the_disclosure_says_how_each_part_was_made(approved_run) -> None:
    disclosure = package_release(run_id=approved_run.pk, now=NOON).disclosure

    assert disclosure["artist_is_virtual"] is True
    assert disclosure["machine_made"]["music"]["model"] == "composer-1"
    assert "person" in disclosure["human_role"]


def test_footage_is_credited_in_the_bundle_and_disclosed(approved_run, settings) -> None:
    clip = {
        "key": "pexels:7",
        "credit": "Video by Jane Doe on Pexels",
        "author": "Jane Doe",
        "author_url": "https://www.pexels.com/@jane",
        "page_url": "https://www.pexels.com/video/7/",
        "licence": "Pexels License",
    }
    finish_step(approved_run, "visuals", {"footage": {"clips": [clip | {"query": "rain"}]}})

    release = package_release(run_id=approved_run.pk, now=NOON)

    folder = Path(settings.MEDIA_ROOT) / release.folder
    assert release.disclosure["footage"] == [clip]
    assert (folder / "credits.txt").read_text() == (
        "Footage in the video\n\nVideo by Jane Doe on Pexels\nhttps://www.pexels.com/video/7/\n"
        "https://www.pexels.com/@jane\nLicence: Pexels License\n"
    )
    assert "credits.txt" in json.loads((folder / "metadata.json").read_text())["files"]


@pytest.mark.parametrize(
    ("vocals", "tagged", "said"),
    [
        ("none", False, "none"),
        ("synthetic", False, "sung by a synthetic voice"),
        ("undeclared", False, "not declared: the music was imported"),
        ("none", True, "the artist's name is spoken by a synthetic voice"),
        (
            "synthetic",
            True,
            "sung by a synthetic voice; the artist's name is spoken by a synthetic voice",
        ),
    ],
)
def test_the_disclosure_tells_of_voices(
    approved_run, tmp_path: Path, vocals: str, tagged: bool, said: str
) -> None:
    finish_step(approved_run, "music", {"vocals": vocals})
    if tagged:
        add(approved_run, Artifact.Kind.VOICE_TAG, write(tmp_path / "tag.wav", "tag"))

    disclosure = disclosure_of(approved_run)

    assert disclosure["vocals"] == said
    assert ("voice_tag" in disclosure["machine_made"]) is tagged


def test_packaging_again_replaces_the_bundle(approved_run) -> None:
    first = package_release(run_id=approved_run.pk, now=NOON)

    second = package_release(run_id=approved_run.pk, now=NOON)

    assert second.pk == first.pk
    assert Release.objects.count() == 1
    assert second.bundle.sha256 == first.bundle.sha256
    bundles = approved_run.artifacts.filter(kind=Artifact.Kind.BUNDLE)
    assert bundles.current().count() == 1


def test_an_unapproved_run_is_refused() -> None:
    run = RunFactory(reviewable=True)

    with pytest.raises(ReleaseRefused, match="awaiting review"):
        package_release(run_id=run.pk, now=NOON)


def test_a_changed_file_is_refused_and_leaves_no_bundle(approved_run, settings) -> None:
    cover = approved_run.artifact(Artifact.Kind.COVER)
    cover.path.chmod(0o644)
    cover.path.write_bytes(b"something else")

    with pytest.raises(ReleaseRefused, match="checksum"):
        package_release(run_id=approved_run.pk, now=NOON)

    assert not Release.objects.exists()
    assert not (Path(settings.MEDIA_ROOT) / "releases").exists()


def test_a_missing_file_is_named(approved_run) -> None:
    approved_run.artifact(Artifact.Kind.VIDEO).path.unlink()

    with pytest.raises(ReleaseRefused, match="video"):
        package_release(run_id=approved_run.pk, now=NOON)


@pytest.mark.django_db(transaction=True)
def test_undoing_the_approval_takes_the_bundle_away(approved_run, settings) -> None:
    release = package_release(run_id=approved_run.pk, now=NOON)

    undo(run_id=approved_run.pk, reviewer=None, now=NOON)

    assert not Release.objects.exists()
    assert not (Path(settings.MEDIA_ROOT) / release.folder).exists()


def test_a_published_release_is_not_undone(approved_run) -> None:
    release = package_release(run_id=approved_run.pk, now=NOON)
    Release.objects.filter(pk=release.pk).update(status=Release.Status.PUBLISHED)

    with pytest.raises(ReviewRefused, match="published"):
        undo(run_id=approved_run.pk, reviewer=None, now=NOON)


def test_approved_runs_without_a_bundle_are_found(approved_run) -> None:
    assert unpackaged() == [approved_run.pk]

    package_release(run_id=approved_run.pk, now=NOON)

    assert unpackaged() == []
