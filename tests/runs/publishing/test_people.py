"""What people do: by hand, agreeing, own pages, announcements, the report."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from runs.models import Channel, Part, Proof, Publication, Release, Track
from runs.publishing import alarms
from runs.publishing.by_hand import confirm_out
from runs.publishing.planning import Wish, confirm, plan
from runs.publishing.recall import confirm_taken_down, recall_release, recall_standing
from runs.publishing.reporting import recall_report
from runs.releasing.releases import CodeChanges
from tests.factories import NOON
from tests.fake_channel import FakeChannel
from tests.invented_channel import ChannelServer
from tests.runs.publishing.conftest import World, new_channel, plan_video

pytestmark = pytest.mark.django_db
Status = Publication.Status


def test_by_hand_is_a_task_until_a_person_says_where_it_is(
    release: Release, world: World, producer: User
) -> None:
    shop = new_channel(kind=Channel.Kind.BY_HAND, name="Shops", parts=[Part.RELEASE])
    wish = Wish(shop, Part.RELEASE, 0, NOON + timedelta(days=2))
    (task,) = plan(release_id=release.pk, wishes=[wish], actor=None, now=NOON)
    # A distributor asks for more than a video channel does.
    world.until(task.send_at + timedelta(minutes=1))
    task.refresh_from_db()
    assert "Name the" in task.reason

    track = Track.objects.get()
    done = confirm_out(
        publication_id=task.pk,
        address="https://shop.example/nova",
        codes=CodeChanges(upc="036000291452", isrcs={track.pk: "QZABC2600001"}),
        actor=producer,
        now=world.now,
    )
    assert done.status == Status.LIVE
    release.refresh_from_db()
    assert (release.status, release.upc) == (Release.Status.PUBLISHED, "036000291452")

    recall_release(release_id=release.pk, reason="Sample", actor=producer, now=world.now)
    world.work()
    assert [alarm.kind for alarm in alarms.alarms(now=world.now)] == [alarms.AlarmKind.UNPROVEN]
    confirm_taken_down(publication_id=task.pk, words="404", actor=producer, now=world.now)
    assert recall_standing(release).is_proven
    assert task.proofs.filter(what=Proof.What.PERSON, by=producer).count() == 2


def test_what_cannot_be_called_back_needs_a_word_first(
    planned: Publication,
    server: ChannelServer,
    world: World,
    producer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FakeChannel, "asks_first", True)
    world.until(planned.due_at - timedelta(hours=2))
    planned.refresh_from_db()
    assert planned.status == Status.NEEDS_PERSON
    assert server.count("POST /sessions") == 0

    confirm(publication_id=planned.pk, actor=producer, now=world.now)
    world.until(planned.due_at + timedelta(minutes=5))

    planned.refresh_from_db()
    assert planned.status == Status.LIVE
    assert planned.confirmed_by == producer


def test_own_pages_wait_for_their_time_and_end_as_a_tombstone(
    planned: Publication, server: ChannelServer, world: World, settings: Any, tmp_path: Path
) -> None:
    settings.SITE_DIR, settings.SITE_URL = tmp_path / "site", "https://music.example.org"
    site = new_channel(kind=Channel.Kind.SITE, name="Pages", parts=[Part.RELEASE], lead_time_h=0)
    wish = Wish(site, Part.RELEASE, 0, planned.due_at + timedelta(days=1))
    (page,) = plan(release_id=planned.release_id, wishes=[wish], actor=None, now=NOON)

    world.until(planned.due_at + timedelta(hours=1))
    planned.refresh_from_db()
    assert planned.status == Status.LIVE, planned.reason
    # Only now: a video is not sent of a bundle whose files were changed.
    for name in ("cover/cover-square.jpg", "audio/master.mp3"):
        picture = Path(settings.MEDIA_ROOT) / planned.release.folder / name
        picture.write_bytes(_picture() if name.endswith("jpg") else b"ID3")
    call_command("export_site", str(settings.SITE_DIR))
    index = settings.SITE_DIR / f"artists/{planned.release.artist.slug}"
    assert not list(index.glob("*/cover.jpg")), "the video is out, the page is not due"

    world.until(page.due_at + timedelta(minutes=10))
    page.refresh_from_db()
    assert page.status == Status.LIVE, page.reason
    assert len(list(index.glob("*/cover.jpg"))) == 1

    recall_release(release_id=planned.release_id, reason="Sample", actor=None, now=world.now)
    world.until(world.now + timedelta(days=8))
    page.refresh_from_db()
    assert page.status == Status.RECALLED
    assert not list(index.glob("*/cover.jpg"))


def _picture() -> bytes:
    import io

    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (64, 64)).save(made, "JPEG")
    return made.getvalue()


def test_an_announcement_waits_for_what_it_announces(
    planned: Publication, channel: Channel, server: ChannelServer, world: World
) -> None:
    Channel.objects.filter(pk=channel.pk).update(state="paused", reason="Holidays")
    Publication.objects.filter(pk=planned.pk).update(part=Part.POST, position=0)
    video = plan_video(planned.release, new_channel(name="Later"), planned.due_at)
    Channel.objects.filter(pk=channel.pk).update(state="active", reason="")

    world.until(planned.send_at + timedelta(minutes=5))
    planned.refresh_from_db()
    assert planned.status == Status.DUE
    assert "until something of the release is out" in planned.reason

    world.until(video.due_at + timedelta(minutes=5))
    video.refresh_from_db()
    assert video.status == Status.LIVE
    planned.refresh_from_db()
    # Woken at once: its own next look was an hour away.
    assert "until something" not in planned.reason


def test_the_commands_plan_and_go_on(
    release: Release, channel: Channel, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("plan_release", str(release.pk), "--at", "2126-03-06 18:00", "--json")
    (planned,) = json.loads(capsys.readouterr().out)["planned"]
    assert planned["due_at"] == "2126-03-06 18:00:00+00:00"

    call_command("publish_due")
    assert "0 pieces of work done." in capsys.readouterr().out


def test_the_report_names_every_look(
    planned: Publication, server: ChannelServer, world: World, tmp_path: Path
) -> None:
    world.until(planned.due_at + timedelta(minutes=5))
    release = recall_release(
        release_id=planned.release_id, reason="Sample", actor=None, now=world.now
    )
    world.until(world.now + timedelta(days=8))

    json_file, text_file = recall_report(release, now=world.now).write(tmp_path)

    told = json.loads(json_file.read_text())
    assert told["proven"] is True
    looks = told["publications"][0]["looks"]
    assert [look["found"] for look in looks] == ["there", "there", "there"] + ["gone"] * 4
    assert all(len(look["sha256"]) == 64 for look in looks if look["status"])
    assert "Proven: nothing of it can be found." in text_file.read_text()
