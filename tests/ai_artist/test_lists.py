"""What every list offers: bounded pages, saved filters, an export that spreadsheets may open."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from unfold.templatetags import unfold_list

from ai_artist.kit.admin import COUNT_LIMIT, CappedPaginator
from ai_artist.lists import export, saved
from ai_artist.lists.export import safe, text_of
from runs.models import ProviderCall, Release, Run, SavedFilter
from tests.factories import NOON, ArtistFactory, RunFactory, UserFactory, single_of

pytestmark = pytest.mark.django_db

PAGES = sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)
RUNS = "admin:runs_run_changelist"


def exported(client: Client, model: Any, query: str = "") -> list[list[str]]:
    """The rows of a list's file, headings first."""
    address = reverse("admin:list_export", args=[model._meta.app_label, model._meta.model_name])
    answer = client.get(f"{address}?{query}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(text[1:].splitlines()))


def test_no_list_puts_all_its_rows_on_a_page() -> None:
    for model, page in PAGES:
        assert page.list_per_page == 40, model
        assert page.list_max_show_all == 0, model
        assert page.paginator is CappedPaginator, model


def test_a_stop_of_the_count_is_not_shown_as_a_fact(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    RunFactory.create_batch(3)
    assert "3 rows" in boss.get(reverse(RUNS)).content.decode()

    monkeypatch.setattr("ai_artist.kit.admin.COUNT_LIMIT", 2)

    assert "the first 2 rows; a filter finds the others" in boss.get(reverse(RUNS)).content.decode()
    assert COUNT_LIMIT == 10_000


def test_our_style_sheet_knows_the_classes_it_stands_for() -> None:
    """A newer theme may style cells otherwise: compare its ROW_CLASSES with .panel-cell then."""
    assert unfold_list.ROW_CLASSES == ["panel-cell"]
    assert len(unfold_list.CHECKBOX_CLASSES) == 19


# --- The export ---


def test_every_list_can_be_exported(boss: Client, everything: None) -> None:
    request = boss.get(reverse("admin:password_change")).wsgi_request
    for model, page in PAGES:
        rows = exported(boss, model)

        cells = [cell for row in rows for cell in row]
        # The list of proposals begins with the open ones.
        assert len(rows) >= 1 + bool(page.get_queryset(request).count()), model
        assert {len(row) for row in rows} == {len(rows[0])}, model
        assert not [cell for cell in cells if re.search(r"</?(a|span|div|td)\b|^[=@]", cell)], model


def test_the_export_has_what_is_filtered_in_the_words_of_the_list(boss: Client) -> None:
    artist = ArtistFactory(name="Vera Halogen")
    run = RunFactory(artist=artist, title="Neon Rivers", status="failed", error="x", lufs=-14.02)
    RunFactory(title="Others", created_at=run.created_at - timedelta(days=1))

    rows = exported(boss, Run, "q=neon")

    assert rows[0][:3] == ["Title", "Artist", "Status"]
    assert [row[:3] for row in rows[1:]] == [["Neon Rivers", "Vera Halogen", "Failed"]]
    assert "-14.0" in rows[1]
    assert "2026-03-02 12:00 UTC" in rows[1]


def test_the_export_keeps_the_order_of_the_list(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 2)
    for title in "cadb":
        RunFactory(title=title)

    titles = [row[0] for row in exported(boss, Run, "o=2")[1:]]

    assert titles == sorted(titles)
    assert len(titles) == 4


def test_the_export_takes_few_queries_for_many_rows(
    boss: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        single_of(RunFactory(reviewable=True, status="approved", decided_at=NOON))

    with django_assert_max_num_queries(15):
        assert len(exported(boss, Release)) == 13


def test_the_export_has_an_end(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 3)
    RunFactory.create_batch(5)

    assert len(exported(boss, Run)) == 4


def test_the_file_is_named_for_its_day(boss: Client) -> None:
    answer = boss.get(reverse("admin:list_export", args=["runs", "providercall"]))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="ledger-20')


@pytest.mark.parametrize(
    "text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "-", "+-1", "＝1+1", "-1+2"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-14.0", "$0.11", "1:21", "Ночной Экспресс", "a=b", ""])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe(text) == text


def test_a_hostile_title_is_harmless_in_the_file(boss: Client) -> None:
    RunFactory(title='=HYPERLINK("http://x";"\x07y")')

    assert exported(boss, Run)[1][0] == '\'=HYPERLINK("http://x";"y")'


def test_marks_of_a_cell_become_text() -> None:
    from django.utils.safestring import SafeString

    html = (
        '<a href="/x">Tom &amp; Ann</a> <span class="material-symbols-outlined">check</span>'
        '<time title="2026-03-02 12:00 UTC">3 days ago</time><button>Copy</button>'
    )

    assert text_of(SafeString(html)) == "Tom & Ann 2026-03-02 12:00 UTC"
    assert text_of("a < b") == "a < b"
    assert text_of("–") == ""


@pytest.mark.parametrize("model", ["providercall", "budget", "nonsense"])
def test_who_may_not_see_a_list_gets_no_file(
    browser_of: Callable[[str], Client], model: str
) -> None:
    address = reverse("admin:list_export", args=["runs", model])

    assert browser_of("Reviewer").get(address).status_code == 403
    assert browser_of("Reviewer").post(address).status_code == 405
    assert Client().get(address).status_code == 302


def test_a_filter_that_cannot_be_used_leads_back_to_the_list(boss: Client) -> None:
    address = reverse("admin:list_export", args=["runs", "run"])

    answer = boss.get(f"{address}?created_at__nonsense=1")

    assert (answer.status_code, answer["Location"]) == (302, f"{reverse(RUNS)}?e=1")


# --- Saved filters ---


def save(client: Client, name: str, query: str, model: str = "run") -> Any:
    address = reverse("admin:list_save", args=["runs", model])
    return client.post(address, {"name": name, "query": query}, follow=True)


def test_a_saved_filter_is_a_chip_above_its_list_alone(boss: Client) -> None:
    RunFactory(status="failed", error="x", title="Broken")

    answer = save(boss, "  My failures ", "status__exact=failed&p=2&o=-2&q=")

    kept = SavedFilter.objects.get()
    assert (kept.name, kept.query) == ("My failures", "o=-2&status__exact=failed")
    assert answer.redirect_chain[-1][0] == f"{reverse(RUNS)}?{kept.query}"
    assert 'aria-current="true">My failures</a>' in answer.content.decode()
    assert "My failures" in boss.get(reverse(RUNS)).content.decode()
    assert "My failures" not in boss.get(reverse("admin:runs_batch_changelist")).content.decode()


def test_a_name_is_kept_once_for_a_list(boss: Client) -> None:
    save(boss, "Mine", "q=a")
    save(boss, "Mine", "q=b")
    save(boss, "Mine", "q=c", model="batch")

    assert sorted(SavedFilter.objects.values_list("listed", "query")) == [
        ("runs.batch", "q=c"),
        ("runs.run", "q=b"),
    ]


@pytest.mark.parametrize(
    ("name", "query"),
    [("", "q=a"), ("All", ""), ("All", "p=3&all="), ("Long", "q=" + 2000 * "x")],
)
def test_what_cannot_be_saved_is_said(boss: Client, name: str, query: str) -> None:
    answer = save(boss, name, query)

    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert not SavedFilter.objects.exists()


def test_a_list_keeps_so_many_filters_a_person(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "MOST", 2)
    for name in "abc":
        save(boss, name, "q=a")
    save(boss, "a", "q=z")

    assert dict(SavedFilter.objects.values_list("name", "query")) == {"a": "q=z", "b": "q=a"}


def test_filters_are_their_owners_alone(boss: Client) -> None:
    save(boss, "Mine", "q=a")
    other = Client()
    other.force_login(UserFactory(is_superuser=True))
    row = SavedFilter.objects.get()
    address = reverse("admin:list_forget", args=[row.pk])

    assert "Mine" not in other.get(reverse(RUNS)).content.decode()
    assert other.post(address).status_code == 404
    assert boss.get(address).status_code == 405
    assert boss.post(address).status_code == 302
    assert not SavedFilter.objects.exists()


def test_a_list_that_may_not_be_seen_keeps_no_filter(browser_of: Callable[[str], Client]) -> None:
    reviewer = browser_of("Reviewer")

    assert save(reviewer, "Calls", "q=a", model="providercall").status_code == 403
    assert save(reviewer, "Runs", "q=a").status_code == 200
    assert User.objects.get(saved_filters__name="Runs")


def test_saving_needs_the_token(boss: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_superuser=True))

    assert save(client, "Mine", "q=a").status_code == 403
    assert not ProviderCall.objects.exists()
