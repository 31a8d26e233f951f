"""Pages, feeds and sitemap as machines read them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import html5lib
import pytest

from runs.models import Release
from runs.releasing.releases import recall_release
from runs.site import feeds
from runs.site.export import Exported
from tests.factories import NOON
from tests.runs.site.conftest import URL
from tests.runs.site.test_export import page_of

pytestmark = pytest.mark.django_db

Export = Callable[[], Exported]
ITUNES = f"{{{feeds.ITUNES}}}"
PODCAST = f"{{{feeds.PODCAST}}}"
ATOM = "{http://www.w3.org/2005/Atom}"
SCHEMA = "https://schema.org/"


def graph_on(page: Path) -> list[dict[str, Any]]:
    """What a page says in the words of schema.org."""
    html = (page / "index.html").read_text()
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert script
    content = json.loads(script[1])
    assert content["@context"] == "https://schema.org"
    return content["@graph"]


def channel_of(path: Path) -> ElementTree.Element:
    channel = ElementTree.parse(path).getroot().find("channel")
    assert channel is not None
    return channel


def text_of(element: ElementTree.Element, name: str) -> str:
    """The text of the only element of a name."""
    (found,) = element.findall(name)
    return found.text or ""


def test_every_page_is_valid_html(
    export: Export, folder: Path, single: Release, album: Release
) -> None:
    export()
    recall_release(release_id=single.pk, reason="Wrong", actor=None, now=NOON)
    export()

    found = sorted(folder.rglob("*.html"))

    # The first page, an artist, a release and a tombstone.
    assert len(found) == 4
    for path in found:
        html5lib.HTMLParser(strict=True).parse(path.read_text())


def test_no_page_needs_a_script(export: Export, folder: Path, single: Release) -> None:
    export()

    for path in folder.rglob("*.html"):
        html = path.read_text()
        assert set(re.findall(r"<script[^>]*>", html)) <= {'<script type="application/ld+json">'}
        assert not re.search(r"\son\w+=|javascript:", html)


def test_every_link_leads_somewhere(
    export: Export, folder: Path, single: Release, album: Release
) -> None:
    export()

    for path in folder.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"]+)"', path.read_text()):
            if link.startswith(URL):
                target = folder / link.removeprefix(URL).strip("/")
            else:
                target = path.parent / link
            assert (target / "index.html" if target.is_dir() else target).is_file(), (path, link)


def test_a_page_says_how_each_part_was_made(export: Export, folder: Path, single: Release) -> None:
    export()

    page = page_of(folder, single)
    group, album, song, video = graph_on(page)
    at = f"{URL}/{page.relative_to(folder)}"
    assert (group["@type"], group["name"]) == ("MusicGroup", "Vera <Halogen>")
    assert album["albumReleaseType"] == SCHEMA + "SingleRelease"
    assert album["gtin13"] == "0036000291452"
    assert album["image"] == {
        "@type": "ImageObject",
        "contentUrl": f"{at}/cover.jpg",
        "digitalSourceType": SCHEMA + "TrainedAlgorithmicMediaDigitalSource",
    }
    assert song["@type"] == "MusicRecording"
    assert (song["isrcCode"], song["duration"]) == ("QZABC2600001", "PT1M20S")
    assert song["audio"]["contentUrl"] == f"{at}/master.mp3"
    assert song["digitalSourceType"] == SCHEMA + "TrainedAlgorithmicMediaDigitalSource"
    assert song["creditText"] == single.disclosure["statement"]
    assert (video["@type"], video["contentUrl"]) == ("VideoObject", f"{at}/video.mp4")


def test_an_ep_names_its_tracks(export: Export, folder: Path, album: Release) -> None:
    export()

    nodes = {node["@id"]: node for node in graph_on(page_of(folder, album)) if "@id" in node}
    (ep,) = (node for node in nodes.values() if node["@type"] == "MusicAlbum")
    assert (ep["albumReleaseType"], ep["numTracks"]) == (SCHEMA + "EPRelease", 2)
    names = [nodes[track["@id"]]["name"] for track in ep["track"]]
    assert names == ["Glass Harbour", "Slow Lanterns"]


def test_a_feed_has_what_podcast_directories_ask_for(
    export: Export, folder: Path, single: Release
) -> None:
    export()

    channel = channel_of(folder / "artists/vera-halogen/feed.xml")
    at = f"{URL}/{page_of(folder, single).relative_to(folder)}"
    assert text_of(channel, "title") == "Vera <Halogen>"
    assert text_of(channel, "link") == f"{URL}/artists/vera-halogen/"
    assert text_of(channel, "language") == "en"
    (own,) = channel.findall(f"{ATOM}link")
    assert own.attrib["href"] == f"{URL}/artists/vera-halogen/feed.xml"
    assert text_of(channel, f"{ITUNES}explicit") == "false"
    (image,) = channel.findall(f"{ITUNES}image")
    assert image.attrib["href"] == f"{at}/cover.jpg"
    (category,) = channel.findall(f"{ITUNES}category")
    assert category.attrib == {"text": "Music"}
    assert text_of(channel, f"{PODCAST}medium") == "music"
    assert text_of(channel, f"{PODCAST}guid") == "eadf3cce-5296-560d-ba06-6693049e8270"
    (item,) = channel.findall("item")
    (enclosure,) = item.findall("enclosure")
    assert enclosure.attrib == {"url": f"{at}/master.mp3", "length": "300", "type": "audio/mpeg"}
    assert text_of(item, "title") == "Neon & Rivers"
    assert text_of(item, f"{ITUNES}duration") == "80"
    assert single.disclosure["statement"] in text_of(item, "description")
    (disclosed,) = item.findall(f"{PODCAST}txt")
    assert disclosed.attrib == {"purpose": "ai-disclosure"}
    assert "Artwork: made by machine: generative model (brush-1)" in (disclosed.text or "")


def test_a_feed_is_read_without_a_complaint(
    export: Export, folder: Path, single: Release, album: Release
) -> None:
    Release.objects.filter(pk=album.pk).update(published_at=NOON + timedelta(days=1))
    export()

    feed = feedparser.parse((folder / "feed.xml").read_bytes())

    assert not feed.bozo
    titles = [entry.title for entry in feed.entries]
    assert titles == ["Glass Harbour", "Slow Lanterns", "Neon & Rivers"]
    assert len({entry.id for entry in feed.entries}) == 3
    assert feed.entries[2].published_parsed[:4] == (2026, 3, 2, 12)


def test_the_id_of_a_song_in_feeds_stays(export: Export, folder: Path, single: Release) -> None:
    export()
    before = text_of(channel_of(folder / "feed.xml").findall("item")[0], "guid")
    Release.objects.filter(pk=single.pk).update(title="Other")
    export()

    assert text_of(channel_of(folder / "feed.xml").findall("item")[0], "guid") == before


def test_a_feed_has_the_newest_songs_alone(
    export: Export, folder: Path, album: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "SONGS_IN_A_FEED", 1)
    export()

    items = channel_of(folder / "feed.xml").findall("item")
    assert [text_of(item, "title") for item in items] == ["Glass Harbour"]


def test_the_sitemap_has_every_page(
    export: Export, folder: Path, single: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "ADDRESSES_IN_A_SITEMAP", 2)
    export()

    def addresses(name: str) -> list[str]:
        root = ElementTree.parse(folder / name).getroot()
        return [found.text or "" for found in root.iter(f"{{{feeds.SITEMAP}}}loc")]

    page = page_of(folder, single).relative_to(folder)
    assert addresses("sitemap.xml") == [f"{URL}/sitemap-1.xml", f"{URL}/sitemap-2.xml"]
    assert addresses("sitemap-1.xml") == [f"{URL}/", f"{URL}/artists/vera-halogen/"]
    assert addresses("sitemap-2.xml") == [f"{URL}/{page}/"]
    monkeypatch.undo()
    export()
    assert not (folder / "sitemap-2.xml").exists()
