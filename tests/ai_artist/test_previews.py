"""The public page of a preview link, as somebody without an account sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runs.models import PreviewComment, PreviewLink, Run, Step
from runs.previews import Invitation, make_link
from tests.factories import NOON, UserFactory, single_of
from tests.media_rows import LYRICS


@pytest.fixture(autouse=True)
def no_requests_yet() -> None:
    caches["limits"].clear()


@pytest.fixture
def run(new_run: Callable[..., Run]) -> Run:
    return new_run(title="Neon <b>Rivers</b>")


@pytest.fixture
def token(run: Run) -> str:
    return make_link(run, Invitation(), maker=UserFactory(), now=timezone.now())[1]


def page_of(token: str) -> str:
    return reverse("preview", args=[token])


def test_page_shows_the_song_and_leaves_no_trace_at_the_visitor(client: Client, token: str) -> None:
    answer = client.get(page_of(token))

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Neon &lt;b&gt;Rivers&lt;/b&gt;" in html
    assert "Nobody has approved it yet." in html
    assert reverse("preview_song", args=[token, 1]) in html
    assert "/admin/" not in html and "/media/" not in html
    assert not answer.cookies
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["media-src"] == policy["form-action"] == "'self'"


def test_words_are_shown_only_of_a_song_that_is_sung(client: Client, run: Run, token: str) -> None:
    line = LYRICS["sections"][0]["lines"][0]
    assert line not in client.get(page_of(token)).content.decode()

    music = Step.objects.get(run=run, name="music")
    music.output["vocals"] = "synthetic"
    music.save()

    assert line in client.get(page_of(token)).content.decode()


def test_a_page_opens_though_a_step_cannot_be_read(client: Client, run: Run, token: str) -> None:
    Step.objects.filter(run=run, name="music").update(output={"sections": "x"})

    assert client.get(page_of(token)).status_code == 200


def test_opens_are_counted_and_looks_by_programs_are_not(client: Client, token: str) -> None:
    client.get(page_of(token))
    client.get(page_of(token))
    client.head(page_of(token))

    link = PreviewLink.objects.get()
    assert link.opens == 2
    assert link.opened_at is not None


def test_song_comes_by_ranges_and_never_the_master(client: Client, token: str) -> None:
    whole = client.get(reverse("preview_song", args=[token, 1]))
    part = client.get(reverse("preview_song", args=[token, 1]), headers={"range": "bytes=3-5"})

    assert whole["Content-Type"] == "audio/mpeg"
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"mp3")
    assert "no-referrer" in part["Referrer-Policy"]
    assert client.get(reverse("preview_song", args=[token, 2])).status_code == 404
    assert client.get(reverse("preview_cover", args=[token])).status_code == 200


def test_a_page_takes_few_queries(
    client: Client, new_run: Callable[..., Run], django_assert_max_num_queries: Any
) -> None:
    songs = [new_run(status="approved", decided_at=NOON) for _ in range(3)]
    release = single_of(songs[0], kind="album", disclosure={"statement": "Made by an algorithm."})
    for place, song in enumerate(songs[1:], start=2):
        release.tracks.create(run=song, title=song.title, position=place, place="album")
    token = make_link(release, Invitation(), maker=UserFactory(), now=timezone.now())[1]

    with django_assert_max_num_queries(9):
        html = client.get(page_of(token)).content.decode()

    assert html.count("<audio") == 3
    assert "Made by an algorithm." in html


def test_a_page_of_a_candidate_takes_few_queries(
    client: Client, token: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(16):  # half of them are about how it was made
        client.get(page_of(token))
    with django_assert_max_num_queries(4):
        client.get(reverse("preview_song", args=[token, 1]))
    with django_assert_max_num_queries(0):
        client.get(page_of("x.y"))


UNKNOWN = ("x", "x.y", "a" * 76, "a" * 5000)


def test_unknown_tokens_are_all_answered_alike(client: Client, token: str) -> None:
    answers = {
        (answer.status_code, answer.content)
        for unknown in (*UNKNOWN, token[:-1], token.lower())
        for answer in (client.get(page_of(unknown)),)
    }

    assert {status for status, _ in answers} == {404}
    assert len(answers) == 1


def test_a_link_that_is_over_says_so_and_serves_nothing(client: Client, token: str) -> None:
    PreviewLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    page, song, said = (
        client.get(page_of(token)),
        client.get(reverse("preview_song", args=[token, 1])),
        client.post(page_of(token), {"name": "Ada", "text": "Nice"}),
    )

    assert {page.status_code, song.status_code, said.status_code} == {410}
    assert "This link is over" in page.content.decode()
    assert not PreviewComment.objects.exists()


def test_a_comment_is_kept_without_an_account(token: str) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post(
        page_of(token), {"name": "Ada", "text": "<script>x</script>", "thumb": "up"}
    )

    assert (answer.status_code, answer["Location"]) == (303, f"{page_of(token)}?thanks=1#say")
    assert not answer.cookies
    assert "Thank you" in client.get(f"{page_of(token)}?thanks=1").content.decode()
    said = PreviewComment.objects.get()
    assert (said.name, said.thumb, said.text) == ("Ada", "up", "<script>x</script>")


@pytest.mark.parametrize(
    "body", [{}, {"name": "Ada"}, {"text": "Nice"}, {"name": "Ada", "thumb": "sideways"}]
)
def test_a_comment_that_lacks_something_keeps_what_was_typed(
    client: Client, token: str, body: dict[str, str]
) -> None:
    answer = client.post(page_of(token), body)

    assert answer.status_code == 400
    assert all(value in answer.content.decode() for key, value in body.items() if key != "thumb")
    assert not PreviewComment.objects.exists()


def test_requests_of_one_address_are_limited(client: Client, token: str) -> None:
    statuses = [client.get(page_of("x")).status_code for _ in range(61)]
    said = [client.get(page_of(token)).status_code]

    assert statuses == [404] * 60 + [429]
    assert said == [429]


def test_comments_of_one_address_are_limited(client: Client, token: str) -> None:
    said = {"name": "Ada", "text": "Nice"}

    statuses = [client.post(page_of(token), said).status_code for _ in range(7)]

    assert statuses == [303] * 6 + [429]
