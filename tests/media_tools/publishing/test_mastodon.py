"""Mastodon: what it keeps as every channel does, its pictures and its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from media_tools.errors import NeedsPerson, ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.publishing.base import Post, Stage
from media_tools.publishing.mastodon import Mastodon
from tests.contract_servers.mastodon import MastodonServer
from tests.media_tools.publishing.announcing import AnnouncementCase, FoundByItsAddress
from tests.media_tools.publishing.contract import (
    DISCLOSURE,
    KEY,
    ChannelContract,
    Clock,
    KeptMemory,
)

Make = Callable[..., Mastodon]
POST = "POST /api/v1/statuses"


@pytest.fixture(scope="module")
def started() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        yield server


class MastodonCase(AnnouncementCase):
    adapter = Mastodon
    make_line, look_line = POST, "GET /api/v1/statuses/"

    @pytest.fixture
    def server(self, started: MastodonServer, clock: Clock) -> MastodonServer:
        started.clear()
        started.clock = clock
        return started

    @pytest.fixture
    def options(self, server: MastodonServer) -> dict[str, Any]:
        return {"base_url": server.url}


class TestContract(FoundByItsAddress, MastodonCase, ChannelContract):
    shown_as = "mastodon channel"


class TestMastodon(MastodonCase):
    def test_post_has_words_tags_and_a_described_picture(
        self, make: Make, server: MastodonServer, item: Post, memory: KeptMemory
    ) -> None:
        sent = make().send(item, memory)

        (copy,) = server.copies
        assert copy.fields["status"] == f"{item.text}\n\n{item.address}\n\n#SynthPop #80s"
        assert copy.fields["language"] == "de"
        assert server.media[copy.fields["media_ids"][0]]["alt"] == item.alt_text
        standing = make().standing(sent.external_id, item)
        assert (standing.stage, standing.disclosed) == (Stage.LIVE, True)

    def test_repeated_post_is_the_same_within_an_hour(
        self, make: Make, server: MastodonServer, item: Post
    ) -> None:
        first = make().send(item, KeptMemory())

        assert make().send(item, KeptMemory()) == first
        assert len(server.copies) == 1

    def test_text_that_lost_its_sentence_is_not_disclosed(
        self, make: Make, server: MastodonServer, item: Post, memory: KeptMemory
    ) -> None:
        sent = make().send(item, memory)
        server.copies[0].fields["status"] = f"Grüße by Nova Lane\n\n{item.address}"

        assert make().standing(sent.external_id, item).disclosed is False

    def test_tags_give_way_and_words_never(
        self, make: Make, server: MastodonServer, item: Post, memory: KeptMemory
    ) -> None:
        long = replace(item, text="x" * 440 + DISCLOSURE[:30])
        make().send(long, memory)

        assert "#" not in server.copies[0].fields["status"]
        with pytest.raises(ProviderRejected, match="shorten"):
            make().send(replace(item, text="x" * 500), KeptMemory())

    @pytest.mark.provider_error(
        adapter="mastodon channel",
        row="206 picture is worked on",
        outcome="ProviderUnavailable",
        channel=True,
    )
    def test_picture_is_waited_for(
        self, make: Make, server: MastodonServer, item: Post, memory: KeptMemory
    ) -> None:
        server.media_polls = 7
        with pytest.raises(ProviderUnavailable) as caught:
            make().send(item, memory)

        assert caught.value.retry_after_s == 30
        assert make().send(item, memory)
        assert len(server.media) == 1

    def test_picture_that_was_dropped_is_sent_again(
        self, make: Make, server: MastodonServer, item: Post, memory: KeptMemory
    ) -> None:
        server.fault(status=503, where=POST)
        with pytest.raises(ProviderUnavailable):
            make().send(item, memory)
        server.media.clear()

        make().send(item, memory)

        assert len(server.media) == 1

    def test_web_page_is_no_list_of_posts(
        self, make: Make, server: MastodonServer, item: Post, memory: KeptMemory
    ) -> None:
        make().send(item, KeptMemory())
        server.fault(status=200, body="<html>", where="/statuses")

        with pytest.raises(ProviderUnavailable):
            make().find(item, memory)

    def test_closed_instance_is_looked_at_by_its_pages(
        self, make: Make, server: MastodonServer, item: Post, memory: KeptMemory
    ) -> None:
        server.closed = True
        sent = make().send(item, memory)
        assert make().witness(sent.external_id, sent.url).there is True

        make().take_down(sent.external_id)

        assert make().witness(sent.external_id, sent.url).there is False

    def test_account_that_is_no_bot_is_to_become_one(
        self, make: Make, server: MastodonServer
    ) -> None:
        assert not make().account().missing
        server.bot = False

        assert make().account().missing

    def test_limit_without_retry_after_tells_its_end(
        self, make: Make, server: MastodonServer, item: Post, memory: KeptMemory
    ) -> None:
        server.fault(
            status=429, headers={"X-RateLimit-Reset": "2026-12-04T12:05:00.000Z"}, where=POST
        )
        with pytest.raises(ProviderUnavailable) as caught:
            make().send(item, memory)

        assert caught.value.retry_after_s == 300

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            pytest.param(
                status,
                kind,
                marks=pytest.mark.provider_error(
                    adapter="mastodon channel", row=row, outcome=kind.__name__, channel=True
                ),
                id=row,
            )
            for row, status, kind in [
                ("403 scope or suspended", 403, NeedsPerson),
                ("413 picture too large", 413, ProviderRejected),
                ("422 validation", 422, ProviderRejected),
                ("503", 503, ProviderUnavailable),
            ]
        ],
    )
    def test_refusal_has_its_class(
        self,
        make: Make,
        server: MastodonServer,
        item: Post,
        memory: KeptMemory,
        status: int,
        kind: type[ProviderError],
    ) -> None:
        server.fault(status=status, body={"error": "told so"}, where=POST)

        with pytest.raises(kind, match="told so") as caught:
            make().send(item, memory)

        assert type(caught.value) is kind
        assert KEY not in server.by_key
