"""The feeds and the sitemap."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from django.utils.xmlutils import SimplerXMLGenerator

from runs.site.catalogue import SiteRelease, SiteTrack
from runs.site.pages import COVER, MP3, Site

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
# Of https://podcastindex.org: the id of a feed is made of its address in this namespace.
PODCAST_IDS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
FEED = "feed.xml"
# Readers fetch a feed whole, every hour: older songs stay on the pages.
SONGS_IN_A_FEED = 300
ADDRESSES_IN_A_SITEMAP = 50_000
LANGUAGE = "en"


@dataclass(frozen=True)
class FeedPlace:
    """What a feed is about. address: of the page it belongs to."""

    title: str
    description: str
    address: str
    author: str


@dataclass(frozen=True)
class FeedSong:
    """A song in a feed, with its MP3 beside the page of its release."""

    release: SiteRelease
    track: SiteTrack
    file: str
    bytes: int


class PodcastFeed(Rss201rev2Feed):
    """RSS 2.0 with the tags that podcast directories ask for."""

    def rss_attributes(self) -> dict[str, str]:
        return super().rss_attributes() | {"xmlns:itunes": ITUNES, "xmlns:podcast": PODCAST}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("itunes:author", self.feed["author"])
        handler.addQuickElement("itunes:type", "episodic")
        handler.addQuickElement("itunes:explicit", self.feed["explicit"])
        handler.addQuickElement("itunes:category", attrs={"text": "Music"})
        if self.feed["image"]:
            handler.addQuickElement("itunes:image", attrs={"href": self.feed["image"]})
        handler.addQuickElement("podcast:guid", self.feed["podcast_id"])
        handler.addQuickElement("podcast:medium", "music")

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("itunes:author", item["artist"])
        handler.addQuickElement("itunes:duration", item["duration"])
        handler.addQuickElement("itunes:explicit", item["explicit"])
        handler.addQuickElement("itunes:image", attrs={"href": item["image"]})
        handler.addQuickElement("podcast:person", item["artist"], {"group": "cast"})
        handler.addQuickElement("podcast:txt", item["disclosure"], {"purpose": "ai-disclosure"})


def songs_of(releases: Sequence[SiteRelease]) -> Iterator[tuple[SiteRelease, SiteTrack]]:
    """The songs a feed has, newest release first, its tracks in their order."""
    songs = ((release, track) for release in releases for track in release.tracks)
    return islice(songs, SONGS_IN_A_FEED)


def feed_of(site: Site, place: FeedPlace, songs: Sequence[FeedSong]) -> str:
    """The text of a feed."""
    own_address = site.at(place.address, FEED)
    feed = PodcastFeed(
        title=place.title,
        link=site.at(place.address),
        description=place.description,
        language=LANGUAGE,
        feed_url=own_address,
        feed_copyright=next((song.release.p_line for song in songs if song.release.p_line), None),
        author=place.author,
        explicit=as_word(any(song.track.explicit for song in songs)),
        image=site.at(songs[0].release.address, COVER) if songs else "",
        podcast_id=str(uuid.uuid5(PODCAST_IDS, own_address.partition("://")[2])),
    )
    for song in songs:
        release, track = song.release, song.track
        feed.add_item(
            title=track.title,
            link=f"{site.at(release.address)}#track-{track.position}",
            description=f"{track.title} by {release.artist}. {track.statement}",
            pubdate=release.published_at,
            unique_id=f"urn:uuid:{uuid.uuid5(release.id, str(track.run_id))}",
            unique_id_is_permalink=False,
            enclosures=[Enclosure(site.at(release.address, song.file), str(song.bytes), MP3)],
            artist=release.artist,
            duration=str(round(track.duration_s)),
            explicit=as_word(track.explicit),
            image=site.at(release.address, COVER),
            disclosure="; ".join(f"{name}: {how}" for name, how in track.contributions),
        )
    return str(feed.writeString("utf-8"))


def as_word(value: bool) -> str:
    return "true" if value else "false"


def sitemaps_of(site: Site, addresses: Sequence[str]) -> dict[str, str]:
    """The texts of the sitemaps by file name: sitemap.xml names the others."""
    parts = {
        f"sitemap-{number}.xml": addresses[start : start + ADDRESSES_IN_A_SITEMAP]
        for number, start in enumerate(range(0, len(addresses), ADDRESSES_IN_A_SITEMAP), start=1)
    }
    files = {
        name: locations("urlset", "url", [site.at(address) for address in some])
        for name, some in parts.items()
    }
    index = locations("sitemapindex", "sitemap", [site.at("", name) for name in parts])
    return {"sitemap.xml": index} | files


def locations(root: str, entry: str, addresses: Sequence[str]) -> str:
    text = StringIO()
    xml = SimplerXMLGenerator(text, "utf-8")
    xml.startDocument()
    xml.startElement(root, AttributesImpl({"xmlns": SITEMAP}))
    for address in addresses:
        xml.startElement(entry, AttributesImpl({}))
        xml.addQuickElement("loc", address)
        xml.endElement(entry)
    xml.endElement(root)
    xml.endDocument()
    return text.getvalue()
