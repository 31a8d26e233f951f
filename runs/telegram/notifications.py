"""Items to review, sent with preview and buttons, and kept true to what was decided elsewhere.

Every message has its row before it is sent; the row says what is still to be done, so any number
of passes may run, die and be repeated. Only an answer lost on the way can make a message twice.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
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
from runs.models import (
    Artifact,
    Run,
    TelegramAccount,
    TelegramCallback,
    TelegramMessage,
    TelegramUpdate,
)
from runs.reviews import content_hash_of
from runs.telegram.bot import (
    PAUSE,
    address_of,
    configured_api,
    enabled,
    is_quiet,
    note_fault,
    note_move,
)
from runs.telegram.wording import decision_keyboard, item_text, verdict_of

logger = logging.getLogger(__name__)

State, Kind, Media = TelegramMessage.State, TelegramMessage.Kind, TelegramMessage.Media

# What came to review earlier is for the panel: a bot switched on must not pour out a backlog.
WINDOW = timedelta(hours=24)
BUTTONS_LIFE = timedelta(days=30)
# Longer than the slowest upload: whoever holds a row then is dead.
SENDING = timedelta(minutes=10)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(minutes=30)
# Telegram repeats an update for 24 hours at most.
UPDATES_KEPT = timedelta(days=3)
# About one message a second and chat is allowed, twenty a minute in a group.
SENT_IN_A_PASS = 10
EDITED_IN_A_PASS = 20
BETWEEN_MESSAGES_S = 1.1
# The size of a thumbnail that Telegram takes.
THUMBNAIL_PX = 320
MAY_REVIEW = "runs.review_run"


@dataclass
class Pass:
    """What one pass did."""

    sent: int = 0
    settled: int = 0
    reopened: int = 0
    failed: int = 0


def notify_ready(
    *,
    now: datetime,
    api: TelegramApi | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, int]:
    """Send what awaits review and was not sent yet, and correct what is no longer true.

    Safe to call at any time and by several at once. Without a bot it does nothing; faults of
    Telegram are logged, and the next pass goes on. Gives what was done, by name.
    """
    done = Pass()
    if api is None and not enabled():
        return asdict(done)
    try:
        api = api or configured_api()
    except ProviderRejected as error:
        logger.error("Telegram: %s", error)
        return asdict(done)
    TelegramUpdate.objects.filter(received_at__lt=now - UPDATES_KEPT).delete()
    plan(now=now)
    for work in (settle_outdated, reopen_taken_back, send_due):
        if is_quiet(api, now=now):
            break
        try:
            work(api, done, now=now, sleep=sleep)
        except ProviderError as error:
            note_fault(api, error, now=now)
    return asdict(done)


# --- What is to be done ---


def recipients() -> list[int]:
    """Chats that get the items: the configured one, or each linked reviewer's own."""
    if settings.TELEGRAM_CHAT_ID:
        return [settings.TELEGRAM_CHAT_ID]
    accounts = TelegramAccount.objects.filter(
        unreachable_since=None, user__is_active=True, user__is_staff=True
    ).select_related("user")
    # A private chat has the id of the person.
    return [account.telegram_id for account in accounts if account.user.has_perm(MAY_REVIEW)]


def plan(*, now: datetime) -> None:
    """Write down a message for every chat and every candidate that has none."""
    for chat_id in recipients():
        planned = TelegramMessage.objects.filter(
            kind=Kind.REVIEW,
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
            ignore_conflicts=True,  # another pass planned it too
        )


def outdated(run_id: UUID | None = None) -> QuerySet[TelegramMessage]:
    """Messages that offer a decision which is taken, or about an earlier candidate."""
    messages = TelegramMessage.objects.filter(state=State.OPEN)
    if run_id is not None:
        messages = messages.filter(run_id=run_id)
    current = Q(run__status=Run.Status.AWAITING_REVIEW, candidate_at=F("run__finished_at"))
    return messages.exclude(current).select_related("run__artist").order_by("pk")


def taken_back() -> QuerySet[TelegramMessage]:
    """Messages without working buttons about a run that awaits review (again)."""
    working = TelegramCallback.objects.filter(message=OuterRef("pk"), used_at=None)
    return (
        TelegramMessage.objects.filter(
            Q(state=State.CLOSED) | Q(state=State.OPEN) & ~Exists(working),
            kind=Kind.REVIEW,
            message_id__isnull=False,
            run__status=Run.Status.AWAITING_REVIEW,
            candidate_at=F("run__finished_at"),
        )
        .select_related("run__artist")
        .order_by("pk")
    )


# --- Editing ---


def settle_outdated(
    api: TelegramApi, done: Pass, *, now: datetime, sleep: Callable[[float], None]
) -> None:
    """Bring messages up to date about decisions taken elsewhere."""
    for message in outdated()[:EDITED_IN_A_PASS]:
        settle(message, api=api, now=now)
        done.settled += 1


def reopen_taken_back(
    api: TelegramApi, done: Pass, *, now: datetime, sleep: Callable[[float], None]
) -> None:
    """Offer undone decisions again."""
    for message in taken_back()[:EDITED_IN_A_PASS]:
        reopen(message, api=api, now=now)
        done.reopened += 1


def settle(message: TelegramMessage, *, api: TelegramApi, now: datetime) -> None:
    """Say on the message how its run was decided, and take its buttons away.

    Raises ProviderUnavailable; the message stays open then, and the next pass does it.
    """
    verdict = verdict_of(message.run) or "Replaced by a newer version."
    edit(message, item_text(message.run, verdict=verdict), token="", api=api)
    message.callbacks.filter(used_at=None).update(used_at=now)
    TelegramMessage.objects.filter(pk=message.pk, state=State.OPEN).update(state=State.CLOSED)


