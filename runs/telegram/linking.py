"""Links Telegram accounts to users by a code that works once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from ai_artist.kit.tokens import hash_of
from runs.models import TelegramAccount, TelegramLinkCode

CODE_LIFE = timedelta(minutes=10)
CODE_BYTES = 18


class LinkRefused(Exception):
    """The code is unknown, used or expired."""


def new_code(*, user: User, now: datetime) -> str:
    """Create a code that links one Telegram account to the user; ends the user's earlier codes.

    It fits `https://t.me/BOT?start=CODE`. Only its hash is stored, so it cannot be shown again.
    """
    code = secrets.token_urlsafe(CODE_BYTES)
    with transaction.atomic():
        TelegramLinkCode.objects.filter(user=user, used_at=None).delete()
        TelegramLinkCode.objects.create(
            user=user, code_hash=hash_of(code), created_at=now, expires_at=now + CODE_LIFE
        )
    return code


def redeem(*, code: str, telegram_id: int, name: str, now: datetime) -> TelegramAccount:
    """Link the account that sends a valid code. Raises LinkRefused, always with the same text."""
    codes = TelegramLinkCode.objects.filter(code_hash=hash_of(code))
    with transaction.atomic():
        # One conditional UPDATE: if two accounts send the code at once, one is linked.
        if not codes.filter(used_at=None, expires_at__gt=now).update(used_at=now):
            raise LinkRefused(
                "This code does not work: it was used, is older than ten minutes, or was never "
                "given. Get a new one in the panel, under Telegram."
            )
        account, _ = TelegramAccount.objects.update_or_create(
            telegram_id=telegram_id,
            defaults={
                "user": codes.get().user,
                "name": name[:140],
                "linked_at": now,
                "unreachable_since": None,
            },
        )
    return account


def unlink(*, account_id: int, user: User) -> bool:
    """End one of the user's own links. Returns False if there is none."""
    deleted, _ = TelegramAccount.objects.filter(pk=account_id, user=user).delete()
    return bool(deleted)


def account_of(telegram_id: int) -> TelegramAccount | None:
    """Return the link of a Telegram account whose user may still enter the panel."""
    accounts = TelegramAccount.objects.select_related("user")
    return accounts.filter(
        telegram_id=telegram_id, user__is_active=True, user__is_staff=True
    ).first()
