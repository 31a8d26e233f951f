"""What every channel keeps, whatever it takes; each adapter's tests subclass it.

    class AcmeCase(ChannelCase):
        adapter = AcmeChannel
        make_line, look_line = "POST /songs", "GET /songs/"

        @pytest.fixture
        def server(self, clock): ...           # a ChannelServer, with clock as its time

        @pytest.fixture
        def options(self, server): return {"base_url": server.url}

    class TestContract(AcmeCase, ChannelContract):
        shown_as = "acme"

    class TestAcme(AcmeCase):                  # what only this channel does

Announcements, which are public at once, set hides = False. Some tests show a row of
docs/provider-errors.md; tests/conftest.py marks them by ERROR_ROWS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests

from media_tools.errors import (
    NeedsPerson,
    ProviderError,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.providers.http import Line, RetryPolicy, Timeouts
from media_tools.publishing.base import MediaFile, Sent, Stage, Standing, Upload
from tests.contract_servers.channel import ChannelServer

NOBODY = "http://127.0.0.1:9"
NOON = datetime(2026, 12, 4, 12, 0, tzinfo=UTC)
KEY = "41"
DISCLOSURE = "This song was made with generative AI."
TAKEN = {"status": 500, "body": "<html>", "taken": True}

# By the test that shows it; None: what a lost answer leads to at this channel.
ERROR_ROWS: Mapping[str, tuple[str, type[ProviderError] | None]] = {
    "test_after_a_lost_answer_the_channel_is_asked": ("sending: answer lost, cut off, 500", None),
    "test_what_was_never_sent_may_be_sent_again": ("sending: nobody there", ProviderUnavailable),
    "test_too_many_requests_are_waited_for": ("sending: plain 429", ProviderUnavailable),
    "test_a_withdrawn_permission_needs_a_person": ("access withdrawn", NeedsPerson),
    "test_trouble_while_looking_says_nothing_of_the_item": (
        "trouble while looking",
        ProviderUnavailable,
    ),
}


class Clock:
    """A time that moves only when it is told to, or while somebody sleeps."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now.timestamp()

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Killed(BaseException):
    """The worker's process is gone; nothing after this is run."""


class TakenAway(Exception):
    """The publication belongs to somebody else now."""


class KeptMemory:
    """A Memory that outlives the adapter. taken_away: every further note is refused."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.progress: list[tuple[int, int]] = []
        self.taken_away = False

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    def put(self, **values: str) -> None:
        self._check()
        assert all(isinstance(value, str) for value in values.values())
        self.values |= values

    def sent(self, sent_bytes: int, of_bytes: int) -> None:
        self._check()
        self.progress.append((sent_bytes, of_bytes))

    def _check(self) -> None:
        if self.taken_away:
            raise TakenAway


class KnownAccount:
    """An Account of the server. renewable: its refresh token still works."""

    def __init__(self, server: ChannelServer) -> None:
        self._server = server
        self.access = server.access
        self.renewable = True
        self.renewals = 0
        self.spent: list[tuple[int, str]] = []

    def token(self, *, lasting_s: float = 120.0) -> str:
        return self.access

    def renewed(self) -> str:
        if not self.renewable:
            raise NeedsPerson("acme", "the permission is over", action="connect it again")
        self.renewals += 1
        self.access = self._server.access
        return self.access

    def spend(self, units: int, *, bucket: str = "") -> None:
        self.spent.append((units, bucket))


class DoomedSession(requests.Session):
    """Kills the worker when the answer to a certain request comes, from 1."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def request(self, *args: Any, **options: Any) -> requests.Response:
        response = super().request(*args, **options)
        self.left -= 1
        if self.left == 0:
            response.close()
            raise Killed
        return response


def media_file(folder: Path, size_bytes: int = 600_000, suffix: str = ".mp4") -> MediaFile:
    """A file no two bytes of which are at a wrong place unnoticed."""
    block = hashlib.sha512(b"seed").digest()
    content = bytearray()
    while len(content) < size_bytes:
        block = hashlib.sha512(block).digest()
        content += block * 64
    path = folder / f"film{suffix}"
    path.write_bytes(content[:size_bytes])
    media_type = {".mp4": "video/mp4", ".wav": "audio/wav"}[suffix]
    return MediaFile(
        path=path,
        media_type=media_type,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size_bytes=size_bytes,
        duration_s=180.0,
    )


