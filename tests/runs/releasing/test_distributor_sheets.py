"""Tables for distributors: columns, order, legal names, AI, and cells that are no formulas."""

from __future__ import annotations

import csv
import io

from runs.models import Credit, Role
from runs.releasing.distributor_sheets import distrokid_csv, generic_csv, too_lost_csv
from tests.runs.releasing.sheets import ERIKA, MODEL, disclosure, made, sheet, track

EP = sheet(
    track(1, featured=("Mira Sol", "Ann")),
    track(2, instrumental=True, language="zxx"),
    title="Night Lines",
    territories=("DE", "AT"),
)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_generic_sheet_has_a_line_for_each_track() -> None:
    first, second = records(generic_csv(EP))

    assert first == {
        "Release title": "Night Lines",
        "Release version": "",
        "Primary artist": "Nova Lane",
        "Release type": "EP",
        "Genre": "Electronic",
        "Sub-genre": "Synthpop",
        "Language": "English",
        "Label": "Example Label",
        "Release date": "2026-04-03",
        "Original release date": "",
        "Territories": "DE; AT",
        "C line": "2026 Example Label",
        "P line": "2026 Example Label",
        "UPC": "036000291452",
        "Recording country": "Germany",
        "Cover file": "cover/cover.jpg",
        "Track number": "1",
        "Track title": "Night Bus 1",
        "Track version": "",
        "Featured artists": "Mira Sol; Ann",
        "ISRC": "QZABC2600001",
        "Video ISRC": "",
        "Length": "3:03",
        "Composers": "Erika Example",
        "Lyricists": "Erika Example",
        "Producers": "Bo Maker",
        "Explicit": "no",
        "Instrumental": "no",
        "Audio language": "English",
        "Audio file": "audio/1.wav",
        "Video file": "",
        "AI vocals": "full",
        "AI instruments": "full",
        "AI composition": "full",
        "AI lyrics": "full",
        "AI post-production": "none",
        "AI artwork": "full",
        "AI video": "full",
        "AI tools": "v6; writer-2; cover-1; visualizer-1",
    }
    assert (second["Instrumental"], second["AI lyrics"]) == ("yes", "none")
    assert second["Audio language"] == "No linguistic content"


def test_distrokids_sheet_follows_its_form() -> None:
    told = rows(distrokid_csv(sheet()))

    assert [name for name, _ in told] == [
        "Field",
        "Number of songs",
        "Artist or band name",
        "Release date",
        "Record label",
        "Album cover",
        "Language",
        "Primary genre",
        "Secondary genre",
        "UPC",
        "Title of the song",
        "Audio file",
        "ISRC",
        "Songwriters (legal names)",
        "Producers (legal names)",
        "AI credits: lyrics",
        "AI credits: music",
        "AI credits: vocals",
        "AI credits: instruments",
        "Explicit lyrics",
        "Instrumental",
        "Preview starts",
    ]
    assert ["Songwriters (legal names)", ERIKA] in told


def test_distrokids_sheet_of_an_ep_names_the_track() -> None:
    told = dict(rows(distrokid_csv(EP)))

    assert told["Album title"] == "Night Lines"
    assert told["Track 1: Featured artists"] == "Mira Sol; Ann"
    assert told["Track 2: Instrumental"] == "yes"


def test_too_lost_reads_from_line_eight_and_wants_addresses() -> None:
    lines = rows(too_lost_csv(EP))

    header, tracks = lines[6], lines[7:]
    assert [line[header.index("Track title")] for line in tracks] == ["Night Bus 1", "Night Bus 2"]
    assert header[-2:] == ["Audio URL", "Cover URL"]
    assert not {"Audio file", "Lyrics"} & set(header)


def test_an_algorithms_part_is_told_or_not_as_the_operator_set(settings) -> None:
    settings.DISCLOSE_ALGORITHMS_AS_AI = False

    told = records(generic_csv(sheet()))[0]

    assert (told["AI artwork"], told["AI vocals"]) == ("none", "full")
    assert told["AI tools"] == "v6; writer-2"


def test_no_cell_is_a_formula() -> None:
    song = track(
        title='=HYPERLINK("http://x")',
        version_title="+1",
        credits=(Credit("@Erika Example", Role.COMPOSER),),
        disclosure=disclosure(vocals=made("full", MODEL, "-tool")),
    )
    cells = [
        cell
        for write in (generic_csv, distrokid_csv, too_lost_csv)
        for line in rows(write(sheet(song)))
        for cell in line
    ]

    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert '\'=HYPERLINK("http://x")' in cells
