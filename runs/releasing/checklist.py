"""What a person has to see to before a bundle goes to a distributor."""

from __future__ import annotations

from runs.models import Role
from runs.releasing.blockers import SHORTEST_PAID_S
from runs.releasing.sheet import ReleaseSheet


def checklist_of(sheet: ReleaseSheet) -> list[tuple[bool, str]]:
    """(known to be done, what is wanted), in the order a distributor asks for it."""
    tracks = sheet.tracks
    written = all(Role.COMPOSER in {credit.role for credit in track.credits} for track in tracks)
    short = any(t.duration_s is not None and t.duration_s < SHORTEST_PAID_S for t in tracks)
    each = "of the track" if sheet.is_single else "of each track"
    return [
        (all(track.isrc for track in tracks), f"ISRC {each} (a distributor can give one)"),
        (bool(sheet.upc), "UPC or EAN of the release (a distributor can give one)"),
        (
            written,
            "Songwriters and producers by their legal names; shops refuse artist names there",
        ),
        (
            bool(sheet.label and sheet.c_line and sheet.p_line),
            "Label, and the lines of copyright (C) and of the recording (P) with their year",
        ),
        (sheet.release_date is not None, "Release date, some four weeks ahead, and territories"),
        (False, "Terms of every provider in provenance.json allow this use"),
        (False, "AI disclosure of metadata.json entered in the distributor's form"),
        (not short, f"At least {SHORTEST_PAID_S} seconds long"),
    ]
