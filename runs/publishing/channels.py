"""The kinds of channels: a row each, and the adapter of a channel built from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from media_tools.providers.http import Line
from runs.errors import PublishingRefused
from runs.models import Channel, Part
from runs.providers.breakers import breaker_for
from runs.releasing.blockers import DISTRIBUTOR, FEED, VIDEO

if TYPE_CHECKING:
    from media_tools.publishing.base import Account, ChannelAdapter
    from media_tools.publishing.tokens import Issuer

Kind = Channel.Kind
FILMS = (Part.VIDEO, Part.TALL, Part.WIDE, Part.SQUARE, Part.TEASER)


class ItemKind(StrEnum):
    """What an adapter is handed: an Upload, a StoreRelease, a Post, or (pages) the release."""

    UPLOAD = "upload"
    STORE = "store"
    POST = "post"
    PAGE = "page"


@dataclass(frozen=True)
class Defaults:
    """What a new channel of a kind begins with; by the names of its columns."""

    lead_time_h: int = 24
    artist_most: int = 1
    artist_days: int = 1
    account_most: int = 1
    account_days: int = 1
    gap_h: int = 24


STORE_PACE = Defaults(
    lead_time_h=24 * 28, artist_most=1, artist_days=7, account_most=0, account_days=7
)
# An announcement follows what is out, which has its own pace.
UNPACED = Defaults(lead_time_h=0, artist_most=0, account_most=0, gap_h=0)


@dataclass(frozen=True)
class ChannelKind:
    """A row of the table below.

    path, issuer: of the adapter's and the token issuer's classes, with dots; no path: a person
    does by hand what is to be done. block: setting with the options both are made of.
    address_option: option that takes the channel's address. blockers: whose of
    runs/releasing/blockers.py hold it back. quota: units a day by bucket that all channels of the
    kind share. zone: in which that day ends.
    """

    item: ItemKind
    parts: tuple[Part, ...]
    blockers: str
    path: str = ""
    issuer: str = ""
    block: str = ""
    address_option: str = ""
    defaults: Defaults = Defaults()
    quota: Mapping[str, int] = field(default_factory=dict)
    zone: str = "UTC"

    @property
    def by_hand(self) -> bool:
        return not self.path


KINDS: dict[str, ChannelKind] = {
    Kind.YOUTUBE: ChannelKind(
        ItemKind.UPLOAD,
        FILMS,
        VIDEO,
        path="media_tools.publishing.youtube.YouTube",
        issuer="media_tools.publishing.youtube.GoogleSignIn",
        block="YOUTUBE_CHANNEL",
        quota={"": 10_000, "videos.insert": 100},
        zone="America/Los_Angeles",
    ),
    Kind.SOUNDCLOUD: ChannelKind(
        ItemKind.UPLOAD,
        (Part.AUDIO,),
        VIDEO,
        path="media_tools.publishing.soundcloud.SoundCloud",
        issuer="media_tools.publishing.soundcloud.SoundCloudSignIn",
        block="SOUNDCLOUD_CHANNEL",
    ),
    Kind.PEERTUBE: ChannelKind(
        ItemKind.UPLOAD,
        (*FILMS, Part.AUDIO),
        VIDEO,
        path="media_tools.publishing.peertube.PeerTube",
        issuer="media_tools.publishing.peertube_wire.PeerTubeIssuer",
        block="PEERTUBE_CHANNEL",
        address_option="base_url",
    ),
    Kind.TIKTOK: ChannelKind(
        ItemKind.UPLOAD,
        FILMS,
        VIDEO,
        path="media_tools.publishing.tiktok.TikTok",
        issuer="media_tools.publishing.tiktok.TikTokSignIn",
        block="TIKTOK_CHANNEL",
        # A draft waits in the app for its person.
        defaults=Defaults(lead_time_h=0),
    ),
    Kind.LABELGRID: ChannelKind(
        ItemKind.STORE,
        (Part.RELEASE,),
        FEED,
        path="media_tools.publishing.labelgrid.LabelGrid",
        issuer="media_tools.publishing.labelgrid_wire.LabelGridToken",
        block="LABELGRID_CHANNEL",
        defaults=STORE_PACE,
    ),
    Kind.MASTODON: ChannelKind(
        ItemKind.POST,
        (Part.POST,),
        VIDEO,
        path="media_tools.publishing.mastodon.Mastodon",
        issuer="media_tools.publishing.mastodon.MastodonToken",
        block="MASTODON_CHANNEL",
        address_option="base_url",
        defaults=UNPACED,
    ),
    Kind.BLUESKY: ChannelKind(
        ItemKind.POST,
        (Part.POST,),
        VIDEO,
        path="media_tools.publishing.bluesky.Bluesky",
        issuer="media_tools.publishing.bluesky.BlueskyIssuer",
        block="BLUESKY_CHANNEL",
        defaults=UNPACED,
    ),
    Kind.DISCORD: ChannelKind(
        ItemKind.POST,
        (Part.POST,),
        VIDEO,
        path="media_tools.publishing.discord.Discord",
        issuer="media_tools.publishing.discord.DiscordWebhook",
        defaults=UNPACED,
    ),
    Kind.SITE: ChannelKind(
        ItemKind.PAGE,
        (Part.RELEASE,),
        VIDEO,
        path="runs.publishing.own_site.OwnSite",
        defaults=UNPACED,
    ),
    Kind.BY_HAND: ChannelKind(ItemKind.STORE, tuple(Part), DISTRIBUTOR, defaults=STORE_PACE),
}


def kind_of(channel: Channel) -> ChannelKind:
    """The row of a channel's kind. Raises PublishingRefused if this version has none."""
    row = KINDS.get(channel.kind)
    if row is None:
        raise PublishingRefused(
            f"{channel}: this version cannot send to {channel.get_kind_display()}."
        )
    return row


def lead_of(channel: Channel) -> timedelta:
    """How long before its public time an item is sent. A post is out as soon as it is sent."""
    row = KINDS.get(channel.kind)
    announces = row is not None and row.item is ItemKind.POST
    return timedelta(0) if announces else timedelta(hours=channel.lead_time_h)


def adapter_of(channel: Channel, account: Account) -> ChannelAdapter[Any]:
    """The adapter that speaks for a channel. Raises PublishingRefused if a person does its work."""
    row = kind_of(channel)
    if row.by_hand:
        raise PublishingRefused(f"{channel} is served by hand.")
    adapter = import_string(row.path)
    return cast(
        "ChannelAdapter[Any]", adapter(options_of(channel, adapter), line_of(channel), account)
    )


def issuer_of(channel: Channel) -> Issuer | None:
    """Build the token issuer of a channel. Returns None for a kind without tokens."""
    row = kind_of(channel)
    if not row.issuer:
        return None
    issuer = import_string(row.issuer)
    return cast("Issuer", issuer(options_of(channel, issuer), line_of(channel)))


def options_of(channel: Channel, made: Any) -> Any:
    """A class's own options: what the settings say, and the channel's address."""
    row = kind_of(channel)
    block = getattr(settings, row.block) if row.block else {}
    known = {field.name for field in fields(made.Options)}
    given = {name: value for name, value in block.items() if name in known}
    if channel.address and row.address_option in known:
        given[row.address_option] = channel.address
    return made.Options(**given)


def line_of(channel: Channel) -> Line:
    """How a channel is reached. What has an address of its own has a breaker of its own."""
    breaker = f"{channel.kind}-{channel.pk}" if channel.address else str(channel.kind)
    return Line(breaker=breaker_for(breaker))
