"""The pages of runs: the queue, a run, and what their buttons do."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from artists.models import Lesson
from experiments.models import Assignment
from runs.desk.verdicts import standing_verdict
from runs.models import ProviderCall, Review, Run, RunEvent
from runs.reviewing.reviews import content_hash_of, decide
from runs.telegram.wording import verdict_of
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

EVIL = "<script>alert(1)</script>"
QUEUE = "admin:review_queue"


def said(response: HttpResponse) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def page_of(client: Client, run: Run) -> str:
    return client.get(reverse("admin:runs_run_change", args=[run.pk])).content.decode()


# --- The queue ---


def test_empty_queue_offers_a_batch(boss: Client) -> None:
    page = boss.get(reverse(QUEUE)).content.decode()

    assert "Nothing awaits review" in page
    assert reverse("admin:start_batch") in page


def test_empty_queue_tells_of_runs_in_progress(boss: Client) -> None:
    RunFactory()

    assert "1 run in progress" in boss.get(reverse(QUEUE)).content.decode()


def test_queue_shows_the_oldest_first(boss: Client, new_run: Callable[..., Run]) -> None:
    new_run(title="Younger")
    new_run(title="Older", finished_at=NOON - timedelta(days=1))

    page = boss.get(reverse(QUEUE)).content.decode()

    assert page.index("Older") < page.index("Younger")


def test_queue_has_ten_on_a_page(boss: Client) -> None:
    RunFactory.create_batch(12, reviewable=True)

    assert len(boss.get(reverse(QUEUE)).context["cards"]) == 10
    assert len(boss.get(reverse(QUEUE) + "?page=2").context["cards"]) == 2


def test_card_shows_all_a_reviewer_judges(boss: Client, new_run: Callable[..., Run]) -> None:
    new_run()

    page = boss.get(reverse(QUEUE)).content.decode()

    for text in (
        "<audio",
        "<video",
        "-14.0 LUFS",
        "We run on neon rivers",  # the hook
        "Street lamps lean over the water",  # the lyrics
        "The intro is 4 dB quieter.",
        "Verses circle one image",
    ):
        assert text in page


def test_reviewer_without_the_right_sees_no_buttons(
    browser_of: Callable[[str], Client], new_run: Callable[..., Run]
) -> None:
    new_run()

    page = browser_of("Producer").get(reverse(QUEUE)).content.decode()

    assert "Neon Rivers" in page
    assert ">Approve<" not in page
    assert "panel-bulk" not in page


# --- Decisions ---


def test_approve_from_the_queue(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()

    response = boss.post(
        reverse("admin:runs_run_review", args=[run.pk]),
        {"decision": "approve", "content_hash": content_hash_of(run), "next": reverse(QUEUE)},
    )

    run.refresh_from_db()
    assert run.status == Run.Status.APPROVED
    assert response["Location"] == reverse(QUEUE)


def test_reject_keeps_reasons_comment_and_reviewer(
    boss: Client, new_run: Callable[..., Run]
) -> None:
    run = new_run()

    boss.post(
        reverse("admin:runs_run_review", args=[run.pk]),
        {"decision": "reject", "reasons": ["weak_hook", "rights"], "comment": "Too plain"},
    )

    review = Review.objects.get(run=run)
    assert review.reasons == ["weak_hook", "rights"]
    assert review.comment == "Too plain"
    assert review.reviewer is not None


def test_rejection_without_a_reason_is_refused(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()

    response = boss.post(reverse("admin:runs_run_review", args=[run.pk]), {"decision": "reject"})

    assert "at least one reason" in said(response)
    assert not Review.objects.exists()


def test_changed_run_is_not_decided(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()

    response = boss.post(
        reverse("admin:runs_run_review", args=[run.pk]),
        {"decision": "approve", "content_hash": "0" * 64},
    )

    assert "changed after you opened it" in said(response)
    run.refresh_from_db()
    assert run.status == Run.Status.AWAITING_REVIEW


def test_decided_run_is_not_decided_again(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)

    response = boss.post(reverse("admin:runs_run_review", args=[run.pk]), {"decision": "approve"})

    assert "not awaiting review" in said(response)
    assert Review.objects.count() == 1


def test_next_never_leads_to_another_site(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()

    response = boss.post(
        reverse("admin:runs_run_review", args=[run.pk]),
        {"decision": "approve", "next": "https://evil.example/"},
    )

    assert response["Location"] == reverse("admin:runs_run_change", args=[run.pk])


def test_several_are_decided_together(boss: Client, new_run: Callable[..., Run]) -> None:
    first, second, third = new_run(), new_run(), new_run()

    boss.post(
        reverse("admin:review_queue_decide"),
        {
            "decision": "reject",
            "reasons": ["off_persona"],
            "runs": [str(first.pk), str(second.pk)],
            f"hash-{first.pk}": content_hash_of(first),
            f"hash-{second.pk}": "0" * 64,
        },
    )

    statuses = {run.pk: run.status for run in Run.objects.all()}
    assert statuses == {
        first.pk: Run.Status.REJECTED,
        second.pk: Run.Status.AWAITING_REVIEW,  # it changed since
        third.pk: Run.Status.AWAITING_REVIEW,
    }


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([], "Tick at least one run."),
        (["nonsense"], "not a run's id"),
        ([str(uuid.uuid4()) for _ in range(26)], "at most 25"),
    ],
)
def test_bad_selection_is_refused(boss: Client, ids: list[str], message: str) -> None:
    response = boss.post(reverse("admin:review_queue_decide"), {"decision": "approve", "runs": ids})

    assert message in said(response)


def test_undo_brings_the_run_back(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)

    boss.post(reverse("admin:runs_run_undo", args=[run.pk]))

    run.refresh_from_db()
    assert run.status == Run.Status.AWAITING_REVIEW


# --- A run's page ---


@pytest.mark.parametrize(
    ("by", "author"),
    [
        ({"reviewer": "ann"}, "ann"),
        ({"reviewer": None}, "the command line"),
        ({"reviewer": None, "source": Review.Source.AUTOPILOT}, "the autopilot"),
    ],
    ids=["person", "command line", "autopilot"],
)
def test_a_decision_has_the_same_author_everywhere(
    boss: Client, new_run: Callable[..., Run], by: dict[str, Any], author: str
) -> None:
    run = new_run()
    reviewer = UserFactory(username="ann") if by["reviewer"] else None
    decide(**(by | {"reviewer": reviewer}), run_id=run.pk, decision="approve", now=timezone.now())
    run.refresh_from_db()
    event = run.events.get(kind=RunEvent.Kind.APPROVED)

    assert f"by {author} " in " ".join(page_of(boss, run).split())
    assert f">{author}<" in boss.get(reverse("admin:runs_review_changelist")).content.decode()
    assert verdict_of(run) == f"✅ Approved by {author}."
    assert standing_verdict(run.pk)["by"] == author
    assert author in f"{event.message} {event.actor}"


def test_page_of_each_status_answers(boss: Client, new_run: Callable[..., Run]) -> None:
    runs = [
        RunFactory(),
        RunFactory(status="running", owner="w"),
        RunFactory(status="failed", error="It broke."),
        RunFactory(status="cancelled"),
        new_run(),
    ]

    for run in runs:
        assert run.get_status_display() in page_of(boss, run)


def test_unknown_run_is_not_found(boss: Client) -> None:
    address = reverse("admin:runs_run_change", args=[uuid.uuid4()])

    assert boss.get(address, follow=True).redirect_chain


def test_cancel_and_retry(boss: Client) -> None:
    failed = RunFactory(status="failed", error="x")
    queued = RunFactory()

    boss.post(reverse("admin:runs_run_retry", args=[failed.pk]))
    boss.post(reverse("admin:runs_run_cancel", args=[queued.pk]))

    failed.refresh_from_db()
    queued.refresh_from_db()
    assert (failed.status, queued.status) == (Run.Status.QUEUED, Run.Status.CANCELLED)


def test_retry_of_a_healthy_run_is_refused(boss: Client) -> None:
    run = RunFactory()

    response = boss.post(reverse("admin:runs_run_retry", args=[run.pk]))

    assert "only failed runs can" in said(response)


def test_a_run_opens_though_an_output_cannot_be_read(
    boss: Client, new_run: Callable[..., Run]
) -> None:
    run = new_run()
    run.steps.filter(name="master").update(output={"peaks": "none"})

    assert boss.get(reverse("admin:runs_run_change", args=[run.pk])).status_code == 200


def test_what_people_and_models_wrote_is_escaped(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run(title=EVIL, artist=ArtistFactory(name=EVIL, backstory=EVIL))
    StepFactory(run=run, name="extra", position=99, status="failed", error=EVIL)
    run.reflection.text = EVIL
    run.reflection.save()
    lyrics = run.steps.get(name="lyrics")
    lyrics.output = {"lyrics": {"sections": [{"kind": "verse", "lines": [EVIL]}]}}
    lyrics.save()
    Lesson.objects.create(artist=run.artist, run_id=run.pk, text=EVIL)
    decide(
        run_id=run.pk, decision="reject", reasons=["other"], comment=EVIL, reviewer=None, now=NOON
    )
    addresses = [
        reverse("admin:runs_run_change", args=[run.pk]),
        reverse("admin:runs_run_changelist"),
        reverse("admin:artists_artist_change", args=[run.artist_id]),
        reverse("admin:runs_review_changelist"),
    ]
    new_run(title=EVIL)
    addresses.append(reverse(QUEUE))

    for address in addresses:
        page = boss.get(address).content.decode()
        assert EVIL not in page, address
        assert "&lt;script&gt;alert(1)" in page, address


def test_arm_is_hidden_until_the_decision(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()
    variant = VariantFactory(experiment=ExperimentFactory(), name="Warm arm")
    Assignment.objects.create(
        experiment=variant.experiment,
        variant=variant,
        artist=run.artist,
        run_id=run.pk,
        position=0,
        probability=0.5,
    )
    prompt = "synthwave, analogue pads"

    before = page_of(boss, run)
    assert "Warm arm" not in before
    assert prompt not in before

    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
    after = page_of(boss, run)
    assert "Warm arm" in after
    assert prompt in after


def test_prompt_of_a_file_is_hidden_until_the_decision(
    boss: Client, new_run: Callable[..., Run]
) -> None:
    run = new_run()
    track = run.artifacts.get(kind="mp3")
    track.provenance["prompt"] = "warm analogue"
    track.save()
    address = reverse("admin:runs_artifact_change", args=[track.pk])

    assert "warm analogue" not in boss.get(address).content.decode()
    assert "warm analogue" not in page_of(boss, run)

    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
    assert "warm analogue" in boss.get(address).content.decode()
    assert "warm analogue" in page_of(boss, run)


def test_proposed_change_is_accepted_from_the_page(
    boss: Client, new_run: Callable[..., Run]
) -> None:
    run = new_run()

    proposal = run.reflection.proposals.get()
    boss.post(reverse("admin:runs_proposal_decide", args=[proposal.pk]), {"verdict": "accept"})

    run.artist.refresh_from_db()
    assert run.artist.style_notes == "Analogue pads, a steady pulse, brighter drums."


# --- Lists ---


def test_list_filters_by_batch_and_status(boss: Client) -> None:
    batch = BatchFactory()
    wanted = RunFactory(batch=batch, status="failed", error="x")
    RunFactory()

    address = reverse("admin:runs_run_changelist")
    response = boss.get(f"{address}?batch__id__exact={batch.pk}&status__exact=failed")

    assert [run.pk for run in response.context["cl"].result_list] == [wanted.pk]


def test_chosen_runs_are_cancelled(boss: Client) -> None:
    run = RunFactory()

    boss.post(
        reverse("admin:runs_run_changelist"),
        {"action": "cancel_selected", "_selected_action": [str(run.pk)]},
    )

    run.refresh_from_db()
    assert run.status == Run.Status.CANCELLED


def test_operating_action_needs_the_right(browser_of: Callable[[str], Client]) -> None:
    run = RunFactory()

    browser_of("Reviewer").post(
        reverse("admin:runs_run_changelist"),
        {"action": "cancel_selected", "_selected_action": [str(run.pk)]},
    )

    run.refresh_from_db()
    assert run.status == Run.Status.QUEUED


def test_interrupted_submission_is_resolved(boss: Client) -> None:
    call = ProviderCall.objects.create(
        purpose="music", provider="p", idempotency_key="k", status="unknown", submitted_at=NOON
    )
    address = reverse("admin:runs_providercall_resolve", args=[call.pk])

    refused = boss.post(address, {"found": "yes", "external_id": ""})
    boss.post(address, {"found": "yes", "external_id": "job-7"})

    assert "Enter the id" in said(refused)
    call.refresh_from_db()
    assert (call.status, call.external_id) == (ProviderCall.Status.SUBMITTED, "job-7")


@pytest.mark.parametrize(
    ("written", "status", "kept"),
    [
        ("t" * 5_000, ProviderCall.Status.SUBMITTED, "t" * 5_000),
        (" job\x00-7\x1b ", ProviderCall.Status.SUBMITTED, "job-7"),
        ("\x00", ProviderCall.Status.UNKNOWN, ""),
        ("t" * 8_001, ProviderCall.Status.UNKNOWN, ""),
    ],
)
def test_odd_ids_of_a_job_are_cleaned_or_refused(
    boss: Client, written: str, status: str, kept: str
) -> None:
    call = ProviderCall.objects.create(
        purpose="music", provider="p", idempotency_key="k", status="unknown", submitted_at=NOON
    )
    address = reverse("admin:runs_providercall_resolve", args=[call.pk])

    answer = boss.post(address, {"found": "yes", "external_id": written})

    call.refresh_from_db()
    assert answer.status_code == 302
    assert (call.status, call.external_id) == (status, kept)


def test_submission_that_never_arrived_may_be_made_again(boss: Client) -> None:
    call = ProviderCall.objects.create(
        purpose="music", provider="p", idempotency_key="k", status="unknown", submitted_at=NOON
    )

    boss.post(reverse("admin:runs_providercall_resolve", args=[call.pk]), {"found": "no"})

    call.refresh_from_db()
    assert (call.status, call.cost_usd) == (ProviderCall.Status.FAILED, 0)
