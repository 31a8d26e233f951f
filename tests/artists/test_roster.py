"""Who has the next turn, and how artists come into being."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction
from scipy.stats import beta

from artists import selection
from artists.lifecycle import default_policy
from artists.lifecycle.rules import Rule
from artists.models import Artist
from artists.roster import (
    ArtistNotSelectable,
    Casting,
    NameTaken,
    OffspringRefused,
    PersonaInvalid,
    RosterEmpty,
    claim_artist,
    create_artist,
    create_offspring,
    next_artists,
    persona_of,
    taken_names,
)
from artists.starter_roster import STARTER_ROSTER, seed_roster
from media_tools.errors import ProviderUnavailable
from media_tools.music.local.genres import GENRE_BY_NAME
from media_tools.text.base import Persona
from tests.factories import NOON, ArtistFactory, UserFactory

pytestmark = pytest.mark.django_db

Status = Artist.Status
PERSONA = STARTER_ROSTER[0]


def invent(seed: int) -> Persona:
    return replace(PERSONA, name=f"Invented {seed}")


def turn(rng=None, *, probability: float = 0.0, cap: int = 50, create=invent, now=NOON) -> Artist:
    casting = Casting(create=create, creation_probability=probability, roster_cap=cap)
    return next_artists([rng or random.Random(1)], casting, now=now)[0]


@pytest.mark.parametrize(("installed", "wanted"), [(True, True), (False, True), (True, False)])
def test_artists_of_sung_genres_sing_where_the_voice_is_installed(
    settings, monkeypatch: pytest.MonkeyPatch, installed: bool, wanted: bool
) -> None:
    settings.SINGING = wanted
    monkeypatch.setattr("artists.roster.voice.is_installed", lambda: installed)

    singers = [
        create_artist(persona=replace(PERSONA, name=genre, genre=genre), now=NOON, reason="New")
        for genre in ("folk", "techno")
    ]

    assert [artist.sings for artist in singers] == [installed and wanted, False]


# --- Turns ---


def test_the_artist_that_waits_longest_is_next() -> None:
    ArtistFactory(turn_at=NOON - timedelta(hours=1))
    longest = ArtistFactory(turn_at=NOON - timedelta(hours=2))

    artist = turn()

    assert artist == longest
    artist.refresh_from_db()
    assert artist.last_run_at == NOON
    assert artist.turn_at >= NOON


def test_paused_and_retired_artists_get_no_turn() -> None:
    early = NOON - timedelta(days=1)
    ArtistFactory(status=Status.PAUSED, turn_at=early)
    ArtistFactory(status=Status.RETIRED, turn_at=early)
    evolving = ArtistFactory(status=Status.EVOLVING)

    assert turn() == evolving


def test_many_turns_at_one_moment_go_round_the_roster() -> None:
    artists = ArtistFactory.create_batch(4)

    first, second = [turn() for _ in artists], [turn() for _ in artists]

    assert first == second == artists


def test_a_turn_makes_no_profile_version() -> None:
    artist = ArtistFactory()
    version = artist.profile_version

    turn()

    assert artist.profile_version == version


@pytest.mark.rehearsal
def test_two_hundred_turns_are_fair_and_keep_to_the_cap() -> None:
    rng, cap = np.random.default_rng(11), 15
    ArtistFactory.create_batch(6)
    last_turn: dict[int, int] = {}
    longest_wait = 0
    for number in range(200):
        artist = turn(rng, probability=0.1, cap=cap, now=NOON + timedelta(minutes=number // 5))
        longest_wait = max(longest_wait, number - last_turn.get(artist.pk, number))
        last_turn[artist.pk] = number

    assert Artist.objects.count() == cap
    # Newcomers also take turns, hence the cap and not the size of that moment.
    assert longest_wait <= cap
    assert all(200 - number <= cap for number in last_turn.values())


@pytest.mark.rehearsal
def test_new_artists_come_about_as_often_as_asked() -> None:
    rng = random.Random(3)
    ArtistFactory()

    for _ in range(200):
        turn(rng, probability=0.1, cap=1000)

    assert 12 <= Artist.objects.count() - 1 <= 28


@pytest.mark.rehearsal
@pytest.mark.parametrize("mode", [selection.TURN, selection.VALUE])
@pytest.mark.parametrize("probability", [0.0, 0.2])
def test_turns_claimed_together_are_those_claimed_one_by_one(
    unequal: dict[str, Artist], mode: str, probability: float
) -> None:
    casting = Casting(create=invent, creation_probability=probability, roster_cap=18, mode=mode)
    before = list(Artist.objects.values())

    def claimed(*, together: bool) -> tuple[list[str], list[tuple[object, ...]]]:
        rngs = [random.Random(seed) for seed in range(60)]
        if together:
            artists = next_artists(rngs, casting, now=NOON)
        else:
            artists = [next_artists([rng], casting, now=NOON)[0] for rng in rngs]
        order = Artist.objects.by_turn().values_list("name", "passed_over", "turn_at")
        return [artist.name for artist in artists], list(order)

    with transaction.atomic():
        one_by_one = claimed(together=False)
        transaction.set_rollback(True)
    assert list(Artist.objects.values()) == before

    assert claimed(together=True) == one_by_one


def test_the_number_of_queries_does_not_grow_with_the_turns(
    django_assert_max_num_queries,
) -> None:
    ArtistFactory.create_batch(30)
    casting = Casting(create=invent, creation_probability=0.0, roster_cap=50)
    default_policy()

    with django_assert_max_num_queries(8):
        artists = next_artists([random.Random(0)] * 100, casting, now=NOON)

    assert Counter(Counter(artist.pk for artist in artists).values()) == {3: 20, 4: 10}


# --- Creating in a turn ---


def test_a_new_candidate_has_the_turn() -> None:
    ArtistFactory()

    artist = turn(probability=1.0)

    assert artist.name.startswith("Invented")
    assert (artist.status, artist.last_run_at) == (Status.CANDIDATE, NOON)


def test_the_same_seed_asks_for_the_same_persona() -> None:
    seeds: list[int] = []

    def note(seed: int) -> Persona:
        seeds.append(seed)
        return replace(PERSONA, name=f"Number {len(seeds)}")

    turn(random.Random(5), probability=1.0, create=note)
    turn(random.Random(5), probability=1.0, create=note)

    assert seeds[0] == seeds[1]


def test_retired_artists_make_room_under_the_cap() -> None:
    ArtistFactory(status=Status.RETIRED)
    kept = ArtistFactory(status=Status.PAUSED)

    assert turn(probability=1.0, cap=2) != kept
    with pytest.raises(RosterEmpty):
        Artist.objects.filter(status=Status.CANDIDATE).update(status=Status.PAUSED)
        turn(probability=1.0, cap=2)


def test_an_empty_roster_creates_whatever_the_probability() -> None:
    assert turn(probability=0.0).status == Status.CANDIDATE


def test_nobody_to_take_and_no_room_says_what_to_do() -> None:
    ArtistFactory(status=Status.PAUSED)

    with pytest.raises(RosterEmpty, match=r"cap of 1 .* seed_roster, resume or reinstate"):
        turn(cap=1)


def test_a_name_that_exists_is_tried_again_with_another_seed() -> None:
    ArtistFactory(name="Taken")
    names = iter(["taken", "Fresh"])

    artist = turn(probability=1.0, create=lambda seed: replace(PERSONA, name=next(names)))

    assert artist.name == "Fresh"


@pytest.mark.parametrize("fault", ["name", "writer", "persona"])
def test_when_no_new_artist_can_be_made_the_roster_goes_on(fault: str) -> None:
    existing = ArtistFactory(name="Taken")

    def create(seed: int) -> Persona:
        if fault == "writer":
            raise ProviderUnavailable("writer", "busy")
        if fault == "persona":
            return replace(PERSONA, tempo_max_bpm=900)
        return replace(PERSONA, name="Taken")

    assert turn(probability=1.0, create=create) == existing


def test_a_writer_that_is_down_is_told_when_nobody_else_can_go() -> None:
    def create(seed: int) -> Persona:
        raise ProviderUnavailable("writer", "busy")

    with pytest.raises(ProviderUnavailable):
        turn(create=create)


# --- Claiming one artist ---


def test_an_artist_can_be_claimed() -> None:
    artist = ArtistFactory()

    assert claim_artist(artist_id=artist.pk, now=NOON) == artist


def test_a_claimed_artist_goes_to_the_end_of_the_queue() -> None:
    first, second = ArtistFactory.create_batch(2)

    claim_artist(artist_id=first.pk, now=NOON)

    assert turn() == second


@pytest.mark.parametrize(
    ("status", "remedy"), [(Status.PAUSED, "resume"), (Status.RETIRED, "reinstate")]
)
def test_an_artist_without_turns_is_refused(status: str, remedy: str) -> None:
    artist = ArtistFactory(name="Ana", status=status, status_reason="Enough")

    with pytest.raises(ArtistNotSelectable) as refusal:
        claim_artist(artist_id=artist.pk, now=NOON)

    assert str(refusal.value) == f"Ana is {status} (Enough); {remedy} the artist first."


def test_an_unknown_artist_is_refused() -> None:
    with pytest.raises(ArtistNotSelectable, match="no artist 1"):
        claim_artist(artist_id=1, now=NOON)


# --- Artists and personas ---


def test_a_created_artist_has_its_persona_and_a_first_status() -> None:
    actor = UserFactory()

    artist = create_artist(persona=PERSONA, now=NOON, reason="For a test", actor=actor)

    assert persona_of(artist) == PERSONA
    assert (artist.slug, artist.sound_identity) == ("vera-halogen", "vera-halogen")
    change = artist.status_changes.get()
    assert (change.from_status, change.to_status) == ("", Status.CANDIDATE)
    assert (change.rule, change.reason, change.actor) == (Rule.CREATED, "For a test", actor)


def test_the_persona_of_an_earlier_version_can_be_read() -> None:
    artist = create_artist(persona=PERSONA, now=NOON, reason="")
    version = artist.profile_version
    artist.voice = "Now shouting."
    artist.save()

    assert persona_of(artist.history.get(history_id=version)) == PERSONA
    assert persona_of(artist).voice == "Now shouting."


def test_a_new_artist_queues_behind_the_others() -> None:
    waiting = ArtistFactory(turn_at=NOON + timedelta(hours=1))
    create_artist(persona=PERSONA, now=NOON, reason="")

    assert turn() == waiting


def test_names_differ_by_more_than_case() -> None:
    ArtistFactory(name="vera halogen", status=Status.RETIRED)

    with pytest.raises(NameTaken, match="'Vera Halogen' already"):
        create_artist(persona=PERSONA, now=NOON, reason="")


def test_names_that_look_alike_in_an_address_get_slugs_of_their_own() -> None:
    slugs = [
        create_artist(persona=replace(PERSONA, name=name), now=NOON, reason="").slug
        for name in ("Ana B", "Ana-B", "Ana B!", "蝶")
    ]

    assert slugs == ["ana-b", "ana-b-2", "ana-b-3", "artist"]


def test_a_persona_that_breaks_a_rule_is_refused_whole() -> None:
    odd = replace(PERSONA, tempo_min_bpm=20, keys=("H minor",))

    with pytest.raises(PersonaInvalid, match=r"'Vera Halogen' .* Tempo min bpm: .* Keys: “H min"):
        create_artist(persona=odd, now=NOON, reason="")

    assert not Artist.objects.exists()


def test_taken_names_are_lower_case_and_hold_retired_artists() -> None:
    ArtistFactory(name="Ana")
    ArtistFactory(name="BEN", status=Status.RETIRED)

    assert taken_names() == {"ana", "ben"}


# --- The starter roster ---


def test_the_starters_are_ten_of_different_genres_of_the_composer() -> None:
    genres = {persona.genre for persona in STARTER_ROSTER}

    assert len(genres) == len(STARTER_ROSTER) == 10
    assert genres <= set(GENRE_BY_NAME)


@pytest.mark.parametrize("persona", STARTER_ROSTER, ids=lambda persona: persona.name)
def test_a_starter_keeps_to_the_tempo_of_its_genre(persona: Persona) -> None:
    slowest, fastest = GENRE_BY_NAME[persona.genre].tempo_bpm

    assert slowest <= persona.tempo_min_bpm < persona.tempo_max_bpm <= fastest


def test_seeding_twice_adds_nobody() -> None:
    assert seed_roster(NOON) == (len(STARTER_ROSTER), 0)
    Artist.objects.filter(slug="vera-halogen").update(status=Status.RETIRED)

    assert seed_roster(NOON) == (0, len(STARTER_ROSTER))
    assert Artist.objects.get(slug="vera-halogen").status == Status.RETIRED


# --- Turns by value ---


BY_VALUE = Casting(create=invent, creation_probability=0.0, roster_cap=50, mode=selection.VALUE)


def value_turn(rng: random.Random) -> Artist:
    return next_artists([rng], BY_VALUE, now=NOON)[0]


@pytest.fixture
def unequal() -> dict[str, Artist]:
    """Known and poor (ten of them), known and liked, unknown."""
    for _ in range(10):
        ArtistFactory(approved_count=8, rejected_count=72)
    return {
        "liked": ArtistFactory(approved_count=72, rejected_count=8),
        "unknown": ArtistFactory(),
    }


@pytest.mark.rehearsal
def test_value_gives_more_turns_to_the_liked_and_the_unknown_and_nobody_waits_more_than_three(
    unequal: dict[str, Artist],
) -> None:
    rng = random.Random(6)

    turns = [value_turn(rng).pk for _ in range(240)]

    taken = Counter(turns)
    poor = [count for pk, count in taken.items() if pk not in {a.pk for a in unequal.values()}]
    assert min(taken[artist.pk] for artist in unequal.values()) > 2 * max(poor)
    last = dict.fromkeys(Artist.objects.values_list("pk", flat=True), 0)
    longest = 0  # of the waits, in turns
    for number, artist in enumerate(turns, 1):
        longest = max(longest, number - last[artist])
        last[artist] = number
    bound = (1 + selection.VALUE_TURNS) * len(last)
    assert max(longest, *(len(turns) - number for number in last.values())) <= bound
    assert longest > len(last)


def test_value_is_a_quantile_of_the_approval_rate_plus_its_spread() -> None:
    found = selection.values(np.array([[0, 0], [72, 8]]), np.array([0.5, 0.5]))

    spread = [beta(1, 1).std(), beta(73, 9).std()]
    assert found == pytest.approx([0.5 + spread[0], beta(73, 9).median() + spread[1]])


def test_the_audience_decides_between_artists_of_about_the_same_worth() -> None:
    worth = np.array([0.70, 0.68, 0.40])

    assert selection.best(worth, np.array([0.2, 0.9, 1.0])) == 1
    assert selection.best(worth, np.array([0.5, 0.5, 1.0])) == 0


# --- Offspring ---

ALL_OFFSPRING = Casting(create=invent, creation_probability=1.0, roster_cap=50, offspring_share=1.0)


@pytest.fixture
def strong() -> Artist:
    return ArtistFactory(name="Ana", approved_count=45, rejected_count=5)


def test_a_strong_artist_has_offspring(strong: Artist) -> None:
    person = UserFactory()

    child = create_offspring(parent_id=strong.pk, seed=3, now=NOON, roster_cap=50, actor=person)

    assert (child.parent, child.status) == (strong, Status.CANDIDATE)
    assert child.name != strong.name
    assert (child.genre, child.style_notes, child.keys) == (
        strong.genre,
        strong.style_notes,
        strong.keys,
    )
    assert child.themes != strong.themes
    assert child.status_changes.get().reason == "Offspring of Ana"


@pytest.mark.parametrize(
    ("values", "cap", "message"),
    [
        ({"rejected_count": 30}, 50, "Ana .*rate 60%.* is not strong enough"),
        (
            {"approved_count": 9, "rejected_count": 0},
            50,
            "offspring needs an active artist with 20",
        ),
        ({"status": Status.PAUSED}, 50, "Ana .paused"),
        ({}, 1, "The roster holds 1 artist,"),
    ],
)
def test_offspring_is_refused(
    strong: Artist, values: dict[str, object], cap: int, message: str
) -> None:
    Artist.objects.update(**values)

    with pytest.raises(OffspringRefused, match=message):
        create_offspring(parent_id=strong.pk, seed=3, now=NOON, roster_cap=cap)

    assert Artist.objects.count() == 1


def test_new_artists_of_a_batch_can_be_offspring(strong: Artist) -> None:
    [child] = next_artists([random.Random(2)], ALL_OFFSPRING, now=NOON)

    assert child.parent == strong
    assert child.last_run_at == NOON


def test_without_a_strong_artist_a_new_one_is_invented() -> None:
    ArtistFactory()

    [child] = next_artists([random.Random(2)], ALL_OFFSPRING, now=NOON)

    assert child.parent is None
