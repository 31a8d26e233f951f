"""Sends what was written down: each letter once, however workers die.

A worker takes a letter by one conditional UPDATE, which also says when others take it for dead.
If it dies in the very moment of handing over, the letter goes out again under the same id:
mailboxes show a message id once, and receivers of the webhook compare ids.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.db.models import F
from django.urls import reverse

from ai_artist.kit.columns import fitted
from media_tools.errors import ProviderError
from media_tools.messaging.webhook import Webhook
from media_tools.providers.redaction import redact
from runs.models import Letter, PersonalSettings
from runs.telling.planning import address_of

logger = logging.getLogger(__name__)

SENT_AT_ONCE = 50
# Longer than a mail server or a receiver may take.
TAKEN_FOR_DEAD_AFTER = timedelta(minutes=5)
MOST_ATTEMPTS = 10
LONGEST_WAIT = timedelta(hours=6)
SALT = "runs.telling.unsubscribe"


def send_due(*, clock: Callable[[], datetime]) -> int:
    """Send the letters that are due. Returns how many went out."""
    sent = 0
    for letter in Letter.objects.due(now=clock()).select_related("user")[:SENT_AT_ONCE]:
        if _take(letter, now=clock()):
            sent += _deliver(letter, clock=clock)
    return sent


def _take(letter: Letter, *, now: datetime) -> bool:
    mine = Letter.objects.due(now=now).filter(pk=letter.pk, attempts=letter.attempts)
    taken = mine.update(attempts=F("attempts") + 1, due_at=now + TAKEN_FOR_DEAD_AFTER)
    letter.attempts += 1
    return bool(taken)


def _deliver(letter: Letter, *, clock: Callable[[], datetime]) -> bool:
    if letter.way == Letter.Way.WEBHOOK:
        send = partial(_call_webhook, letter, now=clock())
    elif letter.user and wants_mail(letter.user):
        send = partial(_mail, letter, letter.user)
    else:
        _settle(letter, state=Letter.State.DROPPED)
        return False
    try:
        send()
    except (ProviderError, OSError, ValueError) as error:  # of smtplib and of odd addresses too
        _put_off(letter, error, now=clock())
        return False
    return _settle(letter, state=Letter.State.SENT, sent_at=clock())


def wants_mail(user: User) -> bool:
    """Tell whether a person still wants mail: they may have changed their mind since."""
    wanted = PersonalSettings.objects.filter(user=user).exclude(mail=PersonalSettings.Mail.OFF)
    return user.is_active and user.is_staff and bool(user.email) and wanted.exists()


def _put_off(letter: Letter, error: Exception, *, now: datetime) -> None:
    words = redact(str(error), (settings.EMAIL_HOST_PASSWORD, settings.WEBHOOK["secret"]))
    if letter.attempts >= MOST_ATTEMPTS:
        logger.error("Given up after %s attempts: %s: %s", letter.attempts, letter, words)
        _settle(letter, state=Letter.State.FAILED, **fitted(Letter, error=words))
        return
    logger.warning("Not sent, tried again later: %s: %s", letter, words)
    wait = min(timedelta(minutes=2 ** (letter.attempts - 1)), LONGEST_WAIT)
    _settle(letter, due_at=now + wait, **fitted(Letter, error=words))


def _settle(letter: Letter, **fields: object) -> bool:
    """Note what became of a letter, unless another worker has taken it over."""
    mine = Letter.objects.filter(pk=letter.pk, attempts=letter.attempts, state=Letter.State.PENDING)
    return bool(mine.update(**fields))


# --- The ways ---


def _call_webhook(letter: Letter, *, now: datetime) -> None:
    webhook = Webhook(**settings.WEBHOOK)
    webhook.send(letter.body, message_id=letter.event, timestamp=int(now.timestamp()))


def _mail(letter: Letter, user: User) -> None:
    """Hand a letter to the mail server. Raises OSError, as smtplib does."""
    leave = address_of(reverse("unsubscribe", args=[unsubscribe_token(user)]))
    choose = address_of(reverse("admin:notifications"))
    site = urlsplit(settings.PANEL_URL).hostname or "localhost"
    EmailMessage(
        subject=letter.subject,
        body=f"{letter.body}\n\n-- \nChange what you are told: {choose}\nNo more mail: {leave}\n",
        to=[user.email],
        headers={
            "Message-ID": f"<{letter.event}.{user.pk}@{site}>",
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    ).send()


# --- Leaving, without signing in ---


def unsubscribe_token(user: User) -> str:
    """Return what stands for a person in the link that ends their mail."""
    return Signer(salt=SALT).sign(str(user.pk))


def person_of(token: str) -> User | None:
    """Return whose link it is; None if nobody signed it."""
    try:
        return User.objects.filter(pk=int(Signer(salt=SALT).unsign(token))).first()
    except (BadSignature, ValueError):
        return None


def unsubscribe(user: User) -> None:
    """End all mail to a person."""
    PersonalSettings.objects.filter(user=user).update(mail=PersonalSettings.Mail.OFF)
