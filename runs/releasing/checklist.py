"""What a person has to see to before a bundle goes to a distributor."""

from __future__ import annotations

from collections.abc import Mapping

from runs.models import Run

# Shops pay for nothing shorter.
SHORTEST_PAID_S = 30


def checklist_of(run: Run, codes: Mapping[str, str]) -> list[tuple[bool, str]]:
    """(known to be done, what is wanted), in the order a distributor asks for it."""
    short = run.duration_s is not None and run.duration_s < SHORTEST_PAID_S
    return [
        (bool(codes["isrc"]), "ISRC of the track (a distributor can give one)"),
        (bool(codes["upc"]), "UPC or EAN of the release (a distributor can give one)"),
        (False, "Songwriters and producers by their legal names; shops refuse artist names there"),
        (False, "Label, and the lines of copyright (C) and of the recording (P) with their year"),
        (False, "Release date, some four weeks ahead, and territories"),
        (False, "Terms of every provider in provenance.json allow this use"),
        (False, "AI disclosure of metadata.json entered in the distributor's form"),
        (not short, f"At least {SHORTEST_PAID_S} seconds long"),
    ]
