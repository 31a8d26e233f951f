"""Decisions, failures and people move artists between statuses."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from numpy.random import Generator

from artists import lifecycle
from artists.lifecycle import DecisionConflict, TransitionRefused, UnknownArtist
from artists.lifecycle.rules import Rule, Verdict
from artists.models import Artist, LifecyclePolicy, PerformanceEntry, StatusChange
from media_tools.seeds import stream
from tests.artists.helpers import MINUTE, live, rules
from tests.factories import NOON, ArtistFactory, PolicyFactory, UserFactory

pytestmark = pytest.mark.django_db

Status = Artist.Status
Mode = LifecyclePolicy.RetirementMode
LATER = NOON + timedelta(hours=6)


def state(artist: Artist) -> dict[str, object]:
    """Every column of the artist's row."""
    return Artist.objects.filter(pk=artist.pk).values().get()


# --- The streak ---


def test_five_rejections_in_a_row_retire() -> None:
    artist = ArtistFactory()

    changes = live(artist, "RRRRR")

    assert artist.status == Status.RETIRED
    assert [change.rule for change in changes] == [Rule.STREAK]
    assert changes[0].reason == artist.status_reason == "5 rejections in a row (limit 5)"
    assert changes[0].figures["streak"] == 5


def test_four_rejections_do_not_retire() -> None:
    artist = ArtistFactory()

    assert live(artist, "RRRR") == []
    assert (artist.status, artist.consecutive_rejections) == (Status.ACTIVE, 4)


def test_an_approval_ends_the_streak() -> None:
    artist = ArtistFactory()

    live(artist, "RRRRARRRR")

    assert (artist.status, artist.consecutive_rejections) == (Status.ACTIVE, 4)


def test_a_failed_run_neither_counts_nor_resets() -> None:
    artist = ArtistFactory()

    live(artist, "RRRRF")
    assert (artist.status, artist.consecutive_rejections) == (Status.ACTIVE, 4)

    live(artist, "R", start=LATER)
    assert artist.status == Status.RETIRED


def test_failures_alone_never_retire() -> None:
    artist = ArtistFactory()

    live(artist, "F" * 40)

    assert artist.status == Status.PAUSED
    assert artist.failed_count == 40


def test_a_lowered_threshold_does_not_make_a_failure_retire() -> None:
    artist = ArtistFactory(policy=PolicyFactory(consecutive_rejections=9))
    live(artist, "RRRRRR")
    LifecyclePolicy.objects.update(consecutive_rejections=5)

    live(artist, "F", start=LATER)

    assert artist.status == Status.ACTIVE


def test_the_policy_of_the_artist_goes_before_the_default() -> None:
    artist = ArtistFactory(policy=PolicyFactory(consecutive_rejections=2))

    live(artist, "RR")

    assert artist.status == Status.RETIRED


def test_a_paused_artist_is_retired_by_the_reviews_of_its_last_runs() -> None:
    artist = ArtistFactory()
    live(artist, "RRRR")
    lifecycle.pause(artist_id=artist.pk, actor=None, reason="Holiday", now=LATER)

    live(artist, "R", start=LATER + MINUTE)

    assert artist.status == Status.RETIRED


# --- Recording ---


def test_the_same_decision_again_counts_once() -> None:
    artist = ArtistFactory()
    decision = {"artist_id": artist.pk, "run_id": uuid.uuid4(), "approved": False, "detail": ""}

    lifecycle.record_decision(**decision, now=NOON)
    lifecycle.record_decision(**decision, now=LATER)

    artist.refresh_from_db()
    assert (artist.rejected_count, artist.consecutive_rejections) == (1, 1)
    assert PerformanceEntry.objects.count() == 1


def test_the_opposite_decision_is_refused() -> None:
    artist = ArtistFactory(name="Ana")
    run_id = uuid.uuid4()
    lifecycle.record_decision(
        artist_id=artist.pk, run_id=run_id, approved=True, detail="", now=NOON
    )

    with pytest.raises(DecisionConflict, match="of Ana is approved already; undo"):
        lifecycle.record_decision(
            artist_id=artist.pk, run_id=run_id, approved=False, detail="", now=NOON
        )


