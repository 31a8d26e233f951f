"""What an import writes: once, whole, and to the right artist and run."""

from __future__ import annotations

import os
import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest

from artists import lifecycle
from artists.models import Artist, PerformanceEntry
from runs.metrics.errors import MetricsImportError
from runs.metrics.importing import import_metrics
from runs.models import Run
from tests.factories import ArtistFactory
from tests.runs.metrics.conftest import NOW

HEADER = "date,platform,artist_slug,isrc,external_id,title,metric,value\n"


def row(
    *, day: str = "2026-11-18", artist: str = "", isrc: str = "", ext: str = "", title: str = "",
    value: str = "5",
) -> str:  # fmt: skip
    return f"{day},spotify,{artist},{isrc},{ext},{title},streams,{value}\n"


def test_the_same_file_again_changes_nothing(nova, song, write) -> None:
    song(nova)
    path = write(HEADER + row(artist="nova-lune", title="Neon Rain"))
    import_metrics(path, now=NOW)
    before = list(PerformanceEntry.objects.values())

    report = import_metrics(path, now=NOW + timedelta(days=1))

    assert (report.new, report.updated, report.unchanged) == (0, 0, 1)
    assert list(PerformanceEntry.objects.values()) == before


def test_a_corrected_figure_withdraws_the_one_before(nova, song, write, figures) -> None:
    song(nova)
    import_metrics(write(HEADER + row(artist="nova-lune", title="Neon Rain")), now=NOW)

    report = import_metrics(
        write(HEADER + row(artist="nova-lune", title="Neon Rain", value="8")), now=NOW
    )

    assert (report.new, report.updated) == (0, 1)
    assert figures() == [("2026-11-18", "streams", 8.0)]
    assert PerformanceEntry.objects.get(value=5.0).withdrawn_at == NOW


def test_a_fault_in_the_last_row_writes_nothing(nova, write) -> None:
    good = row(artist="nova-lune")

    with pytest.raises(MetricsImportError, match="line 3"):
        import_metrics(write(HEADER + good + row(artist="nova-lune", value="x")), now=NOW)

    assert not PerformanceEntry.objects.exists()


def test_a_dry_run_tells_and_writes_nothing(nova, write) -> None:
    report = import_metrics(write(HEADER + row(artist="nova-lune")), dry_run=True, now=NOW)

    assert (report.new, report.dry_run) == (1, True)
    assert not PerformanceEntry.objects.exists()


def test_counters_and_status_stay_as_they_are(nova, song, write) -> None:
    run = song(nova)
    lifecycle.record_decision(artist_id=nova.pk, run_id=run.pk, approved=True, detail="", now=NOW)
    before = Artist.objects.filter(pk=nova.pk).values().get()

    import_metrics(write(HEADER + row(artist="nova-lune", title="Neon Rain")), now=NOW)

    assert Artist.objects.filter(pk=nova.pk).values().get() == before
    assert lifecycle.rebuild_counters([nova.pk]) == 0


def test_undoing_a_decision_after_an_import_is_exact(nova, song, write) -> None:
    run = song(nova)
    Artist.objects.filter(pk=nova.pk).update(status=Artist.Status.CANDIDATE)
    lifecycle.record_decision(artist_id=nova.pk, run_id=run.pk, approved=True, detail="", now=NOW)
    import_metrics(write(HEADER + row(artist="nova-lune", title="Neon Rain")), now=NOW)

    lifecycle.withdraw_decision(artist_id=nova.pk, run_id=run.pk, now=NOW)

    nova.refresh_from_db()
    assert (nova.status, nova.approved_count) == (Artist.Status.CANDIDATE, 0)
    assert PerformanceEntry.objects.standing().get().kind == "audience"


# --- Whose it is ---


