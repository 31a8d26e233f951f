"""What the palette finds, for whom, and at what cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ai_artist import palette
from ai_artist.palette import actions, things
from artists.models import Lesson
from runs.models import Channel, Release, Run
from tests.factories import (
    NOON,
    ArtistFactory,
    BatchFactory,
    ExperimentFactory,
    RunFactory,
    TopicFactory,
    single_of,
)

pytestmark = pytest.mark.django_db


def search(client: Client, words: str) -> HttpResponse:
    return client.get(reverse("admin:search"), {"s": words, "extended": "1"})


def results(response: HttpResponse) -> list[palette.Result]:
    found: list[palette.Result] = response.context["results"]
    return found


def links(response: HttpResponse) -> list[str]:
    return [result.link for result in results(response)]


def page(name: str, row: Any) -> str:
    return reverse(f"admin:{name}_change", args=[row.pk])


def released(title: str, **fields: Any) -> Release:
    """An earlier run, and its release."""
    run = RunFactory(
        reviewable=True,
        title=title,
        status="approved",
        created_at=NOON - timedelta(hours=1),
        decided_at=NOON,
    )
    return single_of(run, **fields)


def test_artists_songs_and_releases_are_found(boss: Client) -> None:
    artist = ArtistFactory(name="Paper Lantern Club")
    run = RunFactory(title="Quiet Paper Boats", created_at=NOON + timedelta(seconds=1))
    release = released("Paper Moon")

    found = links(search(boss, "paper"))

    assert found == [
        page("artists_artist", artist),
        page("runs_run", release.tracks.get().run),
        page("runs_release", release),
        page("runs_run", run),
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
    [("\x00", 400), ("a\x00b", 400), ("x" * 5000, 200), ("'; --", 200), ("a", 200), ("", 200)],
)
def test_odd_words_find_nothing_and_break_nothing(boss: Client, words: str, status: int) -> None:
    assert search(boss, words).status_code == status


def test_search_is_bounded(boss: Client, django_assert_max_num_queries: Any) -> None:
    RunFactory.create_batch(30, title="Paper Boats")
    for number in range(7):
        ArtistFactory(name=f"Paper {number}")
        TopicFactory(name=f"paper {number}")

    with django_assert_max_num_queries(22):
        found = results(search(boss, "paper"))

    assert Counter(line.told.split()[0] for line in found) == {"Artist,": 5, "Song": 8, "Topic,": 5}


# --- Kinds, order, actions ---


def test_other_kinds_are_found_in_words(boss: Client) -> None:
    artist = ArtistFactory(name="Vera Halogen")
    lesson = Lesson.objects.create(artist=artist, text="More amber")
    rows = {
        "Experiment, running": ExperimentFactory(name="Amber tempo"),
        "Lesson for Vera Halogen, proposed": lesson,
        "Topic, momentum 50%": TopicFactory(name="amber lamps", score=0.5),
        "Channel, active": Channel.objects.create(kind="by_hand", name="Amber shop"),
        "4 runs, 2026-03-02: ambers": BatchFactory(size=4, note="ambers", created_at=NOON),
    }

    found = {line.told: line.link for line in results(search(boss, "amber"))}

    assert found == {told: things.page_of(row) for told, row in rows.items()}


def test_a_batch_is_found_by_its_number(boss: Client) -> None:
    batch = BatchFactory()

    assert page("runs_batch", batch) in links(search(boss, f"batch {batch.pk}"))


def test_what_begins_so_comes_first_and_the_newest_before_others(boss: Client) -> None:
    for hours, title in enumerate(("Wet Paper", "Paper Old", "Paper Moon", "A Paper Hat")):
        RunFactory(title=title, created_at=NOON + timedelta(hours=hours))

    found = [line.title for line in results(search(boss, "paper"))]

    assert found == ["Paper Moon", "Paper Old", "A Paper Hat", "Wet Paper"]


def test_two_letters_find_beginnings_alone(boss: Client) -> None:
    RunFactory(title="Kazoo")
    RunFactory(title="A kazoo")

    assert [line.title for line in results(search(boss, "ka"))] == ["Kazoo"]


def test_songs_and_releases_have_their_pictures(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run(title="Paper Moon")
    single_of(run)
    picture = run.artifacts.get(kind="thumbnail").pk

    answer = search(boss, "paper")

    assert [line.picture for line in results(answer)] == [picture, picture]
    assert answer.content.decode().count(reverse("artifact", args=[picture])) == 2


def test_pages_of_the_menu_are_found_by_who_may_open_them(
    boss: Client, browser_of: Callable[[str], Client]
) -> None:
    budgets = reverse("admin:runs_budget_changelist")

    assert budgets in links(search(boss, "budg"))
    assert budgets not in links(search(browser_of("Reviewer"), "budg"))


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("start a batch", "Start a batch"),
        ("batch", "Start a batch"),
        ("desk", "Open the review desk"),
        ("plan", "Plan a release"),
        ("new artist", "Add an artist"),
        ("password", "Change my password"),
    ],
)
def test_actions_are_offered(boss: Client, words: str, title: str) -> None:
    found = {line.title: line.link for line in results(search(boss, words))}

    assert boss.get(found[title]).status_code == 200


def test_actions_are_offered_to_whom_they_are_allowed(browser_of: Callable[[str], Client]) -> None:
    ArtistFactory(name="Vera Halogen")
    reviewer, producer = browser_of("Reviewer"), browser_of("Producer")

    titles = [line.title for line in results(search(reviewer, "start"))]
    assert titles == ["Open the review desk"]
    assert "Start a batch" in [line.title for line in results(search(producer, "start"))]
    assert "Pause Vera Halogen" not in [line.title for line in results(search(reviewer, "pause"))]


@pytest.mark.parametrize("verb", actions.ARTIST_VERBS)
def test_an_artist_is_moved_after_a_question_alone(boss: Client, verb: str) -> None:
    status = actions.ARTIST_VERBS[verb].statuses[0]
    artist = ArtistFactory(name="Vera Halogen", status=status)
    wanted = f"{verb.capitalize()} Vera Halogen"

    link = {line.title: line.link for line in results(search(boss, f"{verb} vera"))}[wanted]
    asked = boss.get(link)

    artist.refresh_from_db()
    assert (asked.status_code, artist.status) == (200, status)
    assert wanted in asked.content.decode()
    assert 'method="post"' in asked.content.decode()


@pytest.mark.parametrize(("verb", "status"), [("", 403), ("nonsense", 404), ("pause", 403)])
def test_a_question_is_asked_whom_it_concerns(
    browser_of: Callable[[str], Client], boss: Client, verb: str, status: int
) -> None:
    address = reverse("admin:artists_artist_confirm", args=[ArtistFactory().pk])
    client = boss if status == 404 else browser_of("Reviewer")

    assert client.get(address, {"verb": verb}).status_code == status


def test_a_release_is_planned_from_its_title(boss: Client) -> None:
    release = released("Paper Moon")

    link = {line.title: line.link for line in results(search(boss, "plan paper"))}[
        "Plan Paper Moon"
    ]

    assert link == reverse("admin:runs_release_plan", args=[release.pk])
    assert boss.get(link).status_code == 200


def test_nothing_found_says_what_to_try(boss: Client) -> None:
    text = search(boss, "zzzzz").content.decode()

    assert 'id="command-results-list"' in text
    assert "Nothing found" in text
