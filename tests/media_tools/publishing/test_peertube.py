"""PeerTube: what it keeps as every channel does, its uploads, its schedule, its refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
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
from media_tools.providers.http import PLAIN
from media_tools.publishing.base import Stage, Upload
from media_tools.publishing.peertube import PeerTube
from media_tools.publishing.peertube_wire import PeerTubeIssuer, PeerTubeOptions
from tests.contract_servers.peertube import CHANNEL, OTP, PASSWORD, UPLOADS, USER, PeerTubeServer
from tests.media_tools.publishing.contract import (
    DISCLOSURE,
    NOON,
    ChannelCase,
    ChannelContract,
    Clock,
    KeptMemory,
    media_file,
    upload,
)

CHUNK = f"PUT {UPLOADS}"
Make = Callable[..., PeerTube]


@pytest.fixture(scope="module")
def started() -> Iterator[PeerTubeServer]:
    with PeerTubeServer() as server:
        yield server


class PeerTubeCase(ChannelCase):
    adapter = PeerTube
    make_line, look_line = CHUNK, "GET /api/v1/videos/"

    @pytest.fixture
    def server(self, started: PeerTubeServer, clock: Clock) -> PeerTubeServer:
        started.clear()
        started.clock = clock
        return started

    @pytest.fixture
    def options(self, server: PeerTubeServer) -> dict[str, Any]:
        return {"base_url": f"{server.url}/c/{CHANNEL}/videos", "chunk_bytes": 1_000_000}

    @pytest.fixture
    def item(self, tmp_path: Path) -> Upload:
        captions, picture = tmp_path / "song.srt", tmp_path / "cover.jpg"
        captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHey\n")
        picture.write_bytes(b"\xff\xd8\xff picture")
        return upload(media_file(tmp_path), captions=captions, thumbnail=picture)


class TestContract(PeerTubeCase, ChannelContract):
    shown_as = "peertube channel"


class TestPeerTube(PeerTubeCase):
    # --- Uploading ---

    def test_file_arrives_whole_with_its_words(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        sent = make(chunk_bytes=250_000).send(item, memory)

        (copy,) = server.copies
        assert copy.fields["sha256"] == item.file.sha256
        assert copy.fields["scheduleUpdate"]["updateAt"] == "2026-12-05T12:00:00.000Z"
        assert DISCLOSURE in copy.fields["description"]
        assert server.captions[sent.external_id, "en"].startswith(b"1\n")
        assert server.pictures[sent.external_id].startswith(b"\xff\xd8")
        assert sent.url == f"{server.url}/w/short0001"
        assert memory.progress == [(250_000, 600_000), (500_000, 600_000), (600_000, 600_000)]

    def test_upload_goes_on_at_the_byte_where_it_broke(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        server.fault(cut_at=100_000, where=CHUNK)
        with pytest.raises(ProviderError):
            make().send(item, memory)

        make().send(item, memory)

        assert server.copies[0].fields["sha256"] == item.file.sha256
        assert server.bytes_received < 1.02 * item.file.size_bytes

    @pytest.mark.parametrize("trouble", ["no range", "mismatch"])
    def test_instance_knows_best_where_to_go_on(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory, trouble: str
    ) -> None:
        server.hides_range = trouble == "no range"
        if trouble == "mismatch":
            server.fault(status=409, taken=True, where=CHUNK)

        make(chunk_bytes=250_000).send(item, memory)

        assert server.copies[0].fields["sha256"] == item.file.sha256

    def test_standstill_ends(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        server.fault(status=308, where=CHUNK, times=50)

        with pytest.raises(ProviderUnavailable, match="stands still"):
            make().send(item, memory)

    @pytest.mark.provider_error(
        adapter="peertube channel",
        row="503 upload is being processed",
        outcome="ProviderUnavailable",
        channel=True,
    )
    def test_video_in_the_making_is_waited_for(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        server.busy = 1
        with pytest.raises(ProviderUnavailable) as caught:
            make().send(item, memory)

        assert caught.value.retry_after_s == 300
        make().send(item, memory)
        assert len(server.copies) == 1

    def test_upload_that_died_there_begins_again(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        server.fault(reset="before", where=CHUNK)
        with pytest.raises(SubmissionUnknown):
            make().send(item, memory)
        server.sessions.clear()

        make().send(item, memory)

        assert len(server.copies) == 1

    def test_same_file_begun_before_is_gone_on_with(
        self, make: Make, server: PeerTubeServer, item: Upload
    ) -> None:
        server.fault(cut_at=100_000, where=CHUNK)
        with pytest.raises(ProviderError):
            make().send(item, KeptMemory())

        make().send(item, KeptMemory())

        assert server.bytes_received < 1.02 * item.file.size_bytes

    # --- Words and times ---

    def test_words_keep_to_the_limits(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        tags = ("x", "synth pop", "Synth Pop", "t" * 31, "a2", "b2", "c2", "d2", "e2")
        long = replace(
            item, title="night " * 40, description="words " * 3_000 + DISCLOSURE, tags=tags
        )

        sent = make().send(long, memory)

        fields = server.copies[0].fields
        assert fields["tags"] == ["synth pop", "a2", "b2", "c2", "d2"]
        assert fields["description"].endswith(f"{DISCLOSURE}\n\naap:{item.key}")
        assert make().standing(sent.external_id, long).disclosed is True

    def test_video_is_found_under_its_former_title(
        self, make: Make, item: Upload, memory: KeptMemory
    ) -> None:
        sent = make().send(item, KeptMemory())

        assert make().find(replace(item, title="Another Name"), memory) == sent

    def test_item_without_a_time_stays_private(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory, clock: Clock
    ) -> None:
        sent = make().send(replace(item, public_at=None), memory)
        clock.move(30 * 86_400)

        server.process()
        assert make().standing(sent.external_id, item).stage is Stage.HIDDEN

    def test_item_that_is_late_comes_out_at_once(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory, clock: Clock
    ) -> None:
        sent = make().send(replace(item, public_at=NOON - timedelta(days=1)), memory)
        server.process()
        clock.move(90)

        assert make().standing(sent.external_id, item).stage is Stage.LIVE

    def test_schedule_moves_and_ends(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        adapter = make()
        sent = adapter.send(item, memory)
        later = NOON + timedelta(days=3)

        adapter.correct(sent.external_id, replace(item, public_at=later))
        assert adapter.standing(sent.external_id, item).public_at == later

        adapter.correct(sent.external_id, replace(item, public_at=None))
        assert adapter.standing(sent.external_id, item).public_at is None

    @pytest.mark.parametrize(
        ("state", "stage"),
        [("auto_block", Stage.NEEDS_PERSON), ("broken", Stage.FAILED), ("slow", Stage.PROCESSING)],
    )
    def test_stage_is_told(
        self,
        make: Make,
        server: PeerTubeServer,
        item: Upload,
        memory: KeptMemory,
        state: str,
        stage: Stage,
    ) -> None:
        server.auto_block, server.broken = state == "auto_block", state == "broken"
        server.work_polls = 99 if state == "slow" else 0
        sent = make().send(item, memory)

        standing = make().standing(sent.external_id, item)

        assert standing.stage is stage
        assert standing.reason

    def test_figures_are_read(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        sent = make().send(item, memory)

        figures = make().figures([sent.external_id, "gone"], since=NOON.date())

        assert {figure.metric: figure.value for figure in figures} == {
            "views": 7,
            "likes": 2,
            "comments": 1,
            "avg_view_duration_seconds": 61,
            "watch_time_minutes": 122,
        }

    # --- Refusals ---

    @pytest.mark.provider_error(
        adapter="peertube channel",
        row="413 quota_reached, in all",
        outcome="NeedsPerson",
        channel=True,
    )
    def test_full_account_needs_a_person(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        server.quota = 100_000

        with pytest.raises(NeedsPerson, match="1 MB"):
            make().send(item, memory)

    @pytest.mark.provider_error(
        adapter="peertube channel",
        row="413 quota_reached, of the day",
        outcome="ProviderUnavailable",
        channel=True,
    )
    def test_daily_quota_is_waited_for(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        server.daily = 100_000

        with pytest.raises(ProviderUnavailable) as caught:
            make().send(item, memory)

        assert caught.value.retry_after_s == 86_400

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            pytest.param(
                status,
                body,
                kind,
                marks=pytest.mark.provider_error(
                    adapter="peertube channel", row=row, outcome=kind.__name__, channel=True
                ),
                id=row,
            )
            for row, status, body, kind in [
                (
                    "400 invalid field",
                    400,
                    {"detail": "Incorrect request parameters: name", "invalid-params": {"name": 1}},
                    ProviderRejected,
                ),
                (
                    "403 account_waiting_for_approval",
                    403,
                    {"code": "account_waiting_for_approval", "detail": "wait"},
                    NeedsPerson,
                ),
                (
                    "403 account_approval_rejected",
                    403,
                    {"code": "account_approval_rejected"},
                    NeedsPerson,
                ),
                ("403 upload filter", 403, {"detail": "Filtered by a plugin"}, NeedsPerson),
                (
                    "413 max_file_size_reached",
                    413,
                    {"code": "max_file_size_reached"},
                    ProviderRejected,
                ),
                ("413 of a proxy, without JSON", 413, "<html>", NeedsPerson),
                ("415 kind of file", 415, {"detail": "not accepted"}, ProviderRejected),
                ("422 file unreadable", 422, {"detail": "no stream"}, ProviderRejected),
                ("502 of a proxy", 502, "<html>", ProviderUnavailable),
            ]
        ],
    )
    def test_refusal_has_its_class(
        self,
        make: Make,
        server: PeerTubeServer,
        item: Upload,
        memory: KeptMemory,
        status: int,
        body: Any,
        kind: type[ProviderError],
    ) -> None:
        server.fault(status=status, body=body, where=f"POST {UPLOADS}")

        with pytest.raises(kind) as caught:
            make().send(item, memory)

        assert type(caught.value) is kind
        assert caught.value.action

    @pytest.mark.provider_error(
        adapter="peertube channel",
        row="no channel of that name",
        outcome="NeedsPerson",
        channel=True,
    )
    def test_missing_channel_is_named(
        self, make: Make, server: PeerTubeServer, item: Upload, memory: KeptMemory
    ) -> None:
        adapter = make(base_url=f"{server.url}/c/other")
        with pytest.raises(NeedsPerson, match=CHANNEL):
            adapter.send(item, memory)

        assert adapter.account().missing
        assert not make(base_url=f"{server.url}/").account().missing

    def test_file_that_is_gone_is_told(self, make: Make, item: Upload, memory: KeptMemory) -> None:
        item.file.path.unlink()

        with pytest.raises(ProviderRejected, match="film"):
            make().send(item, memory)


class TestSigningIn:
    """Tokens by password, then by refresh tokens that work once."""

    @pytest.fixture
    def server(self, started: PeerTubeServer) -> PeerTubeServer:
        started.clear()
        return started

    def issuer(self, server: PeerTubeServer, **options: Any) -> PeerTubeIssuer:
        return PeerTubeIssuer(PeerTubeOptions(base_url=server.url, **options), PLAIN)

    def test_tokens_are_renewed_in_turn(self, server: PeerTubeServer) -> None:
        issuer = self.issuer(server, keep_password=False)
        tokens = issuer.sign_in(USER, PASSWORD, now=NOON)

        newer = issuer.refresh(tokens, now=NOON)

        assert newer.access == server.access != tokens.access
        assert newer.expires_at == NOON + timedelta(seconds=86399)
        assert newer.refresh_expires_at == NOON + timedelta(seconds=1209599)
        assert PASSWORD not in f"{newer.refresh}{newer!r}"

    @pytest.mark.provider_error(
        adapter="peertube channel",
        row="400 invalid_grant on the refresh token",
        outcome="NeedsPerson",
        channel=True,
    )
    def test_used_refresh_token_needs_a_person_without_the_password(
        self, server: PeerTubeServer
    ) -> None:
        issuer = self.issuer(server, keep_password=False)
        tokens = issuer.sign_in(USER, PASSWORD, now=NOON)
        issuer.refresh(tokens, now=NOON)

        with pytest.raises(NeedsPerson):
            issuer.refresh(tokens, now=NOON)

    def test_kept_password_helps_after_a_lost_answer(self, server: PeerTubeServer) -> None:
        issuer = self.issuer(server)
        tokens = issuer.sign_in(USER, PASSWORD, now=NOON)
        issuer.refresh(tokens, now=NOON)

        newer = issuer.refresh(tokens, now=NOON)

        assert newer.access == server.access
        assert newer.refresh_expires_at is None

    @pytest.mark.provider_error(
        adapter="peertube channel",
        row="401 missing_two_factor",
        outcome="NeedsPerson",
        channel=True,
    )
    def test_second_factor_is_asked_for(self, server: PeerTubeServer) -> None:
        server.second_factor = True

        with pytest.raises(NeedsPerson, match="second factor"):
            self.issuer(server).sign_in(USER, PASSWORD, now=NOON)
        assert self.issuer(server).sign_in(USER, PASSWORD, code=OTP, now=NOON)

    @pytest.mark.provider_error(
        adapter="peertube channel", row="400 wrong password", outcome="NeedsPerson", channel=True
    )
    def test_wrong_password_is_not_shown(self, server: PeerTubeServer) -> None:
        with pytest.raises(NeedsPerson) as caught:
            self.issuer(server).sign_in(USER, "wrong-password-1", now=NOON)

        assert "wrong-password-1" not in f"{caught.value} {vars(caught.value)}"

    def test_revoked_tokens_are_dead(self, server: PeerTubeServer) -> None:
        tokens = self.issuer(server).sign_in(USER, PASSWORD, now=NOON)

        for _ in range(2):
            self.issuer(server).revoke(tokens)

        assert tokens.access != server.access
