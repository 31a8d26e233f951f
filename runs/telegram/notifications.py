"""Sends items to review, with preview and buttons, and corrects them after decisions elsewhere.

Every message has its row before it is sent, and the row says what is still to be done. So any
number of passes may run, die and be repeated. Only if an answer is lost can a message be sent
twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef

from media_tools.errors import ProviderError, ProviderRejected
from media_tools.messaging.telegram import TelegramApi
from runs.models import Run, TelegramAccount, TelegramMessage, TelegramUpdate
from runs.reviewing.reviewers import MAY_REVIEW
from runs.telegram.bot import address_of, configured_api, enabled, is_quiet, note_fault
from runs.telegram.messages import end_undo, outdated, reopen, settle, taken_back, undo_over
from runs.telegram.sending import WINDOW, Pass, send_due

logger = logging.getLogger(__name__)

EDITED_IN_A_PASS = 20
RUNG_TOGETHER = 10
LONGEST_ALARM = 1500


def notify_ready(
    *,
    now: datetime,
    api: TelegramApi | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, int]:
    """Send what awaits review and was not sent yet, and correct what is no longer true.

    Safe to call at any time and by several processes. Does nothing without a bot; faults of
    Telegram are logged, and the next pass goes on. Returns counts of what was done, by name.
    """
    done = Pass()
    if api is None and not enabled():
        return asdict(done)
    try:
        api = api or configured_api()
    except ProviderRejected as error:
        logger.error("Telegram: %s", error)
        return asdict(done)
    TelegramUpdate.objects.filter(received_at__lt=now - TelegramUpdate.KEPT).delete()
    plan(now=now)
    for work in (settle_outdated, reopen_taken_back, end_undos, send_due):
        if is_quiet(api, now=now):
            break
        try:
            work(api, done, now=now, sleep=sleep)
        except ProviderError as error:
            note_fault(api, error, now=now)
    return asdict(done)


def ring(texts: Sequence[str], *, api: TelegramApi | None = None) -> int:
    """Send alarms to those who get the items to review. Returns how many were sent.

    Faults of Telegram are logged: the dashboard and the figures tell the same.
    """
    if not texts or (api is None and not enabled()):
        return 0
    sent = 0
    try:
        api = api or configured_api()
        for chat_id in recipients():
            for text in texts[:RUNG_TOGETHER]:
                api.send_message(address_of(api, chat_id), text[:LONGEST_ALARM])
                sent += 1
    except ProviderError as error:
        logger.error("Telegram: %s", error)
    return sent


# --- What has to be done ---


def recipients() -> list[int]:
    """Return the chats that get the items: the configured one, or each linked reviewer's own."""
    if settings.TELEGRAM_CHAT_ID:
        return [settings.TELEGRAM_CHAT_ID]
    accounts = TelegramAccount.objects.filter(
        unreachable_since=None, user__is_active=True, user__is_staff=True
    ).select_related("user")
    # A private chat has the id of its person.
    return [account.telegram_id for account in accounts if account.user.has_perm(MAY_REVIEW)]


def plan(*, now: datetime) -> None:
    """Create the row of a message for every chat and candidate that has none."""
    for chat_id in recipients():
        planned = TelegramMessage.objects.filter(
            kind=TelegramMessage.Kind.REVIEW,
            chat_id=chat_id,
            run=OuterRef("pk"),
            candidate_at=OuterRef("finished_at"),
        )
        fresh = Run.objects.awaiting_review().filter(~Exists(planned), finished_at__gt=now - WINDOW)
        TelegramMessage.objects.bulk_create(
            [
                TelegramMessage(
                    run_id=run_id, chat_id=chat_id, candidate_at=finished_at, due_at=now
                )
                for run_id, finished_at in fresh.values_list("pk", "finished_at")
                if finished_at
            ],
            ignore_conflicts=True,  # another pass may plan it too
        )


# --- Editing ---


def settle_outdated(
    api: TelegramApi, done: Pass, *, now: datetime, sleep: Callable[[float], None]
) -> None:
    """Correct messages about decisions taken elsewhere."""
    for message in outdated()[:EDITED_IN_A_PASS]:
        settle(message, api=api, now=now)
        done.settled += 1


def reopen_taken_back(
    api: TelegramApi, done: Pass, *, now: datetime, sleep: Callable[[float], None]
) -> None:
    """Offer undone decisions again."""
    for message in taken_back(now=now)[:EDITED_IN_A_PASS]:
        reopen(message, api=api, now=now)
        done.reopened += 1


def end_undos(
    api: TelegramApi, done: Pass, *, now: datetime, sleep: Callable[[float], None]
) -> None:
    """Remove the undo buttons whose time is over."""
    for message in undo_over(now=now)[:EDITED_IN_A_PASS]:
        end_undo(message, api=api, now=now)


def may_review(user: User) -> bool:
    """Whether the user's buttons have an effect."""
    return bool(user.has_perm(MAY_REVIEW))
