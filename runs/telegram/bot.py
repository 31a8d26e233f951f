"""The configured bot: its client, its row, and what Telegram has said about its limits."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.messaging.telegram import BotRefused, ChatMoved, TelegramApi
from runs.models import TelegramBot

logger = logging.getLogger(__name__)

# The wait after a fault that only time or an operator can mend.
PAUSE = timedelta(minutes=10)


def enabled() -> bool:
    """Whether a bot is configured."""
    return bool(settings.TELEGRAM_BOT_TOKEN)


def configured_api() -> TelegramApi:
    """Return a client of the bot. Raises ProviderRejected if the token is missing or malformed."""
    if not enabled():
        raise ProviderRejected(
            "telegram",
            "there is no bot",
            code="configuration",
            action="make one with @BotFather and set TELEGRAM_BOT_TOKEN; see docs/telegram.md",
        )
    return TelegramApi(settings.TELEGRAM_BOT_TOKEN, base_url=settings.TELEGRAM_BASE_URL)


def row_of(api: TelegramApi) -> TelegramBot:
    """Get or create the bot's row."""
    return TelegramBot.objects.get_or_create(bot_id=api.bot_id)[0]


def is_quiet(api: TelegramApi, *, now: datetime) -> bool:
    """Whether nothing may be sent for now."""
    return TelegramBot.objects.filter(bot_id=api.bot_id, quiet_until__gt=now).exists()


def note_fault(api: TelegramApi, error: ProviderError, *, now: datetime) -> None:
    """Log a fault; send nothing while Telegram asks for a pause or refuses the bot."""
    logger.warning("Telegram: %s", error)
    wait = PAUSE if isinstance(error, BotRefused) else timedelta(0)
    if isinstance(error, ProviderUnavailable) and error.retry_after_s:
        wait = timedelta(seconds=error.retry_after_s)
    if wait:
        TelegramBot.objects.filter(bot_id=api.bot_id).update(quiet_until=now + wait)


def address_of(api: TelegramApi, chat_id: int) -> int:
    """Return a chat's present id: a group gets another one when it becomes a supergroup."""
    moved: int = row_of(api).moved_chats.get(str(chat_id), chat_id)
    return moved


def note_move(api: TelegramApi, chat_id: int, error: ChatMoved) -> None:
    """Remember a group's new id."""
    logger.warning("Telegram: chat %s: %s", chat_id, error)
    with transaction.atomic():
        row = TelegramBot.objects.select_for_update().get(bot_id=api.bot_id)
        row.moved_chats[str(chat_id)] = error.chat_id
        row.save(update_fields=["moved_chats"])
