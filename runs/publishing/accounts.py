"""Who an adapter speaks for: the tokens of a channel, renewed by one worker, and shared quotas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from pydantic import TypeAdapter

from ai_artist.kit.columns import reason
from media_tools.errors import NeedsPerson, ProviderUnavailable
from media_tools.publishing.base import Account
from media_tools.publishing.tokens import Issuer, Tokens
from runs.models import Channel, QuotaUse
from runs.publishing.channels import kind_of
from runs.publishing.sealing import seal, unseal

STORED = TypeAdapter(Tokens)
RECONNECT = "connect the channel again"


class Disconnected(NeedsPerson):
    """The account's tokens are no good: nothing can be done there until it is connected."""


@dataclass(frozen=True)
class ChannelAccount(Account):
    """The tokens and quotas of one channel. issuer None: nothing renews its tokens."""

    channel_id: int
    kind: str
    issuer: Issuer | None
    clock: Callable[[], datetime]

    def token(self, *, lasting_s: float = 120.0) -> str:
        """An access token good for so long. Raises NeedsPerson, ProviderUnavailable."""
        tokens = self._tokens(Channel.objects.get(pk=self.channel_id))
        until = self.clock() + timedelta(seconds=lasting_s)
        if tokens.access and (tokens.expires_at is None or tokens.expires_at > until):
            return tokens.access
        return self._renewed(tokens)

    def renewed(self) -> str:
        """A new access token after the channel refused the last one. Raises NeedsPerson."""
        return self._renewed(self._tokens(Channel.objects.get(pk=self.channel_id)))

    def spend(self, units: int, *, bucket: str = "") -> None:
        """Book units of a quota of the kind. Raises ProviderUnavailable until the next day."""
        row = kind_of(Channel.objects.get(pk=self.channel_id))
        most = row.quota.get(bucket)
        if most is None:
            return
        local = self.clock().astimezone(ZoneInfo(row.zone))
        use, _ = QuotaUse.objects.get_or_create(kind=self.kind, bucket=bucket, day=local.date())
        booked = QuotaUse.objects.filter(pk=use.pk, units__lte=most - units)
        if not booked.update(units=F("units") + units):
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            ends = midnight + timedelta(days=1)
            raise ProviderUnavailable(
                self.kind,
                f"its quota of {most:,} {bucket or 'units'} a day is used up",
                code="quota",
                action="it goes on by itself the next day",
                retry_after_s=(ends - local).total_seconds(),
            )

    def _renewed(self, seen: Tokens) -> str:
        """Renew unless another worker did so meanwhile. seen: the tokens that are not good."""
        if self.issuer is None:
            raise Disconnected(self.kind, "its token is refused", action=RECONNECT)
        row = Channel.objects.filter(pk=self.channel_id)
        # Durable before the call: a refresh token may work once, and its answer may be lost.
        lost = row.filter(refreshing_since__isnull=False).exists()
        row.filter(refreshing_since=None).update(refreshing_since=self.clock())
        with transaction.atomic():
            # Whoever comes second waits here and finds the new tokens.
            channel = row.select_for_update().get()
            tokens = self._tokens(channel)
            if tokens.access != seen.access:
                row.update(refreshing_since=None)
                return tokens.access
            try:
                new = self.issuer.refresh(tokens, now=self.clock())
            except NeedsPerson as error:
                why = "the answer to a renewal was lost, and " if lost else ""
                raise Disconnected(
                    self.kind, f"{why}{error.cause}", code=error.code, action=RECONNECT
                ) from error
            store_tokens(channel, new)
            return new.access

    def _tokens(self, channel: Channel) -> Tokens:
        tokens = tokens_of(channel)
        if tokens is None:
            raise Disconnected(self.kind, "it is not connected", action=RECONNECT)
        return tokens


def tokens_of(channel: Channel) -> Tokens | None:
    """A channel's tokens; None if it is not connected. Raises PublishingRefused."""
    stored = unseal(channel.tokens)
    return STORED.validate_json(stored) if stored else None


def store_tokens(channel: Channel, tokens: Tokens) -> None:
    """Keep the tokens of a locked channel; the renewal, if one was noted, is over."""
    channel.tokens = seal(STORED.dump_json(tokens).decode())
    channel.connection_ends_at = tokens.refresh_expires_at
    channel.refreshing_since = None
    channel.save(update_fields=["tokens", "connection_ends_at", "refreshing_since"])


def stop_channel(channel: Channel, why: object) -> None:
    """Park a channel until a person acted; what is due on it waits."""
    Channel.objects.filter(pk=channel.pk, state=Channel.State.ACTIVE).update(
        state=Channel.State.NEEDS_PERSON, reason=reason(str(why))
    )
