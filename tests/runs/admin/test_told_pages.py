"""Decisions, files and held runs, told in words on their pages and lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runs.models import Artifact, Review, Run
from runs.presentation import concept_of
from tests.factories import NOON, UserFactory

pytestmark = pytest.mark.django_db


def judged(run: Run, **fields: Any) -> Review:
    review: Review = Review.objects.create(
        run=run,
        reviewer=UserFactory(username="rita"),
        decision="reject",
        reasons=["weak_hook"],
        comment="The chorus never arrives.",
        content_hash="0" * 64,
        active_seconds=67.12,
        at=NOON,
        effective_at=NOON,
        **fields,
    )
    return review


def test_a_decision_is_told_in_sentences(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()
    address = reverse("admin:runs_review_change", args=[judged(run, applied_at=NOON).pk])

    page = " ".join(boss.get(address).content.decode().split())

    assert "Rita <strong>rejected</strong>" in page
    assert "after listening and watching for 67 s, because of: weak hook." in page
    assert "The chorus never arrives." in page
    assert "It took effect on 2026-03-02 12:00" in page
    assert reverse("artifact", args=[run.artifacts.get(kind="mp3").pk]) in page
    assert "fieldset" not in page


def test_a_decision_that_was_taken_back_says_so(boss: Client, new_run: Callable[..., Run]) -> None:
    review = judged(new_run(), undone_at=NOON)

    page = boss.get(reverse("admin:runs_review_change", args=[review.pk])).content.decode()

    assert "It was taken back on 2026-03-02 12:00" in page


def test_files_are_heard_and_seen_in_their_list(
    boss: Client, new_run: Callable[..., Run], django_assert_max_num_queries: Any
) -> None:
    run = new_run()
    new_run()
    Artifact.objects.filter(run=run, kind="video").update(purged_at=NOON)
    address = reverse("admin:runs_artifact_changelist")
    boss.get(address)

    with django_assert_max_num_queries(9):
        page = boss.get(address).content.decode()

    assert page.count('<audio class="panel-play"') == 2
    assert page.count(">Watch</a>") == 1
    thumbnail = run.artifacts.get(kind="thumbnail")
    assert f'src="{reverse("artifact", args=[thumbnail.pk])}"' in page


def test_a_run_on_anothers_desk_is_not_decided_elsewhere(
    boss: Client, new_run: Callable[..., Run]
) -> None:
    run, rita = new_run(), UserFactory(username="rita")
    until = timezone.now() + timedelta(minutes=4)
    Run.objects.filter(pk=run.pk).update(reviewed_by=rita, review_until=until)
    address = reverse("admin:runs_run_change", args=[run.pk])

    page = boss.get(address).content.decode()
    boss.post(reverse("admin:runs_run_review", args=[run.pk]), {"decision": "approve"})

    assert "rita has this song on the review desk now" in page
    assert 'value="approve"' not in page
    assert not Review.objects.exists()


def test_ones_own_desk_does_not_stand_in_the_way(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()
    until = timezone.now() + timedelta(minutes=4)
    Run.objects.filter(pk=run.pk).update(reviewed_by=User.objects.get(), review_until=until)

    boss.post(reverse("admin:runs_run_review", args=[run.pk]), {"decision": "approve"})

    assert Review.objects.get().decision == "approve"


def test_the_pictures_of_a_concept_are_told_without_the_codes_of_colours() -> None:
    concept = {"visual_prompt": "wet streets, calm, colours #0b0620 #3a1663, no text"}

    assert ("Pictures", "wet streets, calm") in concept_of(concept, blind=True)


def test_a_files_licence_is_told_in_words(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run(status="approved", decided_at=NOON)
    file = run.artifacts.get(kind="mp3")
    Artifact.objects.filter(pk=file.pk).update(provenance={"licence": "operator"})

    for address in (
        reverse("admin:runs_artifact_change", args=[file.pk]),
        reverse("admin:runs_run_change", args=[run.pk]),
    ):
        assert "yours: made by this installation" in boss.get(address).content.decode()
