"""The public site: what is on it, what is written again, what is taken off."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core.management import CommandError, call_command

from artists.models import Artist
from runs.errors import SiteRefused
from runs.models import Artifact, Release, Run
from runs.releasing.editing import ReleaseEdit, edit_release
from runs.releasing.releases import package_release, publish, recall_release, single_of
from runs.site.export import MANIFEST, Exported, export_site, site_at
from tests import factories
from tests.factories import NOON, ArtifactFactory
from tests.runs.site.conftest import URL, add_words, put_out, sung_run

pytestmark = pytest.mark.django_db

Export = Callable[[], Exported]


def page_of(folder: Path, release: Release) -> Path:
    """The folder of a release's page."""
    return folder / release.folder.replace("releases/", "artists/")


def everything_said(folder: Path) -> str:
    return "\n".join(
        path.read_text() for path in folder.rglob("*") if path.suffix in (".html", ".xml", ".json")
    )


def edit(release: Release, title: str) -> None:
    values = ReleaseEdit(values={"title": title})
    edit_release(release_id=release.pk, edit=values, actor=None, now=NOON)


def test_a_release_of_real_media_gets_a_page(
    export: Export, folder: Path, approve_run: Callable[..., Run]
) -> None:
    run = approve_run(title="Neon Rivers")
    add_words(run)
    release = package_release(release_id=single_of(run.pk).pk, now=NOON)
    publish(release_id=release.pk, actor=None, now=NOON)

    done = export()

    page = page_of(folder, release)
    assert (done.releases, done.failed) == (1, {})
    assert {path.name for path in page.iterdir()} == {
        "index.html",
        "cover.jpg",
        "cover-square.jpg",
        "thumbnail.jpg",
        "master.mp3",
        "master.m4a",
        "video.mp4",
    }
    bundle = Path(site_settings.MEDIA_ROOT) / release.folder
    assert (page / "master.mp3").samefile(bundle / "audio" / "master.mp3")
    html = (page / "index.html").read_text()
    assert release.disclosure["statement"] in html
    assert "One line" in html


def test_what_people_typed_is_text(export: Export, folder: Path, single: Release) -> None:
    export()

    html = (page_of(folder, single) / "index.html").read_text()
    assert "Neon &amp; Rivers by Vera &lt;Halogen&gt;" in html
    assert "Neon on the &lt;river&gt;" in html
    assert "<Halogen>" not in html


def test_tracks_of_an_ep_have_a_player_each(export: Export, folder: Path, album: Release) -> None:
    export()

    html = (page_of(folder, album) / "index.html").read_text()
    for stem in ("01-glass-harbour", "02-slow-lanterns"):
        assert html.count(f'<source src="{stem}.mp3" type="audio/mpeg">') == 1
        assert html.count(f'src="{stem}-poster.jpg"') == 1
        assert (page_of(folder, album) / f"{stem}.m4a").is_file()
        assert not (page_of(folder, album) / f"{stem}-16x9.mp4").exists()


def test_a_title_is_edited_after_publication_and_the_address_stays(
    export: Export, folder: Path, album: Release
) -> None:
    export()
    track = album.tracks.all()[0]
    changed = ReleaseEdit(values={"title": "Other"}, tracks={track.pk: {"title": "Renamed"}})
    edit_release(release_id=album.pk, edit=changed, actor=None, now=NOON)

    done = export()

    html = (page_of(folder, album) / "index.html").read_text()
    assert (done.failed, "Renamed" in html, "01-glass-harbour.mp3" in html) == ({}, True, True)


def test_nothing_that_is_not_out_is_told(
    export: Export, folder: Path, artist: Artist, single: Release
) -> None:
    hidden = put_out(factories.single_of(sung_run(artist, "Unheard")))
    Release.objects.filter(pk=hidden.pk).update(status=Release.Status.READY)

    done = export()

    assert done.releases == 1
    assert "Unheard" not in everything_said(folder)
    assert not page_of(folder, hidden).exists()


def test_nothing_private_is_told(export: Export, folder: Path, single: Release) -> None:
    export()

    said = everything_said(folder)
    assert "Halogen Records" in said
    assert "Wilhelmina" not in said
    assert "Private notes" not in said
    assert str(site_settings.MEDIA_ROOT) not in said


def test_what_did_not_change_is_not_written_again(
    export: Export, folder: Path, single: Release, album: Release
) -> None:
    first = export()
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*.html")}

    again = export()

    assert (again.written, again.removed) == (0, 0)
    assert again.kept == first.written
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.html")} == times


def test_an_edit_renews_its_page_and_the_lists_it_is_on(
    export: Export, folder: Path, single: Release, album: Release
) -> None:
    export()
    other = (page_of(folder, album) / "index.html").stat().st_mtime_ns
    edit(single, "Neon Delta")

    done = export()

    # Its page, its artist's page and feed, the first page, the feed of all.
    assert done.written == 5
    assert (page_of(folder, album) / "index.html").stat().st_mtime_ns == other
    for path in ("index.html", "feed.xml", "artists/vera-halogen/feed.xml"):
        assert "Neon Delta" in (folder / path).read_text()


def test_a_page_that_was_lost_comes_back(export: Export, folder: Path, single: Release) -> None:
    export()
    shutil.rmtree(page_of(folder, single))

    assert export().written == 1

    assert (page_of(folder, single) / "master.mp3").is_file()


