"""Release bundles of real, small media."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from artists.models import PerformanceEntry, PerformanceQuerySet
from media_tools.audio.io import repack
from media_tools.files import sha256_of
from media_tools.music.declaration import NOT_DECLARED
from media_tools.provenance import Provenance
from media_tools.records import to_json
from media_tools.stock.base import ClipCredits, FootageCredits
from media_tools.text.lrc import TimedLine
from runs.errors import ReleaseRefused, ReviewRefused
from runs.models import (
    Artifact,
    IsrcPrefix,
    LabelProfile,
    Packing,
    Release,
    Review,
    Run,
    RunEvent,
    Step,
    Track,
)
from runs.outputs import MasterOutput, MusicOutput, Output, VisualsOutput
from runs.releasing.bundle import copy_member
from runs.releasing.codes import checked_isrc, checked_upc
from runs.releasing.disclosure import CREDITED, disclosure_of
from runs.releasing.editing import ReleaseEdit, edit_release, save_profile
from runs.releasing.releases import (
    CodeChanges,
    package_release,
    publish,
    recall_release,
    release_folder,
    set_codes,
    settle_due,
    single_of,
)
from runs.reviewing.reviews import decide, undo
from runs.site.catalogue import tombstones
from tests.factories import NOON, RunFactory, StepFactory, UserFactory
from tests.factories import single_of as made_single
from tests.outputs import OUTPUTS, analysis, video_info
from tests.runs.releasable import MADE_BY, add, write

pytestmark = pytest.mark.django_db


def package(run: Run) -> Release:
    """The packaged single of a run."""
    return package_release(release_id=single_of(run.pk).pk, now=NOON)


def coded(run: Run, *, isrc: str = "", upc: str = "") -> None:
    """Type in the codes of a single."""
    single = single_of(run.pk)
    changes = CodeChanges(upc=upc, isrcs={single.tracks.get().pk: isrc})
    set_codes(release_id=single.pk, changes=changes, actor=None, now=NOON)


def approve_again(run: Run) -> None:
    """Judge the run anew after its files changed."""
    undo(run_id=run.pk, reviewer=None, now=NOON)
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
    run.refresh_from_db()


def finish_step(run: Run, output: Output) -> None:
    StepFactory(
        run=run,
        name=output.step,
        status=Step.Status.DONE,
        finished_at=NOON,
        output=to_json(output),
    )


def cut_from(clip: dict[str, str]) -> VisualsOutput:
    """The output of a visuals step whose video is cut from one clip."""
    credits = ClipCredits(**clip, query="rain", sha256="", retrieved_at="", info=video_info())
    return replace(OUTPUTS["visuals"], footage=FootageCredits(clips=(credits,)))


def files_of(release: Release, settings) -> dict[str, Path]:
    folder = Path(settings.MEDIA_ROOT) / release.folder
    return {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }


ALWAYS = {
    "audio/master.wav",
    "audio/master.flac",
    "audio/master.mp3",
    "audio/master.m4a",
    "cover/cover.jpg",
    "cover/cover-square.jpg",
    "cover/cover-portrait.jpg",
    "cover/cover-landscape.jpg",
    "video/video.mp4",
    "checklist.md",
    "provenance.json",
    "metadata.json",
    "SHA256SUMS",
}


def test_a_bundle_holds_everything_with_checksums(approved_run, settings) -> None:
    release = package(approved_run)

    files = files_of(release, settings)
    assert set(files) == ALWAYS
    metadata = json.loads(files["metadata.json"].read_text())
    assert set(metadata["files"]) == ALWAYS - {"metadata.json", "SHA256SUMS"}
    assert metadata["files"]["cover/cover.jpg"]["bytes"] == files["cover/cover.jpg"].stat().st_size
    sums = dict(
        reversed(line.split("  ", 1)) for line in files["SHA256SUMS"].read_text().splitlines()
    )
    assert sums == {name: sha256_of(files[name]) for name in ALWAYS - {"SHA256SUMS"}}
    with zipfile.ZipFile(release.bundle.path) as bundle:
        assert set(bundle.namelist()) == ALWAYS
        assert bundle.testzip() is None


def test_a_bundle_takes_along_whatever_else_the_run_made(
    approved_run, tmp_path: Path, settings
) -> None:
    line = TimedLine(start_s=1.0, end_s=2.5, text="One line", section="verse")
    finish_step(approved_run, MasterOutput(analysis=analysis(), lines=(line,)))
    finish_step(approved_run, MusicOutput(vocals="synthetic"))
    wide = approved_run.artifact(Artifact.Kind.VIDEO).path
    shutil.copyfile(wide, tmp_path / "wide.mp4")
    add(approved_run, Artifact.Kind.VIDEO, tmp_path / "wide.mp4", name="16x9")
    poster = approved_run.artifact(Artifact.Kind.COVER).path
    shutil.copyfile(wide, tmp_path / "teaser.mp4")
    add(approved_run, Artifact.Kind.TEASER, tmp_path / "teaser.mp4", name="15s")
    shutil.copyfile(poster, tmp_path / "poster.jpg")
    add(approved_run, Artifact.Kind.POSTER, tmp_path / "poster.jpg")
    for kind, name, file in (
        (Artifact.Kind.SCORE, "", "score.mid"),
        (Artifact.Kind.STEM, "bass", "bass.flac"),
    ):
        add(approved_run, kind, write(tmp_path / file, file), name=name)
    approve_again(approved_run)

    files = files_of(package(approved_run), settings)

    assert set(files) - ALWAYS == {
        "video/video-16x9.mp4",
        "video/poster-16x9.jpg",
        "video/teaser-15s.mp4",
        "video/poster.jpg",
        "audio/score.mid",
        "lyrics/lyrics.txt",
        "lyrics/lyrics.lrc",
        "lyrics/lyrics.srt",
    }
    assert files["audio/score.mid"].read_text() == "score.mid"
    assert files["lyrics/lyrics.srt"].read_text() == (
        "1\n00:00:01,000 --> 00:00:02,500\nOne line\n"
    )


def test_codes_are_checked_and_come_into_tags_and_metadata(approved_run, settings) -> None:
    coded(approved_run, isrc="qz-abc-26-00001", upc="036000291452")

    release = package(approved_run)

    files = files_of(release, settings)
    metadata = json.loads(files["metadata.json"].read_text())
    assert (metadata["tracks"][0]["isrc"], metadata["upc"]) == ("QZABC2600001", "036000291452")
    assert b"<isrcId>QZABC2600001</isrcId>" in files["audio/master.wav"].read_bytes()
    assert b"QZABC2600001" in files["audio/master.mp3"].read_bytes()[:5000]
    assert "[x] ISRC" in files["checklist.md"].read_text()
    again = package(approved_run)
    assert again.bundle.sha256 == release.bundle.sha256


@pytest.mark.parametrize(("vocals", "sung"), [("none", False), ("synthetic", True)])
def test_words_stand_in_tags_and_bundle_only_if_they_are_sung(
    approved_run, settings, vocals: str, sung: bool
) -> None:
    finish_step(approved_run, MusicOutput(vocals=vocals))

    files = files_of(package(approved_run), settings)

    assert any(name.startswith("lyrics/") for name in files) is sung
    metadata = json.loads(files["metadata.json"].read_text())["tracks"][0]
    assert (metadata["instrumental"], metadata["language"]) == (not sung, "en" if sung else "zxx")
    assert (b"One line" in files["audio/master.flac"].read_bytes()) is sung
    assert (b"One line" in files["audio/master.mp3"].read_bytes()) is sung
    assert (b"One line" in files["audio/master.m4a"].read_bytes()) is sung


def test_a_prefix_gives_recording_and_video_their_codes_when_it_is_packaged(
    approved_run, settings
) -> None:
    IsrcPrefix.objects.create(prefix="DEAAA")

    files = files_of(package(approved_run), settings)

    track = json.loads(files["metadata.json"].read_text())["tracks"][0]
    assert (track["isrc"], track["video_isrc"]) == ("DEAAA2600001", "DEAAA2600002")
    assert b"DEAAA2600001" in files["audio/master.flac"].read_bytes()
    event = RunEvent.objects.get(run=approved_run, kind="codes")
    assert event.message == "Codes drawn: DEAAA2600001, DEAAA2600002."
    package(approved_run)
    assert RunEvent.objects.filter(kind="codes").count() == 1


def test_version_and_featured_artists_stand_in_tags(approved_run, settings) -> None:
    single = single_of(approved_run.pk)
    edit = ReleaseEdit(
        values={"version_title": "Acoustic"},
        tracks={single.tracks.get().pk: {"featured": ["Luna"]}},
    )
    edit_release(release_id=single.pk, edit=edit, actor=None, now=NOON)

    flac = files_of(package(approved_run), settings)["audio/master.flac"].read_bytes()

    assert b"Neon Rivers (Acoustic) (feat. Luna)" in flac


@pytest.mark.parametrize("code", ["QZABC260001", "Q1ABC2600001", "QZABC26000O1"])
def test_a_wrong_isrc_is_refused(code: str) -> None:
    with pytest.raises(ReleaseRefused, match="ISRC"):
        checked_isrc(code)


@pytest.mark.parametrize("code", ["036000291453", "4006381333932", "12345", "4006381333931x"])
def test_a_wrong_upc_is_refused(code: str) -> None:
    with pytest.raises(ReleaseRefused, match="UPC"):
        checked_upc(code)


def test_a_right_ean_is_taken() -> None:
    assert checked_upc("4 006381 333931") == "4006381333931"


def test_the_disclosure_says_how_each_part_was_made(approved_run) -> None:
    disclosure = package(approved_run).disclosure

    assert disclosure["artist_is_virtual"] is True
    assert disclosure["machine_made"]["music"]["model"] == "composer-1"
    assert disclosure["contributions"]["composition"] == {
        "extent": "full",
        "made_by": "algorithm",
        "tools": "composer-1",
        "digital_source_type": ("http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"),
    }
    assert disclosure["contributions"]["vocals"]["extent"] == "none"
    assert disclosure["stores"]["apple_music_transparency_tags"] == [
        "track",
        "composition",
        "artwork",
        "music_video",
    ]
    assert disclosure["statement"] == (
        "This is a release of a virtual artist. Made by algorithm: composition, instruments, "
        "lyrics, artwork, video. An operator approved the release from the command line."
    )


def test_what_a_model_made_is_told_apart_from_what_people_filmed(
    approved_run, tmp_path: Path
) -> None:
    by_model = replace(MADE_BY, model="painter-2", generator="ai")
    approved_run.artifacts.filter(kind__in=["cover", "video"]).update(provenance=by_model.as_json())
    finish_step(approved_run, cut_from(dict.fromkeys(CREDITED, "") | {"key": "local:1"}))

    parts = disclosure_of(approved_run)["contributions"]

    assert (parts["artwork"]["extent"], parts["artwork"]["made_by"]) == ("full", "generative model")
    assert parts["video"]["extent"] == "partial"
    assert parts["video"]["digital_source_type"].endswith("compositeWithTrainedAlgorithmicMedia")


def test_who_approved_is_told_as_it_was(approved_run) -> None:
    approved_run.reviews.update(source=Review.Source.AUTOPILOT)
    assert disclosure_of(approved_run)["human_role"].startswith("Approved by an autopilot")

    approved_run.reviews.update(source=Review.Source.PERSON, reviewer=UserFactory())
    assert disclosure_of(approved_run)["human_role"].startswith("A person listened, watched")


def test_imported_music_is_as_its_operator_declared_it(approved_run) -> None:
    music = approved_run.artifacts.filter(kind=Artifact.Kind.MIX)
    finish_step(approved_run, MusicOutput(vocals="undeclared"))
    undeclared = Provenance(
        provider="import", model="import-1", licence=NOT_DECLARED, generator="human"
    )
    music.update(provenance=undeclared.as_json())

    said = disclosure_of(approved_run)

    assert said["contributions"]["composition"]["extent"] == "undeclared"
    assert "Imported and not declared: composition, instruments, vocals." in said["statement"]
    assert "track" in said["stores"]["apple_music_transparency_tags"]

    music.update(provenance=replace(undeclared, licence="own recording").as_json())
    assert disclosure_of(approved_run)["contributions"]["composition"] == {
        "extent": "none",
        "made_by": "person",
        "tools": "import-1",
        "digital_source_type": "",
    }


def test_footage_is_credited_in_the_bundle_and_disclosed(approved_run, settings) -> None:
    clip = {
        "key": "pexels:7",
        "credit": "Video by Jane Doe on Pexels",
        "author": "Jane Doe",
        "author_url": "https://www.pexels.com/@jane",
        "page_url": "https://www.pexels.com/video/7/",
        "licence": "Pexels License",
    }
    finish_step(approved_run, cut_from(clip))

    release = package(approved_run)

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
    finish_step(approved_run, MusicOutput(vocals=vocals))
    if tagged:
        add(approved_run, Artifact.Kind.VOICE_TAG, write(tmp_path / "tag.wav", "tag"))

    disclosure = disclosure_of(approved_run)

    assert disclosure["vocals"] == said
    assert ("voice_tag" in disclosure["machine_made"]) is tagged


def test_packaging_again_replaces_the_bundle(approved_run) -> None:
    first = package(approved_run)

    second = package(approved_run)

    assert second.pk == first.pk
    assert Release.objects.count() == 1
    assert second.bundle.sha256 == first.bundle.sha256
    bundles = approved_run.artifacts.filter(kind=Artifact.Kind.BUNDLE)
    assert bundles.current().count() == 1


def test_a_changed_label_has_the_bundle_made_again(approved_run, settings) -> None:
    release = package(approved_run)
    save_profile(LabelProfile(name="House", is_default=True, label="Night Label"))

    assert settle_due(now=NOON) == 1

    assert Packing.objects.get(release=release).due_at == NOON
    metadata = files_of(package(approved_run), settings)["metadata.json"]
    assert json.loads(metadata.read_text())["label"] == "Night Label"
    save_profile(LabelProfile.objects.get())
    assert settle_due(now=NOON) == 1
    assert not Packing.objects.exists()


def test_an_unapproved_run_is_refused() -> None:
    single = made_single(RunFactory(reviewable=True), bundled=False)

    with pytest.raises(ReleaseRefused, match="awaiting review"):
        package_release(release_id=single.pk, now=NOON)


def test_a_changed_file_is_refused_and_leaves_no_bundle(approved_run, settings) -> None:
    cover = approved_run.artifact(Artifact.Kind.COVER)
    cover.path.chmod(0o644)
    cover.path.write_bytes(b"something else")

    with pytest.raises(ReleaseRefused, match="checksum"):
        package(approved_run)

    single = single_of(approved_run.pk)
    assert (single.bundle, single.folder, single.status) == (None, "", "draft")
    assert not (Path(settings.MEDIA_ROOT) / "releases").exists()
    assert not approved_run.artifacts.filter(kind=Artifact.Kind.BUNDLE).exists()


def test_what_a_dead_worker_left_goes_and_nothing_else_stays(approved_run, settings) -> None:
    folder = Path(settings.MEDIA_ROOT) / release_folder(single_of(approved_run.pk))
    dead = folder.with_name(f".partial-{folder.name}-dead")
    (dead / "files").mkdir(parents=True)
    os.utime(dead, (0, 0))

    package(approved_run)

    assert list(folder.parent.iterdir()) == [folder]


def test_a_missing_file_is_named(approved_run) -> None:
    approved_run.artifact(Artifact.Kind.VIDEO).path.unlink()

    with pytest.raises(ReleaseRefused, match="video"):
        package(approved_run)


@pytest.mark.django_db(transaction=True)
def test_undoing_the_approval_takes_the_bundle_away(approved_run, settings) -> None:
    release = package(approved_run)

    undo(run_id=approved_run.pk, reviewer=None, now=NOON)

    assert not Release.objects.exists()
    assert not (Path(settings.MEDIA_ROOT) / release.folder).exists()


def released(run: Run) -> PerformanceQuerySet:
    """What the artist's history tells of the release."""
    return PerformanceEntry.objects.standing().filter(
        artist=run.artist, run_id=run.pk, kind=PerformanceEntry.Kind.RELEASED
    )


