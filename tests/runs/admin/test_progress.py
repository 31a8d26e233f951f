"""What open pages hear of runs that go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Run, Step
from runs.presentation import step_rows
from tests.factories import NOON, RunFactory, StepFactory

pytestmark = pytest.mark.django_db
PROGRESS = "admin:runs_run_progress"


@pytest.fixture
def running() -> Run:
    """Half-way: one step done, one at work, one to come."""
    run: Run = RunFactory(status="running", owner="worker", title="Neon Rivers", started_at=NOON)
    StepFactory(run=run, name="concept", status="done", finished_at=NOON, started_at=NOON)
    StepFactory(run=run, name="music", position=1, status="running", progress=0.5)
    StepFactory(run=run, name="video", position=2)
    return run


def test_running_run_tells_bar_and_steps(boss: Client, running: Run) -> None:
    answer = boss.get(reverse(PROGRESS), {"run": running.pk}).json()

    assert answer["live"]
    assert answer["says"] == "Neon Rivers: music, 1 of 3 steps done."
    assert 'value="50"' in answer["parts"]["run-progress"]
    assert "Music" in answer["parts"]["run-steps"]


# A proxy that compresses the answer makes the tag a weak one.
@pytest.mark.parametrize("weak", ["", "W/"])
def test_same_state_is_not_sent_again(boss: Client, running: Run, weak: str) -> None:
    first = boss.get(reverse(PROGRESS), {"ids": running.pk})
    again = boss.get(
        reverse(PROGRESS), {"ids": running.pk}, headers={"If-None-Match": weak + first["ETag"]}
    )
    running.steps.filter(name="music").update(status="done", finished_at=NOON)
    changed = boss.get(
        reverse(PROGRESS), {"ids": running.pk}, headers={"If-None-Match": first["ETag"]}
    )

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


def test_page_stops_asking_when_the_run_is_through(boss: Client, running: Run) -> None:
    running.steps.update(status="done", finished_at=NOON)
    Run.objects.filter(pk=running.pk).update(
        status="awaiting_review", owner="", concept={}, finished_at=NOON
    )

    answer = boss.get(reverse(PROGRESS), {"run": running.pk}).json()

    assert not answer["live"]
    assert answer["says"] == "Neon Rivers: awaiting review."
    assert "Show the result" in answer["parts"]["run-progress"]


def test_list_hears_of_its_own_runs(boss: Client, running: Run) -> None:
    other = RunFactory()

    answer = boss.get(reverse(PROGRESS), {"ids": f"{running.pk},nonsense"}).json()

    assert f"steps-{running.pk}" in answer["parts"]
    assert f"steps-{other.pk}" not in answer["parts"]
    assert answer["says"] == "1 of 1 run still on the way."


def test_batch_hears_of_its_own_runs(boss: Client, running: Run) -> None:
    other = RunFactory()

    answer = boss.get(reverse(PROGRESS), {"batch": running.batch_id}).json()

    assert f"steps-{running.pk}" in answer["parts"]
    assert f"steps-{other.pk}" not in answer["parts"]


def test_dashboard_hears_of_all_work(boss: Client, running: Run) -> None:
    RunFactory()

    answer = boss.get(reverse(PROGRESS)).json()

    assert answer["live"]
    assert answer["says"] == "1 running, 1 queued, 0 waiting."
    assert "Neon Rivers" in answer["parts"]["at-work"]


def test_titles_are_escaped(boss: Client, running: Run) -> None:
    Run.objects.update(title="<script>alert(1)</script>")

    answer = boss.get(reverse(PROGRESS)).json()

    assert "<script" not in answer["parts"]["at-work"]


def test_progress_is_for_those_who_see_runs(browser_of: Callable[[str], Client]) -> None:
    assert browser_of("").get(reverse(PROGRESS)).status_code == 403


def test_pages_ask_only_while_something_goes_on(boss: Client, running: Run) -> None:
    pages = [
        reverse("admin:index"),
        reverse("admin:runs_run_changelist"),
        reverse("admin:runs_run_change", args=[running.pk]),
        reverse("admin:runs_batch_change", args=[running.batch_id]),
    ]
    assert all("data-live" in boss.get(page).content.decode() for page in pages)

    Run.objects.update(status="cancelled", owner="")

    assert not any("data-live" in boss.get(page).content.decode() for page in pages)


def test_timeline_places_steps_in_the_time_of_the_run() -> None:
    run: Run = RunFactory()
    moments = [NOON + timedelta(seconds=seconds) for seconds in (0, 10, 40)]
    for position, name in enumerate(("concept", "music")):
        StepFactory(
            run=run,
            name=name,
            position=position,
            status=Step.Status.DONE,
            started_at=moments[position],
            finished_at=moments[position + 1],
        )
    run.steps_now = list(run.steps.all())  # type: ignore[attr-defined]

    concept, music = step_rows(run, now=NOON + timedelta(hours=1))

    assert (concept.start, concept.share, concept.seconds) == (0, 25, 10)
    assert (music.start, music.share, music.seconds) == (25, 75, 30)
