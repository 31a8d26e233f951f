"""A release on its way out: an account connected, a date planned and moved, an alarm answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from ai_artist.kit.caching import cache
from runs.models import Channel, Credit, LabelProfile, Part, Publication, Release, Role, Run
from runs.models.label import credits_to_json
from runs.publishing import health
from runs.releasing.releases import package_release, single_of
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_review import log_in
from tests.contract_servers.youtube_channel import YouTubeChannelServer
from tests.runs import releasable
from tests.runs.publishing.conftest import World, plan_video

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

approve_run, approved_run = releasable.approve_run, releasable.approved_run


@pytest.fixture
def youtube(settings: Any) -> Iterator[YouTubeChannelServer]:
    with YouTubeChannelServer() as server:
        addresses = ("base_url", "analytics_url", "accounts_url", "grant_url", "public_url")
        environment = server.environment()
        settings.YOUTUBE_CHANNEL = {
            "client_id": environment["YOUTUBE_CLIENT_ID"],
            "client_secret": environment["YOUTUBE_CLIENT_SECRET"],
            **dict.fromkeys(addresses, server.url),
        }
        yield server


@pytest.fixture
def release(live_server: Any, approved_run: Run) -> Release:
    LabelProfile.objects.create(
        name="Night",
        is_default=True,
        label="Night Label",
        credits=credits_to_json([Credit("Erika Example", Role.COMPOSER)]),
    )
    return package_release(release_id=single_of(approved_run.pk).pk, now=timezone.now())


def connect(page: Page, live_server: Any) -> Channel:
    page.goto(live_server.url + reverse("admin:runs_channel_changelist"))
    page.get_by_role("link", name="Add a channel").first.click()
    page.get_by_label("Kind").select_option("youtube")
    page.get_by_label("Name", exact=True).fill("Nova on YouTube")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="Sign in at YouTube").click()
    page.get_by_text("Connected to").first.wait_for()
    return Channel.objects.get()


def plan(page: Page, live_server: Any, release: Release) -> Publication:
    page.goto(live_server.url + reverse("admin:runs_release_change", args=[release.pk]))
    page.get_by_role("link", name="Plan…").click()
    day = timezone.localtime(timezone.now() + timedelta(days=9))
    page.get_by_label("Out on").fill(f"{day:%Y-%m-%d}T18:00")
    page.get_by_role("button", name="Plan", exact=True).click()
    page.get_by_text("1 planned.").wait_for()
    return Publication.objects.get()


def entry(page: Page, release: Release) -> Any:
    return page.locator("a.panel-entry", has_text=release.title)


def test_a_release_is_planned_moved_held_up_and_goes_out(
    page: Page, youtube: YouTubeChannelServer, release: Release, live_server: Any, keep: Any
) -> None:
    log_in(page, live_server)
    channel = connect(page, live_server)
    assert channel.account_id == youtube.account_id
    keep(page, "channel")
    publication = plan(page, live_server, release)
    assert publication.part == Part.VIDEO
    keep(page, "release-planned")

    # With the keyboard a day later; dragged back, a day that breaks a limit says so before.
    before = publication.due_at
    calendar = live_server.url + reverse("admin:calendar")
    page.goto(f"{calendar}?day={timezone.localtime(before):%Y-%m-%d}")
    entry(page, release).press("Shift+ArrowRight")
    page.get_by_text("Public on").wait_for()
    publication.refresh_from_db()
    assert publication.due_at - before == timedelta(days=1)
    taken = before + timedelta(days=3)
    other = Channel.objects.create(
        kind="youtube", name="Second", account_id=channel.account_id, parts=["video"]
    )
    plan_video(release, other, taken)
    page.goto(f"{calendar}?day={timezone.localtime(before):%Y-%m-%d}")
    moved = page.locator("a.panel-entry", has_text="Nova on YouTube")
    cell = page.locator(f'td[data-day="{timezone.localtime(taken):%Y-%m-%d}"]')
    if cell.count():  # else the day is on the next month's page
        moved.drag_to(cell)
        page.get_by_text("takes 1 in a day").first.wait_for()
    keep(page, "calendar")
    page.set_viewport_size(PHONE)
    page.goto(f"{calendar}?day={timezone.localtime(before):%Y-%m-%d}&view=week")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    keep(page, "calendar-phone")
    page.set_viewport_size(DESKTOP)

    # The permission is withdrawn: only this channel stops, and says what to do.
    youtube.lapse()
    health.check_channel(channel, clock=timezone.now)
    cache.clear()  # the bell counts anew after some seconds
    page.goto(live_server.url + reverse("admin:index"))
    page.get_by_role("link", name="1 channel stands still until somebody acts").first.wait_for()
    keep(page, "channel-alarm")
    page.get_by_role("link", name="1 channel stands still until somebody acts").first.click()
    page.get_by_role("link", name="Nova on YouTube").first.click()
    page.get_by_role("link", name="Connect again…").click()
    page.get_by_role("link", name="Sign in at YouTube").click()
    page.get_by_text("Connected to").first.wait_for()

    publication.refresh_from_db()
    go_out(publication, youtube)
    page.goto(live_server.url + reverse("admin:runs_release_change", args=[release.pk]))
    row = page.locator("#out tr", has_text="Nova on YouTube")
    assert "watch?v=" in (row.get_by_role("link", name="Open").get_attribute("href") or "")
    page.get_by_label("Why", exact=True).fill("Sample not cleared")
    page.get_by_role("button", name="Recall", exact=True).click()
    page.get_by_text("Not proven gone yet").wait_for()
    keep(page, "release-recalled")


def go_out(publication: Publication, youtube: YouTubeChannelServer) -> None:
    """Let time pass until it is out."""
    world = World(timezone.now())
    youtube.clock = lambda: world.now.timestamp()
    world.until(publication.due_at + timedelta(hours=2))
    publication.refresh_from_db()
    assert publication.status == Publication.Status.LIVE, publication.reason
