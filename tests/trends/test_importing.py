"""Trends from CSV files: whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import NOON, TopicFactory, TrendSourceFactory
from trends.importing import TrendImportError, import_csv
from trends.models import Observation, Topic, TrendSource

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(tmp_path: Path):
    def write_file(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "trends.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write_file


def test_rows_become_topics_and_observations(write) -> None:
    path = write(
        "topic,volume,observed_at,engagement,genre\n"
        "night rain,120,2026-03-01,15,Lofi\n"
        "night rain,150,2026-03-02,20,lofi\n"
        '"roads, open",80.5,2026-03-02T10:30:00+02:00,,\n'
    )

    report = import_csv(path, source="charts", now=NOON)

    assert (report.rows, report.topics, report.observations_new) == (3, 2, 3)
    assert Topic.objects.get(name="night rain").genre == "lofi"
    observation = Observation.objects.get(topic__name="roads, open")
    assert (observation.volume, observation.engagement) == (80.5, 0.0)
    assert observation.observed_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    source = TrendSource.objects.get(name="charts")
    assert (source.last_collected_at, source.last_error) == (NOON, "")


def test_columns_may_come_in_any_order_and_case(write) -> None:
    import_csv(write("Volume, Topic\n5, moon\n"), now=NOON)

    assert Observation.objects.get().topic.name == "moon"


def test_a_spreadsheet_with_bom_semicolons_and_decimal_commas_is_read(write) -> None:
    import_csv(write("topic;volume\r\nZwölf Uhr;12,5\r\n", "utf-8-sig"), now=NOON)

    observation = Observation.objects.get()
    assert (observation.topic.name, observation.volume) == ("Zwölf Uhr", 12.5)


def test_without_a_time_now_counts_by_the_hour(write) -> None:
    import_csv(write("topic,volume\nmoon,5\n"), now=NOON + timedelta(minutes=40))

    assert Observation.objects.get().observed_at == NOON


def test_a_bare_date_starts_in_the_zone_of_the_site(write, settings) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"

    import_csv(write("topic,volume,observed_at\nmoon,5,2026-03-01\n"), now=NOON)

    assert Observation.objects.get().observed_at == datetime(2026, 2, 28, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_spreadsheets_first_line_names_the_delimiter(write, encoding: str, end: str) -> None:
    lines = ["sep=;", "topic;volume", "roads, open, wide;12,5"]

    import_csv(write(end.join(lines) + end, encoding), now=NOON)

    observation = Observation.objects.get()
    assert (observation.topic.name, observation.volume) == ("roads, open, wide", 12.5)


def test_quotes_are_text_in_a_table_divided_by_tabs(write) -> None:
    import_csv(write('topic\tvolume\n"neon" nights\t5\n'), now=NOON)

    assert Observation.objects.get().topic.name == '"neon" nights'


@pytest.mark.parametrize("volume", ["0.123", "1234.567", "12.50", "0012", "12.0"])
def test_a_dot_that_can_only_be_a_decimal_one_is_read(write, volume: str) -> None:
    import_csv(write(f"topic,volume\nmoon,{volume}\n"), now=NOON)

    assert Observation.objects.get().volume == float(volume)


def test_more_rows_than_a_table_may_have_are_refused(write) -> None:
    with pytest.raises(TrendImportError, match="line 100002: more than 100,000 rows"):
        import_csv(write("topic,volume\n" + "m,5\n" * 100_001), now=NOON)

    assert not Topic.objects.exists()


def test_the_same_file_again_adds_nothing(write) -> None:
    path = write("topic,volume,observed_at\nmoon,5,2026-03-01\nMOON,6,2026-03-02\n")
    import_csv(path, now=NOON)

    report = import_csv(path, now=NOON)

    assert (report.observations_new, report.updated, report.skipped) == (0, 0, 2)
    assert (Topic.objects.count(), Observation.objects.count()) == (1, 2)


def test_another_figure_for_a_window_replaces_it(write) -> None:
    import_csv(write("topic,volume,observed_at\nmoon,5,2026-03-01\n"), now=NOON)

    report = import_csv(write("topic,volume,observed_at\nmoon,9,2026-03-01\n"), now=NOON)

    assert (report.observations_new, report.updated) == (0, 1)
    assert Observation.objects.get().volume == 9


def test_sources_do_not_share_windows(write) -> None:
    path = write("topic,volume,observed_at\nmoon,5,2026-03-01\n")

    import_csv(path, source="one", now=NOON)
    import_csv(path, source="two", now=NOON)

    assert (Topic.objects.count(), Observation.objects.count()) == (1, 2)


def test_the_last_row_of_a_window_counts(write) -> None:
    report = import_csv(write("topic,volume\nmoon,5\nMoon,7\n"), now=NOON)

    assert (report.rows, report.observations_new, report.skipped) == (2, 1, 1)
    assert Observation.objects.get().volume == 7


def test_names_beyond_ascii_match_without_case(write) -> None:
    TopicFactory(name="ÜBER NACHT")

    import_csv(write("topic,volume\nüber  nacht,5\n"), now=NOON)

    assert Topic.objects.get().observations.count() == 1


def test_a_known_topic_keeps_the_genre_the_panel_gave_it(write) -> None:
    TopicFactory(name="moon", genre="ambient")

    import_csv(write("topic,volume,genre\nmoon,5,techno\n"), now=NOON)

    assert Topic.objects.get().genre == "ambient"


def test_imported_topics_are_scored(write) -> None:
    import_csv(write("topic,volume\nmoon,5\n"), now=NOON)

    assert Topic.objects.get().score > 0


def test_blank_lines_are_passed_over(write) -> None:
    report = import_csv(write("topic,volume\n\nmoon,5\n,\n\n"), now=NOON)

    assert report.rows == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the header is missing"),
        ("a,b\n", "line 1: the header lacks the column 'topic', 'volume'; expected topic, volume"),
        ("topic,size\nmoon,5\n", "line 1: the header lacks the column 'volume'"),
        ("topic,volume,mood\nmoon,5,x\n", "line 1: the header has the unknown column 'mood'"),
        ("topic,volume,topic\nmoon,5,x\n", "line 1: the header has twice the column 'topic'"),
        ("topic,volume\nmoon,5\nsun,many\n", "line 3, column volume: 'many' is not a number"),
        ("topic,volume\nmoon,-1\n", "line 2, column volume: '-1' is not a number of 0 or more"),
        ("topic,volume\nmoon,nan\n", "line 2, column volume: 'nan'"),
        ("topic,volume\nmoon,inf\n", "line 2, column volume: 'inf'"),
        ("topic,volume\nmoon,\n", "line 2, column volume: ''"),
        ("topic,volume\nmoon,950\nsun,1.234\n", "line 3, column volume: '1.234'"),
        ("topic;volume\nmoon;1.234\n", "line 2, column volume: '1.234'"),
        ("topic;volume\nmoon;1,234\n", "line 2, column volume: '1,234'"),
        ("topic;volume\nmoon;1.234,5\n", "line 2, column volume: '1.234,5'"),
        ("topic,volume\nmoon,1 234\n", "line 2, column volume: '1 234'"),
        ("topic,volume\nmoon,1\N{NO-BREAK SPACE}234\n", "line 2, column volume: '1"),
        ("topic,volume\nmoon,1'234\n", "line 2, column volume: "),
        ("topic,volume\nmoon,1e3\n", "line 2, column volume: '1e3'"),
        ("topic,volume\nmoon,1_000\n", "line 2, column volume: '1_000'"),
        ("topic,volume\nmoon,\N{FULLWIDTH DIGIT ONE}2\n", "line 2, column volume: "),
        ("topic,volume\nmoon,\N{ARABIC-INDIC DIGIT ONE}\n", "line 2, column volume: "),
        ("topic,volume\nmoon,12%\n", "line 2, column volume: '12%'"),
        (f"topic,volume\nmoon,1{'0' * 400}\n", "line 2, column volume: '1000"),
        ("topic,volume,engagement\nmoon,1,2.345\n", "line 2, column engagement: '2.345'"),
        ("topic,volume,observed_at\nmoon,5,0001-01-01T00:00+14:00\n", "column observed_at"),
        ("sep=#\ntopic#volume\n", "line 1: columns divided by '#'"),
        ("topic,volume,engagement\nmoon,1,x\n", "line 2, column engagement: 'x'"),
        ("topic,volume\n  ,5\n", "line 2, column topic: '' is not 1 to 120"),
        (f"topic,volume\n{'x' * 121},5\n", "column topic: 'xxx"),
        ("topic,volume\nmo\x00on,5\n", "line 2, column topic"),
        ("topic,volume\nmoon,1,2\n", "line 2: 3 values in a table of 2 columns"),
        ('topic,volume\n"moon,5\n', "line 2: a value begins with a double quote"),
        ("topic,volume,observed_at\nmoon,5,yesterday\n", "column observed_at: 'yesterday' is not"),
        ("topic,volume,observed_at\nmoon,5,2026-03-09\n", "'2026-03-09' is not a time up to now"),
        ("topic,volume,observed_at\nmoon,5,1869-03-09\n", "'1869-03-09' is not a time since 1970"),
        (f"topic,volume,genre\nmoon,5,{'g' * 41}\n", "column genre"),
    ],
)
def test_a_fault_is_named_and_nothing_is_written(write, text: str, message: str) -> None:
    path = write(text)

    with pytest.raises(TrendImportError) as fault:
        import_csv(path, now=NOON)

    assert str(fault.value).startswith(str(path))
    assert message in str(fault.value)
    assert not (Topic.objects.exists() or TrendSource.objects.exists())


def test_a_line_number_counts_lines_inside_quotes(write) -> None:
    path = write('topic,volume\n"two\nlines",5\nmoon,x\n')

    with pytest.raises(TrendImportError, match="line 4, column volume"):
        import_csv(path, now=NOON)


def test_another_encoding_is_refused(write) -> None:
    with pytest.raises(TrendImportError, match="not UTF-8"):
        import_csv(write("topic,volume\nZwölf,5\n", "latin-1"), now=NOON)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrendImportError, match=r"nowhere\.csv: cannot be read"):
        import_csv(tmp_path / "nowhere.csv", now=NOON)


def test_a_source_needs_a_plain_name(write) -> None:
    with pytest.raises(TrendImportError, match="'my charts' is no valid name"):
        import_csv(write("topic,volume\nmoon,5\n"), source="my charts", now=NOON)


def test_a_large_file_needs_few_queries(write, django_assert_max_num_queries) -> None:
    TrendSourceFactory(name="csv")
    path = write("topic,volume\n" + "".join(f"topic {n},{n}\n" for n in range(1500)))

    # SQLite takes 999 values a query, which are the columns of some 140 topics.
    with django_assert_max_num_queries(55):
        report = import_csv(path, now=NOON)

    assert report.observations_new == 1500


# --- A chart saved from charts.spotify.com ---

SPOTIFY = (
    "rank,uri,artist_names,track_name,source,peak_rank,previous_rank,days_on_chart,streams\n"
    '1,spotify:track:1,"Nova Kline, Otto Vale",Midnight Letters,Label,1,2,9,5000000\n'
    "2,spotify:track:2,The Lanterns,Midnight Train,Label,1,1,40,4000000\n"
)


def test_a_chart_of_spotify_gives_its_words_on_its_day(tmp_path: Path) -> None:
    path = tmp_path / "regional-global-daily-2026-02-28.csv"
    path.write_text(SPOTIFY)

    import_csv(path, source="spotify", now=NOON)

    observation = Observation.objects.get()
    assert observation.topic.name == "midnight"
    assert observation.volume == pytest.approx(100)
    assert observation.observed_at == datetime(2026, 2, 28, tzinfo=UTC)


def test_without_a_day_in_its_name_a_chart_is_todays(write) -> None:
    import_csv(write(SPOTIFY), now=NOON)

    assert Observation.objects.get().observed_at == NOON.replace(hour=0)


@pytest.mark.parametrize("rank", ["0", "-1", "first", "", "²"])
def test_a_rank_that_is_none_is_named(write, rank: str) -> None:
    path = write(SPOTIFY.replace("\n2,", f"\n{rank},"))

    with pytest.raises(TrendImportError, match="line 3, column rank"):
        import_csv(path, now=NOON)

    assert not Topic.objects.exists()