def test_the_same_failure_again_counts_once() -> None:
    artist = ArtistFactory()
    failure = {"artist_id": artist.pk, "run_id": uuid.uuid4(), "detail": "music"}

    lifecycle.record_failure(**failure, now=NOON)
    lifecycle.record_failure(**failure, now=LATER)

    artist.refresh_from_db()
    assert artist.failed_count == 1


def test_a_run_of_nobody_is_refused() -> None:
    with pytest.raises(UnknownArtist, match="no artist 77"):
        lifecycle.record_decision(
            artist_id=77, run_id=uuid.uuid4(), approved=True, detail="", now=NOON
        )


def test_a_long_detail_is_cut_to_the_column() -> None:
    artist = ArtistFactory()

    lifecycle.record_failure(artist_id=artist.pk, run_id=uuid.uuid4(), detail="x" * 500, now=NOON)

    assert len(PerformanceEntry.objects.get().detail) == 200


def test_decisions_make_no_profile_versions() -> None:
    artist = ArtistFactory()
    version = artist.profile_version

    live(artist, "RRRRR")

    assert artist.profile_version == version


# --- Promotion, rates, evolution, errors ---


def test_a_candidate_becomes_active_with_its_first_approval() -> None:
    artist = ArtistFactory(status=Status.CANDIDATE)

    (change,) = live(artist, "RA")

    assert artist.status == Status.ACTIVE
    assert (change.from_status, change.rule) == (Status.CANDIDATE, Rule.PROMOTED)


def test_a_strict_policy_wants_more_approvals() -> None:
    artist = ArtistFactory(status=Status.CANDIDATE, policy=PolicyFactory(promote_after_approvals=3))

    live(artist, "AA")
    assert artist.status == Status.CANDIDATE

    live(artist, "A", start=LATER)
    assert artist.status == Status.ACTIVE


POOR = "ARRRRARRRRARRRR"  # 3 of 15


def test_a_poor_rate_sends_an_artist_to_evolve() -> None:
    artist = ArtistFactory()

    live(artist, POOR[:-1])
    assert artist.status == Status.ACTIVE

    live(artist, POOR[-1], start=LATER)
    (change,) = artist.status_changes.all()
    assert (artist.status, change.rule) == (Status.EVOLVING, Rule.EVOLVE)
    assert len(change.figures["runs"]) == 15


def test_the_window_restarts_with_an_evolution() -> None:
    artist = ArtistFactory()
    live(artist, POOR)

    live(artist, POOR[:-1], start=LATER)

    assert rules(artist) == [Rule.EVOLVE]
    assert artist.window_started_at == NOON + 14 * MINUTE + lifecycle.TICK


def test_an_evolving_artist_can_recover_by_itself() -> None:
    artist = ArtistFactory(status=Status.EVOLVING, failed_evolutions=1)

    live(artist, "ARARARARAR")

    assert (artist.status, artist.failed_evolutions) == (Status.ACTIVE, 1)
    assert rules(artist) == [Rule.RECOVERED]


def test_a_very_low_rate_pauses() -> None:
    artist = ArtistFactory(policy=PolicyFactory(consecutive_rejections=50, min_runs=20))

    live(artist, "R" * 20)

    assert artist.status == Status.PAUSED
    assert rules(artist) == [Rule.LOW_RATE]


def test_a_rate_is_judged_on_decisions_of_any_age_and_counted_in_the_period() -> None:
    artist = ArtistFactory()
    live(artist, POOR[:-1])

    (change,) = live(artist, POOR[-1], start=NOON + timedelta(days=31))

    assert change.rule == Rule.EVOLVE
    assert (change.figures["approved"], change.figures["rejected"]) == (0, 1)


def test_a_hint_to_explore_keeps_the_status_and_comes_once() -> None:
    artist = ArtistFactory()

    live(artist, "A" * 25)

    assert artist.status == Status.ACTIVE
    assert rules(artist) == [Rule.EXPLORE]