def test_unknown_artists_and_songs_are_told_once_with_their_lines(nova, song, write) -> None:
    song(nova)
    text = HEADER + "".join(
        [
            row(artist="nova-lune", title="Neon Rain"),
            row(artist="nobody"),
            row(artist="nova-lune", title="Lost", day="2026-11-16"),
            row(artist="nova-lune", title="Lost", day="2026-11-17"),
        ]
    )

    report = import_metrics(write(text), now=NOW)

    assert (report.new, report.unmatched_figures, report.warnings) == (1, 3, 2)
    assert [(item.artist, item.title, item.lines, item.reason) for item in report.unmatched] == [
        ("nobody", "", (3,), "no artist is called 'nobody'"),
        (
            "nova-lune",
            "Lost",
            (4, 5),
            "Nova Lune has no approved or released run with the title 'Lost'",
        ),
    ]


def test_rows_left_out_come_in_when_the_song_is_known(nova, song, write) -> None:
    path = write(HEADER + row(artist="nova-lune", title="Lost"))
    import_metrics(path, now=NOW)
    song(nova, "Lost")

    assert import_metrics(path, now=NOW).new == 1


def test_a_rejected_run_has_no_audience(nova, song, write) -> None:
    run = song(nova)
    Run.objects.filter(pk=run.pk).update(status=Run.Status.REJECTED)

    report = import_metrics(write(HEADER + row(artist="nova-lune", title="Neon Rain")), now=NOW)

    assert report.unmatched_figures == 1


def test_a_title_that_several_runs_have_is_not_guessed(nova, song, write) -> None:
    song(nova)
    song(ArtistFactory())

    report = import_metrics(write(HEADER + row(title="neon rain")), now=NOW)

    assert report.unmatched[0].reason.startswith("its title fits 2 runs (")


def test_the_released_one_of_two_equal_titles_is_meant(nova, song, write) -> None:
    song(nova)
    released = song(nova)
    Run.objects.filter(pk=released.pk).update(status=Run.Status.RELEASED)

    import_metrics(write(HEADER + row(artist="nova-lune", title="Neon Rain")), now=NOW)

    assert PerformanceEntry.objects.get().run_id == released.pk


def test_the_isrc_counts_before_the_title(nova, song, write) -> None:
    song(nova, "Neon Rain")
    coded = song(nova, "Other", isrc="QZABC2600001")

    import_metrics(write(HEADER + row(isrc="qz-abc-26-00001", title="Neon Rain")), now=NOW)

    assert PerformanceEntry.objects.get().run_id == coded.pk


def test_an_isrc_of_another_artist_is_no_match(nova, song, write) -> None:
    song(nova, isrc="QZABC2600001")
    ArtistFactory(name="Other", slug="other")

    report = import_metrics(write(HEADER + row(artist="other", isrc="QZABC2600001")), now=NOW)

    assert report.unmatched[0].reason == "its ISRC is a song of Nova Lune, not of other"


def test_an_external_id_is_learnt_from_another_row_of_the_file(nova, song, write) -> None:
    run = song(nova)
    text = HEADER + row(ext="track1", day="2026-11-17") + row(ext="track1", title="Neon Rain")

    report = import_metrics(write(text), now=NOW)

    assert report.new == 2
    assert set(PerformanceEntry.objects.values_list("run_id", flat=True)) == {run.pk}


def test_an_external_id_is_remembered_from_an_earlier_file(nova, song, write) -> None:
    run = song(nova)
    import_metrics(write(HEADER + row(ext="track1", title="Neon Rain")), now=NOW)

    report = import_metrics(write(HEADER + row(ext="track1", day="2026-11-19")), now=NOW)

    assert report.new == 1
    assert PerformanceEntry.objects.filter(run_id=run.pk).count() == 2


def test_an_unknown_artist_given_by_the_operator_is_refused(write, db) -> None:
    with pytest.raises(MetricsImportError, match="no artist 'nobody'"):
        import_metrics(write("date,streams\n"), artist="nobody", now=NOW)


# --- Artists of nearly the same name ---

AUDIENCE = "date,listeners,streams,followers\n2026-11-18,30,55,12\n"


