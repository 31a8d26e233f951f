"""The licence register, what people did, and the audit export."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from runs.models import Artifact, LicenceEntry, Release, Review, Run, RunEvent
from runs.releasing.audit import audit_zip
from runs.releasing.blockers import CHANNELS, blockers_of, of_channel
from runs.releasing.human import human_record
from runs.releasing.licences import keep_licence, licences_of
from runs.releasing.releases import settle_due
from runs.releasing.sheet import sheet_of
from tests.factories import NOON, ArtifactFactory, RunFactory, UserFactory, single_of
from tests.runs.releasing.sheets import ERIKA

pytestmark = pytest.mark.django_db

DAY = NOON.date()


@pytest.fixture
def release() -> Release:
    """A single whose music is Suno's and whose video has a clip of Pexels."""
    run: Run = RunFactory(reviewable=True, status=Run.Status.APPROVED, decided_at=NOON)
    for kind, provider in (
        (Artifact.Kind.MIX, "suno"),
        (Artifact.Kind.LYRICS, "offline"),
        (Artifact.Kind.COVER, "local"),
        (Artifact.Kind.VIDEO, "local; pexels"),
    ):
        record = {"provider": provider, "model": "m", "licence": "terms", "generator": "ai"}
        ArtifactFactory(run=run, kind=kind, provenance=record)
    return single_of(run, created_at=NOON)


def entry(**changes: Any) -> LicenceEntry:
    fields = {"provider": "suno", "plan": "Premier", "commercial_use": True, "valid_from": DAY}
    made: LicenceEntry = LicenceEntry.objects.create(**(fields | changes))
    return made


def told(release: Release) -> dict[str, str]:
    """The plan by provider; "none" if there is no entry."""
    return {one.provider: one.entry.plan if one.entry else "none" for one in licences_of(release)}


def blocking(release: Release) -> list[str]:
    blockers = blockers_of(release, sheet_of(release))
    return [one.text for one in blockers if "licence register" in one.text]


def test_a_provider_without_an_entry_is_warned_about_and_blocks_nothing(release) -> None:
    assert told(release) == {"pexels": "none", "suno": "none"}
    assert [one.warning.partition(":")[0] for one in licences_of(release)] == ["pexels", "suno"]
    assert blocking(release) == []


def test_an_entry_covers_what_was_made_while_it_ran(release) -> None:
    entry(valid_from=DAY - timedelta(days=30), valid_to=DAY)

    assert told(release)["suno"] == "Premier"


@pytest.mark.parametrize(
    "period",
    [
        {"valid_from": DAY + timedelta(days=1)},
        {"valid_from": DAY - timedelta(days=9), "valid_to": DAY - timedelta(days=1)},
    ],
)
def test_a_plan_does_not_reach_beyond_its_days(release, period: dict[str, date]) -> None:
    entry(**period)

    assert told(release)["suno"] == "none"


def test_a_free_plan_keeps_a_release_from_every_channel(release) -> None:
    entry(plan="Free", commercial_use=False)

    blockers = blockers_of(release, sheet_of(release))
    for channel in CHANNELS:
        texts = [one.text for one in of_channel(blockers, channel)]
        assert [text for text in texts if "the plan “Free” does not allow" in text] != []


def test_a_paid_plan_of_the_same_day_counts_before_a_free_one(release) -> None:
    entry(plan="Free", commercial_use=False)
    entry(provider="Suno")

    assert told(release)["suno"] == "Premier"
    assert blocking(release) == []


def test_a_period_ends_after_it_begins() -> None:
    wrong = LicenceEntry(
        provider="suno", plan="x", valid_from=DAY, valid_to=DAY - timedelta(days=1)
    )

    with pytest.raises(ValidationError, match="before the first"):
        wrong.full_clean()


def test_a_kept_entry_names_its_author_and_has_releases_judged(release) -> None:
    Release.objects.filter(pk=release.pk).update(status=Release.Status.READY)
    author = UserFactory()
    new = LicenceEntry(provider="suno", plan="Free", valid_from=DAY, terms_text="Be good.\n")

    assert keep_licence(new, actor=author) == 1
    assert keep_licence(new, actor=UserFactory()) == 1

    new.refresh_from_db()
    assert new.noted_by == author
    assert new.terms_sha256 == hashlib.sha256(b"Be good.\n").hexdigest()
    assert settle_due(now=NOON) == 1
    release.refresh_from_db()
    assert release.status == Release.Status.DRAFT


def test_an_entry_concerns_only_its_providers_releases(release) -> None:
    author = UserFactory()
    other = LicenceEntry(provider="elevenlabs", plan="Pro", valid_from=DAY)
    assert keep_licence(other, actor=author) == 0

    other.provider = "pexels"
    assert keep_licence(other, actor=author) == 1


# --- People ---