def test_many_failures_pause() -> None:
    artist = ArtistFactory()

    live(artist, "AAAAAFFFFF")

    assert artist.status == Status.PAUSED
    assert artist.status_reason == (
        "5 of the last 10 runs failed; chance 92% that more than 30% do"
    )


def test_a_retried_run_takes_back_its_failure_and_the_pause() -> None:
    artist = ArtistFactory()
    live(artist, "AAAAAFFFF")
    before = state(artist)
    run_id = uuid.uuid4()
    lifecycle.record_failure(artist_id=artist.pk, run_id=run_id, detail="", now=LATER)
    assert state(artist)["status"] == Status.PAUSED

    lifecycle.withdraw_failure(artist_id=artist.pk, run_id=run_id, now=LATER)

    assert state(artist) == before


def test_a_retried_run_can_fail_again() -> None:
    artist = ArtistFactory()
    failure = {"artist_id": artist.pk, "run_id": uuid.uuid4()}
    lifecycle.record_failure(**failure, detail="music", now=NOON)
    lifecycle.withdraw_failure(**failure, now=NOON)

    lifecycle.record_failure(**failure, detail="video", now=LATER)

    artist.refresh_from_db()
    assert artist.failed_count == 1


# --- Probation and proposals ---


@pytest.fixture
def on_probation() -> Artist:
    artist = ArtistFactory(policy=PolicyFactory(retirement_mode=Mode.PROBATION))
    live(artist, "RRRRR", step=timedelta(hours=1))
    return artist


def test_a_bad_batch_in_one_sitting_is_no_probation() -> None:
    artist = ArtistFactory(policy=PolicyFactory(retirement_mode=Mode.PROBATION))

    live(artist, "RRRRRR")
    assert rules(artist) == []

    live(artist, "R", start=LATER)
    assert rules(artist) == [Rule.PROBATION]


def test_probation_keeps_the_artist_in_turns(on_probation: Artist) -> None:
    assert on_probation.status == Status.ACTIVE
    assert rules(on_probation) == [Rule.PROBATION]
    assert "on probation for 10 reviewed runs" in on_probation.status_reason
    assert on_probation.status_since == NOON
    assert lifecycle.notice(on_probation, now=LATER) == (
        "On probation: 0 of 10 reviewed runs done. Approved 0 of the last 5; chance 88% that the "
        "true rate is under 30%; retired if that is 90% or more at the end."
    )


def test_probation_is_not_decided_early(on_probation: Artist) -> None:
    live(on_probation, "R" * 9, start=LATER)

    assert rules(on_probation) == [Rule.PROBATION]


def test_a_failed_probation_retires(on_probation: Artist) -> None:
    live(on_probation, "RRRARRRARR", start=LATER)

    assert on_probation.status == Status.RETIRED
    assert rules(on_probation)[-1] == Rule.PROBATION_FAILED


def test_a_passed_probation_resets_the_streak(on_probation: Artist) -> None:
    live(on_probation, "AARARRARRR", start=LATER)

    assert (on_probation.status, on_probation.consecutive_rejections) == (Status.ACTIVE, 0)
    assert rules(on_probation) == [Rule.PROBATION, Rule.PROBATION_PASSED]
    assert lifecycle.rebuild_counters([on_probation.pk]) == 0


def test_failed_runs_do_not_use_up_a_probation(on_probation: Artist) -> None:
    live(on_probation, "RRRRRRRRRFF", start=LATER)

    assert rules(on_probation) == [Rule.PROBATION]


def test_a_retirement_is_proposed_once_a_streak() -> None:
    artist = ArtistFactory(policy=PolicyFactory(retirement_mode=Mode.PROPOSE, min_runs=100))

    live(artist, "RRRRRRR")
    assert (artist.status, rules(artist)) == (Status.ACTIVE, [Rule.RETIRE_PROPOSED])

    live(artist, "ARRRRR", start=LATER)
    assert rules(artist) == [Rule.RETIRE_PROPOSED, Rule.RETIRE_PROPOSED]


