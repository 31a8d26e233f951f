"""Our own table: what it may say, and what is refused by line and column."""

from __future__ import annotations

import pytest

from artists.models import PerformanceEntry
from runs.audience.errors import MetricsImportError
from runs.audience.importing import import_metrics
from tests.runs.audience.conftest import NOW

HEADER = (
    "date,period,platform,artist_slug,isrc,external_id,title,country,metric,value,currency,source\n"
)
COUNT = "a whole number without a thousands mark"
VIEWS = "2026-11-18,day,youtube,nova-lune,,abc123DEF45,Neon Rain,,views,120,,yt-api\n"
REVENUE = (
    "2026-09-01,month,spotify,nova-lune,QZ-ABC-26-00001,,Neon Rain,DE,revenue,0.4312,USD,"
    "distrokid-2026-11.csv\n"
)


def test_the_contracts_own_example_is_imported(nova, song, write, figures) -> None:
    run = song(nova, isrc="QZABC2600001")

    report = import_metrics(write(HEADER + VIEWS + REVENUE), now=NOW)

    assert (report.format, report.rows, report.new, report.warnings) == ("aap", 2, 2, 0)
    assert figures(artist=nova, run_id=run.pk) == [
        ("2026-09-01", "revenue", 0.4312),
        ("2026-11-18", "views", 120.0),
    ]
    money = PerformanceEntry.objects.get(metric="revenue")
    assert money.dimensions["amount"] == "0.4312"
    assert money.dimensions["country"] == "DE"
    assert money.series == "spotify/month/track/aap_by_country"


def test_period_is_a_day_if_it_is_not_said(nova, write) -> None:
    import_metrics(
        write("date,platform,artist_slug,metric,value\n2026-11-18,spotify,nova-lune,followers,9\n"),
        now=NOW,
    )

    entry = PerformanceEntry.objects.get()
    assert entry.series == "spotify/day/artist/aap"
    assert entry.run_id is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_files_saved_by_spreadsheets_are_read(nova, song, write, encoding: str) -> None:
    song(nova, "Tränen")
    text = (HEADER + VIEWS).replace("Neon Rain", "TRÄNEN").replace("\n", "\r\n")

    assert import_metrics(write(text, encoding=encoding), now=NOW).new == 1


def test_columns_may_be_divided_by_semicolons(nova, song, write, figures) -> None:
    song(nova)

    hours = VIEWS.replace("views", "watch_time_minutes").replace("120", "1.5")
    import_metrics(write((HEADER + hours).replace(",", ";")), now=NOW)

    assert figures() == [("2026-11-18", "watch_time_minutes", 1.5)]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("value", '"1,234"', COUNT),
        ("value", "12.", COUNT),
        ("value", "1e5", COUNT),
        ("value", "nan", COUNT),
        ("value", "1.234", COUNT),
        ("value", "1.234.567", COUNT),
        ("value", "12.000", COUNT),
        ("value", "12.5", COUNT),
        ("value", "1 234", COUNT),
        ("value", "1\N{NO-BREAK SPACE}234", COUNT),
        ("value", "1\N{NARROW NO-BREAK SPACE}234", COUNT),
        ("value", "1'234", COUNT),
        ("value", "1_000", COUNT),
        ("value", "\N{FULLWIDTH DIGIT ONE}2", COUNT),
        ("value", "12%", COUNT),
        ("value", "+12", COUNT),
        ("value", "Infinity", COUNT),
        ("value", "1" + "0" * 400, COUNT),
        ("value", "١٢", COUNT),
        ("value", "", COUNT),
        ("value", "-3", "a number of 0 or more"),
        ("date", "18.11.2026", "a date such as 2026-11-18"),
        ("date", "20261118", "a date such as 2026-11-18"),
        ("date", "2026-02-30", "a date such as 2026-11-18"),
        ("date", "2027-01-01", "a date up to 2026-11-23"),
        ("date", "1926-01-01", "a date since 1990-01-01"),
        ("period", "hour", "one of day, week, month, total"),
        ("period", "month", ""),
        ("platform", "Spotify", "one of youtube, spotify"),
        ("isrc", "ABC", "an ISRC of 12 characters"),
        ("country", "Germany", "a country of two letters"),
        ("metric", "", "one of avg_view_duration_seconds"),
        ("metric", "revenue", ""),
    ],
)
def test_a_wrong_cell_is_named(nova, song, write, column, value, expected) -> None:
    song(nova)
    names = HEADER.strip().split(",")
    cells = VIEWS.strip().split(",")
    cells[names.index(column)] = value
    path = write(HEADER + VIEWS + ",".join(cells) + "\n")

    with pytest.raises(MetricsImportError) as refused:
        import_metrics(path, now=NOW)

    message = str(refused.value)
    # A month must begin on its first day, and money needs a currency: other columns are named.
    named = {("period", "month"): "date", ("metric", "revenue"): "currency"}
    at = named.get((column, value), column)
    assert message.startswith(f"{path}, line 3, column {at}: ")
    assert expected in message
    assert not PerformanceEntry.objects.exists()


