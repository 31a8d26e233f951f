"""Errors are told in words, with a way back, in the panel's look."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse

from ai_artist import errors

HOME = 'href="/admin/"'


def test_a_refusal_says_the_role_inside_the_panel(browser_of: Callable[[str], Client]) -> None:
    answer = browser_of("Reviewer").get(reverse("admin:artists_lifecyclepolicy_changelist"))
    page = answer.content.decode()

    assert answer.status_code == 403
    assert "the role Reviewer" in page
    assert reverse("admin:review_queue") in page
    assert HOME in page


def test_an_unknown_page_keeps_the_menu_for_who_is_signed_in(boss: Client) -> None:
    answer = boss.get("/admin/nowhere/")

    assert answer.status_code == 404
    assert reverse("admin:review_queue") in answer.content.decode()


def test_strangers_get_a_plain_page(client: Client, db: None) -> None:
    answer = client.get("/nowhere/")
    page = answer.content.decode()

    assert answer.status_code == 404
    assert HOME in page
    assert reverse("admin:review_queue") not in page


def test_a_form_without_its_token_is_told_so(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("admin:login"), {"username": "x"})

    assert answer.status_code == 403
    assert "too old" in answer.content.decode()


def test_a_fault_is_told_without_the_database(rf: RequestFactory) -> None:
    answer = errors.failed(rf.get("/admin/"))

    assert answer.status_code == 500
    assert HOME in answer.content.decode()


def test_refusal_is_logged_without_a_traceback_and_a_fault_with_it() -> None:
    let_through = settings.LOGGING["filters"]["refused"]["callback"]
    trace = (ValueError, ValueError("x"), None)
    refused, broken = (
        logging.makeLogRecord({"status_code": status, "exc_info": trace}) for status in (403, 500)
    )

    assert let_through(refused)
    assert let_through(broken)
    assert refused.exc_info is None
    assert broken.exc_info == trace


def test_browsers_find_an_icon_on_every_page(client: Client) -> None:
    answer = client.get("/favicon.ico")

    assert (answer.status_code, answer["Location"]) == (302, "/static/panel/icon.svg")