def test_a_published_release_is_not_undone(approved_run) -> None:
    package(approved_run)
    single = single_of(approved_run.pk)
    publish(release_id=single.pk, actor=None, now=NOON, isrc="QZABC2600001")

    approved_run.refresh_from_db()
    assert approved_run.status == Run.Status.RELEASED
    assert single.tracks.get().isrc == "QZABC2600001"
    assert released(approved_run).get().at == NOON
    with pytest.raises(ReviewRefused, match="released"):
        undo(run_id=approved_run.pk, reviewer=None, now=NOON)
    with pytest.raises(ReleaseRefused, match="published"):
        publish(release_id=single_of(approved_run.pk).pk, actor=None, now=NOON)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("published", [False, True])
def test_a_recall_is_kept_and_lets_the_approval_be_undone(
    approved_run, settings, published: bool
) -> None:
    release = package(approved_run)
    if published:
        publish(release_id=single_of(approved_run.pk).pk, actor=None, now=NOON)
    reviewer = UserFactory()

    recall_release(release_id=release.pk, reason="Wrong\ncover", actor=reviewer, now=NOON)

    release.refresh_from_db()
    approved_run.refresh_from_db()
    assert (release.status, release.recall_reason, release.recalled_at) == (
        "recalled",
        "Wrong cover",
        NOON,
    )
    assert approved_run.status == Run.Status.APPROVED
    assert not released(approved_run).exists()
    assert release.bundle.path.is_file()
    assert not (Path(settings.MEDIA_ROOT) / release.folder).exists()
    event = RunEvent.objects.get(run=approved_run, kind="recalled")
    assert event.actor == reviewer
    assert "Wrong cover" in event.message
    with pytest.raises(ReleaseRefused, match="Wrong cover"):
        package(approved_run)
    undo(run_id=approved_run.pk, reviewer=None, now=NOON)
    assert not Release.objects.singles_of(approved_run.pk).exists()


