"""Comparing, comments at a second and preview links on the pages of runs and releases."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from runs.models import PreviewComment, PreviewLink, Run, TimedComment
from runs.previews import Said, link_of, say
from tests.factories import NOON, single_of

ADDRESS = re.compile(r"http://testserver/listen/([\w.-]+)/")


@pytest.fixture
def run(new_run: Callable[..., Run]) -> Run:
    return new_run()


def at(name: str, row: object) -> str:
    return reverse(f"admin:runs_{name}", args=[row.pk])  # type: ignore[attr-defined]


def html_of(client: Client, row: object, kind: str = "run") -> str:
    return client.get(at(f"{kind}_change", row)).content.decode()


def test_an_address_is_told_once(boss: Client, run: Run) -> None:
    form = {"recipient": "<i>Ada", "days": "7", "takes_comments": "on"}
    first = boss.post(at("run_share", run), form, follow=True).content.decode()
    again = html_of(boss, run)

    [token] = set(ADDRESS.findall(first))
    assert link_of(token) == PreviewLink.objects.get()
    assert token not in again
    assert "&lt;i&gt;Ada" in again


@pytest.mark.parametrize(
    "form", [{}, {"days": "91"}, {"days": "x"}, {"days": "5", "recipient": "x" * 99}]
)
def test_a_link_that_cannot_be_is_refused(boss: Client, run: Run, form: dict[str, str]) -> None:
    assert boss.post(at("run_share", run), form).status_code == 302
    assert not PreviewLink.objects.exists()


def test_a_release_has_links_too_and_they_are_revoked(boss: Client, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status="approved", decided_at=NOON)
    release = single_of(run)
    boss.post(at("release_share", release), {"days": "14"})
    link = PreviewLink.objects.get()
    assert (link.release, link.takes_comments) == (release, False)

    boss.post(at("release_revoke", release), {"link": link.pk})

    link.refresh_from_db()
    assert link.revoked_at is not None
    assert "revoked" in html_of(boss, release, "release")


def test_comments_of_visitors_are_new_to_the_maker_once(
    boss: Client, browser_of: Callable[[str], Client], run: Run
) -> None:
    boss.post(at("run_share", run), {"days": "14", "takes_comments": "on"})
    link = PreviewLink.objects.get()
    say(link, Said("Ada", "<b>Nice"), now=NOON)

    shown_to_others = html_of(browser_of("Reviewer"), run)
    first, second = html_of(boss, run), html_of(boss, run)

    assert "&lt;b&gt;Nice" in shown_to_others
    assert "· new" in shown_to_others and "· new" in first
    assert "· new" not in second
    assert link.made_by is not None and not PreviewComment.objects.unseen_by(link.made_by).exists()


@pytest.mark.parametrize("role", ["Reviewer", "Producer"])
def test_reviewers_and_producers_share_and_comment(
    browser_of: Callable[[str], Client], run: Run, role: str
) -> None:
    client = browser_of(role)

    client.post(at("run_share", run), {"days": "14"})
    client.post(at("run_comments", run), {"at": "1:02", "text": "Too loud"})

    assert PreviewLink.objects.count() == 1
    assert TimedComment.objects.get().at_s == 62.0
    assert client.get(at("run_compare", run)).json()["groups"] == []


@pytest.mark.parametrize("name", ["run_share", "run_revoke", "run_comments"])
def test_who_has_no_right_to_it_shares_and_says_nothing(
    browser_of: Callable[[str], Client], run: Run, name: str
) -> None:
    assert browser_of("").post(at(name, run), {"days": "14", "text": "x"}).status_code == 403


def test_a_comment_is_changed_and_removed_on_the_page(boss: Client, run: Run) -> None:
    address = at("run_comments", run)
    boss.post(address, {"at": "62.5", "text": "Too <loud>"})
    comment = TimedComment.objects.get()
    html = html_of(boss, run)
    assert "Too &lt;loud&gt;" in html
    assert 'data-seek="62.5"' in html

    boss.post(address, {"comment": comment.pk, "verb": "edit", "text": "Softer"})
    comment.refresh_from_db()
    assert comment.text == "Softer"
    boss.post(address, {"comment": comment.pk, "verb": "delete"})
    assert not TimedComment.objects.exists()


@pytest.mark.parametrize("place", ["", "x", "1:", "9" * 9, "-5"])
def test_a_place_that_is_none_is_refused(boss: Client, run: Run, place: str) -> None:
    boss.post(at("run_comments", run), {"at": place, "text": "Here"})

    assert not TimedComment.objects.exists()


def test_a_run_page_asks_no_more_for_many_links_and_comments(boss: Client, run: Run) -> None:
    def leave() -> int:
        """One more of each. Returns the queries of the page then."""
        boss.post(at("run_comments", run), {"at": "1:02", "text": "Too loud"})
        boss.post(at("run_share", run), {"days": "14", "takes_comments": "on"})
        say(PreviewLink.objects.latest("pk"), Said("Ada", "Nice"), now=NOON)
        html_of(boss, run)  # sees what is new
        with CaptureQueriesContext(connection) as captured:
            html_of(boss, run)
        return len(captured)

    few = leave()

    assert [leave(), leave()] == [few, few]
    assert few <= 28


def test_a_run_links_to_its_release_beside_its_title(boss: Client, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status="approved", decided_at=NOON)
    release = single_of(run)

    html = html_of(boss, run)

    assert html.index(at("release_change", release)) < html.index("<audio")


def test_a_list_offers_to_play_its_songs(boss: Client, run: Run) -> None:
    html = boss.get(reverse("admin:runs_run_changelist")).content.decode()

    assert html.count("data-listen=") == 1
