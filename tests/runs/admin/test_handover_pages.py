"""The hand-over page: what is missing, what to paste, the files, and where legal names stand."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.urls import reverse
from lxml import etree

from runs.models import LicenceEntry, Release, Run
from runs.releasing.disclosure import disclosure_of
from runs.releasing.releases import package_release, recall_release, single_of
from tests.factories import NOON, UserFactory
from tests.factories import single_of as row_of
from tests.runs.releasing import ern432

pytestmark = pytest.mark.django_db

ERIKA = "Erika Example"
CREDITS = [{"legal_name": ERIKA, "role": role} for role in ("Composer", "Lyricist", "Producer")]
LABELLED = {
    "label": "Night Label",
    "credits": CREDITS,
    "release_date": date(2026, 4, 3),
    "upc": "036000291452",
}


@pytest.fixture
def release(approved_run: Run) -> Release:
    """The packaged single of a run, with all label data."""
    single = single_of(approved_run.pk)
    Release.objects.filter(pk=single.pk).update(**LABELLED)
    single.tracks.update(isrc="QZABC2600001")
    return package_release(release_id=single.pk, now=NOON)


@pytest.fixture
def bare(new_run: Callable[..., Run]) -> Release:
    """A single with all label data, whose bundle is only a row."""
    run = new_run(status=Run.Status.APPROVED, decided_at=NOON)
    return row_of(run, disclosure=disclosure_of(run), isrc="QZABC2600001", **LABELLED)


def address(name: str, release: Release) -> str:
    return reverse(f"admin:runs_release_{name}", args=[release.pk])


def page_of(browser: Any, release: Release) -> Any:
    response = browser.get(address("hand_over", release))
    assert response.status_code == 200
    return response


def zipped(response: Any) -> zipfile.ZipFile:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return zipfile.ZipFile(io.BytesIO(content))


@pytest.mark.parametrize("name", ["hand_over", "papers", "audit"])
@pytest.mark.parametrize(("role", "status"), [("Reviewer", 403), ("Producer", 200)])
def test_legal_names_are_for_operators(bare, browser_of, name, role, status) -> None:
    given = browser_of(role).get(address(name, bare), {"file": "sheets/distrokid.csv"})

    assert given.status_code == status


@pytest.mark.parametrize("name", ["hand_over", "papers", "audit"])
def test_nothing_is_posted(bare, boss, name) -> None:
    assert boss.post(address(name, bare)).status_code == 405


def test_the_releases_page_leads_here(bare, boss) -> None:
    page = boss.get(reverse("admin:runs_release_change", args=[bare.pk])).content.decode()

    assert f'href="{address("hand_over", bare)}"' in page


def test_what_is_missing_leads_to_its_field(bare, boss) -> None:
    Release.objects.filter(pk=bare.pk).update(label="", upc="")

    page = page_of(boss, bare).content.decode()

    change = reverse("admin:runs_release_change", args=[bare.pk])
    assert f'<a class="panel-link" href="{change}#id_label">Name the label.</a>' in page
    assert f'href="{change}#id_upc"' in page


def test_providers_without_a_licence_are_named(bare, boss) -> None:
    video = bare.tracks.get().run.artifacts.get(kind="video")
    video.provenance |= {"provider": "local; suno"}
    video.save()
    assert "suno: the licence register has no entry" in page_of(boss, bare).content.decode()

    LicenceEntry.objects.create(
        provider="suno", plan="Premier", commercial_use=True, valid_from=NOON.date()
    )
    assert page_of(boss, bare).context["warnings"] == []


def test_each_value_has_a_button_that_copies_it(bare, boss) -> None:
    response = page_of(boss, bare)

    page, pasted = response.content.decode(), response.context["pasted"]
    told = {one.name: one.value for one in pasted}
    assert told["Songwriters (legal names)"] == ERIKA
    assert told["ISRC"] == "QZABC2600001"
    assert "Lyrics" not in told
    assert told["AI statement"] == response.context["sheet"].disclosure["statement"]
    for number in range(1, len(pasted) + 1):
        assert f'id="paste-{number}"' in page
        assert f'data-copy="paste-{number}"' in page


def test_sung_words_are_pasted_without_headings(bare, boss) -> None:
    music = bare.tracks.get().run.steps.get(name="music")
    music.output |= {"vocals": "synthetic"}
    music.save()

    told = {one.name: one.value for one in page_of(boss, bare).context["pasted"]}

    assert told["Lyrics"] == (
        "Street lamps lean over the water\nNobody counts the miles\n\n"
        "We run on neon rivers\nWe run until the dawn"
    )
    assert told["Instrumental"] == "no"


def test_the_files_are_judged_by_the_distributors_table(release, boss) -> None:
    checks = {(one.subject, one.wanted): one for one in page_of(boss, release).context["checks"]}

    assert checks["Sound", "WAV, two channels"].ok is True
    assert checks["Sound", "at least 30 seconds; less is not paid"].ok is False
    assert checks["Cover", "3000 × 3000 pixels"].found == "300 × 300"


def test_a_release_without_its_folder_says_so(bare, boss) -> None:
    Release.objects.filter(pk=bare.pk).update(folder="releases/gone")

    response = page_of(boss, bare)

    assert "have the bundle packaged again" in response.context["no_files"]
    assert response.context["checks"] == []


def test_the_zip_holds_the_bundle_and_the_papers(release, boss) -> None:
    response = boss.get(address("papers", release))

    assert response["Content-Disposition"].endswith('-neon-rivers-hand-over.zip"')
    with zipped(response) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        message = etree.fromstring(archive.read("release.xml"))
        sums = archive.read("SHA256SUMS").decode()
        master = hashlib.sha256(archive.read("audio/master.wav")).hexdigest()
    assert set(names) >= {
        "audio/master.wav",
        "cover/cover.jpg",
        "metadata.json",
        "release.xml",
        "sheets/all-fields.csv",
        "sheets/distrokid.csv",
        "sheets/too-lost.csv",
    }
    assert ern432.faults(message) == []
    assert message.findtext("MessageHeader/MessageControlType") == "TestMessage"
    assert message.find(".//DeliveryFile/File/HashSum").findtext("HashSumValue") == master
    assert f"{master}  audio/master.wav" in sums


def test_no_public_file_has_a_legal_name(release) -> None:
    folder = Path(project.MEDIA_ROOT) / release.folder
    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]

    assert texts
    assert [text for text in texts if ERIKA.encode() in text] == []
    assert ERIKA.encode() not in release.bundle.path.read_bytes()
    assert ERIKA not in json.dumps(release.disclosure)


@pytest.mark.parametrize(
    ("file", "media_type"),
    [
        ("release.xml", "application/xml"),
        ("sheets/distrokid.csv", "text/csv; charset=utf-8"),
    ],
)
def test_one_paper_alone(release, boss, file: str, media_type: str) -> None:
    response = boss.get(address("papers", release), {"file": file})

    assert response["Content-Type"] == media_type
    assert ERIKA in response.content.decode()


def test_a_release_that_cannot_be_read_leads_back(bare, boss) -> None:
    Release.objects.filter(pk=bare.pk).update(credits="nobody")

    for name in ("hand_over", "papers", "audit"):
        response = boss.get(address(name, bare))
        assert response["Location"] == reverse("admin:runs_release_change", args=[bare.pk])


def test_an_album_without_tracks_has_no_papers(bare, boss) -> None:
    empty = Release.objects.create(artist=bare.artist, title="Night Lines", kind="album")

    response = boss.get(address("papers", empty), follow=True)

    assert "has no track left" in response.content.decode()
    assert page_of(boss, empty).context["pasted"] != []
    assert boss.get(address("audit", empty)).status_code == 200


def test_another_file_is_not_there(bare, boss) -> None:
    response = boss.get(address("papers", bare), {"file": "../settings.py"})

    assert response.status_code == 404


def test_without_a_bundle_there_is_no_zip(bare, boss) -> None:
    response = boss.get(address("papers", bare), follow=True)

    assert "has no bundle; have it packaged again" in response.content.decode()


def test_a_recalled_release_gets_a_message_that_takes_it_down(release, boss) -> None:
    recall_release(release_id=release.pk, reason="Sample", actor=None, now=NOON)

    response = boss.get(address("papers", release), {"file": "release.xml"})

    message = etree.fromstring(response.content)
    assert ern432.faults(message) == []
    assert message.findtext(".//ValidityPeriod/EndDateTime") == "2026-03-02T12:00:00Z"
    page = page_of(boss, release)
    assert "it takes the release down" in page.content.decode()
    assert page.context["no_files"] == "It was recalled; there is nothing to hand over."


def test_a_live_message_and_a_schema_are_told(release, boss, settings, tmp_path: Path) -> None:
    settings.DDEX_FEED = settings.DDEX_FEED | {"sender": "PADPIDA1A", "recipient": "PADPIDA2B"}
    settings.DDEX_SCHEMA = tmp_path / "release-notification.xsd"
    page = page_of(boss, release)
    assert page.context["live"] is True
    assert "AI_ARTIST_DDEX_SCHEMA" in page.context["message"].problem

    settings.DDEX_SCHEMA.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'targetNamespace="http://ddex.net/xml/ern/432"><xs:element name="Other"/></xs:schema>'
    )
    page = page_of(boss, release)
    assert "No matching global declaration" in page.context["message"].faults[0]
    assert "DDEX's schema refuses it" in page.content.decode().replace("&#x27;", "'")


def test_the_audit_export_is_a_download(release, boss) -> None:
    response = boss.get(address("audit", release))

    assert response["Content-Disposition"].endswith('-neon-rivers-audit.zip"')
    with zipped(response) as archive:
        assert ERIKA in archive.read("audit.html").decode()


# --- The register ---


def test_an_entry_is_written_in_the_panel_and_not_deleted(boss) -> None:
    form = {
        "provider": "suno",
        "plan": "Premier",
        "commercial_use": "on",
        "valid_from": "2026-01-01",
        "read_on": "2026-03-02",
        "terms_text": "You may sell it.",
    }
    response = boss.post(reverse("admin:runs_licenceentry_add"), form)

    assert response.status_code == 302
    entry = LicenceEntry.objects.get()
    assert (entry.provider, entry.commercial_use, entry.valid_from) == (
        "suno",
        True,
        date(2026, 1, 1),
    )
    assert entry.noted_by is not None
    deleted = boss.post(reverse("admin:runs_licenceentry_delete", args=[entry.pk]))
    assert deleted.status_code == 403


def test_a_reviewer_does_not_see_the_register(client) -> None:
    client.force_login(UserFactory())

    assert client.get(reverse("admin:runs_licenceentry_changelist")).status_code == 403
