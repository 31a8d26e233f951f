"""Bluesky: what it keeps as every channel does, records of our own name, bytes of links."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from media_tools.errors import NeedsPerson, ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.http import PLAIN
from media_tools.publishing.addresses import host_of
from media_tools.publishing.base import Post
from media_tools.publishing.bluesky import (
    PICTURE_BYTES,
    Bluesky,
    BlueskyIssuer,
    BlueskyOptions,
    new_key,
    small_jpeg,
)
from tests.contract_servers.bluesky import HANDLE, PASSWORD, TID, BlueskyServer
from tests.media_tools.publishing.announcing import AnnouncementCase, about_another
from tests.media_tools.publishing.contract import (
    NOON,
    ChannelContract,
    Clock,
    KeptMemory,
)

Make = Callable[..., Bluesky]
PUT = "POST /xrpc/com.atproto.repo.putRecord"


@pytest.fixture(scope="module")
def started() -> Iterator[BlueskyServer]:
    with BlueskyServer() as server:
        yield server


class BlueskyCase(AnnouncementCase):
    adapter = Bluesky
    make_line, look_line = PUT, "GET /xrpc/com.atproto.repo.getRecord"

    @pytest.fixture
    def server(self, started: BlueskyServer, clock: Clock) -> BlueskyServer:
        started.clear()
        started.clock = clock
        return started

    @pytest.fixture
    def options(self, server: BlueskyServer) -> dict[str, Any]:
        return {"base_url": server.url, "public_url": server.url}


class TestContract(BlueskyCase, ChannelContract):
    shown_as = "bluesky channel"

    def test_a_copy_is_found_by_our_mark_alone(
        self, make: Make, server: BlueskyServer, item: Post, memory: KeptMemory
    ) -> None:
        """The mark is the record's key, which was remembered before the record was made."""
        make().send(about_another(item), KeptMemory())
        assert make().find(item, memory) is None
        server.fault(reset="after", where=PUT)
        with pytest.raises(ProviderError):
            make().send(item, memory)
        key_alone = KeptMemory()
        key_alone.put(record=memory.get("record"))

        assert make().find(item, key_alone) == make().send(item, memory)
        assert len(server.copies) == 2


class TestBluesky(BlueskyCase):
    def test_post_has_a_link_and_a_described_picture(
        self, make: Make, server: BlueskyServer, item: Post, memory: KeptMemory
    ) -> None:
        sent = make().send(item, memory)

        record = server.copies[0].fields
        assert record["text"] == f"{item.text}\n\n{item.address}"
        assert record["facets"][0]["index"]["byteStart"] > record["text"].index(item.address)
        assert record["embed"]["images"][0]["alt"] == item.alt_text
        assert (record["langs"], record["tags"]) == (["de"], ["synth pop", "80s", "2026"])
        assert record["createdAt"] == "2026-12-04T12:00:00.000Z"
        key = sent.external_id.rpartition("/")[2]
        assert sent.url == f"https://bsky.app/profile/{HANDLE}/post/{key}"

    def test_post_without_a_picture_shows_a_card(
        self, make: Make, server: BlueskyServer, item: Post, memory: KeptMemory
    ) -> None:
        make().send(replace(item, picture=None), memory)

        card = server.copies[0].fields["embed"]["external"]
        assert card == {"uri": item.address, "title": "Grüße", "description": "Nova Lane"}

    def test_record_written_again_is_the_same(
        self, make: Make, server: BlueskyServer, item: Post, memory: KeptMemory
    ) -> None:
        server.fault(reset="after", where=PUT)
        with pytest.raises(ProviderError):
            make().send(item, memory)

        make().send(item, memory)

        assert len(server.copies) == 1
        assert server.count(PUT) == 2

    @pytest.mark.parametrize("text", ["x" * 281, "語" * 281], ids=["letters", "bytes"])
    def test_too_long_a_text_is_refused(
        self, make: Make, server: BlueskyServer, item: Post, memory: KeptMemory, text: str
    ) -> None:
        with pytest.raises(ProviderRejected, match="shorten"):
            make().send(replace(item, text=text), memory)

    @pytest.mark.parametrize("later_s", [0, 1, 3_000_000_000])
    def test_keys_sort_by_time(self, later_s: int) -> None:
        first = new_key(NOON)
        later = new_key(datetime.fromtimestamp(NOON.timestamp() + later_s + 0.01, UTC))

        assert TID.match(first)
        assert first < later

    def test_large_picture_is_made_smaller(self, tmp_path: Path) -> None:
        noise = np.random.default_rng(1).integers(0, 255, (650, 650, 3), dtype=np.uint8)
        picture = tmp_path / "cover.png"
        Image.fromarray(noise).save(picture, compress_level=0)

        made = small_jpeg(picture)

        assert len(made) <= PICTURE_BYTES
        assert made[:2] == b"\xff\xd8"

    def test_server_of_records_inside_our_network_is_refused(self) -> None:
        with pytest.raises(ProviderRejected, match="none on the internet"):
            host_of("bluesky", "https://192.168.0.1/xrpc", named_by="https://bsky.social")

    @pytest.mark.parametrize(
        ("status", "body", "headers", "kind"),
        [
            pytest.param(
                status,
                body,
                headers,
                kind,
                marks=pytest.mark.provider_error(
                    adapter="bluesky channel", row=row, outcome=kind.__name__, channel=True
                ),
                id=row,
            )
            for row, status, body, headers, kind in [
                ("400 InvalidRequest", 400, {"error": "InvalidRequest"}, {}, ProviderRejected),
                ("400 unreadable", 400, "{cut", {}, ProviderUnavailable),
                ("400 InvalidSwap", 400, {"error": "InvalidSwap"}, {}, ProviderRejected),
                ("401 AccountTakedown", 401, {"error": "AccountTakedown"}, {}, NeedsPerson),
                (
                    "429 until ratelimit-reset",
                    429,
                    {"error": "RateLimitExceeded"},
                    {"ratelimit-reset": str(int(NOON.timestamp()) + 77)},
                    ProviderUnavailable,
                ),
                ("503", 503, "<html>", {}, ProviderUnavailable),
            ]
        ],
    )
    def test_refusal_has_its_class(
        self,
        make: Make,
        server: BlueskyServer,
        item: Post,
        memory: KeptMemory,
        status: int,
        body: Any,
        headers: dict[str, str],
        kind: type[ProviderError],
    ) -> None:
        server.fault(status=status, body=body, headers=headers, where=PUT)

        with pytest.raises(kind) as caught:
            make().send(item, memory)

        assert type(caught.value) is kind
        if isinstance(caught.value, ProviderUnavailable) and headers:
            assert caught.value.retry_after_s == 77