def test_what_people_did_is_collected_from_what_is_recorded(release) -> None:
    run = release.tracks.get().run
    person = UserFactory(username="ann")
    run.batch.requested_by = person
    run.batch.save()
    Run.objects.filter(pk=run.pk).update(overrides={"tempo_range": [100, 110]})
    profile = release.artist
    profile.voice = "Louder."
    profile._history_user, profile._change_reason = person, "More edge"
    profile._history_date = NOON - timedelta(days=1)
    profile.save()
    RunEvent.objects.log(
        run.pk, RunEvent.Kind.QUEUED, "Retried from music as take 2.", now=NOON, actor=person
    )
    RunEvent.objects.log(run.pk, RunEvent.Kind.FINISHED, "Finished.", now=NOON)
    review = {"run": run, "content_hash": "0" * 64, "reviewer": person}
    Review.objects.create(
        **review,
        decision="reject",
        reasons=["weak_hook"],
        comment="The chorus drags.",
        active_seconds=40.0,
        at=NOON + timedelta(minutes=1),
        undone_at=NOON + timedelta(minutes=2),
        effective_at=NOON + timedelta(minutes=1),
    )
    Review.objects.create(
        **review,
        decision="approve",
        active_seconds=61.5,
        at=NOON + timedelta(minutes=3),
        effective_at=NOON + timedelta(minutes=3),
    )

    record = human_record(Release.objects.get(pk=release.pk))

    assert [(act.who, act.what) for act in record.acts] == [
        ("ann", "Profile edited: More edge."),
        ("ann", "Asked for the run."),
        ("ann", "Set tempo range to [100, 110]."),
        ("ann", "Retried from music as take 2."),
        (
            "ann",
            "Rejected after 40 s of listening and watching. “The chorus drags.” Undone later.",
        ),
        ("ann", "Approved after 62 s of listening and watching."),
    ]
    assert record.active_seconds == 101.5
    assert record.approved_by == ("ann",)


def test_a_line_about_an_ep_counts_once(release) -> None:
    person = UserFactory()
    second: Run = RunFactory(
        reviewable=True, status=Run.Status.APPROVED, decided_at=NOON, artist=release.artist
    )
    ep = Release.objects.create(artist=release.artist, title="Night Lines", kind="ep")
    for position, run in enumerate([release.tracks.get().run, second], start=1):
        ep.tracks.create(run=run, position=position, place="album", title=run.title)
    RunEvent.objects.log_release(
        ep, RunEvent.Kind.EDITED, "Changed: label.", now=NOON, actor=person
    )

    acts = human_record(ep).acts
    lines = audited(ep)["log"]

    assert [(act.subject, act.what) for act in acts] == [
        ("Night Lines", "Night Lines (EP): Changed: label.")
    ]
    assert [line["message"] for line in lines] == ["Night Lines (EP): Changed: label."]


def test_an_autopilots_approval_is_no_persons_work(release) -> None:
    run = release.tracks.get().run
    Review.objects.create(
        run=run,
        decision="approve",
        source=Review.Source.AUTOPILOT,
        content_hash="0" * 64,
        at=NOON,
        effective_at=NOON,
    )

    record = human_record(release)

    assert (record.acts, record.approved_by) == ((), ("the autopilot",))


# --- The export ---


def opened(release: Release) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(audit_zip(release, now=NOON))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def audited(release: Release) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(opened(release)["audit.json"])
    return record


def test_an_audit_export_holds_the_record_the_terms_and_checksums(release) -> None:
    release.label = "Night <Label>"
    release.credits = [{"legal_name": ERIKA, "role": "Composer"}]
    release.save()
    kept = entry(terms_text="You may sell it.", terms_url="https://suno.example/terms")

    files = opened(release)

    terms = f"terms/suno-premier-{kept.pk}.txt"
    assert set(files) == {"audit.html", "audit.json", terms, "SHA256SUMS"}
    assert files[terms] == b"You may sell it."
    assert files["SHA256SUMS"].decode().splitlines() == [
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}"
        for name in ("audit.html", "audit.json", terms)
    ]
    record = json.loads(files["audit.json"])
    assert record["release"]["label"] == "Night <Label>"
    assert record["release"]["tracks"][0]["credits"] == [{"legal_name": ERIKA, "role": "Composer"}]
    assert record["licences"][1] == {
        "provider": "suno",
        "made_on": "2026-03-02",
        "plan": "Premier",
        "commercial_use": True,
        "terms_url": "https://suno.example/terms",
        "terms_read_on": str(kept.read_on),
        "terms_sha256": hashlib.sha256(b"You may sell it.").hexdigest(),
        "terms_file": terms,
        "valid_from": "2026-03-02",
        "valid_to": None,
    }
    assert record["licences"][0] == {"provider": "pexels", "made_on": "2026-03-02", "plan": None}
    assert {file["provenance"]["provider"] for file in record["files"]} >= {"suno", "offline"}
    page = files["audit.html"].decode()
    assert ERIKA in page
    assert "Night &lt;Label&gt;" in page
    assert "not in the register" in page


def test_two_exports_of_the_same_moment_are_the_same(release) -> None:
    assert audit_zip(release, now=NOON) == audit_zip(release, now=NOON)
