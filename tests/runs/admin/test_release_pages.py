"""A release's page: what it shows first, publishing after a question, codes, recall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from media_tools.marking.certificates import CHAIN, local_certificate
from media_tools.provenance import digital_source_type
from media_tools.records import to_json
from runs.errors import ReleaseRefused
from runs.models import Packing, Release, Run, Track
from runs.releasing.disclosure import disclosure_of
from runs.releasing.file_marks import BundleMarks, FileMark, Signature
from runs.releasing.releases import CodeChanges, publish, recall_release, set_codes
from tests.factories import NOON, UserFactory, single_of
from tests.runs.releasable import write_told

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(new_run: Callable[..., Run]) -> Release:
    """The packaged release of an approved run."""
    run = new_run(status=Run.Status.APPROVED, decided_at=NOON)
    return single_of(run, disclosure=disclosure_of(run), created_at=NOON)


def address(name: str, release: Release) -> str:
    return reverse(f"admin:runs_release_{name}", args=[release.pk])


@pytest.mark.parametrize("name", ["publish", "edit", "draw_codes", "cover", "recall"])
def test_a_release_is_moved_by_operators_alone(release, client, name) -> None:
    client.force_login(UserFactory())

    assert client.post(address(name, release), {"reason": "x"}).status_code == 403


def test_publishing_asks_first_and_needs_a_tick(release, boss) -> None:
    asked = boss.get(address("publish", release))
    unticked = boss.post(address("publish", release), {"isrc": "QZABC2600001", "upc": ""})

    assert asked.status_code == 200
    assert "legal names" in asked.content.decode()
    assert list(unticked.context["form"].errors) == ["confirmed"]
    assert "QZABC2600001" in unticked.content.decode()
    release.refresh_from_db()
    assert release.status == Release.Status.DRAFT


def test_publishing_keeps_what_was_typed_beside_a_wrong_code(release, boss) -> None:
    typed = {"isrc": "nonsense", "upc": "036000291452", "confirmed": "on"}

    response = boss.post(address("publish", release), typed)

    page = response.content.decode()
    assert list(response.context["form"].errors) == ["isrc"]
    assert all(f'value="{typed[name]}"' in page for name in ("isrc", "upc"))
    release.refresh_from_db()
    assert release.status == Release.Status.DRAFT


def test_confirmed_release_is_published_once(release, boss) -> None:
    typed = {"isrc": "qz-abc-26-00001", "confirmed": "on"}

    boss.post(address("publish", release), typed)
    again = boss.post(address("publish", release), typed)

    release.refresh_from_db()
    assert (release.status, release.tracks.get().isrc) == ("published", "QZABC2600001")
    assert again["Location"] == address("change", release)


def mark(name: str, **changes: Any) -> FileMark:
    told = {"source_type": digital_source_type("algorithm"), "signature": Signature.SIGNED}
    return FileMark(name, **{**told, "signer": "Night Label", **changes})


def test_marks_of_files_are_told_in_words(release, boss) -> None:
    marks = BundleMarks(
        (
            mark("audio/master.wav", signature=Signature.WAV, signer="", watermark=True),
            mark("cover/cover.jpg", source_type=digital_source_type("ai"), signer_known=True),
            mark("video/video.mp4", watermark=False),
        )
    )
    Release.objects.filter(pk=release.pk).update(marks=to_json(marks))

    context = boss.get(address("change", release)).context

    assert context["marks"] == [
        (
            "audio/master.wav",
            "by an algorithm",
            "nobody (AI_ARTIST_SIGN_WAV is off)",
            "yes",
        ),
        ("cover/cover.jpg", "by a generative model", "Night Label", "–"),
        ("video/video.mp4", "by an algorithm", "Night Label", "no"),
    ]
    assert (context["marks_folded"], context["signer_unknown"]) == (False, True)


def test_a_bundle_of_before_the_marks_were_kept_tells_who_signs(release, boss) -> None:
    response = boss.get(address("change", release))

    assert response.context["marks"] == []
    assert response.context["signer"] in response.content.decode()


def typed(**values: str) -> dict[str, str]:
    """What the form of a single posts, with these values."""
    return {"title": "Neon Rivers", **values}


def test_codes_stay_editable_after_publication_and_the_log_tells(release, boss) -> None:
    publish(release_id=release.pk, actor=None, now=NOON)

    boss.post(
        address("edit", release),
        typed(**{"track-1-isrc": "QZABC2600001", "upc": "036000291452"}),
    )

    release.refresh_from_db()
    assert (release.tracks.get().isrc, release.upc) == ("QZABC2600001", "036000291452")
    assert release.status == Release.Status.PUBLISHED
    event = release.events.get(kind="codes")
    assert "QZABC2600001" in event.message
    assert event.actor is not None


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        ("track-1-isrc", "WRONG"),
        ("upc", "036000291453"),
        ("track-1-isrc", "Q" * 21),
        ("language", "qq"),
        ("recording_country", "XX"),
        ("territories", "DE, XX"),
        ("credits", "Erika: composer"),
        ("credits", "Erika Example: queen"),
        ("release_date", "tomorrow"),
        ("track-1-language", "Q1"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(
    release, boss, wrong: str, value: str
) -> None:
    given = typed(label="Night Label", **{wrong: value})

    response = boss.post(address("edit", release), given)

    page = response.content.decode()
    forms = response.context["forms"]
    errors = {
        form.add_prefix(name) for form in (forms.main, forms.tracks[0][1]) for name in form.errors
    }
    assert response.status_code == 400
    assert errors == {wrong}
    assert value in page
    assert 'value="Night Label"' in page
    release.refresh_from_db()
    assert release.label == ""


def test_codes_of_a_release_that_is_not_out_make_its_bundle_again(release) -> None:
    def due() -> list[datetime]:
        return list(Packing.objects.filter(release=release).values_list("due_at", flat=True))

    def set_upc(code: str, at: datetime) -> None:
        changes = CodeChanges(upc=code)
        set_codes(release_id=release.pk, changes=changes, actor=None, now=at)

    before = due()
    set_upc("036000291452", NOON)
    changed = due()
    set_upc("036000291452", NOON + timedelta(hours=1))

    assert before == []
    assert changed == due() == [NOON]


def test_codes_of_a_recalled_release_stay(release) -> None:
    recall_release(release_id=release.pk, reason="Rights", actor=None, now=NOON)

    with pytest.raises(ReleaseRefused):
        changes = CodeChanges(upc="036000291452")
        set_codes(release_id=release.pk, changes=changes, actor=None, now=NOON)


def test_the_panel_recalls_with_its_reason(release, boss) -> None:
    assert boss.get(address("recall", release)).status_code == 405

    boss.post(address("recall", release), {"reason": "<b>Rights</b>"})

    release.refresh_from_db()
    assert release.status == Release.Status.RECALLED
    shown = boss.get(address("change", release)).content.decode()
    assert "&lt;b&gt;Rights&lt;/b&gt;" in shown
    assert address("recall", release) not in shown


def test_release_page_shows_the_song_first_and_the_disclosure_in_words(release, boss) -> None:
    page = boss.get(address("change", release)).content.decode()
    run_page = boss.get(
        reverse("admin:runs_run_change", args=[release.tracks.get().run_id])
    ).content.decode()

    places = [
        page.index(part)
        for part in ("panel-cover", "<audio", "?download=1", "panel-checklist", "How it was made")
    ]
    assert places == sorted(places)
    assert "made by" not in page
    assert address("change", release) in run_page


def test_the_page_says_that_others_do_not_know_the_signer(release, boss, settings) -> None:
    local_certificate(Path(settings.SIGNING_DIR), now=timezone.now())
    assert (
        "the signer is unknown to others" in boss.get(address("change", release)).content.decode()
    )

    (Path(settings.SIGNING_DIR) / CHAIN).write_text("broken")
    assert "cannot be signed" in boss.get(address("change", release)).content.decode()


def test_files_that_are_out_with_old_values_are_named_and_made_again(release, boss) -> None:
    publish(release_id=release.pk, actor=None, now=NOON)
    write_told(release)
    Release.objects.filter(pk=release.pk).update(label="New")
    release.tracks.update(isrc="QZABC2600001")

    page = boss.get(address("change", release))
    boss.post(address("package", release))

    assert page.context["outdated"] == ["label", "ISRC"]
    assert "label, ISRC" in page.content.decode()
    assert Packing.objects.get(release=release).error == ""
    release.refresh_from_db()
    assert release.status == Release.Status.PUBLISHED


def test_a_page_from_before_a_code_was_drawn_leaves_it_alone(release, boss) -> None:
    page = typed(**{"initial-track-1-isrc": "", "track-1-isrc": "", "label": "Night Label"})
    Track.objects.filter(release=release).update(isrc="QZABC2600001")

    boss.post(address("edit", release), page)

    release.refresh_from_db()
    assert (release.label, release.tracks.get().isrc) == ("Night Label", "QZABC2600001")
