"""Handles one Telegram update: a command or a pressed button.

Only `from.id` identifies the sender. An update is handled once; a button is also guarded by its
token and by the review service.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from media_tools.errors import ProviderError
from media_tools.foreign import whole
from media_tools.messaging.telegram import Keyboard, MessageGone, Sent, TelegramApi
from runs.errors import ReviewRefused
from runs.models import (
    Review,
    Run,
    TelegramAccount,
    TelegramBot,
    TelegramCallback,
    TelegramMessage,
    TelegramUpdate,
)
from runs.reviewing import reviews
from runs.telegram import commands, linking, messages
from runs.telegram.bot import address_of, note_fault, row_of
from runs.telegram.notifications import may_review
from runs.telegram.wording import (
    APPROVE,
    BACK,
    REASON,
    REJECT,
    UNDO,
    decision_keyboard,
    item_text,
    parse_data,
    quoted,
    reason_keyboard,
    verdict_of,
)

logger = logging.getLogger(__name__)

NOT_LINKED = "This Telegram account is not linked to the panel."
INVALID = "This button is not valid."
OVER = "These buttons no longer work."
UNDONE = "Undone. It awaits review again."
TOO_LATE = "Too late to undo here; open the run in the panel."
NOT_YOURS = "Only who decided can undo it."
FAULT = "Something went wrong here; nothing was done. Try again, or use the panel."


def handle_update(update: Mapping[str, Any], *, api: TelegramApi, now: datetime) -> bool:
    """Do what an update asks for; never raises for its content. False if handled before.

    It is marked before it is done: a crash in between loses a press or a command, which a person
    repeats, but never does one twice.
    """
    if not take_up(update, row_of(api), now=now):
        return False
    press, message = update.get("callback_query"), update.get("message")
    try:
        if isinstance(press, Mapping):
            handle_press(press, api=api, now=now)
        elif isinstance(message, Mapping):
            handle_message(message, api=api, now=now)
    except ProviderError as error:
        # It was done; only the answer did not reach the person.
        note_fault(api, error, now=now)
    except Exception:
        logger.exception("Telegram: update %s failed.", update.get("update_id"))
    return True


def take_up(update: Mapping[str, Any], bot: TelegramBot, *, now: datetime) -> bool:
    """Mark the update as ours to handle. Returns False if it was marked before."""
    update_id = whole(update.get("update_id"))
    if update_id is None:
        return False
    try:
        with transaction.atomic():
            TelegramUpdate.objects.create(bot=bot, update_id=update_id, received_at=now)
    except IntegrityError:
        logger.info("Telegram: update %s came again.", update_id)
        return False
    return True


# --- Commands ---


def handle_message(message: Mapping[str, Any], *, api: TelegramApi, now: datetime) -> None:
    """Answer a command. Strangers get an answer only if they may be about to link."""
    sender, chat = _part(message, "from"), _part(message, "chat")
    sender_id, chat_id = sender.get("id"), chat.get("id")
    text = message.get("text")
    if (
        sender.get("is_bot")
        or not isinstance(sender_id, int)
        or not isinstance(chat_id, int)
        or not isinstance(text, str)
    ):
        return
    private = chat.get("type") == "private"
    parsed = commands.parse(text, username=row_of(api).username)
    if parsed is None:
        return
    name, argument = parsed
    account = linking.account_of(sender_id)
    if name == "start" and private and argument:
        words = link(argument, sender_id, _name_of(sender), now=now)
    elif account is not None:
        words = commands.perform(name, argument, user=account.user, now=now)
    else:
        logger.warning("Telegram: /%s from the unlinked account %s.", name[:20], sender_id)
        if name != "start" or not private:
            return
        words = f"{NOT_LINKED} In the panel, open Telegram and follow the link there."
    TelegramAccount.objects.filter(telegram_id=sender_id).update(unreachable_since=None)
    # A stranger who writes too often must not get the whole bot silenced.
    with suppress(ProviderError) if account is None else nullcontext():
        api.send_message(chat_id, quoted_lines(words))


def link(code: str, telegram_id: int, name: str, *, now: datetime) -> str:
    """Link the sender by a code. Returns what to answer."""
    try:
        account = linking.redeem(code=code, telegram_id=telegram_id, name=name, now=now)
    except linking.LinkRefused as error:
        logger.warning("Telegram: a code was refused to the account %s.", telegram_id)
        return str(error)
    return f"Linked to {account.user.get_username()}.\n\n{commands.HELP}"


def quoted_lines(text: str) -> str:
    """Return plain text as HTML, line by line."""
    return "\n".join(quoted(line, 400) for line in text.splitlines())


# --- Buttons ---


def handle_press(press: Mapping[str, Any], *, api: TelegramApi, now: datetime) -> None:
    """Do what a pressed button asks for, and end its spinner with a short answer."""
    sender, query_id = _part(press, "from"), press.get("id")
    sender_id = sender.get("id")
    if sender.get("is_bot") or not isinstance(sender_id, int) or not isinstance(query_id, str):
        return
    account = linking.account_of(sender_id)
    if account is None:
        logger.warning("Telegram: a button pressed by the unlinked account %s.", sender_id)
        with suppress(ProviderError):
            api.answer_callback(query_id, NOT_LINKED, alert=True)
        return
    if not may_review(account.user):
        logger.warning("Telegram: %s may not review.", account.user.get_username())
        api.answer_callback(query_id, "Your account may not review.", alert=True)
        return
    parsed = parse_data(str(press.get("data", "")))
    callback = find_callback(parsed[0], _part(press, "message"), api) if parsed else None
    if parsed is None or callback is None:
        logger.warning("Telegram: a forged button from %s.", account.user.get_username())
        api.answer_callback(query_id, INVALID, alert=True)
        return
    try:
        words = act(callback, parsed[1], account, api=api, now=now)
    except ProviderError:
        raise
    except Exception:
        api.answer_callback(query_id, FAULT, alert=True)
        raise
    try:
        api.answer_callback(query_id, words)
    finally:
        messages.bring_up_to_date(callback.message.run_id, api=api, now=now)


def find_callback(
    token: str, message: Mapping[str, Any], api: TelegramApi
) -> TelegramCallback | None:
    """Return what the button stands for, if it is on the message we sent it with.

    Telegram may no longer know the message. A message whose confirmation was lost gets its id from
    the first press on it.
    """
    callback = (
        TelegramCallback.objects.select_related("message__run__artist").filter(token=token).first()
    )
    if callback is None:
        return None
    row = callback.message
    chat_id, message_id = _part(message, "chat").get("id"), message.get("message_id")
    # A token copied to another chat must not work there.
    if chat_id not in (None, row.chat_id, address_of(api, row.chat_id)):
        return None
    if isinstance(message_id, int):
        if row.message_id is None:
            row.message_id = message_id
        elif row.message_id != message_id:
            return None
    return callback


def act(
    callback: TelegramCallback,
    action: str,
    account: TelegramAccount,
    *,
    api: TelegramApi,
    now: datetime,
) -> str:
    """Do what the button says. Returns the text for the person who pressed it."""
    message = callback.message
    run = Run.objects.select_related("artist").get(pk=message.run_id)
    if callback.used_at or callback.expires_at <= now or run.finished_at != message.candidate_at:
        verdict = verdict_of(run)
        if action == UNDO and verdict:
            return TOO_LATE
        return f"Already decided: {verdict}" if verdict else f"{OVER} See the panel."
    adopt(message, now=now)
    if action == UNDO:
        return undo(run, account, now=now)
    if action in (REJECT, BACK):
        keyboard = (reason_keyboard if action == REJECT else decision_keyboard)(callback.token)
        if run.status != Run.Status.AWAITING_REVIEW:
            return f"Already decided: {verdict_of(run)}"
        show_keyboard(message, keyboard, api=api, now=now)
        return "Why?" if action == REJECT else ""
    return decide(callback, run, action, account, now=now)


def decide(
    callback: TelegramCallback, run: Run, action: str, account: TelegramAccount, *, now: datetime
) -> str:
    """Pass a verdict to the review service. Returns the text for the person."""
    rejects = action != APPROVE
    try:
        with transaction.atomic():
            reviews.decide(
                run_id=run.pk,
                decision=Review.Decision.REJECT if rejects else Review.Decision.APPROVE,
                reasons=[action.removeprefix(REASON)] if rejects else [],
                reviewer=account.user,
                content_hash=callback.message.content_hash,
                grace_s=settings.REVIEW_GRACE_S,
                # The same press by the same person is the same verdict, however often it arrives.
                key=key_of(callback, action, account),
                now=now,
            )
            run.refresh_from_db()
            decided = run.status != Run.Status.AWAITING_REVIEW
            if decided:
                TelegramCallback.objects.filter(message__run=run, used_at=None).update(used_at=now)
    except ReviewRefused as error:
        run.refresh_from_db()
        verdict = verdict_of(run)
        return f"Already decided: {verdict}" if verdict else str(error)
    return verdict_of(run) if decided else "Noted. Another reviewer judges it too."


def undo(run: Run, account: TelegramAccount, *, now: datetime) -> str:
    """Undo one's own decision within its grace. Returns the text for the person."""
    pending = Review.objects.pending().filter(run=run, effective_at__gt=now).first()
    if pending is None:
        return TOO_LATE if verdict_of(run) else UNDONE
    if pending.reviewer_id != account.user_id:
        return NOT_YOURS
    try:
        reviews.undo_verdict(key=pending.key, reviewer=account.user, now=now)
    except ReviewRefused as error:
        return str(error)
    return UNDONE


