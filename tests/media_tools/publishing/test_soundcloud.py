"""SoundCloud: one streamed upload, private until it is due; what its errors lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media_tools.errors import NeedsPerson, ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.publishing.base import Stage, Upload
from media_tools.publishing.soundcloud import SoundCloud, SoundCloudSignIn
from tests.contract_servers.soundcloud_channel import SoundCloudChannelServer, trouble
from tests.media_tools.publishing.contract import (
    DISCLOSURE,
    KEY,
    ChannelCase,
    ChannelContract,
    Clock,
    KeptMemory,
    deliver,
    media_file,
    upload,
)
from tests.media_tools.publishing.signing_in import SignInContract

POST = "POST /tracks"
PAGE = 2  # so that paging is met early


@pytest.fixture(scope="module")
def _soundcloud() -> Iterator[SoundCloudChannelServer]:
    with SoundCloudChannelServer() as running:
        running.page = PAGE
        yield running


class SoundCloudCase(ChannelCase):
    adapter = SoundCloud
    make_line, look_line = POST, "GET /tracks/"

    @pytest.fixture
    def server(self, _soundcloud: SoundCloudChannelServer, clock: Clock) -> Iterator[Any]:
        _soundcloud.clock = clock
        _soundcloud.clear()
        yield _soundcloud
        assert _soundcloud.careless == [], "tracks that were public or could be downloaded"

    @pytest.fixture
    def options(self, server: SoundCloudChannelServer) -> dict[str, Any]:
        return {"base_url": server.url, "public_url": server.url}

    @pytest.fixture
    def item(self, tmp_path: Path) -> Upload:
        cover = tmp_path / "cover.jpg"
        Image.new("RGB", (800, 800), "navy").save(cover)
        return upload(
            media_file(tmp_path, suffix=".wav"),
            thumbnail=cover,
            isrc="QZABC2600001",
            label="Night Label",
            release_date=date(2026, 12, 5),
        )


class TestContract(SoundCloudCase, ChannelContract):
    shown_as = "soundcloud channel"


class TestSignIn(SignInContract):
    issuer, setting = SoundCloudSignIn, "SOUNDCLOUD_CLIENT_ID"
    shown_as = "soundcloud channel"
    token_line = "POST /oauth/token"

    @pytest.fixture
    def server(self, _soundcloud: SoundCloudChannelServer) -> SoundCloudChannelServer:
        _soundcloud.clear()
        return _soundcloud


ERRORS = [
    ("400 bad field or file", trouble(400, "Bad Request").body, ProviderRejected),
    ("403 not allowed by the plan", trouble(403, "Forbidden").body, NeedsPerson),
    ("413 too large", trouble(413, "Request Entity Too Large").body, ProviderRejected),
    ("422 file not accepted", trouble(422, "Unprocessable Entity").body, ProviderRejected),
    (
        "429 spam warning",
        trouble(429, "Slow down").body | {"spam_warning_urn": "soundcloud:warnings:1"},
        NeedsPerson,
    ),
]


class TestTracks(SoundCloudCase):
    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            pytest.param(
                body,
                kind,
                marks=pytest.mark.provider_error(
                    adapter="soundcloud channel", row=row, outcome=kind.__name__, channel=True
                ),
                id=row,
            )
            for row, body, kind in ERRORS
        ],
    )
    def test_each_error_says_what_to_do(
        self,
        make: Any,
        server: SoundCloudChannelServer,
        item: Upload,
        body: dict[str, Any],
        kind: type[ProviderError],
    ) -> None:
        server.fault(status=body["code"], body=body, where=POST)

        with pytest.raises(kind) as caught:
            make().send(item, KeptMemory())

        assert isinstance(caught.value, NeedsPerson) is (kind is NeedsPerson)
        assert len(caught.value.action) > 10
        assert body["message"] in caught.value.cause

    def test_a_limit_tells_when_it_ends(
        self, make: Any, server: SoundCloudChannelServer, item: Upload
    ) -> None:
        limit = {"reset_time": "2026/12/04 12:30:00 +0000", "remaining_requests": 0}
        body = trouble(429, "Too Many Requests").body | {"errors": [{"meta": limit}]}
        server.fault(status=429, body=body, where=POST)

        with pytest.raises(ProviderUnavailable) as caught:
            make().send(item, KeptMemory())

        assert caught.value.retry_after_s == 1_800

    @pytest.mark.provider_error(
        adapter="soundcloud channel", row="plan is full", outcome="NeedsPerson", channel=True
    )
    def test_a_plan_that_is_full_is_told_before_anything_is_sent(
        self, make: Any, server: SoundCloudChannelServer, item: Upload
    ) -> None:
        server.seconds_left = 60
        with pytest.raises(NeedsPerson, match=r"only 1\.0 more"):
            make().send(item, KeptMemory())
        assert server.count(POST) == 0

        server.seconds_left = None
        assert make().account().room_s is None
        assert make().send(item, KeptMemory())

    def test_a_track_carries_its_words_and_says_how_it_was_made(
        self, make: Any, server: SoundCloudChannelServer, item: Upload, memory: KeptMemory
    ) -> None:
        sent = make().send(item, memory)

        copy = server.there(sent.external_id)
        assert copy
        assert copy.fields["sha256"] == item.file.sha256
        assert copy.fields["track"] == {
            "title": "Night Bus",
            "description": f"A song of the last bus.\n\n{DISCLOSURE}",
            "genre": "synth pop",
            "tag_list": f'aap:id={KEY} "AI generated" "synth pop" night',
            "label_name": "Night Label",
            "sharing": "private",
            "downloadable": "false",
            "streamable": "true",
            "license": "all-rights-reserved",
            "isrc": "QZABC2600001",
            "release_date": "2026-12-05",
        }
        assert memory.progress[-1][0] == memory.progress[-1][1] > item.file.size_bytes

    def test_an_upload_cut_off_in_the_middle_is_sent_again(
        self, make: Any, server: SoundCloudChannelServer, item: Upload, memory: KeptMemory
    ) -> None:
        server.fault(cut_at=100_000, where=POST)

        assert deliver(make(), item, memory)
        assert len(server.copies) == 1

    def test_a_track_is_found_on_a_later_page(
        self, make: Any, server: SoundCloudChannelServer, item: Upload
    ) -> None:
        adapter = make()
        first = adapter.send(item, KeptMemory())
        for number in range(PAGE + 1):
            adapter.send(replace(item, key=f"other-{number}"), KeptMemory())

        found = adapter.find(item, KeptMemory())

        assert found == first
        assert adapter.send(item, KeptMemory()) == first
        metrics = {figure.metric for figure in adapter.figures([first.external_id], since=date.min)}
        assert metrics == {"streams", "likes", "shares", "comments"}

    def test_a_track_plays_after_some_looks_or_is_blocked(
        self, make: Any, server: SoundCloudChannelServer, item: Upload
    ) -> None:
        server.processing_polls = 2
        adapter = make()
        sent = adapter.send(item, KeptMemory())

        stages = [adapter.standing(sent.external_id, item).stage for _ in range(3)]
        server.copies[0].fields["access"] = "blocked"

        assert stages == [Stage.PROCESSING, Stage.PROCESSING, Stage.HIDDEN]
        assert adapter.standing(sent.external_id, item).stage is Stage.FAILED
