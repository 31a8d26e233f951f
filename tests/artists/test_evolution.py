"""A changed profile is tried for some runs, judged, kept or rolled back; undo leaves no trace."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from artists import evolution, lifecycle, profiles
from artists.evolution import EvolutionRefused
from artists.lifecycle.rules import Rule
from artists.models import Artist, Evolution, LifecyclePolicy
from tests.artists.helpers import MINUTE, live, rules
from tests.factories import NOON, ArtistFactory, PolicyFactory, UserFactory

pytestmark = pytest.mark.django_db

Status, State = Artist.Status, Evolution.State
POOR = "ARRRRARRRRARRRR"  # three of fifteen, and never five rejections in a row
TRIAL = NOON + timedelta(hours=1)
TRIED = TRIAL + MINUTE
SLOWER = {"tempo_min_bpm": 84, "tempo_max_bpm": 98}


@pytest.fixture
def policy() -> LifecyclePolicy:
    return PolicyFactory(evolution_trial_runs=5)


@pytest.fixture
def artist(policy: LifecyclePolicy) -> Artist:
    """One that became evolving with three of fifteen approved."""
    artist = ArtistFactory(name="Ana", policy=policy)
    live(artist, POOR)
    assert artist.status == Status.EVOLVING
    return artist


def propose(artist: Artist, **values: Any) -> Evolution:
    return evolution.propose(
        artist_id=artist.pk,
        values=values or SLOWER,
        reasons=["Slower songs were approved."],
        source=Evolution.Source.OFFLINE,
        model="rules",
        now=TRIAL,
    )


def tempo(artist: Artist) -> tuple[int, int]:
    artist.refresh_from_db()
    return artist.tempo_min_bpm, artist.tempo_max_bpm


def snapshot(artist: Artist) -> dict[str, Any]:
    return {
        "artist": Artist.objects.filter(pk=artist.pk).values().get(),
        "evolutions": list(
            artist.evolutions.order_by("pk").values("state", "diff", "ended_at", "ended_by")
        ),
    }


# --- Beginning ---


def test_a_proposal_begins_at_once_and_restarts_the_window(artist: Artist) -> None:
    trial = propose(artist)

    assert (trial.state, tempo(artist)) == (State.TRIAL, (84, 98))
    assert trial.diff == {"tempo_max_bpm": [112, 98], "tempo_min_bpm": [96, 84]}
    assert trial.version_trial == artist.profile_version != trial.version_before
    assert trial.figures["before"] == [3, 12]
    assert artist.window_started_at == TRIAL
    assert artist.history.first().history_change_reason == "Evolution on trial"
    assert artist.status_reason == (
        "Tries another profile for 5 reviewed runs: tempo max bpm, tempo min bpm"
    )


def test_a_careful_policy_waits_for_a_person(artist: Artist, policy: LifecyclePolicy) -> None:
    LifecyclePolicy.objects.update(evolution_mode=LifecyclePolicy.EvolutionMode.PERSON)
    proposal, person = propose(artist), UserFactory()
    assert (proposal.state, tempo(artist)) == (State.PROPOSED, (96, 112))

    evolution.begin(evolution_id=proposal.pk, actor=person, now=TRIED)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.actor, tempo(artist)) == (State.TRIAL, person, (84, 98))


def test_a_dismissed_proposal_makes_room_for_another(artist: Artist) -> None:
    LifecyclePolicy.objects.update(evolution_mode=LifecyclePolicy.EvolutionMode.PERSON)
    proposal = propose(artist)
    assert evolution.awaiting_proposal() == []

    evolution.dismiss(evolution_id=proposal.pk, actor=None, now=TRIED)

    assert evolution.awaiting_proposal() == [artist.pk]
    assert tempo(artist) == (96, 112)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "Eve"}, "name of Ana cannot be proposed"),
        ({"tempo_min_bpm": 96}, "would change nothing"),
        ({"tempo_min_bpm": 200}, "Ana cannot become so. Tempo max bpm"),
        ({"keys": ["H minor"]}, "Keys: “H minor”"),
        ({"themes": "night"}, "Themes: .* list"),
        ({"keys": None}, "Keys: .* empty"),
        ({"temperature": float("nan")}, "Temperature: .* number"),
    ],
)
def test_a_proposal_that_cannot_be_tried_is_refused(
    artist: Artist, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(EvolutionRefused, match=message):
        propose(artist, **values)

    assert not Evolution.objects.exists()
    assert tempo(artist) == (96, 112)


def test_only_an_evolving_artist_without_open_evolution_gets_a_proposal(artist: Artist) -> None:
    with pytest.raises(EvolutionRefused, match="is active, not evolving"):
        propose(ArtistFactory(name="Eve"))
    propose(artist)

    with pytest.raises(EvolutionRefused, match="Ana has an open evolution"):
        propose(artist)


def test_a_proposal_the_profile_has_left_behind_does_not_begin(artist: Artist) -> None:
    LifecyclePolicy.objects.update(evolution_mode=LifecyclePolicy.EvolutionMode.PERSON)
    proposal = propose(artist)
    artist.tempo_min_bpm = 100
    artist.save()

    with pytest.raises(EvolutionRefused, match="Ana's tempo_min_bpm changed since"):
        evolution.begin(evolution_id=proposal.pk, actor=None, now=TRIED)


# --- The verdict ---


def test_a_trial_that_is_not_worse_is_kept(artist: Artist) -> None:
    trial = propose(artist)

    live(artist, "ARRRR", start=TRIED)

    trial.refresh_from_db()
    assert (artist.status, trial.state, tempo(artist)) == (Status.ACTIVE, State.KEPT, (84, 98))
    assert trial.ended_by.rule == Rule.EVOLUTION_KEPT
    assert trial.figures["trial"]["approved"] == 1
    assert len(trial.ended_by.figures["runs"]) == 5


def test_a_worse_trial_is_rolled_back_and_another_is_asked_for(artist: Artist) -> None:
    LifecyclePolicy.objects.update(consecutive_rejections=20)
    trial = propose(artist)

    live(artist, "RRRRR", start=TRIED)

    trial.refresh_from_db()
    assert (artist.status, trial.state, tempo(artist)) == (
        Status.EVOLVING,
        State.ROLLED_BACK,
        (96, 112),
    )
    assert artist.failed_evolutions == 1
    assert evolution.awaiting_proposal() == [artist.pk]


def test_the_third_failed_trial_retires(artist: Artist) -> None:
    LifecyclePolicy.objects.update(consecutive_rejections=30)

    for number in range(3):
        propose(artist, tempo_min_bpm=90 - number)
        live(artist, "RRRRR", start=TRIAL + (number + 1) * timedelta(hours=1))

    assert (artist.status, artist.failed_evolutions) == (Status.RETIRED, 3)
    assert rules(artist)[-1] == Rule.EVOLUTIONS_EXHAUSTED
    assert set(artist.evolutions.values_list("state", flat=True)) == {State.ROLLED_BACK}
    assert tempo(artist) == (96, 112)


def test_runs_made_before_the_trial_do_not_count_in_it(artist: Artist) -> None:
    LifecyclePolicy.objects.update(consecutive_rejections=30)
    trial = propose(artist)
    for index in range(5):
        lifecycle.record_decision(
            artist_id=artist.pk,
            run_id=uuid.uuid4(),
            approved=False,
            detail="",
            now=TRIED + index * MINUTE,
            profile_version=trial.version_before,
        )

    trial.refresh_from_db()
    assert trial.state == State.TRIAL
    assert evolution.progress(trial, now=TRIED) == (
        "0 of 5 reviewed runs: approved 0; before 3 of 15."
    )


def test_what_a_person_edited_during_the_trial_stays(artist: Artist) -> None:
    LifecyclePolicy.objects.update(consecutive_rejections=20)
    propose(artist)
    artist.refresh_from_db()
    artist.tempo_max_bpm = 104
    artist.save()

    live(artist, "RRRRR", start=TRIED)

    assert tempo(artist) == (96, 104)


def test_an_old_profile_that_no_longer_fits_is_not_forced(artist: Artist) -> None:
    LifecyclePolicy.objects.update(consecutive_rejections=20)
    trial = propose(artist, tempo_min_bpm=84)
    artist.refresh_from_db()
    artist.tempo_max_bpm = 90
    artist.save()

    live(artist, "RRRRR", start=TRIED)

    trial.refresh_from_db()
    assert (trial.state, tempo(artist)) == (State.ROLLED_BACK, (84, 90))
    assert "Tempo" in trial.figures["not_restored"]


def test_whoever_is_retired_during_a_trial_gives_it_up(artist: Artist) -> None:
    trial = propose(artist)

    live(artist, "R", start=TRIED)

    trial.refresh_from_db()
    assert rules(artist)[-1] == Rule.STREAK
    assert (trial.state, tempo(artist)) == (State.ROLLED_BACK, (96, 112))


@pytest.mark.parametrize(
    ("keep", "state", "bpm"),
    [(True, State.KEPT, (84, 98)), (False, State.ROLLED_BACK, (96, 112))],
)
def test_a_person_ends_a_trial_early(
    artist: Artist, keep: bool, state: str, bpm: tuple[int, int]
) -> None:
    trial = propose(artist)

    evolution.end(evolution_id=trial.pk, keep=keep, actor=UserFactory(), now=TRIED)

    trial.refresh_from_db()
    artist.refresh_from_db()
    assert (trial.state, tempo(artist)) == (state, bpm)
    assert (artist.status, artist.failed_evolutions) == (Status.ACTIVE, 0)
    with pytest.raises(EvolutionRefused, match="not on trial"):
        evolution.end(evolution_id=trial.pk, keep=keep, actor=UserFactory(), now=TRIED)


# --- Undo ---


@pytest.mark.parametrize("letters", ["RRRAA", "RRRRR"], ids=["kept", "rolled back"])
@pytest.mark.parametrize("index", [4, 1], ids=["the last decision", "one in the middle"])
def test_undoing_a_decision_of_a_trial_reopens_its_verdict(
    artist: Artist, letters: str, index: int
) -> None:
    LifecyclePolicy.objects.update(consecutive_rejections=20)
    trial = propose(artist)
    runs = [uuid.uuid4() for _ in letters]
    for number, (run_id, letter) in enumerate(zip(runs, letters, strict=True)):
        lifecycle.record_decision(
            artist_id=artist.pk,
            run_id=run_id,
            approved=letter == "A",
            detail="",
            now=TRIED + number * MINUTE,
        )
    trial.refresh_from_db()
    assert trial.ended_at is not None

    lifecycle.withdraw_decision(artist_id=artist.pk, run_id=runs[index], now=TRIED + 9 * MINUTE)

    trial.refresh_from_db()
    artist.refresh_from_db()
    assert (trial.state, artist.status, tempo(artist)) == (
        State.TRIAL,
        Status.EVOLVING,
        (84, 98),
    )
    assert artist.failed_evolutions == 0
    assert lifecycle.rebuild_counters([artist.pk]) == 0
    live(artist, "A", start=TRIED + timedelta(hours=2))
    trial.refresh_from_db()
    assert trial.state == State.KEPT


def test_undoing_what_asked_for_the_evolution_takes_the_trial_back(
    policy: LifecyclePolicy,
) -> None:
    artist = ArtistFactory(policy=policy)
    live(artist, POOR[:-1])
    before = snapshot(artist)
    run_id = uuid.uuid4()
    lifecycle.record_decision(
        artist_id=artist.pk, run_id=run_id, approved=False, detail="", now=NOON + 20 * MINUTE
    )
    propose(artist)

    lifecycle.withdraw_decision(artist_id=artist.pk, run_id=run_id, now=TRIED)

    after = snapshot(artist)
    assert after["artist"] == before["artist"]
    assert [one["state"] for one in after["evolutions"]] == [State.DISMISSED]


def test_undoing_the_end_of_a_trial_takes_back_the_next_proposal_too(artist: Artist) -> None:
    LifecyclePolicy.objects.update(consecutive_rejections=20)
    first = propose(artist)
    live(artist, "RRRR", start=TRIED)
    before = snapshot(artist)
    last = uuid.uuid4()
    lifecycle.record_decision(
        artist_id=artist.pk, run_id=last, approved=False, detail="", now=TRIED + 5 * MINUTE
    )
    second = propose(artist, style_notes="Brass.")

    lifecycle.withdraw_decision(artist_id=artist.pk, run_id=last, now=TRIED + timedelta(hours=1))

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.TRIAL, State.DISMISSED)
    assert snapshot(artist)["artist"] == before["artist"]


# --- Profiles ---


def test_a_profile_that_is_not_valid_is_not_written(artist: Artist) -> None:
    version = artist.profile_version

    with pytest.raises(profiles.ProfileRefused, match="Ana cannot become so"):
        profiles.write_profile(artist, {"tempo_min_bpm": 300}, actor=None, why="Try")

    assert (artist.tempo_min_bpm, artist.profile_version) == (96, version)
