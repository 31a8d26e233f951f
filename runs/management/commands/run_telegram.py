"""The Telegram bot: `run_telegram` polls until it is stopped."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from ai_artist.kit.values import counted
from media_tools.errors import ProviderError
from media_tools.messaging.telegram import TelegramApi, is_webhook_secret
from runs.models import TelegramBot
from runs.telegram.bot import configured_api, row_of
from runs.telegram.polling import Poller, PollerBusy


class Command(JsonCommand):
    help = (
        "Answer the Telegram bot's commands and buttons by long polling, until SIGTERM or Ctrl-C. "
        "With a webhook this process is not needed."
    )
    refusals = (ProviderError, PollerBusy)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="Handle what waits now, then end.")
        how.add_argument("--check", action="store_true", help="Only show the bot and its webhook.")
        how.add_argument(
            "--set-webhook",
            metavar="URL",
            help="Let Telegram call https://HOST/telegram/webhook/ instead; needs "
            "TELEGRAM_WEBHOOK_SECRET.",
        )
        how.add_argument("--delete-webhook", action="store_true", help="Back to polling.")

    def perform(self, **options: Any) -> Report:
        secret = settings.TELEGRAM_WEBHOOK_SECRET
        if options["set_webhook"] and not is_webhook_secret(secret):
            raise bad_usage(
                "TELEGRAM_WEBHOOK_SECRET must be 1 to 256 letters, digits, - or _; without it "
                "anybody could call the webhook."
            )
        if options["set_webhook"] and not options["set_webhook"].startswith("https://"):
            raise bad_usage("Telegram calls https addresses only.")
        api = configured_api()
        bot = introduced(api)
        if options["set_webhook"]:
            api.set_webhook(options["set_webhook"], secret)
        if options["delete_webhook"]:
            api.delete_webhook()
        if options["check"] or options["set_webhook"] or options["delete_webhook"]:
            return webhook_report(api, bot)
        if not options["json"] and not options["once"]:
            self.stdout.write(f"{bot} listens. Stop with Ctrl-C.")
        handled = Poller(api, clock=timezone.now).run(once=options["once"])
        return Report(
            data={"bot": bot.username, "handled": handled},
            text=f"{counted(handled, 'update')} handled.",
        )


def introduced(api: TelegramApi) -> TelegramBot:
    """Ask the bot's name, which proves the token too, and keep it for links."""
    me = api.get_me()
    row = row_of(api)
    TelegramBot.objects.filter(pk=row.pk).update(username=me.username)
    row.username = me.username
    return row


def webhook_report(api: TelegramApi, bot: TelegramBot) -> Report:
    """Where updates go and whether they arrive."""
    info = api.webhook_info()
    url, error = str(info.get("url", "")), str(info.get("last_error_message", ""))
    waiting = info.get("pending_update_count", 0)
    lines = [f"{bot}: " + (f"webhook {url}" if url else "no webhook, updates are polled")]
    lines.append(f"{counted(waiting, 'update')} {'waits' if waiting == 1 else 'wait'}.")
    lines += [f"Last error: {error}"] if error else []
    return Report(
        data={"bot": bot.username, "webhook": url, "pending": waiting, "last_error": error},
        text="\n".join(lines),
    )
