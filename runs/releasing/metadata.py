"""What metadata.json and checklist.md of a bundle tell of a release.

Legal names are private and stand in none of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from media_tools.audio.gain import Gain, gain_of
from runs.releasing.checklist import checklist_of
from runs.releasing.sheet import ReleaseSheet, SheetTrack

METADATA, CHECKLIST = "metadata.json", "checklist.md"
# Names of values that are not what they are called in metadata.json.
IN_WORDS = {
    "c_line": "(C) line",
    "p_line": "(P) line",
    "upc": "UPC or EAN",
    "isrc": "ISRC",
    "video_isrc": "ISRC of the video",
    "ai_disclosure": "AI disclosure",
}


def metadata_of(sheet: ReleaseSheet) -> dict[str, Any]:
    """Content of metadata.json but for the list of files: what it is, and how it was made."""
    gain = album_gain(sheet)
    return {
        "release": str(sheet.id),
        "release_type": sheet.kind,
        "title": sheet.title,
        "version_title": sheet.version_title,
        "artist": sheet.artist,
        "featured_artists": list(sheet.featured),
        "label": sheet.label,
        "c_line": str(sheet.c_line or ""),
        "p_line": str(sheet.p_line or ""),
        "genre": sheet.genre,
        "sub_genre": sheet.sub_genre,
        "language": sheet.language,
        "recording_country": sheet.recording_country,
        "territories": list(sheet.territories),
        "release_date": sheet.release_date.isoformat() if sheet.release_date else None,
        "upc": sheet.upc,
        "explicit": sheet.explicit,
        "album_gain_db": gain.db if gain else None,
        "tracks": [track_metadata(track) for track in sheet.tracks],
        "ai_disclosure": sheet.disclosure,
    }


def track_metadata(track: SheetTrack) -> dict[str, Any]:
    return {
        "position": track.position,
        "run": str(track.run_id),
        "title": track.title,
        "version_title": track.version_title,
        "featured_artists": list(track.featured),
        "isrc": track.isrc,
        "video_isrc": track.video_isrc,
        "duration_s": track.duration_s,
        "key": track.key,
        "tempo_bpm": track.tempo_bpm,
        "loudness_lufs": track.lufs,
        "true_peak_dbtp": track.true_peak_dbtp,
        "instrumental": track.instrumental,
        "language": track.language,
        "explicit": track.explicit,
        "approved_on": track.approved_on.isoformat() if track.approved_on else None,
    }


def album_gain(sheet: ReleaseSheet) -> Gain | None:
    """One gain for all tracks of an EP or album, so that players keep their balance.

    The masters go out as they were approved. None for a single, or where a loudness is missing.
    """
    if sheet.is_single:
        return None
    parts = [(track.lufs, track.duration_s or 0.0, track.true_peak_dbtp) for track in sheet.tracks]
    if any(lufs is None or peak is None for lufs, _, peak in parts):
        return None
    return gain_of(
        [(lufs, duration_s) for lufs, duration_s, _ in parts if lufs is not None],
        max(peak for _, _, peak in parts if peak is not None),
    )


def checklist(sheet: ReleaseSheet) -> str:
    """Content of checklist.md."""
    head = f"# {' '.join(sheet.full_title.split())} by {' '.join(sheet.artist.split())}"
    wanted = (f"- [{'x' if done else ' '}] {text}" for done, text in checklist_of(sheet))
    return "\n".join([head, "", *wanted, ""])


def changed_values(sheet: ReleaseSheet, folder: Path) -> list[str]:
    """What a bundle tells otherwise than a sheet does, in words."""
    try:
        stored = json.loads((folder / METADATA).read_text(encoding="utf-8"))
        ticked = (folder / CHECKLIST).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return [f"{METADATA} (it cannot be read)"]
    now = json.loads(json.dumps(metadata_of(sheet)))
    names = list(differing(stored, now))
    if not names and ticked != checklist(sheet):
        names = ["checklist"]
    return list(dict.fromkeys(IN_WORDS.get(name, name.replace("_", " ")) for name in names))


def differing(stored: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """The names of values that differ; of tracks each value that differs on one of them."""
    for name, value in now.items():
        before = stored.get(name)
        if before == value:
            continue
        if name == "tracks" and before and len(before) == len(value):
            for old, new in zip(before, value, strict=True):
                yield from differing(old, new)
        else:
            yield name
