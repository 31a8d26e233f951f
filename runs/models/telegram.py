"""The Telegram bot: what it has read, who it acts for, what it has sent."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from runs.models.run import Run


class TelegramBot(models.Model):
    """What has to be remembered of the bot: who reads its updates and how far, its limits."""

    # Above a long poll with its margins; a living poller renews it at every turn.
    POLLER_LEASE = timedelta(seconds=120)

    bot_id = models.BigIntegerField(unique=True, help_text="The number its token begins with.")
    username = models.CharField(max_length=64, blank=True)
    next_offset = models.BigIntegerField(default=0, help_text="First update not handled yet.")
    poller = models.CharField(max_length=80, blank=True, help_text="Process that polls.")
    poller_until = models.DateTimeField(null=True, blank=True, help_text="End of its lease.")
    quiet_until = models.DateTimeField(
        null=True, blank=True, help_text="Telegram asked to be left alone until then."
    )
    moved_chats = models.JSONField(
        default=dict, blank=True, help_text="New id by old id of groups that became supergroups."
    )

    def __str__(self) -> str:
        return f"@{self.username}" if self.username else f"Bot {self.bot_id}"


class TelegramUpdate(models.Model):
    """An update that was taken up; the same one again is a repetition."""

    # Telegram repeats an update for a day at most.
    KEPT = timedelta(days=3)

    bot = models.ForeignKey(TelegramBot, on_delete=models.CASCADE, related_name="updates")
    update_id = models.BigIntegerField()
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bot", "update_id"], name="telegramupdate_once")
        ]

    def __str__(self) -> str:
        return f"Update {self.update_id}"


class TelegramAccount(models.Model):
    """A Telegram account that acts for a user of the panel. Its number never changes; names do."""

    telegram_id = models.BigIntegerField(unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="telegram_accounts"
    )
    name = models.CharField(max_length=140, blank=True, help_text="As shown when it was linked.")
    linked_at = models.DateTimeField(default=timezone.now)
    unreachable_since = models.DateTimeField(
        null=True, blank=True, help_text="The person blocked the bot; any word to it ends that."
    )

    class Meta:
        verbose_name = "Telegram account"
        ordering = ("-linked_at", "-pk")

    def __str__(self) -> str:
        return f"{self.name or self.telegram_id} of {self.user}"


class TelegramLinkCode(models.Model):
    """Proof, used once, that a Telegram account belongs to a user; only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Link code of {self.user}"


class TelegramMessage(models.Model):
    """A message about a run in a chat: written down before it is sent."""

    class Kind(models.TextChoices):
        REVIEW = "review", "Item to review"
        REASONS = "reasons", "Choice of a reason"

    class State(models.TextChoices):
        PENDING = "pending", "To be sent"
        OPEN = "open", "Sent, with buttons"
        CLOSED = "closed", "Decided, without buttons"
        FAILED = "failed"

    class Media(models.TextChoices):
        TEXT = "text"
        AUDIO = "audio"
        VIDEO = "video"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="telegram_messages")
    chat_id = models.BigIntegerField()
    message_id = models.BigIntegerField(
        null=True, blank=True, help_text="Empty until Telegram has confirmed it."
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.REVIEW)
    media = models.CharField(max_length=5, choices=Media, default=Media.TEXT)
    candidate_at = models.DateTimeField(
        help_text="When the run came to review; another time is another candidate."
    )
    content_hash = models.CharField(max_length=64, blank=True, help_text="Of what was shown.")
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="When sending is tried, again if need be.")
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Redacted.")

    class Meta:
        verbose_name = "Telegram message"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["run", "chat_id", "candidate_at"],
                condition=Q(kind="review"),
                name="telegrammessage_one_review_per_chat",
            ),
            models.CheckConstraint(
                name="telegrammessage_open_was_sent",
                condition=~Q(state="open") | Q(message_id__isnull=False, sent_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="telegrammessage_due",
                condition=Q(state="pending"),
            ),
            models.Index(fields=["run"], name="telegrammessage_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.message_id or 'not sent'}"


class TelegramCallback(models.Model):
    """What the buttons of a message stand for; only the opaque token leaves the system."""

    token = models.CharField(max_length=32, unique=True)
    message = models.ForeignKey(TelegramMessage, on_delete=models.CASCADE, related_name="callbacks")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Buttons of {self.message}"