def settle_run(run_id: UUID, *, api: TelegramApi, now: datetime) -> None:
    """Settle every message about a run that was just decided; what fails is for the next pass."""
    try:
        for message in outdated(run_id):
            settle(message, api=api, now=now)
    except ProviderError as error:
        note_fault(api, error, now=now)


def reopen(message: TelegramMessage, *, api: TelegramApi, now: datetime) -> None:
    """Offer the decision again, with new buttons: those from before stay without effect."""
    rows = TelegramMessage.objects.filter(pk=message.pk)
    token = new_token(message, now=now)
    if edit(message, item_text(message.run), token=token, api=api):
        rows.update(state=State.OPEN, content_hash=content_hash_of(message.run))
    else:
        rows.update(state=State.PENDING, message_id=None, due_at=now)


def edit(message: TelegramMessage, text: str, *, token: str, api: TelegramApi) -> bool:
    """Change words and buttons of a message; False if it cannot be edited any more.

    token: of its decision buttons; "" for none.
    """
    sent = sent_of(message, api)
    if sent is None:
        return False
    change = api.edit_text if message.media == Media.TEXT else api.edit_caption
    try:
        change(sent, text, keyboard=decision_keyboard(token) if token else ())
    except BotRefused:
        raise
    except ProviderRejected as error:
        # Deleted, too old, the bot was removed: what it says does not matter to the decision.
        logger.info("Telegram: message %s was not edited: %s", message.message_id, error)
        return False
    return True


def sent_of(message: TelegramMessage, api: TelegramApi) -> Sent | None:
    """Where the message is, if Telegram has confirmed it."""
    if message.message_id is None:
        return None
    return Sent(address_of(api, message.chat_id), message.message_id)


def new_token(message: TelegramMessage, *, now: datetime) -> str:
    """Buttons for a message; earlier ones of it end."""
    message.callbacks.filter(used_at=None).update(used_at=now)
    callback = TelegramCallback.objects.create(
        token=secrets.token_urlsafe(16), message=message, expires_at=now + BUTTONS_LIFE
    )
    return callback.token


# --- Sending ---


def send_due(
    api: TelegramApi, done: Pass, *, now: datetime, sleep: Callable[[float], None]
) -> None:
    """Send pending messages, oldest first, no faster than allowed. Raises what stops the pass."""
    pending = TelegramMessage.objects.filter(state=State.PENDING, due_at__lte=now)
    for message_pk in list(
        pending.order_by("due_at", "pk").values_list("pk", flat=True)[:SENT_IN_A_PASS]
    ):
        # One conditional UPDATE: of two passes one sends it.
        if not pending.filter(pk=message_pk).update(
            due_at=now + SENDING, attempts=F("attempts") + 1
        ):
            continue
        message = TelegramMessage.objects.select_related("run__artist").get(pk=message_pk)
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
    """Whether the run awaits review as the candidate it was, and not for too long."""
    run = message.run
    current = run.status == Run.Status.AWAITING_REVIEW and run.finished_at == message.candidate_at
    return current and (message.sent_at is not None or message.candidate_at > now - WINDOW)


def send(message: TelegramMessage, *, api: TelegramApi, now: datetime) -> bool:
    """Send a message that this pass holds; False if it never can be.

    Raises what concerns more than this message: it is due again then.
    """
    rows = TelegramMessage.objects.filter(pk=message.pk)
    token = new_token(message, now=now)
    rows.update(content_hash=content_hash_of(message.run))
    try:
        sent = upload(message, token, api=api)
    except ChatUnreachable as error:
        reader = TelegramAccount.objects.filter(telegram_id=message.chat_id)
        if message.chat_id == settings.TELEGRAM_CHAT_ID or not reader.exists():
            # An operator's mistake: nobody could be told anything.
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
    """Send the best preview that Telegram takes, and note of which kind it is."""

    def deliver(media: str, file: Artifact | None) -> Sent:
        # Noted before: if the answer is lost, the message may be there all the same.
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
        except (UploadTooLarge, FileUnreadable) as error:
            logger.warning("Telegram: %s of run %s: %s", media, message.run_id, error)
    return deliver(Media.TEXT, None)


def previews(run: Run) -> Iterator[tuple[str, Artifact]]:
    """The files that could be sent of a run, best first: its video, its track."""
    for media, kind in ((Media.VIDEO, Artifact.Kind.VIDEO), (Media.AUDIO, Artifact.Kind.MP3)):
        file = run.artifact(kind)
        if file is not None and file.bytes <= UPLOAD_BYTES:
            yield media, file


def send_preview(
    run: Run, file: Artifact | None, chat_id: int, token: str, *, api: TelegramApi
) -> Sent:
    """One message: words, buttons, and the file if there is one."""
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
    """The run's thumbnail, if Telegram takes it as one."""
    picture = run.artifact(Artifact.Kind.THUMBNAIL)
    if picture is None or picture.media_type != "image/jpeg":
        return None
    if not picture.width or not picture.height:
        return None
    return picture.path if max(picture.width, picture.height) <= THUMBNAIL_PX else None


def may_review(user: User) -> bool:
    """Whether the user's buttons count."""
    return bool(user.has_perm(MAY_REVIEW))