# --- Undo ---


@pytest.mark.parametrize(
    ("status", "policy", "before", "approved"),
    [
        (Status.CANDIDATE, {}, "R", True),
        (Status.ACTIVE, {}, "ARRRR", False),
        (Status.ACTIVE, {}, "RRRR", True),
        (Status.ACTIVE, {}, POOR[:-1], False),
        (Status.EVOLVING, {}, "ARARARARA", False),
        (Status.ACTIVE, {"retirement_mode": Mode.PROBATION}, "RRRR", False),
        (Status.ACTIVE, {"retirement_mode": Mode.PROBATION}, "RRRRRAARARRARR", False),
        (Status.ACTIVE, {"retirement_mode": Mode.PROBATION}, "RRRRRRRRRRRRRR", False),
        (Status.ACTIVE, {"retirement_mode": Mode.PROPOSE}, "RRRR", False),
    ],
    ids=[
        "promotion",
        "retirement",
        "end of a streak",
        "evolution",
        "recovery",
        "probation",
        "probation passed",
        "probation failed",
        "proposal",
    ],
)
def test_undo_restores_the_artist_exactly(
    status: str, policy: dict[str, str], before: str, approved: bool
) -> None:
    artist = ArtistFactory(status=status, policy=PolicyFactory(**policy))
    live(artist, before, step=timedelta(minutes=20))
    expected = state(artist)
    run_id = uuid.uuid4()
    lifecycle.record_decision(
        artist_id=artist.pk, run_id=run_id, approved=approved, detail="", now=LATER
    )
    assert state(artist) != expected

    lifecycle.withdraw_decision(artist_id=artist.pk, run_id=run_id, now=LATER + MINUTE)

    assert state(artist) == expected


def test_what_was_undone_stays_on_record() -> None:
    artist = ArtistFactory()
    live(artist, "RRRR")
    run_id = uuid.uuid4()
    lifecycle.record_decision(
        artist_id=artist.pk, run_id=run_id, approved=False, detail="", now=LATER
    )

    lifecycle.withdraw_decision(artist_id=artist.pk, run_id=run_id, now=LATER)

    assert rules(artist) == [Rule.STREAK, Rule.UNDONE]
    assert PerformanceEntry.objects.get(run_id=run_id).withdrawn_at == LATER


def test_undoing_an_older_decision_leaves_the_change_another_one_caused() -> None:
    artist = ArtistFactory()
    first = uuid.uuid4()
    lifecycle.record_decision(
        artist_id=artist.pk, run_id=first, approved=False, detail="", now=NOON
    )
    live(artist, "RRRR", start=NOON + MINUTE)

    changes = lifecycle.withdraw_decision(artist_id=artist.pk, run_id=first, now=LATER)

    artist.refresh_from_db()
    assert (artist.status, artist.consecutive_rejections, changes) == (Status.RETIRED, 4, [])


def test_undoing_the_approval_that_broke_a_streak_retires() -> None:
    artist = ArtistFactory()
    live(artist, "RR")
    approval = uuid.uuid4()
    lifecycle.record_decision(
        artist_id=artist.pk, run_id=approval, approved=True, detail="", now=NOON + 2 * MINUTE
    )
    live(artist, "RRRR", start=NOON + 3 * MINUTE)

    (change,) = lifecycle.withdraw_decision(artist_id=artist.pk, run_id=approval, now=LATER)

    artist.refresh_from_db()
    assert (artist.status, artist.status_since) == (Status.RETIRED, LATER)
    assert (change.rule, change.run_id, change.figures["streak"]) == (Rule.STREAK, approval, 6)


def test_undo_does_not_take_back_what_a_person_did_since() -> None:
    artist = ArtistFactory()
    live(artist, "ARRRR")
    run_id = uuid.uuid4()
    lifecycle.record_decision(
        artist_id=artist.pk, run_id=run_id, approved=False, detail="", now=LATER
    )
    lifecycle.reinstate(artist_id=artist.pk, actor=None, reason="Unlucky", now=LATER + MINUTE)

    lifecycle.withdraw_decision(artist_id=artist.pk, run_id=run_id, now=LATER + 2 * MINUTE)

    artist.refresh_from_db()
    assert (artist.status, artist.status_reason) == (Status.ACTIVE, "Unlucky")
    assert artist.consecutive_rejections == 0


