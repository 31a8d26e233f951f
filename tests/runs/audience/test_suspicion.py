"""Bot-like jumps, and what is honest growth."""

from __future__ import annotations

import random
from datetime import date, timedelta

from artists.models import PerformanceEntry
from runs.audience.importing import import_metrics
from runs.audience.suspicion import jumps
from tests.runs.audience.conftest import NOW

FIRST = date(2026, 10, 1)


def timeline(values: list[int]) -> str:
    days = (f"{FIRST + timedelta(days=i)},{value}" for i, value in enumerate(values))
    return "date,streams\n" + "\n".join(days) + "\n"


def suspicious_days() -> list[date]:
    entries = PerformanceEntry.objects.standing().filter(suspicious=True).order_by("at")
    return [entry.at.date() for entry in entries]


def test_a_day_of_fifty_times_the_usual_is_suspicious() -> None:
    assert jumps([100, 120, 90, 110, 95, 105, 130, 5000, 100]) == [False] * 7 + [True, False]


def test_before_seven_windows_nothing_is_said() -> None:
    assert not any(jumps([1, 1, 1, 1, 1, 1, 100_000]))


def test_a_release_day_of_four_times_the_usual_is_honest() -> None:
    assert not any(jumps([100, 120, 90, 110, 95, 105, 130, 420]))


def test_small_numbers_are_never_suspicious() -> None:
    assert not any(jumps([0, 1, 0, 0, 2, 0, 1, 0, 90]))


def test_a_fall_is_not_suspicious() -> None:
    assert not any(jumps([1000.0] * 10 + [0.0]))


def test_a_success_that_lasts_becomes_the_usual() -> None:
    verdicts = jumps([100.0] * 28 + [3000.0] * 20)

    assert verdicts[28] is True
    assert verdicts[-5:] == [False] * 5


def test_noise_of_an_honest_artist_is_hardly_ever_suspicious() -> None:
    draw = random.Random(7)
    values = [draw.lognormvariate(6, 0.5) for _ in range(2000)]

    assert sum(jumps(values)) <= 2


def test_an_import_marks_the_jump_and_learning_leaves_it_out(nova, song, write) -> None:
    song(nova)
    values = [100] * 10 + [9000, 100]

    report = import_metrics(write(timeline(values), "Neon Rain-timeline.csv"), now=NOW)

    assert (report.suspicious, report.warnings) == (1, 1)
    assert suspicious_days() == [date(2026, 10, 11)]
    assert 9000.0 not in PerformanceEntry.objects.audience().values_list("value", flat=True)


def test_marks_do_not_depend_on_the_order_of_imports(nova, song, write) -> None:
    song(nova)
    name = "Neon Rain-timeline.csv"
    head, *days = timeline([100] * 10 + [9000, 100]).splitlines(keepends=True)
    import_metrics(write(head + "".join(days[9:]), name), now=NOW)
    assert suspicious_days() == []

    import_metrics(write(head + "".join(days[:9]), name), now=NOW)

    assert suspicious_days() == [date(2026, 10, 11)]


def test_a_correction_lifts_the_suspicion(nova, song, write) -> None:
    song(nova)
    name = "Neon Rain-timeline.csv"
    import_metrics(write(timeline([100] * 10 + [9000]), name), now=NOW)

    report = import_metrics(write(timeline([100] * 10 + [120]), name), now=NOW)

    assert (report.updated, report.suspicious) == (1, 0)
    assert suspicious_days() == []


def test_totals_are_not_judged(nova, song, write) -> None:
    song(nova)
    rows = "".join(
        f"2026-10-{day:02d},total,spotify,nova-lune,Neon Rain,streams,{10 ** (day // 3)}\n"
        for day in range(1, 25)
    )
    header = "date,period,platform,artist_slug,title,metric,value\n"

    assert import_metrics(write(header + rows), now=NOW).suspicious == 0
