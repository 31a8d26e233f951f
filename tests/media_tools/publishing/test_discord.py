"""Discord: what it keeps as far as a webhook can, and that nothing is ever posted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from media_tools.errors import (
    NeedsPerson,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.publishing.base import Post
from media_tools.publishing.discord import Discord
from tests.contract_servers.discord import DiscordServer
from tests.media_tools.publishing.announcing import AnnouncementCase
from tests.media_tools.publishing.contract import (
    NOBODY,
    TAKEN,
    ChannelContract,
    Clock,
    DoomedSession,
    KeptMemory,
    Killed,
    KnownAccount,
)

Make = Callable[..., Discord]
POST = "POST /api/webhooks/"


@pytest.fixture(scope="module")
def started() -> Iterator[DiscordServer]:
    with DiscordServer() as server:
        yield server


class DiscordCase(AnnouncementCase):
    adapter = Discord
    make_line, look_line = POST, "/messages/"

    @pytest.fixture
    def server(self, started: DiscordServer, clock: Clock) -> DiscordServer:
        started.clear()
        started.clock = clock
        return started

    @pytest.fixture
    def options(self, server: DiscordServer) -> dict[str, Any]:
        return {}


class TestContract(DiscordCase, ChannelContract):
    """Where a webhook cannot look for what it posted, nothing is sent again."""

    shown_as = "discord channel"

    @classmethod
    def error_row(cls, test: str) -> pytest.MarkDecorator | None:
        mark = super().error_row(test)
        if mark and mark.kwargs["outcome"] == SubmissionUnknown.__name__:
            # Not as at other channels: it is never sent again by itself.
            return pytest.mark.provider_error(**{**mark.kwargs, "channel": False})
        return mark

    @pytest.mark.parametrize("fault", [{"reset": "before"}, {"reset": "after"}, TAKEN])
    def test_after_a_lost_answer_the_channel_is_asked(
        self, make: Make, server: DiscordServer, item: Post, memory: KeptMemory, fault: Any
    ) -> None:
        server.fault(**fault, where=POST)
        with pytest.raises(SubmissionUnknown):
            make().send(item, memory)
        posted = len(server.copies)

        assert make().find(item, memory) is None
        with pytest.raises(ProviderRejected, match="look into the channel"):
            make().send(item, memory)
        assert len(server.copies) == posted

    def test_a_worker_killed_after_any_request_leaves_one_copy(
        self, make: Make, server: DiscordServer, item: Post, account: KnownAccount
    ) -> None:
        for at in (1, 2):
            server.clear()
            account.access = server.access
            memory = KeptMemory()
            with pytest.raises(Killed):
                make(session=DoomedSession(at)).send(item, memory)
            if at == 2:
                with pytest.raises(ProviderRejected):
                    make().send(item, memory)
            else:
                make().send(item, memory)
            assert self.rows_of(server) == (1, 1)

    def test_what_did_not_arrive_is_sent_again(self) -> None:  # type: ignore[override]
        """It is not; see above."""

    def test_what_was_never_sent_may_be_sent_again(
        self, make: Make, item: Post, memory: KeptMemory, account: KnownAccount
    ) -> None:
        here = account.access
        account.access = f"{NOBODY}/api/webhooks/111/webhook-contract-token-000001"
        with pytest.raises(ProviderUnavailable):
            make().send(item, memory)
        account.access = here

        assert make().send(item, memory)

    def test_a_copy_is_found_by_our_mark_alone(
        self, make: Make, item: Post, memory: KeptMemory
    ) -> None:
        """Only what was remembered is found."""
        assert make().find(item, memory) is None
        sent = make().send(item, memory)

        assert make().find(item, memory) == sent
        assert make().find(item, KeptMemory()) is None


class TestDiscord(DiscordCase):
    def test_post_mentions_nobody_and_describes_its_picture(
        self, make: Make, server: DiscordServer, item: Post, memory: KeptMemory
    ) -> None:
        sent = make().send(item, memory)

        fields = server.copies[0].fields
        assert fields["content"] == f"{item.text}\n\n{item.address}"
        assert fields["attachments"][0]["description"] == item.alt_text
        assert sent.url == "https://discord.com/channels/333/222/9000"

    def test_post_without_a_picture_is_sent_as_json(
        self, make: Make, server: DiscordServer, item: Post, memory: KeptMemory
    ) -> None:
        make().send(replace(item, picture=None), memory)

        assert "attachments" not in server.copies[0].fields

    @pytest.mark.parametrize(
        "address",
        ["https://example.org/api/webhooks/1/webhook-contract-token-1", "my-token", ""],
    )
    def test_address_of_no_webhook_is_refused_and_not_shown(
        self, make: Make, account: KnownAccount, address: str
    ) -> None:
        account.access = address

        with pytest.raises(NeedsPerson) as caught:
            make().account()

        assert not address or address not in str(caught.value)

    def test_secret_of_the_address_is_in_no_message(
        self, make: Make, server: DiscordServer, item: Post, caplog: pytest.LogCaptureFixture
    ) -> None:
        server.fault(status=400, body={"code": 50006, "message": f"no {server.token}"}, where=POST)

        with pytest.raises(ProviderRejected) as caught:
            make().send(item, KeptMemory())

        assert server.token not in f"{caught.value} {vars(caught.value)} {caplog.text}"
        seen = make().witness("1", "https://discord.com/channels/333/222/1")
        assert server.token not in repr(seen)

    @pytest.mark.provider_error(
        adapter="discord channel",
        row="sending again after a lost answer",
        outcome="ProviderRejected",
        channel=True,
    )
    def test_unknown_post_is_for_a_person(self, make: Make, item: Post, memory: KeptMemory) -> None:
        memory.put(trying="1")

        with pytest.raises(ProviderRejected, match="nobody knows"):
            make().send(item, memory)

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            pytest.param(
                status,
                body,
                kind,
                marks=pytest.mark.provider_error(
                    adapter="discord channel", row=row, outcome=kind.__name__, channel=True
                ),
                id=row,
            )
            for row, status, body, kind in [
                ("400 50035 invalid form", 400, {"code": 50035, "message": "no"}, ProviderRejected),
                ("403", 403, {"code": 50013, "message": "no"}, NeedsPerson),
                (
                    "429 retry_after in the body",
                    429,
                    {"message": "slow", "retry_after": 0.65},
                    ProviderUnavailable,
                ),
                ("503", 503, "<html>", ProviderUnavailable),
            ]
        ],
    )
    def test_refusal_has_its_class(
        self,
        make: Make,
        server: DiscordServer,
        item: Post,
        memory: KeptMemory,
        status: int,
        body: Any,
        kind: type[ProviderError],
    ) -> None:
        server.fault(status=status, body=body, where=POST)

        with pytest.raises(kind) as caught:
            make().send(item, memory)

        assert type(caught.value) is kind
        assert memory.get("trying") == ""
        if status == 429:
            assert caught.value.retry_after_s == 0.65  # type: ignore[attr-defined]
