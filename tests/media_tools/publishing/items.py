"""Items for distributors and messengers; contract.py has those for platforms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from media_tools.publishing.base import AiUse, Contributor, Post, StoreRelease, StoreTrack
from tests.media_tools.publishing.contract import DISCLOSURE, KEY, NOON, media_file


def store_release(folder: Path, **changes: Any) -> StoreRelease:
    """A single that is out in a day."""
    audio = media_file(folder, 200_000, ".wav")
    cover = folder / "cover.jpg"
    cover.write_bytes(b"\xff\xd8\xff picture")
    track = StoreTrack(
        position=1,
        title="Night Bus",
        version_title="Radio Edit",
        file=audio,
        isrc="DEAAA2600001",
        language="en",
        explicit=False,
        lyrics="Under the cables",
        contributors=(Contributor(name="Ada B. Lovelace", roles=("Composer", "Lyricist")),),
        recording_country="DE",
        audio_ai=AiUse.FULL,
        composition_ai=AiUse.PARTIAL,
    )
    release = StoreRelease(
        key=KEY,
        kind="single",
        artist="Nova Lane",
        title="Night Bus",
        version_title="",
        label="Example Label",
        catalogue_number="AAP-0041",
        upc="0199999000014",
        genre="synth pop",
        sub_genre="Electronic",
        language="en",
        release_date=(NOON + timedelta(days=1)).date(),
        c_line="Example Label",
        p_line="Example Label",
        line_year=2026,
        territories=("Worldwide",),
        cover=replace(audio, path=cover, media_type="image/jpeg", sha256="c" * 64),
        artwork_ai=AiUse.ASSISTED,
        tracks=(track,),
    )
    return replace(release, **changes)


def post(folder: Path, **changes: Any) -> Post:
    """An announcement with letters of several bytes, and a cover."""
    picture = folder / "cover.jpg"
    Image.new("RGB", (64, 64), "navy").save(picture)
    announcement = Post(
        key=KEY,
        text=f"“Grüße” 🎵 by Nova Lane is out. {DISCLOSURE}",
        address=f"https://example.org/r/{KEY}",
        title="Grüße",
        artist="Nova Lane",
        language="de",
        tags=("synth pop", "80s", "2026"),
        picture=picture,
        alt_text="Cover of Grüße: a blue square",
    )
    return replace(announcement, **changes)
