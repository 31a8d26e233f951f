"""A release as tables for the forms of distributors, with the writers' legal names.

Like the DDEX message they are made when a person asks and lie in no bundle.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from ai_artist.kit.spreadsheets import FORMULA
from ai_artist.kit.values import rounded_minutes, yes_no
from runs.models import Release, Role
from runs.releasing.disclosure import parts_of, told_extent
from runs.releasing.iso import country_name, language_name
from runs.releasing.sheet import ReleaseSheet, SheetTrack

# Too Lost reads its bulk table from this line on; its own head stands above.
TOO_LOST_FIRST_LINE = 8
AI_PARTS = {
    "vocals": "AI vocals",
    "instruments": "AI instruments",
    "composition": "AI composition",
    "lyrics": "AI lyrics",
    "post_production": "AI post-production",
    "artwork": "AI artwork",
    "video": "AI video",
}

Row = Mapping[str, str]


def generic_csv(sheet: ReleaseSheet) -> str:
    """All that is told, a line for each track."""
    rows = [release_row(sheet) | track_row(track) for track in sheet.tracks]
    return table([list(rows[0]), *(row.values() for row in rows)])


def distrokid_csv(sheet: ReleaseSheet) -> str:
    """Field and value in the order of DistroKid's upload form, to be read beside it."""
    return table([("Field", "Value"), *distrokid_fields(sheet)])


def distrokid_fields(sheet: ReleaseSheet) -> list[tuple[str, str]]:
    """(field, what to put there) of DistroKid's upload form, from its top to its end."""
    told = release_row(sheet)
    fields = [
        ("Number of songs", str(len(sheet.tracks))),
        ("Artist or band name", sheet.artist),
        ("Release date", told["Release date"]),
        ("Record label", sheet.label),
        ("Album cover", told["Cover file"]),
        ("Language", told["Language"]),
        ("Primary genre", sheet.genre),
        ("Secondary genre", sheet.sub_genre),
    ]
    if not sheet.is_single:
        fields.append(("Album title", sheet.full_title))
    if sheet.upc:
        fields.append(("UPC", sheet.upc))
    for track in sheet.tracks:
        of = "" if sheet.is_single else f"Track {track.position}: "
        row = track_row(track)
        fields += [
            (f"{of}{name}", value)
            for name, value in (
                ("Title of the song", track.title),
                ("Version", track.version_title),
                ("Featured artists", row["Featured artists"]),
                ("Audio file", row["Audio file"]),
                ("ISRC", track.isrc),
                ("Songwriters (legal names)", writers(track)),
                ("Producers (legal names)", people(track, Role.PRODUCER)),
                ("AI credits: lyrics", row["AI lyrics"]),
                ("AI credits: music", row["AI composition"]),
                ("AI credits: vocals", row["AI vocals"]),
                ("AI credits: instruments", row["AI instruments"]),
                ("Explicit lyrics", row["Explicit"]),
                ("Instrumental", row["Instrumental"]),
                ("Preview starts", "automatic"),
            )
        ]
    return [(name, value) for name, value in fields if value]


def too_lost_csv(sheet: ReleaseSheet) -> str:
    """A line for each track from the line on that Too Lost reads; lyrics are not taken there.

    Sound and cover are asked for as addresses, which only the operator has.
    """
    head: list[Iterable[str]] = [
        [f"{sheet.full_title} by {sheet.artist}"],
        ["Paste the rows from line 8 on into the template of your account."],
        ["Put the two files at addresses of your own and write these into the last columns."],
    ]
    head += [[""]] * (TOO_LOST_FIRST_LINE - 2 - len(head))
    left_out = {"Audio file", "Cover file", "Video file"}
    rows = [
        {
            name: value
            for name, value in (release_row(sheet) | track_row(track)).items()
            if name not in left_out
        }
        | {"Audio URL": "", "Cover URL": ""}
        for track in sheet.tracks
    ]
    return table([*head, list(rows[0]), *(row.values() for row in rows)])


def release_row(sheet: ReleaseSheet) -> dict[str, str]:
    """What is told of the whole release, by column."""
    return {
        "Release title": sheet.title,
        "Release version": sheet.version_title,
        "Primary artist": sheet.artist,
        "Release type": str(Release.Kind(sheet.kind).label),
        "Genre": sheet.genre,
        "Sub-genre": sheet.sub_genre,
        "Language": language_name(sheet.language) or sheet.language,
        "Label": sheet.label,
        "Release date": str(sheet.release_date or ""),
        "Original release date": str(sheet.original_release_date or ""),
        "Territories": "; ".join(sheet.territories),
        "C line": str(sheet.c_line or ""),
        "P line": str(sheet.p_line or ""),
        "UPC": sheet.upc,
        "Recording country": country_name(sheet.recording_country),
        "Cover file": sheet.cover.name if sheet.cover else "",
    }


def track_row(track: SheetTrack) -> dict[str, str]:
    """What is told of a track, by column."""
    return {
        "Track number": str(track.position),
        "Track title": track.title,
        "Track version": track.version_title,
        "Featured artists": "; ".join(track.featured),
        "ISRC": track.isrc,
        "Video ISRC": track.video_isrc,
        "Length": rounded_minutes(track.duration_s or 0),
        "Composers": people(track, Role.COMPOSER),
        "Lyricists": people(track, Role.LYRICIST),
        "Producers": people(track, Role.PRODUCER),
        "Explicit": yes_no(track.explicit),
        "Instrumental": yes_no(track.instrumental),
        "Audio language": language_name(track.language) or track.language,
        "Audio file": track.audio,
        "Video file": track.video.name if track.video else "",
        **ai_row(track),
    }


def ai_row(track: SheetTrack) -> dict[str, str]:
    """How much of each part AI made, and with which tools: none, partial, full, undeclared."""
    parts = parts_of(track.disclosure, instrumental=track.instrumental)
    told = {column: told_extent(parts[part]) for part, column in AI_PARTS.items()}
    tools = dict.fromkeys(
        parts[part]["tools"] for part, column in AI_PARTS.items() if told[column] != "none"
    )
    return told | {"AI tools": "; ".join(filter(None, tools))}


def writers(track: SheetTrack) -> str:
    """Composers and lyricists, each once."""
    names = [c.legal_name for c in track.credits if c.role in (Role.COMPOSER, Role.LYRICIST)]
    return "; ".join(dict.fromkeys(names))


def people(track: SheetTrack, role: Role) -> str:
    return "; ".join(credit.legal_name for credit in track.credits if credit.role == role)


def table(rows: Iterable[Iterable[str]]) -> str:
    """Text of a CSV file; no cell is a formula to a spreadsheet."""
    written = io.StringIO()
    lines = csv.writer(written)
    for row in rows:
        lines.writerow([f"'{cell}" if FORMULA.match(cell) else cell for cell in row])
    return written.getvalue()
