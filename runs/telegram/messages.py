"""Keeps the messages about a run true to its decision, whether made here or elsewhere."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from media_tools.errors import ProviderError, ProviderRejected
from media_tools.messaging.telegram import BotRefused, Keyboard, Sent, TelegramApi
from runs.models import Review, Run, TelegramCallback, TelegramMessage
from runs.reviewing.reviews import content_hash_of
from runs.telegram.bot import address_of, note_fault
from runs.telegram.wording import decision_keyboard, item_text, undo_keyboard, verdict_of

logger = logging.getLogger(__name__)

State, Kind, Media = TelegramMessage.State, TelegramMessage.Kind, TelegramMessage.Media

BUTTONS_LIFE = timedelta(days=30)


# --- Messages that are no longer true ---


def outdated(run_id: UUID | None = None) -> QuerySet[TelegramMessage]:
    """Return messages that offer a decision already made, or show an earlier candidate."""
    messages = TelegramMessage.objects.filter(state=State.OPEN)
    if run_id is not None:
        messages = messages.filter(run_id=run_id)
    current = Q(run__status=Run.Status.AWAITING_REVIEW, candidate_at=F("run__finished_at"))
    return messages.exclude(current).select_related("run__artist").order_by("pk")


def taken_back(*, now: datetime, run_id: UUID | None = None) -> QuerySet[TelegramMessage]:
    """Return messages without working buttons about a run that awaits review (again)."""
    messages = TelegramMessage.objects.all()
    if run_id is not None:
        messages = messages.filter(run_id=run_id)
    working = TelegramCallback.objects.filter(
        message=OuterRef("pk"), used_at=None, expires_at__gt=now
    )
    return (
        messages.filter(
            Q(state=State.CLOSED) | Q(state=State.OPEN) & ~Exists(working),
            kind=Kind.REVIEW,
            message_id__isnull=False,
            run__status=Run.Status.AWAITING_REVIEW,
            candidate_at=F("run__finished_at"),
        )
        .select_related("run__artist")
        .order_by("pk")
    )


def undo_over(*, now: datetime) -> QuerySet[TelegramMessage]:
    """Return messages that still show an undo button after the grace."""
    late = TelegramCallback.objects.filter(
        message=OuterRef("pk"), used_at=None, expires_at__lte=now
    )
    messages = TelegramMessage.objects.filter(Exists(late), state=State.CLOSED)
    return messages.select_related("run__artist").order_by("pk")


# --- Correcting them ---


def bring_up_to_date(run_id: UUID, *, api: TelegramApi, now: datetime) -> None:
    """Settle or reopen every message about a run; what fails is left to the next pass."""
    try:
        for message in outdated(run_id):
            settle(message, api=api, now=now)
        for message in taken_back(now=now, run_id=run_id):
            reopen(message, api=api, now=now)
    except ProviderError as error:
        note_fault(api, error, now=now)


def settle(message: TelegramMessage, *, api: TelegramApi, now: datetime) -> None:
    """Show on the message how its run was decided; replace its buttons by an undo for the grace.

    Raises ProviderUnavailable; the message then stays open for the next pass.
    """
    verdict = verdict_of(message.run) or "Replaced by a newer version."
    message.callbacks.filter(used_at=None).update(used_at=now)
    until = grace_of(message.run, now=now)
    keyboard = undo_keyboard(new_token(message, now=now, until=until)) if until else ()
    edit(message, item_text(message.run, verdict=verdict), keyboard, api=api)
    TelegramMessage.objects.filter(pk=message.pk, state=State.OPEN).update(state=State.CLOSED)


def grace_of(run: Run, *, now: datetime) -> datetime | None:
    """Return until when the run's decision can be undone without a trace; None if it cannot."""
    pending = Review.objects.pending().filter(run=run, effective_at__gt=now)
    return pending.values_list("effective_at", flat=True).first()


def end_undo(message: TelegramMessage, *, api: TelegramApi, now: datetime) -> None:
    """Remove the undo button. Raises ProviderUnavailable; the next pass then does it."""
    # First the message, then the row: if editing fails, the next pass tries it again.
    edit(message, item_text(message.run, verdict=verdict_of(message.run)), (), api=api)
    message.callbacks.filter(used_at=None).update(used_at=now)


def reopen(message: TelegramMessage, *, api: TelegramApi, now: datetime) -> None:
    """Offer the decision again, with new buttons; the old ones have no effect."""
    rows = TelegramMessage.objects.filter(pk=message.pk)
    token = new_token(message, now=now)
    if edit(message, item_text(message.run), decision_keyboard(token), api=api):
        rows.update(state=State.OPEN, content_hash=content_hash_of(message.run))
    else:
        # It can no longer be edited, so a new message is sent.
        rows.update(state=State.PENDING, message_id=None, due_at=now)


def edit(message: TelegramMessage, text: str, keyboard: Keyboard, *, api: TelegramApi) -> bool:
    """Change text and buttons of a message. Returns False if it can no longer be edited."""
    sent = sent_of(message, api)
    if sent is None:
        return False
    change = api.edit_text if message.media == Media.TEXT else api.edit_caption
    try:
        change(sent, text, keyboard=keyboard)
    except BotRefused:
        raise
    except ProviderRejected as error:
        # Deleted, too old, or the bot was removed: the decision does not depend on the message.
        logger.info("Telegram: message %s was not edited: %s", message.message_id, error)
        return False
    return True


def sent_of(message: TelegramMessage, api: TelegramApi) -> Sent | None:
    """Return where the message is, if Telegram has confirmed it."""
    if message.message_id is None:
        return None
    return Sent(address_of(api, message.chat_id), message.message_id)


def new_token(message: TelegramMessage, *, now: datetime, until: datetime | None = None) -> str:
    """Create buttons for a message, valid for BUTTONS_LIFE or until `until`; old ones end."""
    message.callbacks.filter(used_at=None).update(used_at=now)
    callback = TelegramCallback.objects.create(
        token=secrets.token_urlsafe(16), message=message, expires_at=until or now + BUTTONS_LIFE
    )
    return callback.token
