"""What decisions say of measures: found where it is there, not used where it is not."""

from __future__ import annotations

import pytest

from experiments.models import Ranking
from experiments.ranking import DecidedSong, learn, tastes_in_use, train
from media_tools.taste import Taste
from tests.benchmarks.ranking import invented
from tests.factories import NOON


def songs(count: int, *, pull: float, seed: int = 1) -> list[DecidedSong]:
    return invented(count, pull=pull, seed=seed, measures=4)


def test_a_preference_is_found_and_used() -> None:
    learned = learn(songs(400, pull=1.5))

    assert learned is not None and learned.in_use
    assert 0.5 < learned.order_low < learned.order
    assert learned.weights["m0"] > 0.5 and learned.weights["m1"] < -0.5
    assert max(abs(learned.weights["m2"]), abs(learned.weights["m3"])) < 0.4
    more, less = learned.halves["m0"]
    assert more[0] / sum(more) > less[0] / sum(less) + 0.1


def test_the_same_decisions_teach_the_same() -> None:
    assert learn(songs(200, pull=1.0)) == learn(songs(200, pull=1.0))


@pytest.mark.parametrize("seed", range(12))
def test_decisions_without_a_preference_teach_nothing_to_use(seed: int) -> None:
    # Artists with more of m0 are approved more: that says nothing within an artist.
    learned = learn(songs(300, pull=0.0, seed=seed))

    assert learned is not None and not learned.in_use


@pytest.mark.parametrize("count", [0, 1, 59])
def test_few_songs_teach_nothing(count: int) -> None:
    assert learn(songs(count, pull=3.0)) is None


def test_a_measure_that_never_differs_has_no_weight() -> None:
    decided = [
        DecidedSong(song.artist, song.approved, {**song.measures, "same": 1.0})
        for song in songs(200, pull=1.5)
    ]

    learned = learn(decided)

    assert learned is not None and learned.weights["same"] == 0.0


def test_only_what_is_sure_is_in_use(db: None) -> None:
    music, words = Ranking.Subject.MUSIC, Ranking.Subject.WORDS

    assert train(music, songs(400, pull=1.5), now=NOON)
    assert not train(words, songs(400, pull=0.0), now=NOON)

    kept = Ranking.objects.get(subject=music)
    assert tastes_in_use() == {"music": Taste(kept.weights)}
    assert (Ranking.objects.get(subject=words).in_use, kept.trained_at) == (False, NOON)


def test_a_preference_that_is_gone_is_no_longer_used(db: None) -> None:
    train(Ranking.Subject.MUSIC, songs(400, pull=1.5), now=NOON)
    train(Ranking.Subject.MUSIC, songs(400, pull=0.0), now=NOON)
    assert tastes_in_use() == {}

    train(Ranking.Subject.MUSIC, songs(40, pull=1.5), now=NOON)
    assert not Ranking.objects.exists()