def test_a_streak_that_stands_without_the_undone_decision_retires_again() -> None:
    artist = ArtistFactory()
    live(artist, "RRRR")
    fifth = uuid.uuid4()
    lifecycle.record_decision(
        artist_id=artist.pk, run_id=fifth, approved=False, detail="", now=LATER
    )
    live(artist, "R", start=LATER + MINUTE)

    changes = lifecycle.withdraw_decision(artist_id=artist.pk, run_id=fifth, now=LATER + 2 * MINUTE)

    artist.refresh_from_db()
    assert artist.status == Status.RETIRED
    assert [change.rule for change in changes] == [Rule.UNDONE, Rule.STREAK]
    assert rules(artist) == [Rule.STREAK, Rule.UNDONE, Rule.STREAK]


def test_after_undo_the_run_can_be_decided_otherwise() -> None:
    artist = ArtistFactory()
    live(artist, "RRRR")
    run = {"artist_id": artist.pk, "run_id": uuid.uuid4()}
    lifecycle.record_decision(**run, approved=False, detail="", now=LATER)
    lifecycle.withdraw_decision(**run, now=LATER)

    lifecycle.record_decision(**run, approved=True, detail="", now=LATER)

    artist.refresh_from_db()
    assert (artist.status, artist.consecutive_rejections) == (Status.ACTIVE, 0)
    assert (artist.approved_count, artist.rejected_count) == (1, 4)


def test_undo_without_a_decision_does_nothing() -> None:
    artist = ArtistFactory()
    before = state(artist)

    lifecycle.withdraw_decision(artist_id=artist.pk, run_id=uuid.uuid4(), now=LATER)

    assert state(artist) == before


# --- Counters ---


def test_rebuild_corrects_wrong_counters() -> None:
    artist = ArtistFactory()
    live(artist, "AARRF")
    Artist.objects.update(approved_count=9, rejected_count=0, consecutive_rejections=7)

    assert lifecycle.rebuild_counters() == 1

    artist.refresh_from_db()
    assert (artist.approved_count, artist.rejected_count, artist.failed_count) == (2, 2, 1)
    assert artist.consecutive_rejections == 2


def test_rebuild_leaves_other_artists() -> None:
    wrong, other = ArtistFactory(approved_count=4), ArtistFactory(approved_count=4)

    assert lifecycle.rebuild_counters([wrong.pk]) == 1

    other.refresh_from_db()
    assert other.approved_count == 4


def taken(run_ids: list[uuid.UUID], rng: Generator) -> uuid.UUID:
    """Any of them, however old; it is in the list no more."""
    return run_ids.pop(int(rng.integers(len(run_ids))))