def test_a_recall_leaves_a_tombstone_and_nothing_else(
    export: Export, folder: Path, single: Release, album: Release
) -> None:
    export()
    recall_release(release_id=single.pk, reason="Sample of Somebody", actor=None, now=NOON)

    done = export()

    page = page_of(folder, single)
    assert (done.releases, done.tombstones) == (1, 1)
    assert [path.name for path in page.iterdir()] == ["index.html"]
    html = (page / "index.html").read_text()
    assert "withdrawn on" in html
    assert 'name="robots" content="noindex"' in html
    said = everything_said(folder)
    assert "Somebody" not in said
    assert "Neon &amp; Rivers" not in said
    assert page.name not in (folder / "sitemap-1.xml").read_text()
    assert page.name not in (folder / "feed.xml").read_text()
    assert export().written == 0


def test_the_feed_of_an_artist_stays_when_all_is_recalled(
    export: Export, folder: Path, single: Release
) -> None:
    export()
    recall_release(release_id=single.pk, reason="Wrong", actor=None, now=NOON)

    export()

    feed = (folder / "artists/vera-halogen/feed.xml").read_text()
    assert ("<channel>" in feed, "<item>" in feed) == (True, False)
    assert "vera-halogen" not in (folder / "sitemap-1.xml").read_text()
    assert "vera-halogen" not in (folder / "index.html").read_text()


def test_a_recall_of_what_was_never_out_has_no_page(
    export: Export, folder: Path, artist: Artist
) -> None:
    release = factories.single_of(sung_run(artist, "Unheard"))
    recall_release(release_id=release.pk, reason="Wrong", actor=None, now=NOON)

    assert export().tombstones == 0
    assert not (folder / "artists").exists()


def test_an_own_page_of_something_that_is_gone_is_removed(
    export: Export, folder: Path, single: Release
) -> None:
    export()
    for left in (folder / "artists/vera-halogen/old-release", folder / "artists/gone/song"):
        left.mkdir(parents=True)
        (left / "index.html").write_text("old")

    assert export().removed == 2
    assert not (folder / "artists/gone").exists()
    assert not (folder / "artists/vera-halogen/old-release").exists()


def test_a_release_whose_bundle_is_gone_keeps_its_page_and_is_named(
    export: Export, folder: Path, single: Release
) -> None:
    export()
    bundle = Path(site_settings.MEDIA_ROOT) / single.folder
    bundle.rename(bundle.with_name("elsewhere"))
    edit(single, "Neon Delta")

    done = export()

    (why,) = done.failed.values()
    assert f"manage.py package_release {single.pk}" in why
    assert "Neon &amp; Rivers" in (page_of(folder, single) / "index.html").read_text()
    bundle.with_name("elsewhere").rename(bundle)
    assert export().failed == {}
    assert "Neon Delta" in (page_of(folder, single) / "index.html").read_text()


def test_an_odd_release_is_named_and_the_others_are_written(
    export: Export, folder: Path, single: Release, album: Release
) -> None:
    export()
    page = (page_of(folder, album) / "index.html").read_text()
    album.disclosure["tracks"].pop()
    album.save()
    edit(single, "Neon Delta")

    done = export()

    assert done.releases == 1
    (why,) = done.failed.values()
    assert "tells of 1 tracks, and it has 2; make its bundle again with manage.py" in why
    assert (page_of(folder, album) / "index.html").read_text() == page
    assert "Neon Delta" in (page_of(folder, single) / "index.html").read_text()
    Release.objects.filter(pk=album.pk).update(disclosure={"statement": "x"})
    with pytest.raises(SystemExit) as ended:
        call_command("export_site", str(folder), "--base-url", URL)
    assert ended.value.code == 1


def test_a_release_without_a_bundle_is_on_no_list(
    export: Export, folder: Path, single: Release
) -> None:
    shutil.rmtree(Path(site_settings.MEDIA_ROOT) / single.folder)

    done = export()

    assert (done.releases, len(done.failed)) == (0, 1)
    assert "Neon" not in everything_said(folder)


def test_the_thumbnail_of_the_run_is_taken_where_there_is_one(
    export: Export, folder: Path, single: Release
) -> None:
    thumbnail = Path(site_settings.MEDIA_ROOT) / "thumbnail.jpg"
    thumbnail.write_bytes(b"jpeg")
    run = single.tracks.get().run
    ArtifactFactory(run=run, kind=Artifact.Kind.THUMBNAIL, file=thumbnail.name)

    export()

    assert (page_of(folder, single) / "thumbnail.jpg").samefile(thumbnail)


@pytest.mark.parametrize("url", ["", "music.example.org", "ftp://x.org", "https://x.org/?a=1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SiteRefused):
        site_at(url, "Night Music")


def test_a_folder_with_other_files_is_refused(folder: Path, single: Release) -> None:
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")

    with pytest.raises(SiteRefused, match="other files"):
        export_site(folder, site_at(URL, "Night Music"))

    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_a_broken_manifest_only_costs_time(export: Export, folder: Path, single: Release) -> None:
    first = export()
    (folder / MANIFEST).write_text("[")

    assert export().written == first.written


def test_the_command_reports(folder: Path, single: Release, capsys) -> None:
    call_command("export_site", str(folder), "--base-url", URL, "--json")

    report = json.loads(capsys.readouterr().out)
    assert (report["folder"], report["releases"], report["failed"]) == (str(folder), 1, {})


def test_the_command_needs_a_folder_and_an_address(folder: Path, db: None) -> None:
    with pytest.raises(CommandError, match="Name a folder"):
        call_command("export_site")
    with pytest.raises(CommandError, match="--base-url"):
        call_command("export_site", str(folder))


def test_what_is_behind_a_link_is_left_alone(
    export: Callable[[], Exported], folder: Path, single: Release, tmp_path: Path
) -> None:
    export()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "diary.txt").write_text("private")
    (folder / "artists" / "friend").symlink_to(elsewhere)

    with pytest.raises(SiteRefused, match="is a link"):
        export()

    assert (elsewhere / "diary.txt").read_text() == "private"
