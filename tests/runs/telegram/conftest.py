"""A bot, a server that plays Telegram, people with and without permissions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Q

from media_tools.messaging.telegram import TelegramApi
from media_tools.providers.http import Timeouts
from runs.models import Run, TelegramAccount
from runs.telegram.notifications import notify_ready
from runs.telegram.updates import handle_update
from tests.contract_servers.telegram import ANN, GOOD_TOKEN, Message, TelegramServer
from tests.factories import NOON, UserFactory

SOON = NOON + timedelta(minutes=1)


@pytest.fixture(scope="module")
def started() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture
def server(started: TelegramServer, settings) -> TelegramServer:
    started.clear()
    settings.TELEGRAM_BOT_TOKEN = GOOD_TOKEN
    settings.TELEGRAM_BASE_URL = started.url
    settings.TELEGRAM_CHAT_ID = 0
    settings.TELEGRAM_WEBHOOK_SECRET = ""
    settings.REVIEW_GRACE_S = 0
    return started


@pytest.fixture
def api(server: TelegramServer) -> TelegramApi:
    return TelegramApi(GOOD_TOKEN, base_url=server.url, timeouts=Timeouts(2.0, 1.5, 4.0))


def person(*permissions: str, **fields: Any) -> User:
    """A staff account with permissions such as "runs.review_run"."""
    user: User = UserFactory(**fields)
    wanted = Q(pk__in=[])
    for name in permissions:
        app, _, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    user.user_permissions.set(Permission.objects.filter(wanted))
    return user


@pytest.fixture
def linked(db: None) -> Callable[..., TelegramAccount]:
    """Makes a linked account with permissions."""

    def make(*permissions: str, telegram_id: int = ANN, **fields: Any) -> TelegramAccount:
        return TelegramAccount.objects.create(
            telegram_id=telegram_id, user=person(*permissions, **fields), name="Ann"
        )

    return make


@dataclass
class Bot:
    """The product's side of the bot, driven by hand. waits: seconds it slept."""

    api: TelegramApi
    server: TelegramServer
    waits: list[float]

    def notify(self, now: datetime = SOON) -> dict[str, int]:
        return notify_ready(now=now, api=self.api, sleep=self.waits.append)

    def receive(self, update: dict[str, Any], now: datetime = SOON) -> bool:
        return handle_update(update, api=self.api, now=now)

    def press(
        self, message: Message, label: str, *, sender: int = ANN, now: datetime = SOON
    ) -> str:
        """Somebody presses the button with this label; returns the answer."""
        before = len(self.server.answers)
        self.receive(self.server.press(message, message.data_of(label), sender=sender), now)
        assert len(self.server.answers) == before + 1, "the press was not answered once"
        return self.server.answer

    def say(self, text: str, **options: Any) -> str:
        """Somebody writes; returns the answer, or "" for none."""
        before = len(self.server.messages)
        self.receive(self.server.say(text, **options))
        return self.server.messages[-1].words if len(self.server.messages) > before else ""


@pytest.fixture
def bot(api: TelegramApi, server: TelegramServer, db: None) -> Bot:
    return Bot(api, server, [])


@pytest.fixture
def item(bot: Bot, linked, new_run: Callable[..., Run]) -> Message:
    """A run that awaits review, as Ann (who may review) got it."""
    linked("runs.review_run", username="ann")
    new_run()
    bot.notify()
    return bot.server.messages[0]
