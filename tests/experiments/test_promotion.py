"""Winners in use, for whom, and undone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from artists.models import Artist
from experiments.models import Experiment, Promotion, Variant
from experiments.promotion import (
    PromotionRefused,
    difference,
    in_force,
    promote,
    undo,
    undo_all,
)
from tests.factories import NOON, ArtistFactory, ExperimentFactory, VariantFactory

pytestmark = pytest.mark.django_db

PREFIX, TEMPO = Experiment.Parameter.MUSIC_PROMPT_PREFIX, Experiment.Parameter.TEMPO_RANGE


def winner(value: object, *artists: Artist, parameter: str = PREFIX, genre: str = "") -> Variant:
    experiment = ExperimentFactory(
        parameter=parameter, artists=artists, genre=genre, status=Experiment.Status.CONCLUDED
    )
    variant: Variant = VariantFactory(experiment=experiment, value=value)
    return variant


def use(variant: Variant) -> Promotion:
    return promote(variant.experiment, variant, actor=None, now=NOON)[0]


def take_back(promotion: Promotion) -> None:
    undo(promotion, actor=None, now=NOON + timedelta(hours=1))


def test_the_roster_uses_a_winner() -> None:
    use(winner("warm"))

    assert in_force(ArtistFactory()) == {PREFIX: "warm"}


def test_an_artists_own_winner_comes_first_and_is_nobody_elses() -> None:
    artist = ArtistFactory()
    use(winner("warm"))
    use(winner("dry", artist))

    assert in_force(artist) == {PREFIX: "dry"}
    assert in_force(ArtistFactory()) == {PREFIX: "warm"}


def test_a_genres_winner_is_between_the_artists_own_and_the_rosters() -> None:
    artist, neighbour = ArtistFactory(genre="lofi"), ArtistFactory(genre="lofi")
    use(winner("dry", artist))
    promoted = use(winner("soft", genre="lofi"))
    use(winner("warm"))

    assert in_force(artist) == {PREFIX: "dry"}
    assert in_force(neighbour) == {PREFIX: "soft"}
    assert in_force(ArtistFactory(genre="techno")) == {PREFIX: "warm"}
    assert difference(promoted).startswith("Music prompt prefix of all Lo-fi hip hop artists")

    take_back(promoted)

    assert in_force(neighbour) == {PREFIX: "warm"}


def test_undoing_brings_back_what_was_before() -> None:
    artist = ArtistFactory()
    use(winner("warm"))
    second = use(winner("dry"))

    take_back(second)

    assert in_force(artist) == {PREFIX: "warm"}


def test_a_promotion_under_another_is_not_undone() -> None:
    first = use(winner("warm"))
    use(winner("dry"))

    with pytest.raises(PromotionRefused, match="later promotion"):
        take_back(first)


def test_nothing_is_undone_twice() -> None:
    promotion = use(winner("warm"))
    take_back(promotion)

    with pytest.raises(PromotionRefused, match="undone already"):
        take_back(promotion)


def test_the_same_winner_is_not_promoted_twice() -> None:
    variant = winner("warm")
    use(variant)

    with pytest.raises(PromotionRefused, match="in use already"):
        use(variant)


def test_the_difference_is_said() -> None:
    use(winner("warm"))

    assert difference(use(winner("dry"))) == (
        "Music prompt prefix of the roster: from “warm” to “dry”"
    )


def test_a_winner_of_one_artist_goes_into_its_profile() -> None:
    artist = ArtistFactory(name="Nova", tempo_min_bpm=96, tempo_max_bpm=112)
    before = artist.profile_version

    promotion = use(winner([80, 90], artist, parameter=TEMPO))

    artist.refresh_from_db()
    assert (artist.tempo_min_bpm, artist.tempo_max_bpm) == (80, 90)
    assert artist.profile_version != before
    assert artist.history.first().history_change_reason.endswith("won")
    assert difference(promotion) == (
        "Profile of Nova: tempo min bpm from 96 to 80; tempo max bpm from 112 to 90"
    )


def test_a_profile_comes_back_as_it_was() -> None:
    artist = ArtistFactory(tempo_min_bpm=96, tempo_max_bpm=112)
    promotion = use(winner([80, 90], artist, parameter=TEMPO))

    take_back(promotion)

    artist.refresh_from_db()
    assert (artist.tempo_min_bpm, artist.tempo_max_bpm) == (96, 112)


def test_a_profile_somebody_changed_since_is_left_alone() -> None:
    artist = ArtistFactory()
    promotion = use(winner([80, 90], artist, parameter=TEMPO))
    Artist.objects.filter(pk=artist.pk).update(tempo_max_bpm=100)

    with pytest.raises(PromotionRefused, match="was changed since"):
        take_back(promotion)


def test_a_profile_that_won_keeps_the_rosters_winner_away() -> None:
    artist = ArtistFactory()
    use(winner([120, 130], parameter=TEMPO))
    use(winner([80, 90], artist, parameter=TEMPO))

    assert in_force(artist) == {}
    assert in_force(ArtistFactory()) == {TEMPO: [120, 130]}


def test_a_winner_of_several_artists_is_used_by_each_and_taken_back_where_that_works() -> None:
    chosen = [ArtistFactory(tempo_min_bpm=96, tempo_max_bpm=112) for _ in range(2)]
    variant = winner([80, 90], *chosen, parameter=TEMPO)
    use(variant)
    tempos = Artist.objects.order_by("pk").values_list("tempo_min_bpm", flat=True)
    assert list(tempos) == [80, 80]

    use(winner([120, 130], chosen[0], parameter=TEMPO))
    refusals = undo_all(variant.experiment, actor=None, now=NOON)
    assert list(tempos.all()) == [120, 96]
    assert [("later promotion" in refusal) for refusal in refusals] == [True]
    with pytest.raises(PromotionRefused, match="later promotion"):
        undo_all(variant.experiment, actor=None, now=NOON)

    take_back(Promotion.objects.standing()[0])
    undo_all(variant.experiment, actor=None, now=NOON + timedelta(hours=2))
    assert list(tempos.all()) == [96, 96]
    with pytest.raises(PromotionRefused, match="Nothing of"):
        undo_all(variant.experiment, actor=None, now=NOON)