@pytest.mark.parametrize("value", ["12", "12.0", "012", " 12 "])
def test_a_whole_number_may_be_written_in_several_ways(nova, song, write, value, figures) -> None:
    song(nova)

    import_metrics(write(HEADER + VIEWS.replace("120", value)), now=NOW)

    assert figures() == [("2026-11-18", "views", 12.0)]


def test_a_german_spreadsheets_thousands_are_refused_with_their_lines(nova, write) -> None:
    text = (
        "date;platform;artist_slug;metric;value\r\n"
        "2026-11-17;spotify;nova-lune;streams;950\r\n"
        "2026-11-18;spotify;nova-lune;streams;1.234\r\n"
        "2026-11-19;spotify;nova-lune;streams;1.310\r\n"
    )

    with pytest.raises(MetricsImportError) as refused:
        import_metrics(write(text), now=NOW)

    lines = str(refused.value).splitlines()
    assert len(lines) == 2
    assert "line 3, column value: '1.234' is not a whole number" in lines[0]
    assert not PerformanceEntry.objects.exists()


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_spreadsheets_first_line_names_the_delimiter(
    nova, write, figures, first: str, encoding: str
) -> None:
    text = (
        f"{first}\r\ndate;platform;artist_slug;metric;value\r\n"
        "2026-11-18;spotify;nova-lune;followers;250\r\n"
    )

    import_metrics(write(text, encoding=encoding), now=NOW)

    assert figures() == [("2026-11-18", "followers", 250.0)]


def test_lines_are_counted_from_the_files_first(nova, write) -> None:
    text = (
        "sep=;\ndate;platform;artist_slug;metric;value\n2026-11-18;spotify;nova-lune;followers;x\n"
    )

    with pytest.raises(MetricsImportError, match="line 3, column value: 'x'"):
        import_metrics(write(text), now=NOW)


def test_negative_money_and_net_followers_are_right(nova, write, figures) -> None:
    import_metrics(
        write(
            "date,platform,artist_slug,metric,value,currency\n"
            "2026-11-18,spotify,nova-lune,revenue,-0.5,USD\n"
            "2026-11-18,spotify,nova-lune,followers_net,-3,\n"
        ),
        now=NOW,
    )

    assert figures() == [
        ("2026-11-18", "followers_net", -3.0),
        ("2026-11-18", "revenue", -0.5),
    ]


def test_all_faults_of_a_file_are_told(nova, song, write) -> None:
    song(nova)
    broken = VIEWS.replace("120", "x")

    with pytest.raises(MetricsImportError) as refused:
        import_metrics(write(HEADER + broken + VIEWS + broken * 25), now=NOW)

    lines = str(refused.value).splitlines()
    assert "line 2," in lines[0]
    assert "line 4," in lines[1]
    assert lines[-1] == "… and 6 more."


def test_lines_are_counted_across_cells_of_several_lines(nova, song, write) -> None:
    song(nova)
    longer = VIEWS.replace("Neon Rain", '"Neon\nRain"')

    with pytest.raises(MetricsImportError, match="line 4, column value"):
        import_metrics(write(HEADER + longer + VIEWS.replace("120", "x")), now=NOW)


def test_a_row_of_another_width_is_refused(nova, write) -> None:
    with pytest.raises(MetricsImportError, match="line 2: 3 values in a table of 12 columns"):
        import_metrics(write(HEADER + "2026-11-18,day,youtube\n"), now=NOW)


def test_a_row_that_names_nothing_is_refused(write, db) -> None:
    row = "2026-11-18,day,youtube,,,,,,views,1,,\n"

    with pytest.raises(MetricsImportError, match="column artist_slug: '' is not filled"):
        import_metrics(write(HEADER + row), now=NOW)


def test_an_unknown_metric_is_ignored_and_told(nova, song, write) -> None:
    song(nova)

    report = import_metrics(write(HEADER + VIEWS.replace("views", "skips") + VIEWS), now=NOW)

    assert report.new == 1
    assert [(line.line, line.reason) for line in report.ignored] == [(2, "unknown metric 'skips'")]


def test_an_unknown_column_is_left_out_and_told(nova, write) -> None:
    report = import_metrics(
        write(
            "date,platform,artist_slug,metric,value,mood\n"
            "2026-11-18,spotify,nova-lune,followers,9,good\n"
        ),
        now=NOW,
    )

    assert (report.new, report.ignored_columns, report.warnings) == (1, ("mood",), 1)


def test_a_repeated_row_counts_once(nova, song, write) -> None:
    song(nova)

    report = import_metrics(write(HEADER + VIEWS + VIEWS), now=NOW)

    assert (report.figures, report.new, report.merged) == (2, 1, 1)


def test_rows_that_contradict_each_other_are_refused(nova, song, write) -> None:
    song(nova)

    with pytest.raises(MetricsImportError, match="line 3: views of 2026-11-18 is 7, but line 2"):
        import_metrics(write(HEADER + VIEWS + VIEWS.replace("120", "7")), now=NOW)


def test_more_rows_than_the_contract_allows_are_refused(write, db) -> None:
    with pytest.raises(MetricsImportError, match="more than 50,000 rows"):
        import_metrics(write(HEADER + VIEWS.replace("views", "skips") * 50_001), now=NOW)
