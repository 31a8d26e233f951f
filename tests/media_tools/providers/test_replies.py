from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field

from media_tools.errors import ProviderUnavailable
from media_tools.providers.replies import (
    Amount,
    Figure,
    Label,
    Reference,
    Reply,
    Whole,
    first,
    read_reply,
    rows,
)


class Song(Reply):
    name: Label = ""
    link: Reference = ""
    rank: Annotated[Whole | None, Field(ge=1, le=100)] = None
    plays: Amount = 0.0
    bpm: Figure | None = None
    explicit: bool = False


class Chart(Reply):
    songs: Annotated[list[Song], rows(3)]
    tags: Annotated[list[Label], first(2)] = []
    best: Song = Song()


class Job(Reply):
    job_id: Reference = Field(alias="id", min_length=1)


class Jobs(Reply):
    jobs: list[Job]


def chart(body: object) -> Chart:
    return read_reply(Chart, body, provider="acme", what="the answer to GET /chart")


def test_an_answer_is_read_and_cleaned() -> None:
    row = {"name": " Night\n Bus\x00", "link": "https://a/b", "rank": 2.0, "bpm": "120.5"}

    assert chart({"songs": [row], "more": 1}).songs == [
        Song(name="Night Bus", link="https://a/b", rank=2, bpm=120.5)
    ]


@pytest.mark.parametrize(
    "row",
    [
        None,
        "a song",
        [],
        {"name": ["x"], "link": "two words", "rank": True},
        {"rank": "1", "plays": "NaN", "bpm": {}, "explicit": 1},
        {"rank": 101, "plays": -1, "explicit": "yes"},
        {"rank": 10**400, "plays": float("inf"), "bpm": "9" * 400},
    ],
)
def test_odd_details_have_their_defaults(row: object) -> None:
    assert chart({"songs": [row], "best": row}) == Chart(songs=[Song()])


def test_a_list_is_cut_before_it_is_read() -> None:
    cut = chart({"songs": [{}] * 1000, "tags": ["a", 2, "c", {}]})

    assert len(cut.songs) == 3
    assert cut.tags == ["a", "2"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (None, "it is no JSON object"),
        ([{"songs": []}], "it is no JSON object"),
        ({}, 'it has no "songs"'),
        ({"songs": None}, 'its "songs" is unusable'),
        ({"songs": "sk-secret-secret-secret"}, 'its "songs" is unusable'),
    ],
)
def test_a_required_field_is_named(body: object, fault: str) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        chart(body)

    assert caught.value.code == "bad_answer"
    assert caught.value.cause == f"the answer to GET /chart cannot be used: {fault}"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_required_field_is_named_by_its_place() -> None:
    with pytest.raises(ProviderUnavailable, match=r'its "jobs\.1\.id" is unusable'):
        read_reply(Jobs, {"jobs": [{"id": 7}, {"id": "a b"}]}, provider="acme")


@pytest.mark.parametrize("body", [None, "a page", [], {}, {"name": {}}])
def test_nothing_is_read_of_what_is_no_object(body: object) -> None:
    assert Song.of(body) == Song()