def upload(file: MediaFile, **changes: Any) -> Upload:
    """A song or film that becomes public in a day."""
    fields: dict[str, Any] = {
        "key": KEY,
        "file": file,
        "artist": "Nova Lane",
        "title": "Night Bus",
        "description": f"A song of the last bus.\n\n{DISCLOSURE}",
        "disclosure": DISCLOSURE,
        "tags": ("synth pop", "night"),
        "language": "en",
        "genre": "synth pop",
        "public_at": NOON + timedelta(days=1),
    }
    return Upload(**(fields | changes))


def deliver(adapter: Any, item: Any, memory: KeptMemory) -> Sent:
    """Send as the engine does: ask after a lost answer, come back after an outage."""
    for _ in range(10):
        try:
            return adapter.send(item, memory)
        except SubmissionUnknown:
            adapter.find(item, memory)
        except ProviderUnavailable:
            continue
    raise AssertionError("it was never sent")


class ChannelCase:
    """What tests of a channel start from. make_line: part of "METHOD /path" of the request that
    makes the item; look_line: of the request standing() asks first.

    shown_as: heading in docs/provider-errors.md. hides: it takes items without showing them.
    """

    adapter: ClassVar[Any]
    shown_as: ClassVar[str] = ""
    make_line: ClassVar[str]
    look_line: ClassVar[str]
    base_option: ClassVar[str] = "base_url"
    hides: ClassVar[bool] = True
    waits: ClassVar[Stage] = Stage.HIDDEN  # as what an item waits until it is due
    marks: ClassVar[bool] = True  # our mark is on its copies
    retracts: ClassVar[bool] = True  # it deletes, without a person
    corrects: ClassVar[bool] = True
    # It has a field that says "made by AI", read back as Standing.synthetic.
    flags_ai: ClassVar[bool] = False
    lost: ClassVar[type[ProviderError]] = SubmissionUnknown

    @classmethod
    def error_row(cls, test: str) -> pytest.MarkDecorator | None:
        """The mark of a test that shows a row of the page, or None."""
        if not cls.shown_as or test not in ERROR_ROWS:
            return None
        row, kind = ERROR_ROWS[test]
        return pytest.mark.provider_error(
            adapter=cls.shown_as, row=row, outcome=(kind or cls.lost).__name__, channel=True
        )

    # --- What an adapter's tests bring ---

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def server(self, clock: Clock) -> Any:
        raise NotImplementedError

    @pytest.fixture
    def options(self, server: Any) -> dict[str, Any]:
        """Options of an adapter that speaks to the server."""
        raise NotImplementedError

    @pytest.fixture
    def item(self, tmp_path: Path) -> Any:
        """An item it takes, with everything that can be sent along; its key is KEY."""
        raise NotImplementedError

    def reworded(self, item: Any) -> Any:
        """The item with other words."""
        return replace(item, title="Night Train")

    def unflag(self, server: Any, external_id: str) -> None:
        """Take the AI flag off at the channel, as a person could."""
        raise NotImplementedError

    # --- Helpers ---

    @pytest.fixture
    def account(self, server: Any) -> KnownAccount:
        return KnownAccount(server)

    @pytest.fixture
    def memory(self) -> KeptMemory:
        return KeptMemory()

    @pytest.fixture
    def make(
        self, options: dict[str, Any], account: KnownAccount, clock: Clock
    ) -> Callable[..., Any]:
        """Builds an adapter, as each worker does."""

        def build(session: requests.Session | None = None, **changes: Any) -> Any:
            line = Line(
                Timeouts(connect_s=2.0, read_s=1.5, total_s=6.0),
                RetryPolicy(retries=0),
                session=session,
                sleep=clock.move,
                clock=clock,
            )
            made = self.adapter.Options(**(options | changes))
            return self.adapter(made, line, account)

        return build

    def live(
        self, make: Callable[..., Any], server: Any, item: Any, clock: Clock
    ) -> tuple[Any, Sent]:
        """An adapter, and an item that is public."""
        adapter = make()
        sent = adapter.send(item, KeptMemory())
        server.process()
        if self.hides and adapter.schedules:
            clock.move(2 * 86_400)
        elif self.hides:
            adapter.publish(sent.external_id, item)
        return adapter, sent

    def rows_of(self, server: Any) -> tuple[int, int]:
        """How many copies there are, and how many keys they have."""
        return len(server.copies), len({copy.key for copy in server.copies})


