"""EPs and albums of real, small media: made, arranged, packaged, out and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings as site
from PIL import Image

from artists.models import Artist, PerformanceEntry
from media_tools.audio.io import read_audio
from media_tools.provenance import digital_source_type
from runs.errors import ReleaseRefused, ReviewRefused
from runs.models import Artifact, Packing, Release, Run, Track
from runs.releasing.albums import AlbumOrder, arrange, make_album, take_apart
from runs.releasing.covers import choose_cover, draw_cover
from runs.releasing.file_marks import BundleMarks
from runs.releasing.releases import (
    CodeChanges,
    package_release,
    publish,
    recall_release,
    set_codes,
    single_of,
)
from runs.releasing.sheet import sheet_of
from runs.releasing.verifying import check_folder
from runs.reviewing.reviews import content_hash_of, undo
from runs.work.packing import pack_next
from tests.factories import NOON, ArtistFactory, RunFactory
from tests.runs.releasable import MADE_BY

pytestmark = pytest.mark.django_db

STEMS = ("01-glass-harbour", "02-slow-lanterns")


@pytest.fixture
def artist() -> Artist:
    return ArtistFactory(name="Vera Halogen", slug="vera-halogen")


@pytest.fixture
def songs(approve_run: Callable[..., Run], artist: Artist) -> list[Run]:
    """Two approved songs of one artist, 3 dB apart."""
    return [
        approve_run(artist=artist, title=title, lufs=lufs)
        for title, lufs in (("Glass Harbour", -14.0), ("Slow Lanterns", -17.0))
    ]


def made(runs: list[Run], *, kind: str = "ep", title: str = "Harbour Lights") -> Release:
    return make_album(AlbumOrder(kind, title, [run.pk for run in runs]), actor=None, now=NOON)


def packaged(release: Release) -> Release:
    return package_release(release_id=release.pk, now=NOON)


def titles(release: Release) -> list[str]:
    return list(release.tracks.values_list("title", flat=True))


def files_of(release: Release) -> dict[str, Path]:
    folder = Path(site.MEDIA_ROOT) / release.folder
    return {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }


def order(release: Release, ids: list[UUID]) -> None:
    arrange(release_id=release.pk, run_ids=ids, actor=None, now=NOON)


def test_an_album_takes_over_what_its_singles_say(songs: list[Run]) -> None:
    single = single_of(songs[0].pk)
    changes = CodeChanges(isrcs={single.tracks.get().pk: "QZABC2600001"})
    set_codes(release_id=single.pk, changes=changes, actor=None, now=NOON)

    release = made(songs)

    assert (release.kind, release.status) == ("ep", Release.Status.DRAFT)
    tracks = release.tracks.values_list("position", "title", "isrc", "place")
    assert list(tracks) == [
        (1, "Glass Harbour", "QZABC2600001", "album"),
        (2, "Slow Lanterns", "", "album"),
    ]
    assert Packing.objects.filter(release=release).exists()


def test_a_code_of_a_song_is_that_of_all_its_releases(songs: list[Run]) -> None:
    release = made(songs)
    changes = CodeChanges(isrcs={release.tracks.all()[1].pk: "QZABC2600002"})

    set_codes(release_id=release.pk, changes=changes, actor=None, now=NOON)

    assert single_of(songs[1].pk).tracks.get().isrc == "QZABC2600002"


def test_a_bundle_of_an_album_has_each_track_and_the_same_masters(
    songs: list[Run], settings
) -> None:
    settings.WATERMARK = False
    release = packaged(made(songs))

    files = files_of(release)
    for stem in STEMS:
        audio = {f"audio/{stem}{suffix}" for suffix in (".wav", ".flac", ".mp3", ".m4a")}
        assert audio | {f"video/{stem}.mp4"} <= set(files)
    # Not mastered again: the gain is told, not applied.
    for run, stem in zip(songs, STEMS, strict=True):
        approved, _ = read_audio(run.artifact(Artifact.Kind.MASTER).path)
        assert (read_audio(files[f"audio/{stem}.wav"])[0] == approved).all()
    metadata = json.loads(files["metadata.json"].read_text())
    assert [track["title"] for track in metadata["tracks"]] == ["Glass Harbour", "Slow Lanterns"]
    assert metadata["release_type"] == "ep"
    assert metadata["ai_disclosure"]["contributions"]["composition"]["extent"] == "full"
    assert packaged(release).bundle.sha256 == release.bundle.sha256


def test_a_file_of_an_album_says_what_its_own_track_says(songs: list[Run]) -> None:
    by_model = replace(MADE_BY, provider="x", model="model-2", generator="ai").as_json()
    songs[1].artifacts.filter(kind=Artifact.Kind.MIX).update(provenance=by_model)
    release = packaged(made(songs))

    checked = {file.name: file for file in check_folder(Path(site.MEDIA_ROOT) / release.folder)}

    assert not [file for file in checked.values() if file.fault]
    kinds = [checked[f"audio/{stem}.mp3"].verdict.source_type for stem in STEMS]
    assert kinds == [digital_source_type("algorithm"), digital_source_type("ai")]
    assert checked[f"video/{STEMS[1]}.mp4"].verdict.source_type == (
        digital_source_type("ai", mixed=True)
    )
    assert checked["cover/cover.jpg"].verdict.source_type == digital_source_type("algorithm")


def test_all_tracks_of_an_album_have_one_gain(songs: list[Run]) -> None:
    files = files_of(packaged(made(songs)))

    # The mean power of -14 and -17 LUFS is -15.25, which is 2.75 dB above the reference.
    for stem in STEMS:
        flac = files[f"audio/{stem}.flac"].read_bytes()
        assert b"REPLAYGAIN_ALBUM_GAIN=-2.75 dB" in flac
        mp3 = files[f"audio/{stem}.mp3"].read_bytes()
        assert b"REPLAYGAIN_ALBUM_GAIN" in mp3
        assert b"-2.75 dB" in mp3
    assert b"track=2/2" in flac.lower() or b"TRACKNUMBER=2" in flac


def test_a_song_is_on_one_album_at_most(songs: list[Run]) -> None:
    made(songs)

    with pytest.raises(ReleaseRefused, match="Harbour Lights"):
        made(songs, title="Again")


@pytest.mark.parametrize(
    ("kind", "title", "count", "said"),
    [
        ("ep", "X", 1, "Choose 2 to 50 songs"),
        ("single", "X", 2, "EP or album"),
        ("ep", " ", 2, "title"),
    ],
)
def test_what_makes_no_album_is_refused(
    songs: list[Run], kind: str, title: str, count: int, said: str
) -> None:
    with pytest.raises(ReleaseRefused, match=said):
        made(songs[:count], kind=kind, title=title)
    assert not Release.objects.exclude(kind="single").exists()


def test_songs_of_two_artists_or_without_approval_are_refused(songs: list[Run]) -> None:
    other = RunFactory(reviewable=True, status="approved", decided_at=NOON)
    waiting = RunFactory(reviewable=True, artist=songs[0].artist)

    with pytest.raises(ReleaseRefused, match="one artist"):
        made([songs[0], other])
    with pytest.raises(ReleaseRefused, match="only approved"):
        made([songs[0], waiting])
    with pytest.raises(ReleaseRefused, match="no run"):
        make_album(AlbumOrder("ep", "X", [songs[0].pk, uuid4()]), actor=None, now=NOON)


def test_tracks_are_put_into_another_order_and_others_come_and_go(
    songs: list[Run], approve_run: Callable[..., Run], artist: Artist
) -> None:
    third = approve_run(artist=artist, title="Third")
    release = packaged(made(songs))

    order(release, [songs[1].pk, songs[0].pk])
    assert titles(release) == ["Slow Lanterns", "Glass Harbour"]
    order(release, [third.pk, songs[1].pk])

    assert titles(release) == ["Third", "Slow Lanterns"]
    assert list(release.tracks.values_list("position", flat=True)) == [1, 2]
    files = files_of(packaged(release))
    assert "audio/01-third.wav" in files
    # The bundle is with its first song, which has changed; the one before is no current file.
    bundles = Artifact.objects.current().filter(kind="bundle", name=str(release.pk)[:8])
    assert [bundle.run for bundle in bundles] == [third]
    made([songs[0], approve_run(artist=artist)])  # it is free for another album again


def test_an_album_has_the_cover_of_one_song_or_one_of_its_own(songs: list[Run], settings) -> None:
    settings.COVER_PX = 300
    release = made(songs)
    judged = content_hash_of(songs[0])

    choose_cover(release_id=release.pk, run_id=songs[1].pk, actor=None, now=NOON)
    release.refresh_from_db()
    assert release.cover == songs[1].artifact(Artifact.Kind.COVER)
    draw_cover(release_id=release.pk, actor=None, now=NOON)

    release = packaged(release)
    assert release.cover.kind == Artifact.Kind.RELEASE_COVER
    with (
        Image.open(files_of(release)["cover/cover.jpg"]) as packed,
        Image.open(release.cover.path) as own,
    ):
        assert packed.tobytes() == own.tobytes()
    # What was judged is what it was: the cover of the release is no part of the run.
    assert content_hash_of(songs[0]) == judged
    assert release.disclosure["contributions"]["artwork"]["tools"].startswith("cover-1/")


def test_an_album_that_is_out_keeps_its_songs_released_until_all_are_recalled(
    songs: list[Run],
) -> None:
    def statuses() -> set[str]:
        return set(Run.objects.values_list("status", flat=True))

    album, single = packaged(made(songs)), packaged(single_of(songs[0].pk))
    for release in (album, single):
        publish(release_id=release.pk, actor=None, now=NOON)
    entries = PerformanceEntry.objects.standing().filter(kind="released")
    assert statuses() == {"released"}
    assert entries.count() == 2
    with pytest.raises(ReviewRefused):
        undo(run_id=songs[1].pk, reviewer=None, now=NOON)

    recall_release(release_id=album.pk, reason="Sample", actor=None, now=NOON)

    songs[0].refresh_from_db()
    songs[1].refresh_from_db()
    assert (songs[0].status, songs[1].status) == ("released", "approved")
    assert entries.get().run_id == songs[0].pk
    # The recalled album stays as evidence, and its songs may go on another one.
    assert set(album.tracks.values_list("place", flat=True)) == {Track.Place.FORMER}
    assert titles(made(songs, title="Second Try")) == ["Glass Harbour", "Slow Lanterns"]


def test_an_undone_approval_takes_the_song_off_and_the_bundle_away(
    songs: list[Run], django_capture_on_commit_callbacks
) -> None:
    release = packaged(made(songs))
    folder = Path(site.MEDIA_ROOT) / release.folder

    with django_capture_on_commit_callbacks(execute=True):
        undo(run_id=songs[0].pk, reviewer=None, now=NOON)

    release.refresh_from_db()
    assert titles(release) == ["Slow Lanterns"]
    assert (release.bundle, release.folder, release.status) == (None, "", "draft")
    assert not folder.exists()
    assert not Release.objects.singles_of(songs[0].pk).exists()


def test_a_song_that_changed_leaves_the_album_before_it_is_packed(songs: list[Run]) -> None:
    release = made(songs)
    Packing.objects.exclude(release=release).delete()
    songs[0].artifacts.filter(kind=Artifact.Kind.COVER).update(sha256="0" * 64)

    assert pack_next(now=NOON)

    songs[0].refresh_from_db()
    assert songs[0].status == Run.Status.AWAITING_REVIEW
    assert titles(release) == ["Slow Lanterns"]


def test_an_edit_while_it_is_packed_has_it_packed_again(
    songs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    from runs.releasing import bundle

    release = made(songs)
    write = bundle.write_bundle

    def edited_meanwhile(*arguments, **more) -> BundleMarks:
        marks = write(*arguments, **more)
        changes = CodeChanges(upc="036000291452")
        set_codes(release_id=release.pk, changes=changes, actor=None, now=NOON)
        return marks

    with monkeypatch.context() as patched:
        patched.setattr(bundle, "write_bundle", edited_meanwhile)
        packaged(release)

    assert Packing.objects.get(release=release).due_at == NOON
    packaged(release)
    assert not Packing.objects.filter(release=release).exists()
    assert json.loads(files_of(packaged(release))["metadata.json"].read_text())["upc"]


def test_a_draft_is_taken_apart_and_a_single_is_not(songs: list[Run]) -> None:
    release = made(songs)

    take_apart(release_id=release.pk, actor=None, now=NOON)

    assert set(Release.objects.values_list("kind", flat=True)) == {"single"}
    with pytest.raises(ReleaseRefused, match="single"):
        take_apart(release_id=single_of(songs[0].pk).pk, actor=None, now=NOON)


def test_a_release_that_was_changed_is_not_published_with_its_old_bundle(
    songs: list[Run],
) -> None:
    release = packaged(made(songs))
    order(release, [song.pk for song in reversed(songs)])

    with pytest.raises(ReleaseRefused, match="changed after its bundle was made"):
        publish(release_id=release.pk, actor=None, now=NOON)

    packaged(release)
    publish(release_id=release.pk, actor=None, now=NOON)
    release.refresh_from_db()
    assert release.status == Release.Status.PUBLISHED


def test_a_code_of_the_single_has_the_album_packaged_again(songs: list[Run]) -> None:
    release = packaged(made(songs))
    single = single_of(songs[0].pk)
    assert not Packing.objects.filter(release=release).exists()

    changes = CodeChanges(isrcs={single.tracks.get().pk: "QZABC2600003"})
    set_codes(release_id=single.pk, changes=changes, actor=None, now=NOON)

    assert Packing.objects.filter(release=release).exists()
    revision = release.revision
    release.refresh_from_db()
    assert release.revision > revision


def test_the_numbers_of_an_album_close_when_a_song_is_undone(
    approve_run: Callable[..., Run], artist: Artist, songs: list[Run]
) -> None:
    third = approve_run(artist=artist, title="Paper Boats", lufs=-14.0)
    release = made([*songs, third])

    undo(run_id=songs[1].pk, reviewer=None, now=NOON)

    assert list(release.tracks.values_list("position", "title")) == [
        (1, "Glass Harbour"),
        (2, "Paper Boats"),
    ]


def test_another_spelling_of_its_upc_stays_the_releases(songs: list[Run]) -> None:
    release, single = made(songs), single_of(songs[0].pk)
    for upc in ("036000291452", "0036000291452"):
        set_codes(release_id=release.pk, changes=CodeChanges(upc=upc), actor=None, now=NOON)

    for upc in ("036000291452", "0036000291452"):
        with pytest.raises(ReleaseRefused):
            set_codes(release_id=single.pk, changes=CodeChanges(upc=upc), actor=None, now=NOON)


def test_an_album_tells_of_the_cover_it_has_and_of_no_other(songs: list[Run]) -> None:
    by_model = replace(MADE_BY, provider="x", model="model-2", generator="ai").as_json()
    songs[1].artifacts.filter(kind=Artifact.Kind.COVER).update(provenance=by_model)

    artwork = sheet_of(made(songs)).disclosure["contributions"]["artwork"]

    assert artwork["made_by"] == "algorithm"
    assert artwork["digital_source_type"] == digital_source_type("algorithm")
