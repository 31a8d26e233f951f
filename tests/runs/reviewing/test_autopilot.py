"""The autopilot approves only what people provably agree with, and stops when they do not."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from scipy.stats import beta

from artists import lifecycle
from artists.lifecycle.rules import Remark, Rule
from artists.models import Artist, PerformanceEntry
from runs import tasks
from runs.models import AutopilotVerdict, Review, Run, RunEvent, Step
from runs.reviewing import autopilot, reviews
from runs.reviewing.autopilot import PEOPLE_SEE_ONE_IN, Agreement, agreement_of, run_autopilot
from tests.factories import (
    NOON,
    ArtistFactory,
    BatchFactory,
    ExperimentFactory,
    RunFactory,
    StepFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
LATER = NOON + timedelta(hours=2)


@pytest.fixture(autouse=True)
def no_grace(settings) -> None:
    settings.REVIEW_GRACE_S = 0
    settings.SECOND_REVIEW_SHARE = 0
    settings.SECOND_REVIEW_FIRST_RELEASE = False


@pytest.fixture
def artist() -> Artist:
    return ArtistFactory(name="Ana", autopilot=True, approved_count=5)


def waiting(artist: Artist, *, for_people: bool = False, warn: str = "", **values) -> Run:
    """A run that awaits review; for_people: it falls into the sample people always see."""
    digit = 0 if for_people else 1
    number = uuid.uuid4().int // (10_000 * PEOPLE_SEE_ONE_IN) * PEOPLE_SEE_ONE_IN + digit
    run = RunFactory(
        pk=uuid.UUID(int=number * 10_000 + 9_999), artist=artist, reviewable=True, **values
    )
    findings = [{"code": "x", "severity": "warn", "message": warn}] if warn else []
    StepFactory(
        run=run,
        name="quality",
        status=Step.Status.DONE,
        output={"findings": findings},
        finished_at=NOON,
    )
    return run


def judge(run: Run, *, approve: bool, now: datetime = LATER, **values) -> Review:
    return reviews.decide(
        run_id=run.pk,
        decision=Review.Decision.APPROVE if approve else Review.Decision.REJECT,
        reasons=[] if approve else ["other"],
        reviewer=None,
        now=now,
        **values,
    )


def status(run: Run) -> str:
    return str(Run.objects.values_list("status", flat=True).get(pk=run.pk))


def teach(artist: Artist, letters: str, *, now: datetime = NOON) -> None:
    """Runs the autopilot would approve, decided by people: A they agree, R they do not.

    The rows as `fly` and `decide` leave them; test_decisions_of_people_are_compared does it all.
    """
    batch = BatchFactory()
    runs = Run.objects.bulk_create(
        RunFactory.build(artist=artist, batch=batch, reviewable=True) for _ in letters
    )
    for run, letter in zip(runs, letters, strict=True):
        run.status = Run.Status.APPROVED if letter == "A" else Run.Status.REJECTED
        run.decided_at = now
    Run.objects.bulk_update(runs, ["status", "decided_at"])
    AutopilotVerdict.objects.bulk_create(
        AutopilotVerdict(
            run=run, artist=artist, would_approve=True, why="", content_hash="0" * 64, at=now
        )
        for run in runs
    )
    Review.objects.bulk_create(
        Review(
            run=run,
            decision=Review.Decision.APPROVE if letter == "A" else Review.Decision.REJECT,
            reasons=[] if letter == "A" else ["other"],
            content_hash="0" * 64,
            at=now + index * MINUTE,
            effective_at=now + index * MINUTE,
            applied_at=now + index * MINUTE,
        )
        for index, (run, letter) in enumerate(zip(runs, letters, strict=True), start=1)
    )


# --- Learning ---


def test_decisions_of_people_are_compared(artist: Artist) -> None:
    runs = [waiting(artist) for _ in range(3)]
    warned = waiting(artist, warn="The hook is sung once.")
    run_autopilot(now=NOON)

    for run, approve in zip([*runs, warned], [True, True, False, True], strict=True):
        judge(run, approve=approve)

    assert agreement_of(artist) == Agreement(2, 3)
    verdict = AutopilotVerdict.objects.get(run=warned)
    assert (verdict.would_approve, verdict.why) == (
        False,
        "The checks warn: The hook is sung once.",
    )


def test_without_proof_people_decide_everything(artist: Artist) -> None:
    teach(artist, "A" * 19)
    run = waiting(artist)

    assert run_autopilot(now=LATER) == 0

    assert status(run) == Run.Status.AWAITING_REVIEW
    assert autopilot.describe(artist).startswith(
        "Autopilot is learning, people decide: people agreed with 19 of 19; at least 86%"
    )


def test_with_proof_it_approves_and_says_why(artist: Artist) -> None:
    teach(artist, "A" * 20)
    run = waiting(artist)

    assert run_autopilot(now=LATER) == 1

    review = run.reviews.get()
    assert (status(run), review.source, review.reviewer) == (
        Run.Status.APPROVED,
        Review.Source.AUTOPILOT,
        None,
    )
    assert "people agreed with 20 of 20" in review.comment


def test_its_approvals_are_no_evidence(artist: Artist) -> None:
    teach(artist, "A" * 20)
    before = Artist.objects.values().get(pk=artist.pk)
    run = waiting(artist)
    run_autopilot(now=LATER)

    assert agreement_of(artist) == Agreement(20, 20)
    assert not PerformanceEntry.objects.filter(run_id=run.pk).exists()
    assert Artist.objects.values().get(pk=artist.pk) == before


def test_undoing_it_and_rejecting_is_a_disagreement(artist: Artist) -> None:
    teach(artist, "A" * 20)
    run = waiting(artist)
    run_autopilot(now=LATER)

    reviews.undo(run_id=run.pk, reviewer=UserFactory(), now=LATER + MINUTE)
    judge(run, approve=False, now=LATER + 2 * MINUTE)

    assert agreement_of(artist) == Agreement(20, 21)


def test_a_verdict_written_down_after_a_person_judged_does_not_count(artist: Artist) -> None:
    run = waiting(artist, for_people=True)
    judge(run, approve=True, now=NOON)

    run_autopilot(now=LATER)

    assert not AutopilotVerdict.objects.exists()
    assert agreement_of(artist) == Agreement(0, 0)


@pytest.mark.parametrize(("agreed", "samples"), [(0, 0), (19, 20), (20, 20), (46, 50)])
def test_the_bound_agrees_with_the_beta_distribution(agreed: int, samples: int) -> None:
    expected = beta(1 + agreed, 1 + samples - agreed).ppf(0.05)

    assert Agreement(agreed, samples).lower == pytest.approx(expected, abs=1e-9)
    assert Agreement(agreed, samples).proven == (samples >= 20 and expected >= 0.8)


# --- What always goes to people ---


@pytest.mark.parametrize(
    "values",
    [
        {"for_people": True},
        {"warn": "The hook is sung once."},
        {"explores": True},
        {"review_until": LATER + MINUTE},
    ],
    ids=["the sample", "a warning", "a bold variant", "on somebody's desk"],
)
def test_these_runs_go_to_people(artist: Artist, values: dict[str, object]) -> None:
    teach(artist, "A" * 20)
    run = waiting(artist, **values)

    assert run_autopilot(now=LATER) == 0
    assert status(run) == Run.Status.AWAITING_REVIEW


def test_runs_of_experiments_go_to_people(artist: Artist) -> None:
    teach(artist, "A" * 20)
    run = waiting(artist)
    experiment = ExperimentFactory()
    experiment.assignments.create(
        variant=VariantFactory(experiment=experiment),
        artist=artist,
        run_id=run.pk,
        position=0,
        probability=1.0,
    )

    assert run_autopilot(now=LATER) == 0


def test_runs_that_need_two_people_get_two(artist: Artist, settings) -> None:
    teach(artist, "A" * 20)
    waiting(artist)
    settings.SECOND_REVIEW_SHARE = 1

    assert run_autopilot(now=LATER) == 0


def test_findings_that_cannot_be_read_are_no_approval(artist: Artist) -> None:
    run = waiting(artist)
    run.steps.filter(name="quality").update(output={"findings": "none"})

    assert autopilot.objection(run)


def test_one_run_in_five_goes_to_people() -> None:
    runs = [Run(pk=uuid.uuid4(), artist=Artist()) for _ in range(4000)]

    share = sum(autopilot.goes_to_people(run) for run in runs) / len(runs)

    assert share == pytest.approx(1 / PEOPLE_SEE_ONE_IN, abs=0.04)


def test_a_first_release_is_a_persons_decision(artist: Artist) -> None:
    teach(artist, "A" * 20)
    Artist.objects.update(approved_count=0)
    waiting(artist)

    assert run_autopilot(now=LATER) == 0


def test_on_probation_people_decide(artist: Artist) -> None:
    teach(artist, "A" * 20)
    lifecycle.remark(Remark(Rule.PROBATION, "Poor"), artist_id=artist.pk, actor=None, now=NOON)
    waiting(artist)

    assert run_autopilot(now=LATER) == 0
    artist.refresh_from_db()
    assert autopilot.describe(artist) == "Autopilot waits: the artist is on probation."


def test_content_that_changed_goes_to_people(artist: Artist) -> None:
    teach(artist, "A" * 20)
    run = waiting(artist)
    autopilot.write_down(artist, now=LATER)
    Run.objects.filter(pk=run.pk).update(concept={"title": "Another"})

    assert run_autopilot(now=LATER) == 0


def test_artists_without_autopilot_are_left_alone() -> None:
    run = waiting(ArtistFactory(autopilot=False))

    run_autopilot(now=LATER)

    assert not AutopilotVerdict.objects.exists()
    assert status(run) == Run.Status.AWAITING_REVIEW


# --- Switching itself off ---


def test_it_switches_itself_off_when_people_disagree(artist: Artist) -> None:
    teach(artist, "A" * 20)
    waiting(artist)
    run_autopilot(now=LATER)
    teach(artist, "RR", now=LATER + MINUTE)
    run = waiting(artist)

    assert run_autopilot(now=LATER + timedelta(hours=1)) == 0

    artist.refresh_from_db()
    change = artist.status_changes.get(rule=Rule.AUTOPILOT_OFF)
    assert not artist.autopilot
    assert status(run) == Run.Status.AWAITING_REVIEW
    assert change.reason == artist.status_reason
    assert "switched itself off: people agreed with 20 of 22" in change.reason
    assert len(change.figures["runs"]) == 2
    assert RunEvent.objects.filter(kind="autopilot", run_id=change.figures["runs"][0]).exists()
    assert list(autopilot.switched_off_lately(now=LATER + timedelta(days=1))) == [change]
    assert artist.history.first().history_change_reason.startswith("Autopilot switched itself")


def test_dashboard_and_artist_page_say_so(artist: Artist, client: Client) -> None:
    teach(artist, "A" * 20)
    client.force_login(UserFactory(is_superuser=True))
    page = reverse("admin:artists_artist_change", args=[artist.pk])
    assert "Autopilot approves what passes all checks" in client.get(page).content.decode()

    autopilot.switch_off(artist, Agreement(14, 22), now=timezone.now())

    said = "Autopilot switched itself off: people agreed with 14 of 22"
    assert said in client.get(page).content.decode()
    assert said in client.get(reverse("admin:index")).content.decode()


def test_switched_on_again_it_has_to_prove_itself(artist: Artist) -> None:
    teach(artist, "A" * 20)
    waiting(artist)
    run_autopilot(now=LATER)
    teach(artist, "RR", now=LATER + MINUTE)
    run_autopilot(now=LATER + timedelta(hours=1))
    Artist.objects.update(autopilot=True)
    waiting(artist)

    assert run_autopilot(now=LATER + timedelta(hours=2)) == 0

    assert artist.status_changes.filter(rule=Rule.AUTOPILOT_OFF).count() == 1


def test_the_sweep_flies(artist: Artist) -> None:
    teach(artist, "A" * 20)
    waiting(artist)

    assert tasks.sweep()["autopilot"] == 1
