"""Where releases go out to: accounts at platforms, distributors, messengers; and their limits."""

from __future__ import annotations

from datetime import time
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from artists.models import Artist
from runs.models.release import Release

LONGEST_REASON = 1_000


class Part(models.TextChoices):
    """What of a release goes to a channel."""

    RELEASE = "release", "The whole release"
    AUDIO = "audio", "The sound"
    VIDEO = "video", "The main video"
    TALL = "video-9x16", "The tall video (9:16)"
    WIDE = "video-16x9", "The wide video (16:9)"
    SQUARE = "video-1x1", "The square video (1:1)"
    TEASER = "teaser", "The teaser"
    POST = "post", "An announcement"


class ChannelQuerySet(models.QuerySet["Channel"]):
    def active(self) -> Self:
        return self.filter(state=Channel.State.ACTIVE)

    def of_artist(self, artist_id: int) -> Self:
        """Channels that take this artist's releases: those for all artists, and its own."""
        return self.filter(Q(artists=None) | Q(artists=artist_id)).distinct()


class Channel(models.Model):
    """An account that releases go out to, with what it takes and how often."""

    class Kind(models.TextChoices):
        YOUTUBE = "youtube", "YouTube"
        SOUNDCLOUD = "soundcloud", "SoundCloud"
        PEERTUBE = "peertube", "PeerTube"
        LABELGRID = "labelgrid", "LabelGrid"
        TIKTOK = "tiktok", "TikTok, as drafts"
        MASTODON = "mastodon"
        BLUESKY = "bluesky"
        DISCORD = "discord"
        SITE = "site", "Own pages"
        BY_HAND = "by_hand", "By hand"

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        NEEDS_PERSON = "needs_person", "Needs a person"

    class Privacy(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private", "Private: hidden for good"

    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=80, unique=True)
    address = models.URLField(
        max_length=200, blank=True, help_text="Of the instance, where its kind has many."
    )
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    reason = models.CharField(
        max_length=LONGEST_REASON, blank=True, help_text="Why it stands still, and what to do."
    )
    # Whose account it is, as a person confirmed; another one at a later check stops the channel.
    account_id = models.CharField(max_length=200, blank=True)
    account_name = models.CharField(max_length=200, blank=True)
    account_url = models.CharField(max_length=500, blank=True)
    tokens = models.TextField(blank=True, editable=False)  # encrypted
    connected_at = models.DateTimeField(null=True, blank=True)
    connection_ends_at = models.DateTimeField(
        null=True, blank=True, help_text="When a person has to connect it again; empty: not told."
    )
    refreshing_since = models.DateTimeField(
        null=True, blank=True, help_text="A renewal of its token began and did not end."
    )
    rung_at = models.DateTimeField(null=True, blank=True, help_text="When people were told.")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="Last look at the account.")
    artists = models.ManyToManyField(
        Artist, blank=True, related_name="channels", help_text="Empty: all artists."
    )
    parts = models.JSONField(default=list, help_text="What of a release it gets.")
    privacy = models.CharField(max_length=8, choices=Privacy, default=Privacy.PUBLIC)
    title_template = models.CharField(max_length=200, default="{title}")
    description_template = models.TextField(
        default="{title} by {artist}\n\n{disclosure}\n\n{credits}", max_length=4_000
    )
    tags = models.JSONField(default=list, blank=True)
    # From one release date the times on each channel follow.
    public_after_days = models.SmallIntegerField(
        default=0, help_text="Days after the release date; negative: before it."
    )
    public_time = models.TimeField(
        default=time(18), help_text="Time of day, in the zone of the installation or the series."
    )
    lead_time_h = models.PositiveIntegerField(
        default=24,
        validators=[MaxValueValidator(24 * 120)],
        help_text="Hours before that at which it is sent.",
    )
    # Pacing: no period of so many days has more public items than this; 0: no limit.
    artist_most = models.PositiveSmallIntegerField(default=1)
    artist_days = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    account_most = models.PositiveSmallIntegerField(default=1)
    account_days = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    gap_h = models.PositiveSmallIntegerField(
        default=24, help_text="Hours between two items of an artist."
    )
    jitter_min = models.PositiveSmallIntegerField(
        default=45, help_text="A time that is found, not asked for, is up to so much later."
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                name="channel_standing_still_says_why",
                condition=Q(state="active") | ~Q(reason=""),
            ),
        ]
        permissions = [
            ("connect_channel", "Can connect and disconnect channels"),
            ("publish_release", "Can plan, confirm and recall publications"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def pacing_key(self) -> str:
        """Names the account, which several channels may share."""
        return f"{self.kind}:{self.account_id}" if self.account_id else f"channel:{self.pk}"


class PacingScope(models.Model):
    """A row to lock while times of a scope are looked through and given away."""

    key = models.CharField(max_length=220, primary_key=True)

    def __str__(self) -> str:
        return self.key


class QuotaUse(models.Model):
    """What was spent on one day of a quota that all channels of a kind share."""

    kind = models.CharField(max_length=12)
    bucket = models.CharField(max_length=40, blank=True)
    day = models.DateField()
    units = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "bucket", "day"], name="quotause_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.bucket} {self.day}: {self.units}"


class Series(models.Model):
    """A standing order: each new single of an artist goes out on this day of the week."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0
        TUESDAY = 1
        WEDNESDAY = 2
        THURSDAY = 3
        FRIDAY = 4
        SATURDAY = 5
        SUNDAY = 6

    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="series")
    channels = models.ManyToManyField(
        Channel, blank=True, related_name="series", help_text="Empty: all that take the artist."
    )
    weekday = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.FRIDAY)
    at = models.TimeField("time of day", default=time(18))
    zone = models.CharField("time zone", max_length=60, default="UTC")
    active = models.BooleanField(default=True)
    since = models.DateTimeField(
        default=timezone.now, help_text="Singles made before are left alone."
    )

    class Meta:
        verbose_name_plural = "series"
        ordering = ("artist", "pk")

    def __str__(self) -> str:
        return f"{self.artist}: {self.get_weekday_display()} {self.at:%H:%M} ({self.zone})"


class SeriesDate(models.Model):
    """A date of a series that a release took: it is given once."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="dates")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="series_dates")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "at"], name="seriesdate_once"),
            models.UniqueConstraint(fields=["series", "release"], name="seriesdate_of_release"),
        ]

    def __str__(self) -> str:
        return f"{self.release}: {self.at:%Y-%m-%d %H:%M}"
