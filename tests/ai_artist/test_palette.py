"""What the palette finds, for whom, and at what cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ai_artist import palette
from runs.models import Release, Run
from tests.factories import NOON, ArtistFactory, RunFactory, single_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """unfold keeps what it found for some minutes."""
    cache.clear()


def search(client: Client, words: str) -> HttpResponse:
    return client.get(reverse("admin:search"), {"s": words, "extended": "1"})


def links(response: HttpResponse) -> list[str]:
    results = response.context["results"] if response.context else []
    return [str(result.link) for result in results]


def page(name: str, row: Any) -> str:
    return reverse(f"admin:{name}_change", args=[row.pk])


def released(title: str, **fields: Any) -> Release:
    run = RunFactory(reviewable=True, title=title, status="approved", decided_at=NOON)
    return single_of(run, **fields)


def test_artists_songs_and_releases_are_found(boss: Client) -> None:
    artist = ArtistFactory(name="Paper Lantern Club")
    run = RunFactory(title="Quiet Paper Boats", created_at=NOON + timedelta(seconds=1))
    release = released("Paper Moon")

    found = links(search(boss, "paper"))

    assert found == [
        page("artists_artist", artist),
        page("runs_run", run),
        page("runs_run", release.tracks.get().run),
        page("runs_release", release),
    ]


@pytest.mark.parametrize("words", ["QZ-ABC-26-00001", "036000291452"])
def test_release_is_found_by_a_code(boss: Client, words: str) -> None:
    release = released("Paper Moon", isrc="QZABC2600001", upc="036000291452")

    assert links(search(boss, words)) == [page("runs_release", release)]


def test_run_is_found_by_its_whole_id(boss: Client) -> None:
    run = RunFactory(title="")

    assert links(search(boss, str(run.pk))) == [page("runs_run", run)]


@pytest.mark.parametrize(
    ("name", "words"),
    [("Ночной Экспресс", "ночной"), ("Éclairs", "éclair"), ("100% Wool_ly", "% wool_")],
)
def test_other_letters_and_marks_are_found(boss: Client, name: str, words: str) -> None:
    artist = ArtistFactory(name=name)
    ArtistFactory(name="100 Woolxly")

    assert links(search(boss, words)) == [page("artists_artist", artist)]


def test_only_what_may_be_seen_is_found(browser_of: Callable[[str], Client]) -> None:
    ArtistFactory(name="Paper Lantern Club")
    released("Paper Moon")

    assert links(search(browser_of(""), "paper")) == []
    assert len(links(search(browser_of("Reviewer"), "paper"))) == 3


def test_markup_in_names_stays_text(boss: Client) -> None:
    ArtistFactory(name="<b onclick=x>Paper</b>")

    text = search(boss, "paper").content.decode()

    assert "<b onclick" not in text
    assert "&lt;b onclick=x&gt;Paper" in text


@pytest.mark.parametrize(
    ("words", "status"),
    [("\x00", 400), ("a\x00b", 400), ("x" * 5000, 200), ("'; --", 200), ("a", 200)],
)
def test_odd_words_find_nothing_and_break_nothing(boss: Client, words: str, status: int) -> None:
    assert search(boss, words).status_code == status


def test_search_is_bounded(
    boss: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(palette, "READ", 20)
    RunFactory(title="Paper Past", created_at=NOON.replace(year=2020))
    RunFactory.create_batch(30, title="Paper Boats")

    with django_assert_max_num_queries(12):
        found = links(search(boss, "paper"))

    assert len(found) == palette.SHOWN
    assert links(search(boss, "paper past")) == []
    assert Run.objects.count() == 31


@pytest.mark.parametrize("number", ["x", "0", "-1", "²", "1.5", "9" * 5_000, ""])
def test_a_page_that_is_none_is_not_found(boss: Client, number: str) -> None:
    address = reverse("admin:search")

    assert boss.get(address, {"s": "runs", "page": number}).status_code == 404
