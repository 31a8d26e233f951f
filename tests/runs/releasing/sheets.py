"""Sheets and deliveries of invented releases: no database, no files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from media_tools.finished import PictureFacts, SoundFacts
from runs.models import Credit, Role
from runs.releasing.delivery import DeliveredPicture, DeliveredSound, Delivery
from runs.releasing.sheet import ReleaseSheet, RightsLine, SheetFile, SheetTrack

MODEL, ALGORITHM, PERSON = "generative model", "algorithm", "person"
ERIKA = "Erika Example"


def made(extent: str, by: str = "", tools: str = "") -> dict[str, str]:
    return {"extent": extent, "made_by": by, "tools": tools, "digital_source_type": ""}


def disclosure(**changes: dict[str, str]) -> dict[str, Any]:
    """What the run of a sung song says, unless it is changed."""
    parts = {
        "composition": made("full", MODEL, "v6"),
        "instruments": made("full", MODEL, "v6"),
        "vocals": made("full", MODEL, "v6"),
        "lyrics": made("full", MODEL, "writer-2"),
        "post_production": made("none"),
        "artwork": made("full", ALGORITHM, "cover-1"),
        "video": made("full", ALGORITHM, "visualizer-1"),
    }
    return {"contributions": parts | changes, "statement": "Made by a model."}


def track(position: int = 1, **changes: Any) -> SheetTrack:
    song = SheetTrack(
        position=position,
        run_id=UUID(int=position),
        stem="",
        title=f"Night Bus {position}",
        version_title="",
        artist="Nova Lane",
        featured=(),
        duration_s=183.4,
        isrc=f"QZABC260000{position}",
        video_isrc="",
        instrumental=False,
        explicit=False,
        language="en",
        credits=(
            Credit(ERIKA, Role.COMPOSER),
            Credit(ERIKA, Role.LYRICIST),
            Credit("Bo Maker", Role.PRODUCER),
        ),
        tempo_bpm=104.0,
        key="A minor",
        lufs=-14.0,
        true_peak_dbtp=-1.2,
        approved_on=date(2026, 3, 2),
        disclosure=disclosure(),
        audio=f"audio/{position}.wav",
        video=None,
    )
    return replace(song, **changes)


def sheet(*tracks: SheetTrack, **changes: Any) -> ReleaseSheet:
    """A single of track(), or an EP of these."""
    songs = tracks or (track(),)
    release = ReleaseSheet(
        id=UUID(int=7),
        kind="single" if len(songs) == 1 else "ep",
        status="ready",
        title="Night Bus",
        version_title="",
        artist="Nova Lane",
        artist_slug="nova-lane",
        featured=(),
        label="Example Label",
        c_line=RightsLine(2026, "Example Label"),
        p_line=RightsLine(2026, "Example Label"),
        territories=("Worldwide",),
        language="en",
        recording_country="DE",
        genre="Electronic",
        sub_genre="Synthpop",
        release_date=date(2026, 4, 3),
        original_release_date=None,
        upc="036000291452",
        explicit=any(song.explicit for song in songs),
        credits=songs[0].credits,
        cover=SheetFile("cover/cover.jpg", "cc", 1000, "image/jpeg", 3000, 3000),
        tracks=songs,
        disclosure=disclosure(),
    )
    return replace(release, **changes)


def delivery(of: ReleaseSheet) -> Delivery:
    facts = SoundFacts("WAV", 24, 44_100, 2, 183.4, 48_000_000)
    return Delivery(
        sounds={
            song.position: DeliveredSound(f"audio/{song.position}.wav", "ab" * 32, facts)
            for song in of.tracks
        },
        cover=DeliveredPicture(
            "cover/cover.jpg", "cd" * 32, PictureFacts("JPEG", "RGB", 3000, 3000, 900_000)
        ),
    )
