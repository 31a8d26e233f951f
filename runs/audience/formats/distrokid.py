"""DistroKid's earnings details: quantities and money by month, store, country and track.

There are two generations, which read alike; the older one uses tabs and often ISO-8859-1. One track
has many rows a month, some identical; they are added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from runs.audience.formats.base import Format, Origin
from runs.audience.rows import TRACK, Figure
from runs.audience.tables import Row

EARNINGS = "earnings (usd)"
# A store is the first of these that its name begins with.
STORES = (
    ("spotify", "spotify"),
    ("apple", "apple_music"),
    ("itunes", "apple_music"),
    ("youtube", "youtube"),
    ("tiktok", "tiktok"),
    ("soundcloud", "soundcloud"),
    ("deezer", "deezer"),
    ("amazon", "amazon_music"),
    ("instagram", "instagram"),
)
# These count sales, not plays.
SALES = ("itunes", "download")


def read(row: Row, origin: Origin) -> Iterator[Figure]:
    store = row.text("store")
    if not store:
        row.refuse("store", "the name of a store")
    name = store.lower()
    quantity = row.count("quantity", negative=True)
    money = row.number(EARNINGS, negative=True, scientific=True)
    item = Figure(
        line=row.line,
        start=row.month("sale month"),
        period="month",
        platform=next((p for start, p in STORES if name.startswith(start)), "other"),
        metric="",
        value=Decimal(0),
        level=TRACK,
        source="distrokid",
        artist=row.text("artist") or origin.artist,
        isrc=row.isrc("isrc"),
        upc=row.upc("upc"),
        title=row.text("title"),
        country=row.country("country of sale"),
        # A later report may add to the same month, so it must not replace this one.
        part=f"{store}, reported {row.text('reporting date')}",
    )
    sold = any(word in name for word in SALES)
    yield from item.each({"streams": None if sold else quantity})
    yield from item.each({"revenue": money}, currency="USD")


FORMATS = (
    Format(
        name="distrokid",
        label="DistroKid earnings details",
        needs=frozenset(
            {"reporting date", "sale month", "store", "artist", "title", "quantity", EARNINGS}
        ),
        knows=frozenset(
            {
                "isrc",
                "upc",
                "country of sale",
                # Known but ignored: shares and taxes belong to the distributor's accounts.
                "date inserted",
                "team percentage",
                "song/album",
                "source type",
                "songwriter royalties withheld",
                "songwriter royalties withheld (usd)",
                "recoup (usd)",
            }
        ),
        read=read,
        additive=True,
        encodings=("utf-8-sig", "iso-8859-1"),
    ),
)