def key_of(callback: TelegramCallback, action: str, account: TelegramAccount) -> uuid.UUID:
    """Return the idempotency key of a press."""
    name = f"telegram:{callback.token}:{action}:{account.user_id}"
    return uuid.uuid5(uuid.NAMESPACE_OID, name)


def adopt(message: TelegramMessage, *, now: datetime) -> None:
    """Mark a message as sent whose confirmation was lost: a press proves that it arrived."""
    if message.message_id is None:
        return
    TelegramMessage.objects.filter(pk=message.pk, message_id=None).update(
        state=TelegramMessage.State.OPEN, message_id=message.message_id, sent_at=now, error=""
    )


def show_keyboard(
    message: TelegramMessage, keyboard: Keyboard, *, api: TelegramApi, now: datetime
) -> None:
    """Put other buttons under the message; if it cannot be edited, under a new one."""
    sent = messages.sent_of(message, api)
    try:
        if sent is not None:
            api.edit_keyboard(sent, keyboard)
            return
    except MessageGone as error:
        logger.info("Telegram: message %s is not editable: %s", message.message_id, error)
    follow_up(message, api=api, now=now)


def follow_up(message: TelegramMessage, *, api: TelegramApi, now: datetime) -> Sent:
    """Send a separate message that asks for the reason."""
    # FAILED until it is confirmed: nothing but a person's next press should send it again.
    row = TelegramMessage.objects.create(
        run_id=message.run_id,
        chat_id=message.chat_id,
        kind=TelegramMessage.Kind.REASONS,
        candidate_at=message.candidate_at,
        content_hash=message.content_hash,
        state=TelegramMessage.State.FAILED,
        due_at=now,
        error="not confirmed",
    )
    token = messages.new_token(row, now=now)
    chat_id = address_of(api, message.chat_id)
    text = f"{item_text(message.run)}\n\nWhy is it rejected?"
    sent = api.send_message(chat_id, text, keyboard=reason_keyboard(token))
    TelegramMessage.objects.filter(pk=row.pk).update(
        state=TelegramMessage.State.OPEN, message_id=sent.message_id, sent_at=now, error=""
    )
    return sent


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}


def _name_of(sender: Mapping[str, Any]) -> str:
    names = [sender.get("first_name"), sender.get("last_name")]
    shown = " ".join(name for name in names if isinstance(name, str) and name)
    username = sender.get("username")
    return f"{shown} (@{username})" if isinstance(username, str) and username else shown
