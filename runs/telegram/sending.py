"""Sends items to review: the best preview Telegram takes, no faster than it allows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F

from media_tools.errors import ProviderRejected, ProviderUnavailable
from media_tools.messaging.telegram import (
    UPLOAD_BYTES,
    BotRefused,
    ChatMoved,
    ChatUnreachable,
    FileUnreadable,
    Sent,
    TelegramApi,
    UploadTooLarge,
)
from runs.errors import StoreTrouble
from runs.models import Artifact, Run, TelegramAccount, TelegramMessage
from runs.reviewing.reviews import content_hash_of
from runs.telegram.bot import PAUSE, address_of, note_move
from runs.telegram.messages import new_token
from runs.telegram.wording import decision_keyboard, item_text

logger = logging.getLogger(__name__)

State, Media = TelegramMessage.State, TelegramMessage.Media

# Older items are left to the panel: a bot just switched on must not send a whole backlog.
WINDOW = timedelta(hours=24)
# Longer than the slowest upload: a row held longer belongs to a dead process.
SENDING = timedelta(minutes=10)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(minutes=30)
# Telegram allows about one message a second per chat, and twenty a minute in a group.
SENT_IN_A_PASS = 10
BETWEEN_MESSAGES_S = 1.1
# The largest thumbnail that Telegram takes.
THUMBNAIL_PX = 320


@dataclass
class Pass:
    """What one pass over the messages did."""

    sent: int = 0
    settled: int = 0
    reopened: int = 0
    failed: int = 0


def send_due(
    api: TelegramApi, done: Pass, *, now: datetime, sleep: Callable[[float], None]
) -> None:
    """Send pending messages, oldest first, no faster than allowed. Raises what stops the pass."""
    pending = TelegramMessage.objects.filter(state=State.PENDING, due_at__lte=now)
    for message_pk in list(
        pending.order_by("due_at", "pk").values_list("pk", flat=True)[:SENT_IN_A_PASS]
    ):
        # One conditional UPDATE: of two passes, only one sends it.
        if not pending.filter(pk=message_pk).update(
            due_at=now + SENDING, attempts=F("attempts") + 1
        ):
            continue
        message = TelegramMessage.objects.select_related("run__artist").get(pk=message_pk)
        # Decided or replaced while it waited: a late message would only confuse.
        if not still_wanted(message, now=now):
            message.delete()
            continue
        if done.sent:
            sleep(BETWEEN_MESSAGES_S)
        if send(message, api=api, now=now):
            done.sent += 1
        else:
            done.failed += 1


def still_wanted(message: TelegramMessage, *, now: datetime) -> bool:
    """Whether the run awaits review as the same candidate, and not for too long."""
    run = message.run
    current = run.status == Run.Status.AWAITING_REVIEW and run.finished_at == message.candidate_at
    return current and (message.sent_at is not None or message.candidate_at > now - WINDOW)


def send(message: TelegramMessage, *, api: TelegramApi, now: datetime) -> bool:
    """Send a message that this pass holds. Returns False if it can never be sent.

    Raises faults that concern other messages too; this one is then due again.
    """
    rows = TelegramMessage.objects.filter(pk=message.pk)
    token = new_token(message, now=now)
    # The verdict will be bound to what this message shows.
    rows.update(content_hash=content_hash_of(message.run))
    try:
        sent = upload(message, token, api=api)
    except ChatUnreachable as error:
        reader = TelegramAccount.objects.filter(telegram_id=message.chat_id)
        if message.chat_id == settings.TELEGRAM_CHAT_ID or not reader.exists():
            # A wrong setting: no message can be sent to anybody.
            rows.update(due_at=now + PAUSE, error=str(error))
            raise
        reader.update(unreachable_since=now)
        rows.update(state=State.FAILED, error=str(error))
        return False
    except ProviderUnavailable as error:
        delay = min(FIRST_RETRY * 2 ** (message.attempts - 1), LONGEST_RETRY)
        if error.retry_after_s:
            delay = timedelta(seconds=error.retry_after_s)
        rows.update(due_at=now + delay, error=str(error))
        raise
    except BotRefused as error:
        rows.update(due_at=now + PAUSE, error=str(error))
        raise
    except ProviderRejected as error:
        logger.error("Telegram: run %s was not sent: %s", message.run_id, error)
        rows.update(state=State.FAILED, error=str(error))
        return False
    rows.update(state=State.OPEN, message_id=sent.message_id, sent_at=now, error="")
    return True


def upload(message: TelegramMessage, token: str, *, api: TelegramApi) -> Sent:
    """Send the best preview that Telegram takes, and record its kind."""

    def deliver(media: str, file: Artifact | None) -> Sent:
        # Recorded before sending: if the answer is lost, the message may still have arrived.
        TelegramMessage.objects.filter(pk=message.pk).update(media=media)
        chat_id = address_of(api, message.chat_id)
        try:
            return send_preview(message.run, file, chat_id, token, api=api)
        except ChatMoved as error:
            note_move(api, message.chat_id, error)
            return send_preview(message.run, file, error.chat_id, token, api=api)

    for media, file in previews(message.run):
        try:
            return deliver(media, file)
        except (UploadTooLarge, FileUnreadable, StoreTrouble) as error:
            logger.warning("Telegram: %s of run %s: %s", media, message.run_id, error)
    return deliver(Media.TEXT, None)


def previews(run: Run) -> Iterator[tuple[str, Artifact]]:
    """Yield the files of a run that could be sent, best first: its video, its track."""
    for media, kind in ((Media.VIDEO, Artifact.Kind.VIDEO), (Media.AUDIO, Artifact.Kind.MP3)):
        file = run.artifact(kind)
        # Telegram refuses larger files, and only after the whole upload.
        if file is not None and file.bytes <= UPLOAD_BYTES:
            yield media, file


def send_preview(
    run: Run, file: Artifact | None, chat_id: int, token: str, *, api: TelegramApi
) -> Sent:
    """Send one message: text, buttons, and the file if there is one."""
    text, keyboard = item_text(run), decision_keyboard(token)
    if file is None:
        return api.send_message(chat_id, text, keyboard=keyboard)
    if file.kind == Artifact.Kind.VIDEO:
        size_px = (file.width, file.height) if file.width and file.height else None
        return api.send_video(
            chat_id,
            file.path,
            caption=text,
            keyboard=keyboard,
            duration_s=file.duration_s,
            size_px=size_px,
        )
    return api.send_audio(
        chat_id,
        file.path,
        caption=text,
        keyboard=keyboard,
        duration_s=file.duration_s,
        performer=run.artist.name,
        title=run.title,
        thumbnail=small_picture(run),
    )


def small_picture(run: Run) -> Path | None:
    """Return the run's thumbnail, if Telegram takes it as one."""
    picture = run.artifact(Artifact.Kind.THUMBNAIL)
    if picture is None or picture.media_type != "image/jpeg":
        return None
    if not picture.width or not picture.height:
        return None
    return picture.path if max(picture.width, picture.height) <= THUMBNAIL_PX else None
