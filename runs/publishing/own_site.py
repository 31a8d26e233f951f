"""Our own pages as a channel: to publish is to write the site, to recall is to write it again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from media_tools.errors import NeedsPerson, ProviderUnavailable
from media_tools.providers.http import Line
from media_tools.publishing.base import (
    Account,
    AccountFacts,
    ChannelAdapter,
    Memory,
    Sent,
    Sighting,
    Stage,
    Standing,
)
from runs.errors import SiteRefused
from runs.models import Publication
from runs.publishing.items import PageItem
from runs.site import export
from runs.site.catalogue import address_of
from runs.site.pages import COVER


@dataclass(frozen=True)
class SiteOptions:
    """The site has none of its own: AI_ARTIST_SITE_DIR and its like say where it is."""


class OwnSite(ChannelAdapter[PageItem]):
    """The public site of this installation. An item's id is its page's address below the site's."""

    name = "site"
    Options = SiteOptions

    def __init__(self, options: SiteOptions, line: Line, account: Account) -> None:
        pass

    def account(self) -> AccountFacts:
        self._folder()
        return AccountFacts(id=settings.SITE_URL, name=settings.SITE_TITLE, url=settings.SITE_URL)

    def send(self, item: PageItem, memory: Memory) -> Sent:
        return self._sent(item)

    def find(self, item: PageItem, memory: Memory) -> Sent | None:
        return self._sent(item)

    def standing(self, external_id: str, item: PageItem) -> Standing:
        there = self.witness(external_id, "").there
        return Standing(
            stage=Stage.LIVE if there else Stage.HIDDEN, url=self._url(external_id), disclosed=True
        )

    def publish(self, external_id: str, item: PageItem) -> None:
        # The catalogue leaves out pages whose time is to come.
        Publication.objects.filter(pk=item.key).update(stage=Stage.LIVE.value)
        self._export()

    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        self._export()

    def witness(self, external_id: str, url: str) -> Sighting:
        """Look into the folder that is served: a page with its media, or a tombstone or nothing."""
        page = self._folder() / external_id / export.PAGE
        there = page.is_file() and (page.parent / COVER).is_file()
        body = page.read_bytes() if page.is_file() else b""
        return Sighting(
            there=there,
            address=self._url(external_id),
            status=0,
            sha256=hashlib.sha256(body).hexdigest(),
            words="Seen in the folder of the site.",
        )

    def _sent(self, item: PageItem) -> Sent:
        self._folder()
        address = address_of(item.release)
        return Sent(address, self._url(address))

    def _url(self, address: str) -> str:
        return f"{settings.SITE_URL.rstrip('/')}/{address}/"

    def _folder(self) -> Path:
        if settings.SITE_DIR is None:
            raise NeedsPerson(
                self.name, "there is no folder for it", action="set AI_ARTIST_SITE_DIR"
            )
        return Path(settings.SITE_DIR)

    def _export(self) -> None:
        try:
            site = export.site_at(settings.SITE_URL, settings.SITE_TITLE)
            export.export_site(self._folder(), site)
        except SiteRefused as error:
            raise NeedsPerson(self.name, str(error)) from error
        except OSError as error:
            raise ProviderUnavailable(self.name, f"it cannot be written: {error}") from error