class ChannelContract(ChannelCase):
    """Every channel on the network."""

    # --- Sending ---

    def test_an_item_is_sent_once_and_stays_hidden(
        self, make: Any, server: Any, item: Any, memory: KeptMemory
    ) -> None:
        sent = make().send(item, memory)
        made = server.count(self.make_line)

        assert make().send(item, memory).external_id == sent.external_id
        assert server.count(self.make_line) == made
        (copy,) = server.copies
        assert (copy.key, copy.external_id) == (item.key, sent.external_id)
        if self.hides:
            server.process()
            assert make().standing(sent.external_id, item).stage is self.waits
            assert make().witness(sent.external_id, sent.url).there is not True
            assert copy.public_at is None

    def test_a_worker_killed_after_any_request_leaves_one_copy(
        self, make: Any, server: Any, item: Any, account: KnownAccount
    ) -> None:
        for at in range(1, 60):
            server.clear()
            account.access = server.access
            memory = KeptMemory()
            try:
                sent = make(session=DoomedSession(at)).send(item, memory)
            except Killed:
                sent = deliver(make(), item, memory)
                assert self.rows_of(server) == (1, 1), f"killed after request {at}"
                assert server.there(sent.external_id)
            else:
                assert at > 1
                return
        raise AssertionError("it never ends")

    @pytest.mark.parametrize(
        "fault", [{"reset": "after"}, TAKEN, {"truncate_at": 5}], ids=["reset", "500", "cut off"]
    )
    def test_after_a_lost_answer_the_channel_is_asked(
        self, make: Any, server: Any, item: Any, memory: KeptMemory, fault: dict[str, Any]
    ) -> None:
        adapter = make()
        server.fault(**fault, where=self.make_line)

        with pytest.raises(ProviderError) as caught:
            adapter.send(item, memory)
        assert type(caught.value) is self.lost
        found = make().find(item, memory)

        assert found
        assert adapter.send(item, memory).external_id == found.external_id
        assert self.rows_of(server) == (1, 1)

    def test_what_did_not_arrive_is_sent_again(
        self, make: Any, server: Any, item: Any, memory: KeptMemory
    ) -> None:
        server.fault(reset="before", where=self.make_line)
        with pytest.raises(self.lost):
            make().send(item, memory)

        assert make().find(item, memory) is None
        assert deliver(make(), item, memory).external_id == server.copies[0].external_id
        assert self.rows_of(server) == (1, 1)

    def test_what_was_never_sent_may_be_sent_again(
        self, make: Any, server: Any, item: Any, memory: KeptMemory
    ) -> None:
        with pytest.raises(ProviderUnavailable):
            make(**{self.base_option: NOBODY}).send(item, memory)

        assert make().send(item, memory)
        assert self.rows_of(server) == (1, 1)

    def test_too_many_requests_are_waited_for(
        self, make: Any, server: Any, item: Any, memory: KeptMemory
    ) -> None:
        slow_down = {"status": 429, "body": "slow down", "headers": {"Retry-After": "7"}}
        server.fault(**slow_down, where=self.make_line)

        with pytest.raises(ProviderUnavailable) as caught:
            make().send(item, memory)

        assert caught.value.retry_after_s == 7.0
        assert deliver(make(), item, memory)
        assert self.rows_of(server) == (1, 1)

    def test_a_sending_that_was_taken_away_stops(
        self, make: Any, server: Any, item: Any, memory: KeptMemory
    ) -> None:
        memory.taken_away = True

        with pytest.raises(TakenAway):
            make().send(item, memory)

        assert not server.copies

    def test_a_copy_is_found_by_our_mark_alone(
        self, make: Any, server: Any, item: Any, memory: KeptMemory
    ) -> None:
        adapter = make()
        if not self.marks:
            adapter.send(item, KeptMemory())
            assert adapter.find(item, KeptMemory()) is None
            return
        longer = adapter.send(replace(item, key=f"{KEY}1"), KeptMemory())

        assert adapter.find(item, KeptMemory()) is None
        sent = adapter.send(item, KeptMemory())
        assert sent.external_id != longer.external_id
        assert adapter.find(item, memory).external_id == sent.external_id
        assert adapter.send(item, memory).external_id == sent.external_id
        assert len(server.copies_of(KEY)) == 1

    # --- The account ---

    def test_an_account_tells_who_it_is(self, make: Any, server: Any) -> None:
        facts = make().account()
        server.account_id = "account-2"

        assert facts.name
        assert facts.id != make().account().id

    def test_an_expired_token_is_renewed_once(
        self, make: Any, server: Any, item: Any, account: KnownAccount, memory: KeptMemory
    ) -> None:
        server.expire_access()

        make().send(item, memory)

        assert account.renewals == 1
        assert self.rows_of(server) == (1, 1)

    def test_a_withdrawn_permission_needs_a_person(
        self, make: Any, server: Any, item: Any, account: KnownAccount, memory: KeptMemory
    ) -> None:
        server.lapse()
        account.renewed = lambda: account.access  # type: ignore[method-assign]

        with pytest.raises(NeedsPerson) as caught:
            make().send(item, memory)

        assert account.access not in f"{caught.value} {vars(caught.value)}"
        assert not server.copies

    @pytest.mark.parametrize("status", [400, 403, 500])
    def test_no_secret_is_in_an_error(
        self, make: Any, server: Any, item: Any, account: KnownAccount, status: int
    ) -> None:
        said = f"no use: {account.access} is your token"
        body = {"error": {"message": said}, "message": said, "detail": said, "code": status}
        server.fault(status=status, body=body, where=self.make_line)

        with pytest.raises(ProviderError) as caught:
            make().send(item, KeptMemory())

        assert account.access not in f"{caught.value} {vars(caught.value)}"
        assert len(str(caught.value)) < 1_000

    # --- Afterwards ---

    def test_a_live_item_is_seen_by_strangers(
        self, make: Any, server: Any, item: Any, clock: Clock
    ) -> None:
        adapter, sent = self.live(make, server, item, clock)

        standing: Standing = adapter.standing(sent.external_id, item)
        if self.hides and not adapter.schedules:
            adapter.publish(sent.external_id, item)  # may be repeated

        assert standing.stage is Stage.LIVE
        assert standing.url
        seen = adapter.witness(sent.external_id, standing.url)
        assert (seen.there, seen.status, len(seen.sha256)) == (True, 200, 64)

    def test_what_was_declared_is_read_back(self, make: Any, server: Any, item: Any) -> None:
        adapter = make()
        sent = adapter.send(item, KeptMemory())
        server.process()

        standing = adapter.standing(sent.external_id, item)

        assert standing.synthetic is (True if self.flags_ai else None)
        assert standing.disclosed is not False
        if self.flags_ai:
            self.unflag(server, sent.external_id)
            assert adapter.standing(sent.external_id, item).synthetic is False
            adapter.correct(sent.external_id, item)
            assert adapter.standing(sent.external_id, item).synthetic is True

    def test_words_are_corrected_without_showing_the_item(
        self, make: Any, server: Any, item: Any
    ) -> None:
        if not self.corrects:
            with pytest.raises(NotImplementedError):
                make().correct("1", item)
            return
        adapter = make()
        sent = adapter.send(item, KeptMemory())
        server.process()
        before = adapter.standing(sent.external_id, item)

        for _ in range(2):
            adapter.correct(sent.external_id, self.reworded(item))

        assert "Night Train" in str(server.there(sent.external_id).fields)
        after = adapter.standing(sent.external_id, self.reworded(item))
        assert (after.stage, after.public_at) == (before.stage, before.public_at)

    def test_an_item_is_taken_down_and_stays_down(
        self, make: Any, server: Any, item: Any, clock: Clock
    ) -> None:
        adapter, sent = self.live(make, server, item, clock)
        url = adapter.standing(sent.external_id, item).url

        if not self.retracts:
            with pytest.raises(NeedsPerson):
                adapter.take_down(sent.external_id)
            adapter.take_down(sent.external_id, confirmed=True)
            return
        for _ in range(2):
            adapter.take_down(sent.external_id)

        assert adapter.standing(sent.external_id, item).stage is Stage.GONE
        assert adapter.witness(sent.external_id, url).there is False

    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 503, "body": "<html>"},
            {"status": 200, "body": "<html>"},
            {"status": 429},
            {"reset": "after"},
        ],
        ids=["503", "web page", "429", "reset"],
    )
    def test_trouble_while_looking_says_nothing_of_the_item(
        self, make: Any, server: Any, item: Any, fault: dict[str, Any]
    ) -> None:
        adapter = make()
        sent = adapter.send(item, KeptMemory())
        server.fault(**fault, where=self.look_line)

        with pytest.raises(ProviderUnavailable):
            adapter.standing(sent.external_id, item)

        assert adapter.standing(sent.external_id, item)

    def test_polls_come_at_a_bearable_pace(self, make: Any) -> None:
        assert all(5 <= make().poll_after_s(waited_s) <= 1800 for waited_s in (0.0, 300.0, 1e6))