@pytest.mark.rehearsal
@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.further_seed) for seed in (2, 3))]
)
@pytest.mark.parametrize("mode", Mode)
def test_counters_always_agree_with_the_history(seed: int, mode: str) -> None:
    rng = stream("lifecycle history", seed, mode)
    artist = ArtistFactory(policy=PolicyFactory(retirement_mode=mode, min_runs=6, probation_runs=4))
    decided: list[uuid.UUID] = []
    failed: list[uuid.UUID] = []
    for index in range(60):
        # Two events share every time, so that order within a moment matters.
        now = NOON + (index // 2) * MINUTE
        draw, run_id = rng.random(), uuid.UUID(int=int(rng.integers(2**62)))
        artist.refresh_from_db()
        if artist.status == Status.RETIRED and draw < 0.5:
            lifecycle.reinstate(artist_id=artist.pk, actor=None, reason="", now=now)
        elif artist.status == Status.PAUSED and draw < 0.5:
            lifecycle.resume(artist_id=artist.pk, actor=None, reason="", now=now)
        elif draw < 0.10 and decided:
            lifecycle.withdraw_decision(artist_id=artist.pk, run_id=taken(decided, rng), now=now)
        elif draw < 0.15 and failed:
            lifecycle.withdraw_failure(artist_id=artist.pk, run_id=taken(failed, rng), now=now)
        elif draw < 0.25:
            lifecycle.record_failure(artist_id=artist.pk, run_id=run_id, detail="", now=now)
            failed.append(run_id)
        else:
            lifecycle.record_decision(
                artist_id=artist.pk, run_id=run_id, approved=draw > 0.75, detail="", now=now
            )
            decided.append(run_id)

        assert lifecycle.rebuild_counters([artist.pk]) == 0, f"after event {index}"


# --- People ---


def test_a_person_pauses_and_resumes() -> None:
    artist, person = ArtistFactory(status=Status.EVOLVING), UserFactory()

    paused = lifecycle.pause(artist_id=artist.pk, actor=person, reason="Tour", now=NOON)
    resumed = lifecycle.resume(artist_id=artist.pk, actor=person, reason="Back", now=LATER)

    artist.refresh_from_db()
    assert (paused.to_status, paused.rule, paused.actor) == (Status.PAUSED, Rule.MANUAL, person)
    assert (resumed.from_status, artist.status) == (Status.PAUSED, Status.EVOLVING)
    assert artist.window_started_at == artist.status_since == artist.turn_at == LATER


def test_a_resumed_artist_is_not_paused_again_for_old_errors() -> None:
    artist = ArtistFactory()
    live(artist, "AAAAAFFFFF")
    lifecycle.resume(artist_id=artist.pk, actor=None, reason="Fixed", now=LATER)

    live(artist, "A", start=LATER)

    assert artist.status == Status.ACTIVE


@pytest.mark.parametrize(("history", "status"), [("R", "candidate"), ("AR", "active")])
def test_reinstating_gives_the_status_that_was_earned(history: str, status: str) -> None:
    artist = ArtistFactory()
    live(artist, history)
    lifecycle.retire(artist_id=artist.pk, actor=None, reason="Enough", now=LATER)

    lifecycle.reinstate(artist_id=artist.pk, actor=None, reason="Missed", now=LATER)

    artist.refresh_from_db()
    assert artist.status == status


def test_a_reinstated_artist_starts_anew() -> None:
    artist = ArtistFactory(failed_evolutions=2)
    live(artist, "RRRRR")

    lifecycle.reinstate(artist_id=artist.pk, actor=None, reason="Again", now=LATER)
    live(artist, "RRRR", start=LATER)

    assert (artist.status, artist.consecutive_rejections) == (Status.CANDIDATE, 4)
    assert artist.window_started_at == LATER
    assert artist.failed_evolutions == 0


@pytest.mark.parametrize(
    ("status", "verb", "message"),
    [
        ("retired", "pause", "Ana is retired and cannot become paused. Reinstate it first."),
        ("retired", "resume", "Ana is retired, not paused; reinstate it."),
        ("paused", "reinstate", "Ana is paused, not retired; resume it."),
        ("active", "resume", "Ana is active, not paused; nothing to resume."),
        ("retired", "retire", "Ana is retired and cannot become retired. Reinstate it first."),
    ],
)
def test_a_refusal_says_what_to_do(status: str, verb: str, message: str) -> None:
    artist = ArtistFactory(name="Ana", status=status)

    with pytest.raises(TransitionRefused) as refusal:
        getattr(lifecycle, verb)(artist_id=artist.pk, actor=None, reason="", now=NOON)

    assert str(refusal.value) == message
    assert not StatusChange.objects.exists()


def test_transition_stores_figures() -> None:
    artist = ArtistFactory()

    change = lifecycle.transition(
        Verdict(Status.EVOLVING, "manual", "Try brass", {"trial_runs": 20}),
        artist_id=artist.pk,
        actor=None,
        now=LATER,
    )

    assert change.figures["trial_runs"] == 20
    artist.refresh_from_db()
    assert artist.window_started_at == LATER


# --- The whole roster ---


def test_an_idle_artist_is_paused() -> None:
    idle = ArtistFactory(last_run_at=NOON - timedelta(days=50), status_since=NOON)
    busy = ArtistFactory(last_run_at=NOON + timedelta(days=44))

    verdicts = lifecycle.evaluate_roster(now=NOON + timedelta(days=45))

    assert [(verdict.artist, verdict.rule) for verdict in verdicts] == [(idle, Rule.INACTIVE)]
    idle.refresh_from_db()
    busy.refresh_from_db()
    assert (idle.status, busy.status) == (Status.PAUSED, Status.ACTIVE)
    assert idle.status_reason == "No run for 45 days (limit 45)"


def test_an_artist_that_waits_for_a_review_is_not_idle() -> None:
    artist = ArtistFactory()

    verdicts = lifecycle.evaluate_roster(now=NOON + timedelta(days=60), waiting={artist.pk})

    assert verdicts == []


def test_a_long_pause_ends_in_retirement() -> None:
    artist = ArtistFactory(status=Status.PAUSED)

    assert lifecycle.evaluate_roster(now=NOON + timedelta(days=89)) == []
    lifecycle.evaluate_roster(now=NOON + timedelta(days=90))

    artist.refresh_from_db()
    assert (artist.status, rules(artist)) == (Status.RETIRED, [Rule.PAUSED_TOO_LONG])


def test_a_dry_run_by_another_policy_writes_nothing() -> None:
    artist = ArtistFactory()
    live(artist, "RRR")
    strict = PolicyFactory(consecutive_rejections=3)

    (verdict,) = lifecycle.evaluate_roster(now=LATER, dry_run=True, policy=strict)

    assert (verdict.artist, verdict.to_status) == (artist, Status.RETIRED)
    assert verdict.change is None
    artist.refresh_from_db()
    assert artist.status == Status.ACTIVE
    assert not StatusChange.objects.exists()


def test_judging_and_pausing_many_artists_asks_no_more_than_for_few() -> None:
    lifecycle.default_policy()

    def queries_for(artists: int) -> int:
        ArtistFactory.create_batch(artists)
        with CaptureQueriesContext(connection) as captured:
            verdicts = lifecycle.evaluate_roster(now=NOON + timedelta(days=45))
        assert [verdict.rule for verdict in verdicts] == [Rule.INACTIVE] * artists
        return len(captured)

    few = queries_for(2)
    assert queries_for(40) < few + 5  # a database may split a long statement


def test_evaluating_a_settled_roster_again_changes_nothing() -> None:
    ArtistFactory.create_batch(3)
    live(Artist.objects.first(), "ARRRARRRAR")

    assert lifecycle.evaluate_roster(now=LATER) == []


# --- The default policy ---


def test_the_default_policy_comes_from_the_settings_once(settings) -> None:
    settings.POLICY_DEFAULTS = settings.POLICY_DEFAULTS | {"consecutive_rejections": 7}

    first = lifecycle.default_policy()
    settings.POLICY_DEFAULTS = settings.POLICY_DEFAULTS | {"consecutive_rejections": 3}

    assert lifecycle.default_policy() == first
    assert (first.is_default, first.consecutive_rejections) == (True, 7)


def test_an_own_policy_of_the_same_name_does_not_stand_in_the_way() -> None:
    PolicyFactory(name="Default")

    assert lifecycle.default_policy().name == "Default 2"


def test_contradicting_settings_are_named(settings) -> None:
    settings.POLICY_DEFAULTS = settings.POLICY_DEFAULTS | {"pause_below_rate": 0.9}

    with pytest.raises(ImproperlyConfigured, match="pause <= evolve <= explore"):
        lifecycle.default_policy()


def test_a_paused_artist_is_announced_two_weeks_before_it_is_retired() -> None:
    artist = ArtistFactory(status=Status.PAUSED)

    assert lifecycle.notice(artist, now=NOON + timedelta(days=75)) == ""
    assert lifecycle.notice(artist, now=NOON + timedelta(days=80)) == (
        "Retired in 10 days if it stays paused."
    )
