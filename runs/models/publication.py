"""Publications: a part of a release on a channel, from its plan to its end."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from media_tools.foreign import LONGEST_ID
from runs.models.channel import LONGEST_REASON, Channel, Part
from runs.models.release import Release

LONGEST_URL = 1_000


class PublicationQuerySet(models.QuerySet["Publication"]):
    def workable(self, *, now: datetime) -> Self:
        """Held by nobody, and somebody should look. Longest due first.

        A channel that stands still sends nothing; what is out there is watched and taken down all
        the same.
        """
        return (
            self.filter(owner="", wake_at__lte=now)
            .exclude(~Q(channel__state=Channel.State.ACTIVE), status__in=Publication.BEFORE_THERE)
            .order_by("wake_at", "pk")
        )

    def announcing(self, release_id: uuid.UUID, *, now: datetime) -> Self:
        """Posts whose time has come, and which wait for something of a release to come out."""
        waiting = self.filter(status=Publication.Status.DUE, owner="", due_at__lte=now)
        return waiting.filter(release=release_id, part=Part.POST)

    def counted(self) -> Self:
        """What takes a place in the pacing: all that was or will be public."""
        return self.filter(Q(live_at__isnull=False) | Q(status__in=Publication.ON_ITS_WAY))

    def certain(self) -> Self:
        """What will surely be public at its time, or was: all others yield to it."""
        return self.counted().filter(Q(live_at__isnull=False) | Q(fixed=True))


class Publication(models.Model):
    """A part of a release on a channel.

    wake_at: when somebody should look next; while a worker holds it, the end of the lease; empty:
    nothing is left to do, or a person has to act.
    """

    class Status(models.TextChoices):
        PLANNED = "planned"
        DUE = "due", "To be sent"
        SENDING = "sending"
        PROCESSING = "processing", "Taken, not yet out"
        UNKNOWN = "unknown", "Answer lost: being looked for"
        LIVE = "live", "Out"
        NEEDS_PERSON = "needs_person", "Needs a person"
        FAILED = "failed"
        CANCELLED = "cancelled"
        RECALLING = "recalling", "Being taken down"
        RECALLED = "recalled", "Taken down, proven"
        RECALL_UNPROVEN = "recall_unproven", "Taken down, not proven"

    # Nothing of it is at the channel yet; a plan can still be changed or given up.
    OPEN = (Status.PLANNED, Status.DUE)
    BEFORE_THERE = (*OPEN, Status.SENDING)
    ON_ITS_WAY = (*BEFORE_THERE, Status.PROCESSING, Status.UNKNOWN, Status.NEEDS_PERSON)
    IN_RECALL = (Status.RECALLING, Status.RECALLED, Status.RECALL_UNPROVEN)
    FOR_A_PERSON = (Status.UNKNOWN, Status.NEEDS_PERSON, Status.FAILED, Status.RECALL_UNPROVEN)
    # The approval behind it may still be undone.
    UNDOABLE = (*OPEN, Status.CANCELLED, *IN_RECALL)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="publications")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="publications")
    part = models.CharField(max_length=12, choices=Part)
    position = models.PositiveSmallIntegerField(default=0, help_text="Of the track; 0: all.")
    status = models.CharField(max_length=16, choices=Status, default=Status.PLANNED)
    stage = models.CharField(max_length=12, blank=True, help_text="As its channel told last.")
    reason = models.CharField(
        max_length=LONGEST_REASON, blank=True, help_text="Why it stands where it stands."
    )
    asked_at = models.DateTimeField(help_text="When it was to be public, as planned.")
    due_at = models.DateTimeField(help_text="When it is made public.")
    send_at = models.DateTimeField()
    fixed = models.BooleanField(
        default=False,
        help_text="Its time is certain: its platform keeps it, or it was just made public.",
    )
    wake_at = models.DateTimeField(null=True, blank=True)
    owner = models.CharField(max_length=80, blank=True, help_text="Worker that holds the lease.")
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Failures in a row.")
    looks = models.PositiveSmallIntegerField(default=0, help_text="Looks of the present series.")
    memory = models.TextField(blank=True, editable=False)  # encrypted
    external_id = models.CharField(max_length=LONGEST_ID, blank=True)
    url = models.CharField("address", max_length=LONGEST_URL, blank=True)
    bundle_sha256 = models.CharField(max_length=64, blank=True, help_text="What was sent.")
    sent_bytes = models.PositiveBigIntegerField(default=0)
    of_bytes = models.PositiveBigIntegerField(default=0)
    flagged = models.BooleanField(null=True, help_text="AI flag as read back; empty: it has none.")
    disclosed = models.BooleanField(null=True, help_text="Disclosure as read back.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    checked_for = models.DateTimeField(
        null=True, blank=True, help_text="Next health check before its time; empty: none left."
    )
    rung_at = models.DateTimeField(null=True, blank=True, help_text="When people were told.")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(
        null=True, blank=True, help_text="When its audience was last read; empty: never."
    )
    recall_began_at = models.DateTimeField(null=True, blank=True)
    taken_down_at = models.DateTimeField(
        null=True, blank=True, help_text="When its channel agreed to take it down."
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ("due_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["release", "channel", "part", "position"], name="publication_once"
            ),
            models.CheckConstraint(
                name="publication_live_has_time",
                condition=~Q(status="live") | Q(live_at__isnull=False),
            ),
            models.CheckConstraint(
                name="publication_processing_has_id",
                condition=~Q(status="processing") | ~Q(external_id=""),
            ),
            models.CheckConstraint(
                name="publication_recalling_has_time",
                condition=~Q(status__in=["recalling", "recalled", "recall_unproven"])
                | Q(recall_began_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["wake_at", "id"], name="publication_due", condition=Q(wake_at__isnull=False)
            ),
            models.Index(fields=["due_at", "id"], name="publication_by_due"),
            models.Index(fields=["channel", "due_at"], name="publication_by_channel"),
            models.Index(fields=["status", "due_at"], name="publication_by_status"),
        ]

    def __str__(self) -> str:
        at = f" {self.position}" if self.position else ""
        return f"{self.release} on {self.channel} ({self.get_part_display()}{at})"
