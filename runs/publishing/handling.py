"""One publication in the hands of a worker, with all it takes to go on with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from ai_artist.kit.columns import reason
from media_tools.foreign import label
from media_tools.publishing.base import ChannelAdapter, Sighting
from runs.models import Proof, Publication
from runs.models.publication import LONGEST_URL
from runs.publishing.accounts import ChannelAccount
from runs.publishing.channels import adapter_of, issuer_of
from runs.publishing.claims import PublicationClaim
from runs.publishing.gates import announced_address
from runs.publishing.items import Item, item_of
from runs.publishing.memory import PublicationMemory

Clock = Callable[[], datetime]
LONGEST_WORDS = 500


@dataclass
class Handling:
    """A claimed publication, as it was when it was claimed."""

    publication: Publication
    claim: PublicationClaim
    clock: Clock

    @classmethod
    def of(cls, claim: PublicationClaim, clock: Clock) -> Handling:
        rows = Publication.objects.select_related(
            "channel", "release__artist", "release__bundle", "release__profile", "release__cover"
        )
        return cls(rows.get(pk=claim.publication_id), claim, clock)

    @cached_property
    def adapter(self) -> ChannelAdapter[Any]:
        channel = self.publication.channel
        account = ChannelAccount(channel.pk, channel.kind, issuer_of(channel), self.clock)
        return adapter_of(channel, account)

    @property
    def checked_item(self) -> Item:
        """What is handed over; its files are read through for it. Raises PublishingRefused."""
        return item_of(self.publication, address=announced_address(self.publication))

    @cached_property
    def item(self) -> Item:
        """What was handed over, for looks: its files are not read and may be gone."""
        return item_of(self.publication, address=announced_address(self.publication), checked=False)

    @cached_property
    def memory(self) -> PublicationMemory:
        return PublicationMemory.of(self.publication, self.claim)

    def let_go(self, status: str, *, after: timedelta | None, why: str = "", **fields: Any) -> None:
        """Write the outcome and let go. after: until the next look; None: none by itself."""
        wake_at = None if after is None else self.clock() + after
        self.claim.let_go(wake_at=wake_at, status=status, reason=reason(why), **fields)

    def prove(self, sighting: Sighting) -> None:
        """Store what a stranger saw."""
        Proof.objects.create(
            publication=self.publication,
            what=Proof.What.STRANGER,
            at=self.clock(),
            there=sighting.there,
            address=label(sighting.address, longest=LONGEST_URL),
            status=sighting.status,
            sha256=sighting.sha256,
            words=label(sighting.words, longest=LONGEST_WORDS),
        )
