"""An artist's audience in a few figures, and on its page."""

from __future__ import annotations

from datetime import date, timedelta

from runs.audience.importing import import_metrics
from runs.audience.summary import audience_summary, plays_by_week
from runs.models import Review
from tests.runs.audience.conftest import NOW

LAST = date(2026, 11, 18)


def audience(days: int, streams: int, *, followers: int = 7) -> str:
    rows = (
        f"{LAST - timedelta(days=ago)},3,{streams},{followers}\n" for ago in reversed(range(days))
    )
    return "date,listeners,streams,followers\n" + "".join(rows)


def lines_of(artist) -> dict[tuple[str, str], tuple[float, str]]:
    lines = audience_summary(artist, NOW).lines
    return {(line.platform, line.metric): (line.value, line.span) for line in lines}


def test_nothing_known_gives_no_lines(nova) -> None:
    summary = audience_summary(nova, NOW)

    assert (summary.lines, summary.tracks, summary.suspicious) == ((), (), 0)


def test_plays_are_added_up_over_four_weeks_and_people_are_not(nova, write) -> None:
    import_metrics(write(audience(40, 10), "Nova Lune-audience-timeline.csv"), now=NOW)

    assert lines_of(nova) == {
        ("spotify", "streams"): (280.0, "28 days to 2026-11-18"),
        ("spotify", "listeners"): (3.0, "on 2026-11-18"),
        ("spotify", "followers"): (7.0, "on 2026-11-18"),
    }


def test_growth_is_against_the_four_weeks_before(nova, write) -> None:
    text = "date,listeners,streams,followers\n" + "".join(
        f"{LAST - timedelta(days=ago)},3,{20 if ago < 28 else 10},7\n" for ago in range(56)
    )
    import_metrics(write(text, "Nova Lune-audience-timeline.csv"), now=NOW)

    streams = audience_summary(nova, NOW).lines[0]

    assert (streams.metric, streams.change) == ("streams", 1.0)


def test_two_sources_of_the_same_plays_are_not_added_up(nova, song, write) -> None:
    song(nova)
    import_metrics(write(audience(28, 10), "Nova Lune-audience-timeline.csv"), now=NOW)
    import_metrics(write(f"date,streams\n{LAST},10\n", "Neon Rain-timeline.csv"), now=NOW)

    assert lines_of(nova)["spotify", "streams"] == (280.0, "28 days to 2026-11-18")


def test_suspicious_figures_are_left_out_and_counted(nova, write) -> None:
    text = audience(27, 10).rstrip("\n")
    text = text.rpartition(",10,")[0] + ",90000,7\n"
    import_metrics(write(text, "Nova Lune-audience-timeline.csv"), now=NOW)

    summary = audience_summary(nova, NOW)

    assert summary.suspicious == 1
    assert summary.lines[0].value == 260.0


def test_totals_show_the_newest_state(nova, song, write) -> None:
    song(nova)
    header = "date,period,platform,artist_slug,external_id,title,metric,value\n"
    rows = (
        "2026-11-01,total,youtube,nova-lune,a,Neon Rain,views,100\n"
        "2026-11-18,total,youtube,nova-lune,a,Neon Rain,views,150\n"
        "2026-11-18,total,youtube,nova-lune,b,Neon Rain,views,5\n"
    )
    import_metrics(write(header + rows), now=NOW)

    assert lines_of(nova) == {("youtube", "views"): (155.0, "total, 2026-11-18")}


def test_songs_stand_beside_their_rating_the_most_played_first(nova, song, write) -> None:
    small, big = song(nova, "Small"), song(nova, "Big")
    Review.objects.create(
        run=big, decision="approve", rating=4, content_hash="0" * 64, effective_at=NOW, at=NOW
    )
    header = "date,platform,artist_slug,title,metric,value\n"
    rows = f"{LAST},spotify,nova-lune,Small,streams,5\n{LAST},spotify,nova-lune,Big,streams,50\n"
    import_metrics(write(header + rows), now=NOW)

    tracks = audience_summary(nova, NOW).tracks

    assert [(track.run, track.rating) for track in tracks] == [(big, 4), (small, None)]
    assert tracks[0].plays == (("Spotify", "streams", 50.0),)


def test_the_artists_page_shows_its_audience(boss, nova, song, write) -> None:
    song(nova)
    header = "date,platform,artist_slug,title,metric,value\n"
    import_metrics(write(header + f"{LAST},spotify,nova-lune,Neon Rain,streams,12345\n"), now=NOW)

    page = boss.get(f"/admin/artists/artist/{nova.pk}/change/?tab=audience").content.decode()

    assert "Spotify streams" in page
    assert "12,345" in page


def test_plays_are_added_up_by_week_without_the_one_not_over(nova, write) -> None:
    import_metrics(write(audience(17, 10), "Nova Lune-audience-timeline.csv"), now=NOW)

    plays = plays_by_week(nova, NOW, weeks=4)

    assert plays.weeks == (
        date(2026, 10, 19),
        date(2026, 10, 26),
        date(2026, 11, 2),
        date(2026, 11, 9),
    )
    assert plays.lines == (("Spotify streams", (None, None, 70.0, 70.0)),)
