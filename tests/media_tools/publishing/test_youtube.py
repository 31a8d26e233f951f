"""YouTube: uploads that go on at the byte, what is declared, what its errors lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media_tools.errors import (
    NeedsPerson,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.publishing.base import Stage, Upload
from media_tools.publishing.youtube import GoogleSignIn, YouTube
from tests.contract_servers.base import Request
from tests.contract_servers.discovery import discovery
from tests.contract_servers.youtube_channel import (
    UNIT_BYTES,
    YouTubeChannelServer,
    google_error,
)
from tests.media_tools.publishing.contract import (
    DISCLOSURE,
    KEY,
    NOON,
    ChannelCase,
    ChannelContract,
    Clock,
    KeptMemory,
    KnownAccount,
    deliver,
    media_file,
    upload,
)
from tests.media_tools.publishing.signing_in import SignInContract

PUT = "PUT /upload/youtube/v3/videos"
LYRICS = "1\n00:00:01,000 --> 00:00:04,000\nUnder the cables\n"


@pytest.fixture(scope="module")
def _youtube() -> Iterator[YouTubeChannelServer]:
    with YouTubeChannelServer() as running:
        yield running


class YouTubeCase(ChannelCase):
    adapter = YouTube
    lost = ProviderUnavailable  # the upload itself can be asked
    make_line, look_line = PUT, "GET /youtube/v3/videos"

    @pytest.fixture
    def server(self, _youtube: YouTubeChannelServer, clock: Clock) -> Iterator[Any]:
        _youtube.clock = clock
        _youtube.clear()
        yield _youtube
        assert _youtube.unknown == [], "requests that Google's discovery document does not know"

    @pytest.fixture
    def options(self, server: YouTubeChannelServer) -> dict[str, Any]:
        return {
            "base_url": server.url,
            "analytics_url": server.url,
            "public_url": server.url,
            "captions": True,
        }

    @pytest.fixture
    def item(self, tmp_path: Path) -> Upload:
        thumbnail, captions = tmp_path / "thumbnail.jpg", tmp_path / "lyrics.srt"
        Image.new("RGB", (1280, 720), "navy").save(thumbnail)
        captions.write_text(LYRICS, "utf-8")
        return upload(
            media_file(tmp_path),
            thumbnail=thumbnail,
            captions=captions,
            playlist="Nova Lane - Singles",
        )


class TestContract(YouTubeCase, ChannelContract):
    shown_as = "youtube channel"
    flags_ai = True

    def unflag(self, server: YouTubeChannelServer, external_id: str) -> None:
        copy = server.there(external_id)
        assert copy
        copy.fields["status"]["containsSyntheticMedia"] = False


class TestSignIn(SignInContract):
    issuer, setting = GoogleSignIn, "YOUTUBE_CLIENT_ID"
    shown_as = "youtube channel"

    @pytest.fixture
    def server(self, _youtube: YouTubeChannelServer) -> YouTubeChannelServer:
        _youtube.clear()
        return _youtube


# An error by its reason: what it leads to, and whether the account must do something.
REASONS = [
    (400, "invalidTitle", ProviderRejected),
    (400, "invalidDescription", ProviderRejected),
    (400, "invalidTags", ProviderRejected),
    (400, "invalidCategoryId", ProviderRejected),
    (400, "invalidPublishAt", ProviderRejected),
    (400, "invalidVideoMetadata", ProviderRejected),
    (400, "mediaBodyRequired", ProviderRejected),
    (400, "defaultLanguageNotSet", ProviderRejected),
    (400, "uploadLimitExceeded", ProviderUnavailable),
    (401, "youtubeSignupRequired", NeedsPerson),
    (403, "forbidden", NeedsPerson),
    (403, "forbiddenPrivacySetting", NeedsPerson),
    (403, "forbiddenLicenseSetting", NeedsPerson),
    (403, "forbiddenEmbedSetting", NeedsPerson),
    (403, "insufficientPermissions", NeedsPerson),
    (403, "quotaExceeded", ProviderUnavailable),
    (403, "rateLimitExceeded", ProviderUnavailable),
]


# Errors of what is added to a video that is there.
THUMBNAIL, CAPTIONS = "POST /upload/youtube/v3/thumbnails", "POST /upload/youtube/v3/captions"
LISTS, ENTRIES = "POST /youtube/v3/playlists", "POST /youtube/v3/playlistItems"
LATER_REASONS = [
    (THUMBNAIL, 400, "invalidImage", ProviderRejected),
    (CAPTIONS, 400, "contentRequired", ProviderRejected),
    (CAPTIONS, 400, "invalidMetadata", ProviderRejected),
    (CAPTIONS, 400, "nameTooLong", ProviderRejected),
    (LISTS, 400, "playlistTitleRequired", ProviderRejected),
    (LISTS, 400, "invalidPlaylistSnippet", ProviderRejected),
    (LISTS, 400, "maxPlaylistExceeded", NeedsPerson),
    (ENTRIES, 400, "playlistOperationUnsupported", ProviderRejected),
    (ENTRIES, 400, "manualSortRequired", ProviderRejected),
    (ENTRIES, 403, "playlistContainsMaximumNumberOfVideos", NeedsPerson),
    (ENTRIES, 409, "aborted", ProviderUnavailable),
]


class TestErrors(YouTubeCase):
    @pytest.mark.parametrize(
        ("status", "reason", "kind"),
        [
            pytest.param(
                *row,
                marks=pytest.mark.provider_error(
                    adapter="youtube channel",
                    row=f"{row[0]} {row[1]}",
                    outcome=row[2].__name__,
                    channel=True,
                ),
                id=row[1],
            )
            for row in REASONS
        ],
    )
    def test_each_reason_says_what_to_do(
        self,
        make: Any,
        server: YouTubeChannelServer,
        item: Upload,
        status: int,
        reason: str,
        kind: type[ProviderError],
    ) -> None:
        answer = google_error(status, reason)
        server.fault(status=status, body=answer.body, where="POST /upload/youtube/v3/videos")

        with pytest.raises(kind) as caught:
            make().send(item, KeptMemory())

        assert isinstance(caught.value, NeedsPerson) is (kind is NeedsPerson)
        assert reason in caught.value.code
        assert len(caught.value.action) > 10
        assert not server.copies

    @pytest.mark.parametrize(
        ("where", "status", "reason", "kind"),
        [
            pytest.param(
                *row,
                marks=pytest.mark.provider_error(
                    adapter="youtube channel",
                    row=f"{row[1]} {row[2]}",
                    outcome=row[3].__name__,
                    channel=True,
                ),
                id=row[2],
            )
            for row in LATER_REASONS
        ],
    )
    def test_what_is_refused_after_the_upload_leaves_one_video(
        self,
        make: Any,
        server: YouTubeChannelServer,
        item: Upload,
        where: str,
        status: int,
        reason: str,
        kind: type[ProviderError],
    ) -> None:
        memory = KeptMemory()
        server.fault(status=status, body=google_error(status, reason).body, where=where)

        with pytest.raises(kind) as caught:
            make().send(item, memory)

        assert isinstance(caught.value, NeedsPerson) is (kind is NeedsPerson)
        assert len(caught.value.action) > 10
        assert make().send(item, memory)
        assert len(server.copies) == len(server.captions) == len(server.playlist_items) == 1

    def test_a_channel_that_takes_no_thumbnails_gets_its_video(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        server.fault(status=403, body=google_error(403, "forbidden").body, where=THUMBNAIL)

        assert make().send(item, KeptMemory())
        assert len(server.playlist_items) == 1

    def test_captions_that_are_there_are_a_success(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        memory = KeptMemory()
        server.fault(reset="after", where="POST /upload/youtube/v3/captions")
        with pytest.raises(ProviderUnavailable):
            make().send(item, memory)

        assert make().send(item, memory)
        assert len(server.captions) == 1

    @pytest.mark.provider_error(
        adapter="youtube channel", row="404 videoNotFound", outcome="ProviderRejected", channel=True
    )
    def test_a_video_somebody_deleted_cannot_be_corrected(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        sent = make().send(item, KeptMemory())
        server.copies[0].gone = True

        with pytest.raises(ProviderRejected, match="Studio"):
            make().correct(sent.external_id, item)

    def test_a_used_up_quota_is_filled_at_midnight_pacific_time(
        self, make: Any, server: YouTubeChannelServer
    ) -> None:
        server.fault(status=403, body=google_error(403, "quotaExceeded").body)

        with pytest.raises(ProviderUnavailable) as caught:
            make().account()

        # Noon in UTC is four in the morning there.
        assert caught.value.retry_after_s == 20 * 3600

    def test_an_account_without_a_channel_needs_a_person(
        self, make: Any, server: YouTubeChannelServer
    ) -> None:
        server.account_id = ""

        with pytest.raises(NeedsPerson, match="make one"):
            make().account()


class TestUploads(YouTubeCase):
    @pytest.fixture
    def options(self, server: YouTubeChannelServer) -> dict[str, Any]:
        return {
            "base_url": server.url,
            "analytics_url": server.url,
            "public_url": server.url,
            "chunk_bytes": UNIT_BYTES,
        }

    def test_an_upload_goes_on_at_the_byte(
        self, make: Any, server: YouTubeChannelServer, tmp_path: Path, memory: KeptMemory
    ) -> None:
        film = upload(media_file(tmp_path, 5 * UNIT_BYTES + 7))
        server.fault(reset="after", where=PUT)
        server.fault(cut_at=UNIT_BYTES // 2, where=PUT)
        server.fault(status=503, where=PUT)

        sent = deliver(make(), film, memory)

        copy = server.there(sent.external_id)
        assert copy
        assert copy.fields["sha256"] == film.file.sha256
        assert server.count("POST /upload/youtube/v3/videos") == 1
        # The part that was cut off in the middle and the one that was refused are sent twice.
        assert server.bytes_received < film.file.size_bytes + 2 * UNIT_BYTES
        assert memory.progress[-1] == (film.file.size_bytes, film.file.size_bytes)

    def test_a_forgotten_upload_begins_anew_unless_it_was_whole(
        self, make: Any, server: YouTubeChannelServer, tmp_path: Path, memory: KeptMemory
    ) -> None:
        film = upload(media_file(tmp_path, 3 * UNIT_BYTES))
        server.fault(reset="before", where=PUT)
        with pytest.raises(ProviderUnavailable):
            make().send(film, memory)
        server.lose_sessions()
        assert make().send(film, memory)
        assert server.count("POST /upload/youtube/v3/videos") == 2
        memory.values["external_id"] = ""
        server.lose_sessions()

        with pytest.raises(SubmissionUnknown):
            make().send(film, memory)
        assert make().find(film, memory)
        assert len(server.copies) == 1

    def test_a_changed_file_is_not_sent(
        self, make: Any, server: YouTubeChannelServer, tmp_path: Path
    ) -> None:
        film = upload(media_file(tmp_path))
        film.file.path.write_bytes(b"something else")

        with pytest.raises(ProviderRejected, match="another size"):
            make().send(film, KeptMemory())

        assert not server.copies


class TestVideos(YouTubeCase):
    def test_a_video_is_private_flagged_and_dated(
        self, make: Any, server: YouTubeChannelServer, item: Upload, account: KnownAccount
    ) -> None:
        sent = make().send(item, KeptMemory())

        copy = server.there(sent.external_id)
        assert copy
        assert copy.fields["status"] == {
            "privacyStatus": "private",
            "publishAt": "2026-12-05T12:00:00Z",
            "selfDeclaredMadeForKids": False,
            "containsSyntheticMedia": True,
            "embeddable": True,
            "license": "youtube",
            "publicStatsViewable": True,
        }
        snippet = copy.fields["snippet"]
        assert snippet["description"].endswith(f"{DISCLOSURE}\n\naap:{KEY}")
        assert snippet["defaultAudioLanguage"] == "en"
        (request,) = server.seen("POST /upload/youtube/v3/videos")
        assert request.query["notifySubscribers"] == "false"
        assert server.thumbnails[sent.external_id]
        assert [made["snippet"]["language"] for made in server.captions] == ["en"]
        (entry,) = server.playlist_items.values()
        assert entry["snippet"]["resourceId"]["videoId"] == sent.external_id
        assert account.spent.count((1, "videos.insert")) == 1
        # Thumbnail, captions, playlist and its entry; looking for the video and for both of these.
        units = 50 + 400 + 50 + 50 + 2 + 2
        assert sum(spent for spent, bucket in account.spent if not bucket) == units

    def test_words_beyond_the_limits_are_cut_and_still_disclose(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        long = replace(
            item,
            title="Ω <3 " * 40,
            description=f"{DISCLOSURE} " + "Ω" * 6_000,
            tags=tuple(f"tag number {number}" for number in range(90)),
        )

        sent = make().send(long, KeptMemory())

        copy = server.there(sent.external_id)
        assert copy
        assert DISCLOSURE in copy.fields["snippet"]["description"]
        assert make().find(long, KeptMemory())

    def test_a_date_that_is_over_publishes_when_all_is_sent(
        self, make: Any, server: YouTubeChannelServer, item: Upload, clock: Clock
    ) -> None:
        memory, soon = KeptMemory(), replace(item, public_at=NOON + timedelta(seconds=40))
        with pytest.raises(ProviderUnavailable) as caught:
            make().send(soon, memory)
        assert caught.value.retry_after_s == 40
        assert server.copies[0].public_at is None
        clock.move(40)

        sent = make().send(soon, memory)

        assert make().standing(sent.external_id, soon).stage is Stage.LIVE
        assert len(server.copies) == 1

    def test_a_playlist_is_made_once_and_left_when_the_video_goes(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        adapter = make()
        sent = [adapter.send(replace(item, key=key), KeptMemory()) for key in ("1", "2")]
        assert len(server.playlists) == 1

        adapter.take_down(sent[0].external_id)

        (entry,) = server.playlist_items.values()
        assert entry["snippet"]["resourceId"]["videoId"] == sent[1].external_id

    def test_a_video_is_known_again_without_a_memory_and_gets_the_new_date(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        sent = make().send(item, KeptMemory())
        moved = replace(item, public_at=NOON + timedelta(days=5))

        assert make().send(moved, KeptMemory()) == sent

        assert make().standing(sent.external_id, moved).public_at == moved.public_at
        assert len(server.copies) == len(server.playlist_items) == 1

    def test_a_correction_keeps_what_a_person_set(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        adapter = make()
        sent = adapter.send(item, KeptMemory())
        copy = server.there(sent.external_id)
        assert copy
        copy.fields["snippet"]["categoryId"] = "24"
        copy.fields["status"]["license"] = "creativeCommon"

        later = NOON + timedelta(days=3)
        adapter.correct(sent.external_id, replace(item, public_at=later))

        assert copy.fields["snippet"]["categoryId"] == "24"
        assert copy.fields["snippet"]["tags"] == ["synth pop", "night"]
        assert copy.fields["status"]["license"] == "creativeCommon"
        assert copy.fields["status"]["publishAt"] == "2026-12-07T12:00:00Z"

    def test_processing_takes_some_looks(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        server.processing_polls = 2
        adapter = make()
        sent = adapter.send(item, KeptMemory())

        stages = [adapter.standing(sent.external_id, item).stage for _ in range(3)]

        assert stages == [Stage.PROCESSING, Stage.PROCESSING, Stage.HIDDEN]

    def test_a_refused_video_says_why(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        adapter = make()
        sent = adapter.send(item, KeptMemory())
        server.copies[0].fields["uploaded"] = "rejected"

        standing = adapter.standing(sent.external_id, item)

        assert standing.stage is Stage.FAILED
        assert "duplicate" in standing.reason

    def test_private_proves_nothing_to_a_stranger(
        self, make: Any, server: YouTubeChannelServer, item: Upload, clock: Clock
    ) -> None:
        adapter = make(deletes=False)
        sent = adapter.send(item, KeptMemory())
        clock.move(2 * 86_400)

        for _ in range(2):
            adapter.take_down(sent.external_id)

        assert adapter.standing(sent.external_id, item).stage is Stage.HIDDEN
        assert adapter.witness(sent.external_id, sent.url).there is None

    def test_figures_come_by_day_and_as_they_stand(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        adapter = make()
        sent = adapter.send(item, KeptMemory())
        server.views_a_day[sent.external_id] = 12

        found = adapter.figures([sent.external_id], since=date(2026, 12, 3))

        views = [(figure.day, figure.value) for figure in found if figure.metric == "views"]
        assert views == [(date(2026, 12, 3), 12), (date(2026, 12, 4), 12), (None, 12)]
        assert {figure.metric for figure in found} >= {"watch_time_minutes", "likes"}

    def test_requests_are_checked_against_googles_own_description(
        self, make: Any, server: YouTubeChannelServer, item: Upload
    ) -> None:
        assert discovery("youtube.v3") and discovery("youtubeAnalytics.v2")
        make().send(item, KeptMemory())

        assert server.checked >= 6
        assert server.unknown == []


def test_googles_description_tells_what_it_does_not_know() -> None:
    described = discovery("youtube.v3")
    assert described
    query = {"part": "snippet,state", "uplodType": "resumable", "notifySubscribers": "no"}
    odd = Request("POST", "/upload/youtube/v3/videos", query, {}, b"")
    video = {
        "snippet": {"titel": "Night Bus"},
        "status": {"uploadStatus": "uploaded", "embeddable": "yes", "license": "mine"},
    }

    faults = "; ".join(described.faults(odd, video, scopes=set()))

    for wrong in ("state", "uplodType", "notifySubscribers", "titel", "uploadStatus"):
        assert wrong in faults
    for wrong in ("embeddable", "license", "needs one of"):
        assert wrong in faults
