"""Nothing goes out too early, twice, or not as it was approved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from runs.models import Channel, Packing, Publication, Release, Review, Run
from runs.publishing import claims, pacing, performing
from runs.publishing.memory import PublicationMemory
from runs.publishing.recall import recall_release
from runs.publishing.resolving import resolve_unknown, retry
from runs.releasing.releases import withdraw
from tests.contract_servers.base import Fault
from tests.factories import NOON
from tests.fake_channel import CHUNK_BYTES, FakeChannel
from tests.invented_channel import ChannelServer
from tests.runs.publishing.conftest import World

pytestmark = pytest.mark.django_db
Status = Publication.Status


def edit_content(release: Release) -> None:
    run = release.tracks.get().run
    run.artifacts.update(sha256="0" * 64)


def undo_later(release: Release) -> None:
    Review.objects.update(applied_at=None)


def take_back(release: Release) -> None:
    Run.objects.update(status=Run.Status.AWAITING_REVIEW)


def repack(release: Release) -> None:
    Packing.objects.create(release=release, due_at=NOON + timedelta(days=400))


def forget_cover(release: Release) -> None:
    Run.objects.get().artifacts.filter(kind="cover").delete()
    review = Review.objects.get()
    from runs.reviewing.reviews import content_hash_of

    review.content_hash = content_hash_of(Run.objects.get())
    review.save()


def swap_file(release: Release) -> None:
    film = Path(django_settings.MEDIA_ROOT) / release.folder / "video/video.mp4"
    film.write_bytes(b"another film")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (edit_content, "judge it again"),
        (undo_later, "can still be undone"),
        (take_back, "only approved runs"),
        (repack, "still to be made"),
        (forget_cover, "Choose a cover"),
        (swap_file, "checksum differs"),
    ],
)
def test_what_is_not_as_approved_stays_here(
    planned: Publication,
    server: ChannelServer,
    world: World,
    spoil: Callable[[Release], None],
    said: str,
) -> None:
    spoil(planned.release)

    world.until(planned.send_at + timedelta(hours=1))

    planned.refresh_from_db()
    assert server.count("POST /sessions") == 0
    assert planned.status == Status.DUE
    assert said in planned.reason
    assert planned.wake_at > world.now - timedelta(minutes=1), "it is looked at again"


def test_an_upload_goes_on_at_the_byte_where_it_broke(
    planned: Publication, server: ChannelServer, world: World
) -> None:
    server.fault(reset="before", where="PUT /sessions")
    server.fault(status=503, where="PUT /sessions")

    world.until(planned.due_at + timedelta(minutes=5))

    planned.refresh_from_db()
    assert planned.status == Status.LIVE
    sent = sum(len(request.body) for request in server.seen("PUT /sessions"))
    assert sent <= server.bytes_received + 2 * CHUNK_BYTES
    assert server.count("POST /sessions") == 1


def test_a_lost_answer_is_looked_for_and_not_sent_again(
    planned: Publication, server: ChannelServer, world: World
) -> None:
    last_chunk = 40_000 // CHUNK_BYTES
    faults = [Fault(where="PUT /sessions")] * last_chunk
    for fault in [*faults, Fault(reset="after", where="PUT /sessions")]:
        server.fault(fault)
    # Its list lags behind: the first look finds nothing.
    server.fault(status=200, body={"items": []}, where="GET /items")

    world.until(planned.send_at)
    planned.refresh_from_db()
    assert planned.status == Status.UNKNOWN
    world.until(planned.due_at + timedelta(minutes=5))

    planned.refresh_from_db()
    assert planned.status == Status.LIVE
    assert len(server.items) == 1


def test_a_worker_that_died_before_it_wrote_the_id_down_doubles_nothing(
    planned: Publication, server: ChannelServer, world: World
) -> None:
    world.now = planned.send_at
    claim = claims.claim_next(now=world.now)
    assert claim is not None
    handling = performing.Handling.of(claim, world.clock)
    claim.write(status=Status.SENDING)
    handling.adapter.send(handling.checked_item, handling.memory)
    # Killed here: the platform has it, and our row does not know.

    world.now += timedelta(minutes=30)
    assert claims.free_dropped(now=world.now) == 1
    world.until(planned.due_at + timedelta(minutes=5))

    planned.refresh_from_db()
    assert planned.status == Status.LIVE
    assert len(server.items) == 1
    with pytest.raises(performing.LostLease):
        claim.write(reason="a late worker")


def test_a_recall_stops_an_upload_in_progress(
    planned: Publication, server: ChannelServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = PublicationMemory.put

    def put_and_recall(memory: PublicationMemory, **values: str) -> None:
        put(memory, **values)
        if "session" in values:
            recall_release(
                release_id=planned.release_id, reason="Sample", actor=None, now=world.now
            )

    monkeypatch.setattr(PublicationMemory, "put", put_and_recall)
    world.until(planned.due_at + timedelta(days=10))

    planned.refresh_from_db()
    assert server.items == {}
    assert planned.status == Status.RECALLED


def test_what_was_sent_keeps_its_release_from_being_undone(
    planned: Publication, world: World
) -> None:
    run_id = planned.release.tracks.get().run_id
    world.until(planned.due_at - timedelta(hours=1))

    with pytest.raises(performing.ReleaseRefused, match="Nova on video"):
        withdraw(run_id=run_id, now=world.now)

    recall_release(release_id=planned.release_id, reason="Sample", actor=None, now=world.now)
    withdraw(run_id=run_id, now=world.now)
    assert Publication.objects.filter(pk=planned.pk).exists()
    assert not Release.objects.singles_of(run_id).exists()


def test_a_refusal_fails_with_its_reason_and_can_be_tried_again(
    planned: Publication, server: ChannelServer, world: World
) -> None:
    server.fault(status=422, body={"error": "The title is taken"}, where="POST /sessions")
    world.until(planned.due_at)
    planned.refresh_from_db()
    assert planned.status == Status.FAILED
    assert planned.reason

    retry(publication_id=planned.pk, actor=None, now=world.now)
    world.until(world.now + timedelta(minutes=10))

    planned.refresh_from_db()
    assert planned.status == Status.LIVE


def test_a_person_who_knows_resolves_a_lost_answer(
    planned: Publication, server: ChannelServer, world: World
) -> None:
    Publication.objects.update(status=Status.UNKNOWN, wake_at=None)
    resolve_unknown(publication_id=planned.pk, external_id="", actor=None, now=world.now)

    world.until(planned.due_at + timedelta(minutes=5))

    assert len(server.items) == 1


def test_missing_labels_are_set_again_before_it_is_public(
    planned: Publication, server: ChannelServer, world: World
) -> None:
    server.flag_kept = False
    world.until(planned.due_at + timedelta(minutes=5))

    planned.refresh_from_db()
    assert planned.status == Status.LIVE
    assert planned.flagged is True


def test_labels_that_do_not_hold_keep_it_hidden(
    planned: Publication, server: ChannelServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.flag_kept = False
    monkeypatch.setattr(FakeChannel, "correct", lambda *_: None)
    world.until(planned.due_at + timedelta(days=1))

    planned.refresh_from_db()
    assert planned.status == Status.NEEDS_PERSON
    assert not next(iter(server.items.values())).public


def test_a_platform_that_schedules_loses_the_date_of_what_is_not_labelled(
    scheduling: None, planned: Publication, server: ChannelServer, world: World
) -> None:
    server.flag_kept = server.flag_sticks = False
    world.until(planned.due_at + timedelta(days=1))
    planned.refresh_from_db()
    (item,) = server.items.values()
    assert planned.status == Status.NEEDS_PERSON
    assert not server.is_public(item)

    server.flag_sticks = server.flag_kept = True
    retry(publication_id=planned.pk, actor=None, now=world.now)
    world.until(world.now + timedelta(minutes=10))

    planned.refresh_from_db()
    assert planned.status == Status.LIVE


def test_what_vanished_is_noticed_by_the_weekly_look(
    planned: Publication, server: ChannelServer, world: World
) -> None:
    world.until(planned.due_at + timedelta(minutes=5))
    next(iter(server.items.values())).deleted = True

    world.until(planned.due_at + timedelta(days=8))

    planned.refresh_from_db()
    assert planned.status == Status.NEEDS_PERSON
    assert "nobody here took it down" in planned.reason


def test_nothing_secret_is_kept_readable(
    planned: Publication, server: ChannelServer, world: World, caplog: Any
) -> None:
    world.until(planned.due_at + timedelta(minutes=5))

    stored = str(list(Publication.objects.values())) + str(list(Channel.objects.values()))
    for secret in ("access-0", "refresh-0", '"session"'):
        assert secret not in stored + caplog.text


def test_what_was_begun_and_moved_is_looked_for_before_it_is_begun_anew(
    planned: Publication, server: ChannelServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    last_chunk = 40_000 // CHUNK_BYTES
    for fault in [Fault(where="PUT /sessions")] * last_chunk:
        server.fault(fault)
    # The film is complete there, but nobody here knows; then its place is given away.
    server.fault(reset="after", where="PUT /sessions")
    world.until(planned.send_at)
    Publication.objects.update(status=Status.DUE, wake_at=world.now)
    later = planned.due_at + timedelta(days=2)
    monkeypatch.setattr(pacing, "free_from", lambda wanted, at, certain=False: later)

    world.until(later + timedelta(minutes=5))

    planned.refresh_from_db()
    assert (planned.status, planned.due_at) == (Status.LIVE, later)
    assert server.count("POST /sessions") == 1
