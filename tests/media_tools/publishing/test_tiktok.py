"""TikTok: drafts in an inbox, in chunks that go on where they were, finished by a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from media_tools.errors import (
    NeedsPerson,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.publishing.base import Sent, Stage, Upload
from media_tools.publishing.tiktok import TikTok, TikTokSignIn
from tests.contract_servers.tiktok_channel import TikTokChannelServer, envelope
from tests.media_tools.publishing.contract import (
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

INIT, PUT = "POST /v2/post/publish/inbox/video/init/", "PUT /video/"
CHUNK = 100_000


@pytest.fixture(scope="module")
def _tiktok() -> Iterator[TikTokChannelServer]:
    with TikTokChannelServer() as running:
        running.least_chunk = CHUNK
        yield running


class TikTokCase(ChannelCase):
    adapter = TikTok
    lost = ProviderUnavailable  # the upload itself can be asked
    make_line, look_line = PUT, "POST /v2/post/publish/status"
    waits, marks, retracts, corrects = Stage.NEEDS_PERSON, False, False, False

    @pytest.fixture
    def server(self, _tiktok: TikTokChannelServer, clock: Clock) -> TikTokChannelServer:
        _tiktok.clock = clock
        _tiktok.clear()
        return _tiktok

    @pytest.fixture
    def options(self, server: TikTokChannelServer) -> dict[str, Any]:
        return {"base_url": server.url, "public_url": server.url}

    @pytest.fixture
    def item(self, server: TikTokChannelServer, tmp_path: Path) -> Upload:
        made = upload(media_file(tmp_path, 2 * CHUNK + 17))
        server.keys[made.file.sha256] = made.key
        return made

    def live(
        self, make: Callable[..., Any], server: TikTokChannelServer, item: Upload, clock: Clock
    ) -> tuple[Any, Sent]:
        adapter = make()
        sent = adapter.send(item, KeptMemory())
        server.post(sent.external_id)
        return adapter, sent


class TestContract(TikTokCase, ChannelContract):
    shown_as = "tiktok channel"


class TestSignIn(SignInContract):
    issuer, setting, shown_as = TikTokSignIn, "TIKTOK_CLIENT_ID", "tiktok channel"
    token_line = "POST /v2/oauth/token/"

    @pytest.fixture
    def server(self, _tiktok: TikTokChannelServer) -> TikTokChannelServer:
        _tiktok.clear()
        return _tiktok


REASONS = [
    (400, "invalid_params", ProviderRejected),
    (401, "scope_not_authorized", NeedsPerson),
    (403, "spam_risk_too_many_posts", ProviderUnavailable),
    (403, "spam_risk_too_many_pending_share", NeedsPerson),
    (403, "spam_risk_user_banned_from_posting", NeedsPerson),
    (403, "reached_active_user_cap", ProviderUnavailable),
    (403, "unaudited_client_can_only_post_to_private_accounts", NeedsPerson),
    (403, "url_ownership_unverified", NeedsPerson),
    (403, "privacy_level_option_mismatch", NeedsPerson),
    (429, "rate_limit_exceeded", ProviderUnavailable),
    (200, "internal_error", ProviderUnavailable),
]


class TestDrafts(TikTokCase):
    @pytest.fixture
    def options(self, server: TikTokChannelServer) -> dict[str, Any]:
        return {"base_url": server.url, "public_url": server.url, "chunk_bytes": CHUNK}

    @pytest.mark.parametrize(
        ("status", "reason", "kind"),
        [
            pytest.param(
                *row,
                marks=pytest.mark.provider_error(
                    adapter="tiktok channel",
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
        server: TikTokChannelServer,
        item: Upload,
        status: int,
        reason: str,
        kind: type[ProviderError],
    ) -> None:
        body = envelope(code=reason).body
        server.fault(status=status, body=body, where=INIT)

        with pytest.raises(kind) as caught:
            make().send(item, KeptMemory())

        assert isinstance(caught.value, NeedsPerson) is (kind is NeedsPerson)
        assert len(caught.value.action) > 10

    def test_an_upload_goes_on_at_its_part(
        self, make: Any, server: TikTokChannelServer, item: Upload, memory: KeptMemory
    ) -> None:
        server.fault(reset="after", where=PUT)
        server.fault(cut_at=CHUNK // 2, where=PUT)

        sent = deliver(make(), item, memory)

        copy = server.there(sent.external_id)
        assert copy
        assert copy.fields["sha256"] == item.file.sha256
        assert server.count(INIT) == 1
        assert server.bytes_received < item.file.size_bytes + CHUNK

    def test_a_file_that_may_be_complete_is_looked_for(
        self, make: Any, server: TikTokChannelServer, item: Upload, memory: KeptMemory
    ) -> None:
        lags = envelope({"status": "PROCESSING_UPLOAD", "uploaded_bytes": CHUNK}).body
        server.fault(reset="after", where=PUT)
        server.fault(reset="after", where=PUT)
        for _ in range(2):
            with pytest.raises(ProviderUnavailable):
                make().send(item, memory)
        server.fault(status=200, body=lags, where=self.look_line)

        with pytest.raises(SubmissionUnknown):
            make().send(item, memory)

        assert make().find(item, memory)
        assert len(server.copies) == len(server.drafts) == 1

    def test_an_upload_that_expired_begins_anew(
        self, make: Any, server: TikTokChannelServer, item: Upload, memory: KeptMemory
    ) -> None:
        server.fault(status=503, where=PUT)
        with pytest.raises(ProviderUnavailable):
            make().send(item, memory)
        server.lose_uploads()

        assert make().send(item, memory)
        assert (server.count(INIT), len(server.copies)) == (2, 1)

    def test_a_file_goes_to_tiktok_alone(
        self, make: Any, server: TikTokChannelServer, item: Upload
    ) -> None:
        elsewhere = {"publish_id": "1", "upload_url": "https://tiktokapis.com.example/video"}
        server.fault(status=200, body=envelope(elsewhere).body, where=INIT)

        with pytest.raises(ProviderRejected, match="not its own"):
            make().send(item, KeptMemory())

    def test_a_person_finishes_it(
        self, make: Any, server: TikTokChannelServer, item: Upload
    ) -> None:
        adapter = make()
        sent = adapter.send(item, KeptMemory())
        assert adapter.standing(sent.external_id, item).stage is Stage.PROCESSING
        server.process()

        waiting = adapter.standing(sent.external_id, item)
        with pytest.raises(NeedsPerson):
            adapter.publish(sent.external_id, item)
        server.post(sent.external_id)

        assert "AI-generated" in waiting.reason
        assert adapter.standing(sent.external_id, item).stage is Stage.LIVE
        assert server.copies[0].key == KEY
        metrics = {figure.metric for figure in adapter.figures([sent.external_id], since=date.min)}
        assert metrics == {"views", "likes", "comments", "shares"}

    def test_a_draft_given_up_says_why(
        self, make: Any, server: TikTokChannelServer, item: Upload
    ) -> None:
        adapter = make()
        sent = adapter.send(item, KeptMemory())
        server.drafts[sent.external_id].failure = "file_format_check_failed"

        standing = adapter.standing(sent.external_id, item)

        assert standing.stage is Stage.FAILED
        assert "file_format" in standing.reason
