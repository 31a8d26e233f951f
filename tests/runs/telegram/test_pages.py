"""The webhook, and the page on which a person links an account."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from runs.models import Run, TelegramAccount, TelegramBot
from tests.contract_servers.telegram import ANN, BOT_ID, Message, TelegramServer
from tests.factories import UserFactory
from tests.runs.telegram.conftest import SOON, Bot

pytestmark = pytest.mark.django_db

SECRET = "s3cret_of_the_webhook"


@pytest.fixture
def hook(server: TelegramServer, settings, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("runs.telegram.webhook.timezone", SimpleNamespace(now=lambda: SOON))
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    return reverse("telegram_webhook")


def post(url: str, update: object, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    return (
        Client(enforce_csrf_checks=True)
        .post(url, update, content_type="application/json", headers=headers)
        .status_code
    )


def test_webhook_does_what_the_poller_does(hook: str, bot: Bot, item: Message) -> None:
    update = bot.server.press(item, item.data_of("Approve"))

    assert post(hook, update) == 200
    assert post(hook, update) == 200

    assert Run.objects.get().status == Run.Status.APPROVED
    assert len(bot.server.answers) == 1


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "ü"])
def test_webhook_without_the_secret_is_forbidden(
    hook: str, bot: Bot, item: Message, secret: str | None
) -> None:
    update = bot.server.press(item, item.data_of("Approve"))

    assert post(hook, update, secret) == 403
    assert Run.objects.get().status == Run.Status.AWAITING_REVIEW


def test_webhook_is_off_without_a_secret(hook: str, settings) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = ""

    assert post(hook, {"update_id": 1}, "") == 404


def test_webhook_takes_posts_only(hook: str) -> None:
    assert Client().get(hook).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"{not json",
        b"[]",
        b"null",
        b'"\xff"',
        b"[" * 100_000,
        b'{"update_id": NaN}',
        b'{"update_id": 1' + b"0" * 400 + b"}",
        b'{"update_id": -1}',
        b'{"update_id": true}',
        b'{"update_id": "1"}',
        b'{"update_id": 9223372036854775807, "message": {"from": {"id": 1e300}, "text": 5}}',
        b'{"update_id": 5, "message": {"from": {"id": 7}, "chat": {"id": 7}, "text": "/a\\u0000"}}',
        b'{"update_id": 6, "callback_query": {"id": "1", "from": {"id": 9}, "data": ["\\ud800"]}}',
        b'{"update_id": 7, "padding": "' + b"x" * 3_000_000 + b'"}',
    ],
)
def test_webhook_takes_no_update_of_no_use_twice(hook: str, body: bytes) -> None:
    """Another answer than 200 would make Telegram send it again and again."""
    assert post(hook, body) == 200


def test_fault_of_ours_is_not_asked_for_again(
    hook: str, bot: Bot, item: Message, monkeypatch
) -> None:
    def broken(**options: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("runs.reviews.decide", broken)

    assert post(hook, bot.server.press(item, item.data_of("Approve"))) == 200


# --- The page ---


@pytest.fixture
def page(server: TelegramServer) -> str:
    return reverse("admin:runs_telegramaccount_link")


def code_in(html: str) -> str:
    match = re.search(r"/start ([\w-]+)<", html)
    return match[1] if match else ""


def test_page_gives_a_code_that_links_its_reader(page: str, bot: Bot, browser_of) -> None:
    TelegramBot.objects.create(bot_id=BOT_ID, username="our_bot")
    browser = browser_of("Reviewer")
    assert code_in(browser.get(page).content.decode()) == ""

    response = browser.post(page)
    code = code_in(response.content.decode())

    assert f"https://t.me/our_bot?start={code}" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    bot.say(f"/start {code}")
    user = User.objects.get(pk=browser.session["_auth_user_id"])
    assert TelegramAccount.objects.get(telegram_id=ANN).user == user


def test_page_needs_a_login(page: str) -> None:
    assert Client().get(page).status_code == 302


def test_page_ends_ones_own_link_only(page: str, browser_of) -> None:
    browser = browser_of("Reviewer")
    mine = TelegramAccount.objects.create(
        telegram_id=1, user=User.objects.get(pk=browser.session["_auth_user_id"])
    )
    other = TelegramAccount.objects.create(telegram_id=2, user=UserFactory())

    browser.post(page, {"unlink": other.pk})
    browser.post(page, {"unlink": mine.pk})

    assert list(TelegramAccount.objects.all()) == [other]


def test_page_shows_names_as_text(page: str, boss: Client) -> None:
    user = User.objects.get(pk=boss.session["_auth_user_id"])
    TelegramAccount.objects.create(telegram_id=1, user=user, name="<script>alert(1)</script>")

    assert "<script>alert(1)" not in boss.get(page).content.decode()


def test_page_without_a_bot_says_what_to_do(page: str, boss: Client, settings) -> None:
    settings.TELEGRAM_BOT_TOKEN = ""

    assert "TELEGRAM_BOT_TOKEN" in boss.get(page).content.decode()


def test_administrator_sees_every_link_and_a_reviewer_none(server, browser_of) -> None:
    TelegramAccount.objects.create(telegram_id=ANN, user=UserFactory(), name="Ann")
    address = reverse("admin:runs_telegramaccount_changelist")

    assert str(ANN) in browser_of("Administrator").get(address).content.decode()
    assert browser_of("Reviewer").get(address).status_code == 403
