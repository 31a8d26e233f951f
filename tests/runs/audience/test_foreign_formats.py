"""Files of platforms and distributors, with their traps."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from artists.models import PerformanceEntry
from runs.audience.errors import MetricsImportError
from runs.audience.importing import import_metrics
from tests.runs.audience.conftest import NOW

STUDIO = (
    "Content,Video title,Video publish time,Duration,Views,Watch time (hours),Subscribers,"
    "Impressions,Impressions click-through rate (%),Average view duration,Stayed to watch (%),"
    "Your estimated revenue (USD)\n"
    "Total,,,,1500,20.5,3,9000,4.1,0:00:49,61.2,0.9\n"
    ' -bc123DEF45,Nova Lune - Neon Rain (Official Video) #shorts,"Jan 13, 2026",62,1200,15.5,-2,'
    "8000,4.5,0:00:46,60.1,0.731\n"
    'xyz99,Somebody Else,"Jan 14, 2026",60,300,5,5,1000,,1:02:03,,\n'
)
STUDIO_NAME = "Content 2026-10-01_2026-10-28 Nova Lune.csv"


# --- YouTube Studio ---


def test_youtube_totals_of_videos_are_read(nova, song, write, figures) -> None:
    run = song(nova)

    report = import_metrics(write(STUDIO, STUDIO_NAME, "utf-8-sig"), now=NOW)

    assert report.format == "youtube-studio"
    assert figures(run_id=run.pk) == [
        ("2026-10-28", "avg_view_duration_seconds", 46.0),
        ("2026-10-28", "followers_net", -2.0),
        ("2026-10-28", "impressions", 8000.0),
        ("2026-10-28", "impressions_ctr", 4.5),
        ("2026-10-28", "revenue", 0.731),
        ("2026-10-28", "views", 1200.0),
        ("2026-10-28", "watch_time_minutes", 930.0),
    ]
    entry = PerformanceEntry.objects.get(metric="revenue")
    assert entry.dimensions["external_id"] == "-bc123DEF45"
    assert entry.dimensions["currency"] == "USD"
    assert entry.series == "youtube/total/track/youtube_studio_28d"
    assert [(item.title, item.lines) for item in report.unmatched] == [("Somebody Else", (4,))]
    assert "stayed to watch (%)" in report.ignored_columns


def test_the_table_is_taken_from_youtubes_zip(nova, song, tmp_path: Path) -> None:
    song(nova)
    path = tmp_path / "Content 2026-10-01_2026-10-28 Nova Lune.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Table data.csv", STUDIO)
        archive.writestr("Chart data.csv", "Date,Views\n2026-10-01,4\n")
        archive.writestr("Totals.csv", "Date,Views\n2026-10-01,4\n")

    report = import_metrics(path, now=NOW)

    assert (report.file, report.new, report.notes) == (path.name, 7, ())


def test_a_zip_without_a_table_is_refused(tmp_path: Path, db) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", "x")

    with pytest.raises(MetricsImportError, match="holds 0 tables"):
        import_metrics(path, now=NOW)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04" + bytes(40)])
def test_a_damaged_zip_is_refused(tmp_path: Path, db, damage: bytes) -> None:
    path = tmp_path / "Content.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Table data.csv", STUDIO * 9)
    packed = bytearray(path.read_bytes())
    packed[60 : 60 + 40] = b"\xff" * 40
    path.write_bytes(packed + damage)

    with pytest.raises(MetricsImportError, match="a damaged or encrypted ZIP"):
        import_metrics(path, now=NOW)


def test_a_table_without_a_date_in_its_zip_is_read(nova, song, tmp_path: Path) -> None:
    song(nova)
    path = tmp_path / "Content.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("Table data.csv", (1980, 1, 1, 0, 0, 0)), STUDIO)
    path.write_bytes(path.read_bytes().replace(b"\x00\x00\x21\x00", bytes(4)))

    assert import_metrics(path, now=NOW).new == 7


def test_a_spreadsheet_is_told_to_be_saved_as_csv(tmp_path: Path, db) -> None:
    path = tmp_path / "Content.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")

    with pytest.raises(MetricsImportError, match="a spreadsheet; save its table as CSV"):
        import_metrics(path, now=NOW)


def test_a_file_without_a_period_takes_its_own_date_and_says_so(nova, song, write) -> None:
    song(nova)

    report = import_metrics(write(STUDIO, "Table data.csv"), now=NOW)

    assert len(report.notes) == 1
    assert "2026-11-20" in report.notes[0]


def test_the_operator_says_until_when_a_file_counts(nova, song, write, figures) -> None:
    song(nova)

    report = import_metrics(write(STUDIO, "Table data.csv"), day=date(2026, 11, 1), now=NOW)

    assert report.notes == ()
    assert {day for day, *_ in figures()} == {"2026-11-01"}


# --- Spotify for Artists ---


def test_spotify_streams_of_a_song_by_its_file_name(nova, song, write, figures) -> None:
    run = song(nova, "Neon: Rain")
    text = "date,streams\n2026-11-17,40\n2026-11-18,55\n"

    report = import_metrics(write(text, "Neon_ Rain-timeline (2).csv", "utf-8-sig"), now=NOW)

    assert report.format == "spotify-song"
    assert figures(run_id=run.pk) == [
        ("2026-11-17", "streams", 40.0),
        ("2026-11-18", "streams", 55.0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "date,listeners,streams,followers\n2026-11-18,30,55,12\n",
        "date,listeners,monthly listeners,monthly active listeners,super listeners,streams,"
        "playlist adds,saves,followers\n2026-11-18,30,400,200,5,55,3,2,12\n",
    ],
    ids=["old", "2026"],
)
def test_spotify_audience_of_an_artist(nova, write, figures, text: str) -> None:
    report = import_metrics(write(text, "Nova Lune-audience-timeline.csv"), now=NOW)

    assert report.format == "spotify-audience"
    assert {
        ("2026-11-18", "followers", 12.0),
        ("2026-11-18", "listeners", 30.0),
        ("2026-11-18", "streams", 55.0),
    } <= set(figures(artist=nova, run_id=None))


def test_spotify_songs_of_a_period(nova, song, write, figures) -> None:
    run = song(nova)
    text = "song,listeners,streams,saves,release_date\nNeon Rain,30,55,2,2026-10-02\n"

    report = import_metrics(
        write(text, "Nova Lune-songs-28day.csv"), day=date(2026, 11, 18), now=NOW
    )

    assert report.format == "spotify-songs"
    assert figures(run_id=run.pk, series="spotify/total/track/spotify_songs_28day") == [
        ("2026-11-18", "listeners", 30.0),
        ("2026-11-18", "saves", 2.0),
        ("2026-11-18", "streams", 55.0),
    ]


def test_spotify_playlists_are_apart_from_songs(nova, song, write) -> None:
    song(nova)
    text = (
        "title,author,listeners,streams,date_added\n"
        "Neon Rain,Curator,30,55,n/a\n"
        "Night,Curator,3,5,-\n"
    )

    report = import_metrics(write(text, "Nova Lune-playlists-28day.csv"), now=NOW)

    assert (report.format, report.new) == ("spotify-playlists", 4)
    assert set(PerformanceEntry.objects.values_list("run_id", "series")) == {
        (None, "spotify/total/playlist/spotify_playlists")
    }


# --- DistroKid ---

OLD = (
    "Reporting Date\tSale Month\tStore\tArtist\tTitle\tISRC\tUPC\tQuantity\tTeam Percentage\t"
    "Song/Album\tCountry of Sale\tSongwriter Royalties Withheld\tEarnings (USD)\n"
    "2026-11-10\t2026-09\tSpotify\tNova Lune\tTränen\tQZABC2600001\t196000000001\t10\t100\tSong\t"
    "DE\t0\t0.031245678901\n"
)
NEW = (
    '"Date Inserted","Reporting Date","Sale Month","Store","Artist","Title","ISRC","UPC",'
    '"Quantity","Team Percentage","Source Type","Country of Sale",'
    '"Songwriter Royalties Withheld (USD)","Earnings (USD)","Recoup (USD)"\n'
)


def new_line(quantity: str = "10", store: str = "Spotify", earned: str = "0.1") -> str:
    return (
        f'"2026-11-12","2026-11-10","2026-09","{store}","Nova Lune","Neon Rain","QZ-ABC-26-00001",'
        f'"0196000000001","{quantity}","100","Premium","DE","0","{earned}","0"\n'
    )


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8"])
def test_distrokids_old_table_in_both_encodings(nova, song, write, figures, encoding: str) -> None:
    run = song(nova, "Tränen")

    report = import_metrics(write(OLD, "bank.tsv", encoding), now=NOW)

    assert report.format == "distrokid"
    assert figures(run_id=run.pk) == [
        ("2026-09-01", "revenue", 0.031245678901),
        ("2026-09-01", "streams", 10.0),
    ]
    assert PerformanceEntry.objects.get(metric="revenue").dimensions["title"] == "Tränen"


def test_distrokids_identical_lines_and_refunds_are_added_up(nova, song, write, figures) -> None:
    song(nova, "Other title", isrc="QZABC2600001")
    lines = new_line() + new_line() + new_line("-3", earned="-0.3000000000000000001")

    report = import_metrics(write(NEW + lines), now=NOW)

    assert (report.figures, report.new, report.merged) == (6, 2, 4)
    assert figures()[1] == ("2026-09-01", "streams", 17.0)
    money = PerformanceEntry.objects.get(metric="revenue")
    assert money.dimensions["amount"] == "-0.1000000000000000001"


def test_distrokids_stores_become_platforms_and_sales_are_no_streams(nova, song, write) -> None:
    song(nova)
    stores = [
        "Apple Music",
        "YouTube (Ads)",
        "iTunes Songs",
        "Amazon Unlimited (Streaming)",
        "Nuuday",
    ]

    import_metrics(write(NEW + "".join(new_line(store=store) for store in stores)), now=NOW)

    streams = PerformanceEntry.objects.filter(metric="streams").values_list("series", flat=True)
    assert {series.partition("/")[0] for series in streams} == {
        "apple_music",
        "youtube",
        "amazon_music",
        "other",
    }
    assert PerformanceEntry.objects.filter(metric="revenue").count() == 5


def test_a_later_report_of_the_same_month_comes_on_top(nova, song, write, figures) -> None:
    song(nova)
    import_metrics(write(NEW + new_line("10")), now=NOW)

    later = new_line("4").replace("2026-11-10", "2026-12-10")
    report = import_metrics(write(NEW + later), now=NOW)

    assert (report.new, report.updated) == (2, 0)
    assert [value for _, metric, value in figures() if metric == "streams"] == [10.0, 4.0]


def test_songs_are_found_by_upc(nova, song, write) -> None:
    run = song(nova, "Renamed since", upc="196000000001")

    import_metrics(write(NEW + new_line()), now=NOW)

    assert set(PerformanceEntry.objects.values_list("run_id", flat=True)) == {run.pk}


def test_quotes_are_text_in_distrokids_tab_table(nova, song, write, figures) -> None:
    run = song(nova, '"Neon Harbour" (Gamma Remix)')
    line = OLD.splitlines()[1].replace("Tränen", run.title).replace("QZABC2600001", "")

    report = import_metrics(write(OLD + line + "\n"), now=NOW)

    assert report.rows == 2
    assert ("2026-09-01", "streams", 10.0) in figures(run_id=run.pk)


def test_a_tab_table_quoted_as_a_whole_is_read_without_the_quotes(nova, song, write) -> None:
    song(nova, "Tränen")
    quoted = "".join(
        "\t".join(f'"{cell}"' for cell in line.split("\t")) + "\n" for line in OLD.splitlines()
    )

    assert import_metrics(write(quoted), now=NOW).new == 2


@pytest.mark.parametrize("quantity", ["1.234", "1,234", "12.5"])
def test_distrokids_quantities_are_whole(nova, write, quantity: str) -> None:
    with pytest.raises(MetricsImportError, match="line 2, column quantity"):
        import_metrics(write(NEW + new_line(quantity)), now=NOW)


# --- TikTok ---


def test_tiktoks_days_get_their_year_across_new_year(nova, write, figures) -> None:
    text = (
        "Date,Video Views,Profile Views,Likes,Comments,Shares\n"
        "December 31,10,1,2,0,0\n"
        "January 1,20,1,3,0,0\n"
    )

    report = import_metrics(
        write(text, "Overview.csv"), artist="nova-lune", day=date(2026, 1, 15), now=NOW
    )

    assert (report.format, report.ignored_columns) == ("tiktok-overview", ("profile views",))
    assert [row for row in figures() if row[1] == "views"] == [
        ("2025-12-31", "views", 10.0),
        ("2026-01-01", "views", 20.0),
    ]


def test_a_leap_day_lies_in_a_leap_year(nova, write, figures) -> None:
    text = "Date,Video Views,Profile Views,Likes,Comments,Shares\nFebruary 29,10,,,,\n"

    import_metrics(write(text), artist="Nova Lune", now=NOW)

    assert figures() == [("2024-02-29", "views", 10.0)]


def test_tiktok_names_no_account_so_its_rows_wait_for_one(nova, write) -> None:
    text = "Date,Video Views,Profile Views,Likes,Comments,Shares\nNovember 3,10,1,2,0,0\n"

    report = import_metrics(write(text), now=NOW)

    assert (report.new, report.unmatched_figures) == (0, 4)
    assert report.unmatched[0].reason == "the file names no artist; say --artist"


def test_tiktok_follower_history_with_undefined_cells(nova, write, figures) -> None:
    text = (
        "Date,Followers,Difference in followers from previous day\n"
        "November 1,100,undefined\n"
        "November 2,98,-2\n"
    )

    import_metrics(write(text, "FollowerHistory.csv"), artist="nova-lune", now=NOW)

    assert figures() == [
        ("2026-11-01", "followers", 100.0),
        ("2026-11-02", "followers", 98.0),
        ("2026-11-02", "followers_net", -2.0),
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Video title,Post time,Video link,Total views,Total likes,Total comments,Total shares,"
        "Average watch time",
        "Title,Posted time,Link,Views,Likes,Comments,Shares,Avg watch time",
    ],
)
def test_tiktok_videos_by_link_in_several_versions(nova, song, write, header: str) -> None:
    run = song(nova)
    row = (
        "Neon Rain #synthwave #night,November 3,https://www.tiktok.com/@nova/video/7412345678,"
        "900,80,7,6,12.5\n"
    )

    report = import_metrics(write(f"{header}\n{row}", "Content.csv"), now=NOW)

    assert (report.format, report.new) == ("tiktok-content", 5)
    entry = PerformanceEntry.objects.get(metric="views")
    assert (entry.run_id, entry.dimensions["external_id"]) == (run.pk, "7412345678")


def test_tiktok_viewers_are_recognised_and_left_out(write, db) -> None:
    text = "Date,Total Viewers,New Viewers,Returning Viewers\nNovember 3,9,5,4\n"

    report = import_metrics(write(text, "Viewers.csv"), now=NOW)

    assert (report.format, report.new, len(report.ignored)) == ("tiktok-viewers", 0, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Date,Video Views\nDezember 31,1\n", "line 2, column date: 'Dezember 31' is not a day"),
        ("Date,Video Views\nFebruary 30,1\n", "line 2, column date: 'February 30' is not a day"),
        (
            "Date,Video Views\nMarch 1,1.2K\n",
            "line 2, column video views: '1.2K' is not a whole number",
        ),
        ("date,streams\n18/11/2026,1\n", "line 2, column date: '18/11/2026' is not a date such"),
        (NEW + new_line("ten"), "line 2, column quantity: 'ten' is not a whole number"),
        (NEW + new_line().replace('"2026-09"', '"09/2026"'), "column sale month: '09/2026' is not"),
        (
            STUDIO.replace("1200", "1.200,5").replace("Total", "t"),
            "values in a table of 12 columns",
        ),
        (
            STUDIO.replace(",1200,", ",1.200,"),
            "line 3, column views: '1.200' is not a whole number",
        ),
        ("date,streams\n2026-11-18,1.200\n", "line 2, column streams: '1.200' is not a whole"),
        ("Date,Video Views\nMarch 1,1.200\n", "line 2, column video views: '1.200' is not a whole"),
        (STUDIO.replace("0:00:46", "46s"), "line 3, column average view duration: '46s' is not a"),
    ],
)
def test_wrong_cells_of_every_format_are_named(nova, write, text: str, expected: str) -> None:
    path = write(text)

    with pytest.raises(MetricsImportError) as refused:
        import_metrics(path, artist="nova-lune", now=NOW)

    assert str(refused.value).startswith(f"{path}, line ")
    assert expected in str(refused.value)


# --- Which format it is ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: the header is missing"),
        ("a,b\n1,2\n", "line 1: no known header (a, b)"),
        ("date,date,platform,metric,value\n", "the header has twice the column 'date'"),
        (
            'date,streams\n2026-11-18,"4\n',
            "line 2: a value begins with a double quote that never ends",
        ),
    ],
)
def test_a_file_that_is_none_of_them_is_refused(write, db, text: str, expected: str) -> None:
    with pytest.raises(MetricsImportError) as refused:
        import_metrics(write(text), now=NOW)

    assert expected in str(refused.value)


def test_only_distrokid_may_be_in_another_encoding(nova, write) -> None:
    text = "song,listeners,streams,saves\nTränen,1,2,3\n"

    with pytest.raises(MetricsImportError, match="not UTF-8; save it as UTF-8"):
        import_metrics(write(text, encoding="iso-8859-1"), now=NOW)


def test_a_format_that_does_not_fit_is_refused(write, db) -> None:
    with pytest.raises(MetricsImportError, match="it lacks content, video title"):
        import_metrics(write("date,streams\n"), format_name="youtube-studio", now=NOW)


def test_a_missing_file_is_refused(tmp_path: Path, db) -> None:
    with pytest.raises(MetricsImportError, match="cannot be read"):
        import_metrics(tmp_path / "none.csv", now=NOW)