def recalled_and_approved_again(run: Run, folder: Path, *, master: str = "") -> Release:
    """A single that was out with codes; its song is judged again. master: of another take."""
    coded(run, isrc="QZABC2600001", upc="036000291452")
    release = package(run)
    publish(release_id=release.pk, actor=None, now=NOON)
    recall_release(release_id=release.pk, reason="Sample", actor=None, now=NOON)
    undo(run_id=run.pk, reviewer=None, now=NOON)
    if master:
        later = NOON + timedelta(hours=1)
        run.artifacts.filter(kind=Artifact.Kind.MASTER).update(superseded_at=later)
        add(run, Artifact.Kind.MASTER, write(folder / "other.wav", master))
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
    release.refresh_from_db()
    return release


def test_a_recalled_single_stays_as_evidence_beside_the_next_one(
    approved_run, tmp_path: Path
) -> None:
    release = recalled_and_approved_again(approved_run, tmp_path)

    again = package(approved_run)

    assert again.pk != release.pk
    assert release.status == Release.Status.RECALLED
    assert release.tracks.get().place == Track.Place.FORMER
    assert [gone.id for gone in tombstones()] == [release.pk]
    bundles = approved_run.artifacts.current().filter(kind=Artifact.Kind.BUNDLE)
    assert set(bundles) == {release.bundle, again.bundle}
    assert release.bundle.path.is_file()
    # The recording is the same, the release is another one.
    assert (again.tracks.get().isrc, again.upc) == ("QZABC2600001", "")
    with pytest.raises(ReleaseRefused, match="belongs to the release"):
        coded(approved_run, upc=release.upc)