@pytest.mark.parametrize("named", ["Luna", "Luna 🌙", "LUNA 🌙", "Luna\N{NO-BREAK SPACE}🌙"])
def test_the_artist_of_the_files_name_is_meant(db, write, figures, named: str) -> None:
    luna = ArtistFactory(name="Luna", slug="luna")
    moon = ArtistFactory(name="Luna 🌙", slug="luna-2")

    import_metrics(write(AUDIENCE, f"{named}-audience-timeline.csv"), now=NOW)

    meant, other = (luna, moon) if named == "Luna" else (moon, luna)
    assert len(figures(artist=meant)) == 3
    assert figures(artist=other) == []


def test_a_name_with_more_in_it_is_another_artists(db, write) -> None:
    ArtistFactory(name="Luna", slug="luna")

    for named in ("Luna 🌙", "Lüna", "Lunа", "Luna 2"):  # the third ends with a Cyrillic letter
        report = import_metrics(write(AUDIENCE, f"{named}-audience-timeline.csv"), now=NOW)

        assert (report.new, report.unmatched_figures) == (0, 3)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_names_are_one(db, write, figures, form: str) -> None:
    artist = ArtistFactory(name="Zoë", slug="zoe")
    name = unicodedata.normalize(form, "Zoë-audience-timeline.csv")

    import_metrics(write(AUDIENCE, name), now=NOW)

    assert len(figures(artist=artist)) == 3


def test_vowel_marks_tell_names_apart(db, write, figures) -> None:
    ArtistFactory(name="काका", slug="kaka")
    keki = ArtistFactory(name="केकी", slug="keki")

    import_metrics(write(AUDIENCE, "केकी-audience-timeline.csv"), now=NOW)

    assert len(figures(artist=keki)) == 3


def test_marks_that_file_names_cannot_hold_do_not_matter(db, write, figures) -> None:
    artist = ArtistFactory(name="Who? <Me>: AC/DC", slug="who")

    import_metrics(write(AUDIENCE, "Who_ _Me__ AC_DC-audience-timeline.csv"), now=NOW)

    assert len(figures(artist=artist)) == 3


def test_a_name_that_fits_several_artists_is_not_guessed(db, write) -> None:
    ArtistFactory(name="Ann-Lee", slug="ann-lee")
    ArtistFactory(name="Ann Lee!", slug="ann-lee-2")

    report = import_metrics(write(AUDIENCE, "ann_lee-audience-timeline.csv"), now=NOW)

    assert (report.new, report.unmatched_figures) == (0, 3)
    assert report.unmatched[0].reason.startswith("'ann_lee' fits 2 artists (Ann Lee!, Ann-Lee)")
    with pytest.raises(MetricsImportError, match="fits 2 artists"):
        import_metrics(write(AUDIENCE, "x.csv"), artist="ann_lee", now=NOW)


def test_the_song_of_exactly_the_title_is_meant(nova, song, write) -> None:
    song(nova, "Rain")
    wet = song(nova, "Rain 🌧")

    import_metrics(write(HEADER + row(artist="nova-lune", title="Rain 🌧")), now=NOW)

    assert PerformanceEntry.objects.get().run_id == wet.pk


# --- Files that are none ---


def test_what_is_no_file_is_refused_by_name(db, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")

    for path in (tmp_path, tmp_path / "pipe.csv", Path("/dev/zero")):
        with pytest.raises(MetricsImportError, match="is a folder or a device, no file"):
            import_metrics(path, now=NOW)


def test_a_file_beyond_the_limit_is_refused(db, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(64_000_001)

    with pytest.raises(MetricsImportError, match=r"large\.csv: is larger than 64 MB"):
        import_metrics(path, now=NOW)


def test_a_file_name_that_is_no_text_is_told_as_text(nova, write, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"Nova Lune\xff-audience-timeline.csv")
    write(AUDIENCE).rename(odd)

    report = import_metrics(odd, now=NOW)

    assert (report.new, report.file) == (3, "Nova Lune-audience-timeline.csv")
