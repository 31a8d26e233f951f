"""The poller: one at a time, nothing twice, a graceful end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from media_tools.errors import ProviderUnavailable
from media_tools.messaging.telegram import TelegramApi, UpdatesTaken
from runs.models import Run, TelegramBot, TelegramUpdate
from runs.telegram import linking
from runs.telegram.notifications import notify_ready
from runs.telegram.polling import Poller, PollerBusy
from tests.contract_servers.telegram import BOT_ID, USERNAME, TelegramServer
from tests.factories import UserFactory
from tests.runs.telegram.conftest import SOON, Bot

# Signals and a second connection would not see a test's open transaction.
# The poller closes old connections, which a test's own transaction would not survive.
pytestmark = pytest.mark.django_db(transaction=True)

Make = Callable[..., Poller]


@pytest.fixture
def poller(api: TelegramApi, db: None) -> Make:
    def make(**options: object) -> Poller:
        defaults: dict = {"clock": lambda: SOON, "sleep": lambda seconds: None, "poll_s": 0}
        return Poller(api, **(defaults | options))

    return make


def stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_full_round_trip(bot: Bot, poller: Make, new_run) -> None:
    """Link, get an item, reject it with a reason, all through the server."""
    user = UserFactory(is_superuser=True, username="ann")
    bot.server.say(f"/start {linking.new_code(user=user, now=SOON)}")
    poller().run(once=True)
    run = new_run()
    notify_ready(now=SOON, api=bot.api)
    item = bot.server.messages[-1]

    bot.server.press(item, item.data_of("Reject"))
    poller().run(once=True)
    bot.server.press(item, item.data_of("Weak hook"))
    poller().run(once=True)
    bot.server.say("/status")
    poller().run(once=True)

    run.refresh_from_db()
    assert run.status == Run.Status.REJECTED
    assert run.reviews.get().reviewer == user
    assert "Rejected by ann: weak hook." in item.words
    assert "Last 24 hours: 0 approved, 1 rejected, 0 failed" in bot.server.messages[-1].words
    assert bot.server.updates == []


def test_offset_outlives_the_process(poller: Make, server: TelegramServer) -> None:
    server.say("hello")
    assert poller().run(once=True) == 1
    last = server.next_update_id

    poller().run(once=True)

    assert server.requests[-1].json["offset"] == last
    assert TelegramBot.objects.get(bot_id=BOT_ID).next_offset == last


def test_offset_is_not_used_after_days_of_silence(poller: Make, server: TelegramServer) -> None:
    server.say("hello")
    poller().run(once=True)
    notify_ready(now=SOON + timedelta(days=4))
    assert not TelegramUpdate.objects.exists()

    poller().run(once=True)

    assert server.requests[-1].json["offset"] == 0


def test_second_poller_is_refused(poller: Make) -> None:
    first = poller()
    with first._leased(), pytest.raises(PollerBusy, match=first.owner):
        poller().run(once=True)


def test_lease_of_a_dead_poller_ends(poller: Make) -> None:
    TelegramBot.objects.create(bot_id=BOT_ID, poller="dead", poller_until=SOON)

    assert poller().run(once=True) == 0


def test_poller_that_lost_its_lease_stops(poller: Make, server: TelegramServer) -> None:
    server.say("hello")
    server.say("hello")

    def steal() -> object:
        TelegramBot.objects.update(poller="another")
        return SOON

    ticks = iter([lambda: SOON, lambda: SOON, steal])

    with pytest.raises(PollerBusy, match="another"):
        poller(clock=lambda: next(ticks, lambda: SOON)()).run(once=True)

    assert TelegramBot.objects.get().poller == "another"


def test_outage_is_waited_out_and_429_exactly(poller: Make, server: TelegramServer) -> None:
    limit = {"ok": False, "error_code": 429, "parameters": {"retry_after": 70}}
    server.fault(status=502)
    server.fault(reset="before")
    server.fault(status=429, body=limit)
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if sum(waits) >= 73:
            stop()

    poller(sleep=sleep).run()

    assert waits == [1.0, 2.0, 30.0, 30.0, 10.0]


def test_server_that_does_not_hold_the_request_is_not_stormed(
    poller: Make, server: TelegramServer
) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            stop()

    poller(sleep=sleep).run()

    assert waits == [1.0] * 3
    assert server.count("getUpdates") == 3


def test_once_reports_an_outage(poller: Make, server: TelegramServer) -> None:
    server.fault(status=502)

    with pytest.raises(ProviderUnavailable):
        poller().run(once=True)


def test_webhook_stops_the_poller(poller: Make, server: TelegramServer) -> None:
    server.webhook = {"url": "https://panel.example.org/telegram/webhook/"}

    with pytest.raises(UpdatesTaken):
        poller().run()

    assert TelegramBot.objects.get().poller == ""


def test_signal_ends_a_long_poll_at_once(poller: Make, server: TelegramServer) -> None:
    before = signal.getsignal(signal.SIGTERM)
    server.fault(delay_s=0.4)
    threading.Timer(0.1, stop).start()

    poller().run()

    assert TelegramBot.objects.get().poller == ""
    assert signal.getsignal(signal.SIGTERM) is before


def test_signal_lets_the_update_in_hand_be_finished(
    poller: Make, server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    def handle(update: dict, **options: object) -> bool:
        stop()
        done.append(update["update_id"])
        return True

    monkeypatch.setattr("runs.telegram.updates.handle_update", handle)
    first = server.say("one")["update_id"]
    server.say("two")

    poller().run()

    assert done == [first]
    assert TelegramBot.objects.get().next_offset == first + 1


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("run_telegram", *arguments, stdout=out)
    return out.getvalue()


def test_command_handles_what_waits(server: TelegramServer) -> None:
    server.say("hello")

    assert '"handled": 1' in command("--once", "--json")
    assert TelegramBot.objects.get().username == USERNAME


def test_command_sets_and_takes_away_the_webhook(server: TelegramServer, settings) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = "s3cret"
    url = "https://panel.example.org/telegram/webhook/"

    assert url in command("--set-webhook", url)
    assert server.webhook["secret_token"] == "s3cret"
    assert "updates are polled" in command("--delete-webhook")


@pytest.mark.parametrize(
    ("secret", "url"), [("", "https://x.org/"), ("a b", "https://x.org/"), ("ok", "http://x.org/")]
)
def test_webhook_needs_a_secret_and_https(
    server: TelegramServer, settings, secret: str, url: str
) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = secret

    with pytest.raises(CommandError) as caught:
        command("--set-webhook", url)

    assert caught.value.returncode == 2
    assert server.webhook == {}


def test_command_without_a_bot_says_what_to_do(settings) -> None:
    settings.TELEGRAM_BOT_TOKEN = ""

    with pytest.raises(CommandError, match="TELEGRAM_BOT_TOKEN"):
        command("--check")