def test_another_recording_leaves_the_code_to_the_recalled_one(
    approved_run, tmp_path: Path
) -> None:
    IsrcPrefix.objects.create(prefix="DEAAA")

    release = recalled_and_approved_again(approved_run, tmp_path, master="sung anew")

    single = single_of(approved_run.pk)
    assert (release.tracks.get().isrc, single.tracks.get().isrc) == ("QZABC2600001", "")
    assert single.events.get(kind="codes").message.startswith("QZABC2600001 stays")
    # Once it has its own, it keeps that.
    coded(approved_run, isrc="DEAAA2600009")
    approve_again(approved_run)
    assert single_of(approved_run.pk).tracks.get().isrc == "DEAAA2600009"


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_the_wav_of_a_bundle_is_the_same_however_the_master_is_stored(
    approve_run, tmp_path: Path, suffix: str
) -> None:
    stored, copied = tmp_path / f"master{suffix}", tmp_path / "bundle.wav"
    repack(approve_run().artifact(Artifact.Kind.MASTER).path, stored)
    wav = tmp_path / "as-before.wav"
    repack(stored, wav)

    copy_member(stored, copied)

    assert copied.read_bytes() == wav.read_bytes()


def test_a_recording_keeps_its_code_when_it_is_packed_otherwise(
    approved_run, tmp_path: Path
) -> None:
    coded(approved_run, isrc="QZABC2600001")
    release = package(approved_run)
    publish(release_id=release.pk, actor=None, now=NOON)
    recall_release(release_id=release.pk, reason="Sample", actor=None, now=NOON)
    undo(run_id=approved_run.pk, reviewer=None, now=NOON)
    flac = approved_run.artifact(Artifact.Kind.MASTER)
    approved_run.artifacts.filter(pk=flac.pk).update(superseded_at=NOON + timedelta(hours=1))
    repack(flac.path, tmp_path / "master.wav")
    add(approved_run, Artifact.Kind.MASTER, tmp_path / "master.wav")

    decide(run_id=approved_run.pk, decision="approve", reviewer=None, now=NOON)

    assert single_of(approved_run.pk).tracks.get().isrc == "QZABC2600001"


def test_a_recall_needs_a_bundle_a_reason_and_is_done_once(approved_run) -> None:
    def recall(reason: str) -> None:
        single = single_of(approved_run.pk)
        recall_release(release_id=single.pk, reason=reason, actor=None, now=NOON)

    with pytest.raises(ReleaseRefused, match="no bundle"):
        recall("x")
    package(approved_run)
    with pytest.raises(ReleaseRefused, match="reason"):
        recall(" ")
    recall("x")
    with pytest.raises(ReleaseRefused, match="already"):
        recall("y")


def test_the_commands_package_publish_and_recall(approved_run, capsys) -> None:
    run_id = str(approved_run.pk)

    call_command("package_release", run_id, "--json")
    assert "audio/master.flac" in json.loads(capsys.readouterr().out)["files"]
    call_command("publish_release", run_id, "--upc", "036000291452", "--json")
    assert json.loads(capsys.readouterr().out)["upc"] == "036000291452"
    call_command("recall_release", run_id, "--reason", "Sample not cleared")
    assert "distributor" in capsys.readouterr().out
    with pytest.raises(CommandError, match="already") as refusal:
        call_command("recall_release", run_id, "--reason", "again")
    assert refusal.value.returncode == 1