class TestSigningIn:
    """Sessions by an app password, renewed by tokens that work once."""

    @pytest.fixture
    def server(self, started: BlueskyServer) -> BlueskyServer:
        started.clear()
        started.clock = Clock()
        return started

    def issuer(self, server: BlueskyServer, **options: Any) -> BlueskyIssuer:
        return BlueskyIssuer(BlueskyOptions(base_url=server.url, **options), PLAIN)

    def test_tokens_tell_when_they_end(self, server: BlueskyServer) -> None:
        issuer = self.issuer(server, keep_password=False)
        tokens = issuer.refresh(issuer.sign_in(HANDLE, PASSWORD, now=NOON), now=NOON)

        assert tokens.access == server.access
        assert tokens.expires_at == datetime.fromtimestamp(NOON.timestamp() + 7_200, UTC)
        assert tokens.refresh_expires_at is not None
        assert PASSWORD not in tokens.refresh

    def test_kept_password_signs_in_again(self, server: BlueskyServer) -> None:
        issuer = self.issuer(server)
        tokens = issuer.sign_in(HANDLE, PASSWORD, now=NOON)
        server.lapse()

        assert issuer.refresh(tokens, now=NOON).access == server.access

    @pytest.mark.provider_error(
        adapter="bluesky channel",
        row="400 ExpiredToken on the refresh token",
        outcome="NeedsPerson",
        channel=True,
    )
    def test_dead_session_needs_a_person_without_the_password(self, server: BlueskyServer) -> None:
        issuer = self.issuer(server, keep_password=False)
        tokens = issuer.sign_in(HANDLE, PASSWORD, now=NOON)
        server.lapse()

        with pytest.raises(NeedsPerson):
            issuer.refresh(tokens, now=NOON)

    @pytest.mark.parametrize(
        "row",
        [
            pytest.param(
                row,
                marks=pytest.mark.provider_error(
                    adapter="bluesky channel", row=f"401 {row}", outcome="NeedsPerson", channel=True
                ),
            )
            for row in ("AuthenticationRequired", "AuthFactorTokenRequired")
        ],
    )
    def test_refused_sign_in_needs_a_person(self, server: BlueskyServer, row: str) -> None:
        server.second_factor = row == "AuthFactorTokenRequired"
        password = PASSWORD if server.second_factor else "wrong-password-1"

        with pytest.raises(NeedsPerson) as caught:
            self.issuer(server).sign_in(HANDLE, password, now=NOON)

        assert caught.value.code == row
        assert password not in f"{caught.value} {vars(caught.value)}"

    def test_revoked_session_is_over(self, server: BlueskyServer) -> None:
        tokens = self.issuer(server).sign_in(HANDLE, PASSWORD, now=NOON)

        for _ in range(2):
            self.issuer(server).revoke(tokens)

        assert tokens.access != server.access
