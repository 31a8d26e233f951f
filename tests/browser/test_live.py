"""Pages that follow a run while it goes on, and stop when it is through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from runs.models import Run, Step
from tests.browser.test_review import log_in
from tests.factories import RunFactory, StepFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EVERY_MS = 3000


@pytest.fixture
def run(live_server: Any) -> Run:
    """At its first step of two."""
    made: Run = RunFactory(
        status="running", owner="worker", title="Neon Rivers", started_at=timezone.now()
    )
    StepFactory(run=made, name="music", status="running", started_at=timezone.now())
    StepFactory(run=made, name="video", position=1)
    return made


def test_page_of_a_run_follows_it_to_its_end(page: Page, live_server: Any, run: Run) -> None:
    asked: list[str] = []
    page.on(
        "request",
        lambda request: asked.append(request.url) if "/progress/" in request.url else None,
    )
    log_in(page, live_server)
    page.clock.install()
    page.goto(live_server.url + reverse("admin:runs_run_change", args=[run.pk]))
    bar = page.get_by_label("Progress of the run")
    assert bar.get_attribute("value") == "0"

    Step.objects.filter(run=run, name="music").update(status="done", finished_at=timezone.now())
    page.clock.run_for(EVERY_MS)
    page.locator("[aria-label='Progress of the run'][value='50']").wait_for()
    assert "video, 1 of 2 steps done" in page.get_by_role("status").all_inner_texts()[0]

    Step.objects.filter(run=run, name="video").update(status="done", finished_at=timezone.now())
    Run.objects.filter(pk=run.pk).update(
        status="awaiting_review", owner="", concept={}, finished_at=timezone.now()
    )
    page.clock.run_for(EVERY_MS)
    page.get_by_role("link", name="Show the result").wait_for()
    so_far = len(asked)
    page.clock.run_for(20 * EVERY_MS)
    assert len(asked) == so_far


def test_dashboard_shows_a_batch_that_goes_on(page: Page, live_server: Any, run: Run) -> None:
    log_in(page, live_server)
    page.clock.install()
    page.goto(live_server.url + reverse("admin:index"))
    page.get_by_text("1 running, 0 queued").wait_for()

    RunFactory(status="running", owner="worker", title="Paper Lanterns", started_at=timezone.now())
    page.clock.run_for(EVERY_MS)

    page.get_by_text("2 running, 0 queued").first.wait_for()
    assert page.locator("#at-work").get_by_role("link", name="Paper Lanterns").is_visible()
