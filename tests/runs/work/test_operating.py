"""Cancel and retry."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from artists.models import PerformanceEntry
from experiments.models import Assignment
from media_tools.errors import MediaInvalid
from runs.errors import RunRefused
from runs.models import Artifact, ProviderCall, Run
from runs.reviewing.reviews import decide
from runs.work.operating import cancel_run, replay_run, retry_run, start_run
from tests.artists.helpers import live
from tests.factories import (
    NOON,
    ArtistFactory,
    ExperimentFactory,
    RunFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed_run(queued_run, fake_steps, work) -> Run:
    """Failed in its cover step."""
    fake_steps.before["cover"] = refuse
    work(queued_run)
    fake_steps.before.clear()
    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.FAILED
    return queued_run


def refuse(context) -> None:
    raise MediaInvalid("palette", "no colours")


def test_a_retry_goes_on_at_the_failed_step(failed_run, fake_steps, work) -> None:
    fake_steps.done.clear()

    retry_run(run_id=failed_run.pk, actor=None, now=NOON)
    work(failed_run)

    failed_run.refresh_from_db()
    assert failed_run.status == Run.Status.AWAITING_REVIEW
    assert fake_steps.done[0] == "cover"


def test_a_retry_from_an_earlier_step_replaces_its_files(failed_run, fake_steps, work) -> None:
    fake_steps.done.clear()

    retry_run(run_id=failed_run.pk, actor=None, now=NOON, from_step="music")
    work(failed_run)

    assert fake_steps.done[0] == "music"
    assert failed_run.artifacts.filter(kind=Artifact.Kind.MIX).count() == 2
    assert failed_run.artifacts.current().filter(kind=Artifact.Kind.MIX).count() == 1


def test_a_run_says_what_its_failure_and_its_retry_did_to_the_artist(
    queued_run, fake_steps, work
) -> None:
    live(queued_run.artist, "AAAAAFFFF", start=NOON - timedelta(hours=1))
    fake_steps.before["cover"] = refuse

    work(queued_run)
    retry_run(run_id=queued_run.pk, actor=None, now=NOON)

    pause, resume = queued_run.artist.status_changes.order_by("pk")
    told = queued_run.events.filter(kind="lifecycle").values_list("message", flat=True)
    assert (pause.to_status, resume.rule) == ("paused", "undone")
    assert list(told) == [f"{c.artist}: {c.reason}." for c in (pause, resume)]


def test_a_run_in_review_is_done_again_from_a_step(queued_run, fake_steps, work) -> None:
    work(queued_run)
    fake_steps.done.clear()

    retry_run(run_id=queued_run.pk, actor=None, now=NOON, from_step="cover")
    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.AWAITING_REVIEW
    assert fake_steps.done[0] == "cover"
    assert "music" not in fake_steps.done
    assert {step.attempts for step in queued_run.steps.all()} == {1}


def test_a_first_verdict_falls_with_the_content_it_judged(queued_run, fake_steps, work, settings):
    settings.SECOND_REVIEW_SHARE = 1.0
    work(queued_run)
    review = decide(run_id=queued_run.pk, decision="approve", reviewer=UserFactory(), now=NOON)

    retry_run(run_id=queued_run.pk, actor=None, now=NOON, from_step="cover")

    review.refresh_from_db()
    assert review.undone_at == NOON


def test_a_decided_run_is_not_done_again(queued_run, fake_steps, work) -> None:
    work(queued_run)
    decide(run_id=queued_run.pk, decision="approve", reviewer=None, now=NOON)

    with pytest.raises(RunRefused, match="undo its decision first"):
        retry_run(run_id=queued_run.pk, actor=None, now=NOON, from_step="cover")


def test_another_take_has_other_seeds(failed_run, fake_steps, work) -> None:
    retry_run(run_id=failed_run.pk, actor=None, now=NOON, from_step="music", anew=True)
    work(failed_run)

    failed_run.refresh_from_db()
    assert failed_run.take == 1
    assert (fake_steps.takes["lyrics"], fake_steps.takes["music"]) == (0, 1)


@pytest.mark.parametrize(("from_step", "take"), [("music", 0), ("lyrics", 1)])
def test_other_words_are_another_take_once_a_song_was_bought(
    failed_run, from_step: str, take: int
) -> None:
    ProviderCall.objects.create(
        run=failed_run, step="music", purpose="music", provider="p", idempotency_key="k"
    )

    retry_run(run_id=failed_run.pk, actor=None, now=NOON, from_step=from_step)

    failed_run.refresh_from_db()
    assert failed_run.take == take


# --- Replays and chosen settings ---


def test_a_replay_has_the_artist_the_seed_and_the_settings() -> None:
    run = RunFactory(seed=7, overrides={"temperature": 0.4})

    again = replay_run(run_id=run.pk, actor=None, now=NOON)

    assert (again.artist, again.seed, again.overrides) == (run.artist, 7, {"temperature": 0.4})
    assert again.replay_of == run


def test_other_settings_are_no_replay() -> None:
    run = RunFactory(seed=7)

    other = start_run(
        artist=run.artist, seed=7, overrides={"temperature": 0.4}, actor=None, now=NOON
    )

    assert other.replay_of is None


def test_a_run_with_chosen_settings_is_in_no_experiment() -> None:
    experiment = ExperimentFactory()
    VariantFactory(experiment=experiment, is_control=True)
    VariantFactory(experiment=experiment, value="warm")
    artist = ArtistFactory()

    free = start_run(artist=artist, seed=None, overrides={}, actor=None, now=NOON)
    start_run(artist=artist, seed=None, overrides={"temperature": 0.4}, actor=None, now=NOON)

    assert [row.run_id for row in Assignment.objects.all()] == [free.pk]


def test_chosen_settings_reach_the_steps(fake_steps, work) -> None:
    seen: list[object] = []
    fake_steps.before["music"] = lambda context: seen.append(context.parameters)

    run = start_run(
        artist=ArtistFactory(), seed=3, overrides={"tempo_range": [80, 90]}, actor=None, now=NOON
    )
    work(run)

    assert seen == [{"tempo_range": [80, 90]}]


def test_a_retried_run_is_no_failure_any_more(failed_run) -> None:
    retry_run(run_id=failed_run.pk, actor=None, now=NOON)

    failed_run.artist.refresh_from_db()
    assert failed_run.artist.failed_count == 0
    assert not PerformanceEntry.objects.standing().exists()


def test_only_failed_runs_are_retried() -> None:
    with pytest.raises(RunRefused, match="only failed"):
        retry_run(run_id=RunFactory(reviewable=True).pk, actor=None, now=NOON)


def test_unknown_steps_are_named(failed_run) -> None:
    with pytest.raises(RunRefused, match="mastering"):
        retry_run(run_id=failed_run.pk, actor=None, now=NOON, from_step="mastering")


def test_unknown_runs_are_named() -> None:
    missing = uuid4()

    with pytest.raises(RunRefused, match=str(missing)):
        cancel_run(run_id=missing, actor=None, now=NOON)


def test_a_candidate_in_review_cannot_be_cancelled() -> None:
    with pytest.raises(RunRefused, match="awaiting review"):
        cancel_run(run_id=RunFactory(reviewable=True).pk, actor=None, now=NOON)
