"""What a track can be compared with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from runs.comparison import comparison_of
from runs.models import Artifact, Run, Step
from tests.factories import NOON, ArtifactFactory, ArtistFactory


def test_the_last_approved_song_comes_first_then_others_then_takes(
    new_run: Callable[..., Run],
) -> None:
    artist = ArtistFactory()
    run = new_run(artist=artist, lufs=-12.5)
    for number, (title, status) in enumerate(
        [("Old", "approved"), ("New", "released"), ("Bad", "rejected")]
    ):
        at = NOON - timedelta(days=9 - number)
        new_run(artist=artist, title=title, status=status, decided_at=at, finished_at=at)
    new_run(title="Of another artist", status="approved", decided_at=NOON)
    kinds = {"kind": Artifact.Kind.TAKE, "media_type": "audio/wav"}
    ArtifactFactory(run=run, name="take 2", lufs=-18.0, **kinds)
    ArtifactFactory(run=run, superseded_at=NOON)
    ArtifactFactory(run=run, superseded_at=NOON, purged_at=NOON)

    answer = comparison_of(run)

    assert answer["lufs"] == -12.5
    assert [(group["label"], len(group["sounds"])) for group in answer["groups"]] == [
        ("Last approved song", 1),
        ("Other songs of the artist", 2),
        ("Other takes of this song", 2),
    ]
    assert [s["name"] for s in answer["groups"][0]["sounds"]] == ["New (released)"]
    assert {s["lufs"] for s in answer["groups"][2]["sounds"]} == {-18.0, None}


def test_it_asks_no_more_of_many_songs(
    new_run: Callable[..., Run], django_assert_num_queries: Any
) -> None:
    artist = ArtistFactory()
    run = new_run(artist=artist)
    for _ in range(3):
        new_run(artist=artist, status="approved", decided_at=NOON)
    Step.objects.filter(name="music").update(
        output={"sections": [{"kind": "verse", "start_s": 0.0, "end_s": 9.0}]}
    )

    with django_assert_num_queries(8):
        answer = comparison_of(run)

    assert answer["sections"] == [{"kind": "verse", "start_s": 0.0, "end_s": 9.0}]
    assert list(answer["groups"][0]["sounds"][0]["sections"]) == answer["sections"]
