"""What reflections propose: taken into the profile or the lessons, set aside, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from artists.models import Lesson
from media_tools.text.base import ProposedChange, ReflectionNotes
from runs.learning.reflections import ProposalRefused, decide_proposal, row_of, typed_value
from runs.models import Proposal, Run
from runs.outputs import ReflectionOutput
from runs.steps import reflection as reflection_step
from runs.storage import StepResult
from tests.factories import NOON, UserFactory

pytestmark = pytest.mark.django_db

BRIGHTER = "Analogue pads, a steady pulse, brighter drums."


@pytest.fixture
def run(new_run: Callable[..., Run]) -> Run:
    return new_run()


@pytest.fixture
def change(run: Run) -> Proposal:
    return run.reflection.proposals.get()


@pytest.fixture
def lesson(run: Run) -> Proposal:
    return Proposal.objects.create(
        reflection=run.reflection, kind=Proposal.Kind.LESSON, new="Make it slower"
    )


def decide(proposal: Proposal, *, accept: bool = True, **options: Any) -> Proposal:
    options = {"actor": None, "now": NOON, **options}
    return decide_proposal(proposal_id=proposal.pk, accept=accept, **options)


def move_on(run: Run, style_notes: str = "Something new") -> None:
    run.artist.style_notes = style_notes
    run.artist.save()


# --- Changes of the profile ---


def test_accepted_change_is_a_new_version_with_who_and_why(run: Run, change: Proposal) -> None:
    user = UserFactory()
    before = run.artist.profile_version

    decided = decide(change, actor=user)

    version = run.artist.history.latest()
    assert version.history_id != before
    assert version.history_user == user
    assert "Reflection on" in version.history_change_reason
    assert version.style_notes == BRIGHTER
    assert (decided.status, decided.decided_by, decided.decided_at) == ("accepted", user, NOON)


def test_dismissed_change_leaves_the_profile(run: Run, change: Proposal) -> None:
    before = run.artist.style_notes

    decided = decide(change, accept=False)

    run.artist.refresh_from_db()
    assert decided.status == Proposal.Status.DISMISSED
    assert run.artist.style_notes == before


def test_edited_change_is_taken_in_as_edited(run: Run, change: Proposal) -> None:
    decided = decide(change, value="Only a piano.")

    run.artist.refresh_from_db()
    assert run.artist.style_notes == "Only a piano."
    assert (decided.status, decided.used, decided.new) == ("edited", "Only a piano.", BRIGHTER)


def test_proposal_is_decided_once(change: Proposal) -> None:
    decide(change, accept=False)

    with pytest.raises(ProposalRefused, match="already dismissed"):
        decide(change)


def test_change_of_an_older_profile_is_stale_and_refused(run: Run, change: Proposal) -> None:
    move_on(run)

    change = Proposal.objects.get(pk=change.pk)
    assert row_of(change).stale
    with pytest.raises(ProposalRefused, match="changed since"):
        decide(change)
    assert Proposal.objects.get(pk=change.pk).status == Proposal.Status.OPEN


def test_stale_change_can_be_edited_to_fit(run: Run, change: Proposal) -> None:
    move_on(run)

    decide(change, value="Something new, brighter drums.")

    run.artist.refresh_from_db()
    assert run.artist.style_notes == "Something new, brighter drums."


@pytest.mark.parametrize(
    ("field", "old", "new", "message"),
    [
        ("status", "active", "retired", "may not change status"),
        ("tempo_min_bpm", 96, 400, "cannot become so"),
    ],
)
def test_what_a_reflection_may_not_write_is_refused(
    change: Proposal, field: str, old: Any, new: Any, message: str
) -> None:
    Proposal.objects.filter(pk=change.pk).update(field=field, old=old, new=new)

    with pytest.raises(ProposalRefused, match=message):
        decide(change)


def test_unknown_proposal_is_refused() -> None:
    with pytest.raises(ProposalRefused, match="no proposal 7"):
        decide_proposal(proposal_id=7, accept=True, actor=None, now=NOON)


@pytest.mark.parametrize(
    ("new", "typed", "value"),
    [
        (["rain"], " rain \n\nlate trains\n", ["rain", "late trains"]),
        (96, " 90 ", 90),
        ("pads", " strings ", "strings"),
    ],
)
def test_typed_value_has_the_shape_of_the_proposed_one(new: Any, typed: str, value: Any) -> None:
    assert typed_value(Proposal(kind="change", field="themes", new=new), typed) == value


@pytest.mark.parametrize(("new", "typed"), [(["rain"], " \n"), (96, "fast"), ("pads", " ")])
def test_unusable_value_is_refused(new: Any, typed: str) -> None:
    with pytest.raises(ProposalRefused):
        typed_value(Proposal(kind="change", field="themes", new=new), typed)


# --- Lessons ---


def test_accepted_lesson_is_in_force_for_the_artist(run: Run, lesson: Proposal) -> None:
    decide(lesson)

    learnt = Lesson.objects.get()
    assert (learnt.artist, learnt.status) == (run.artist, Lesson.Status.ACCEPTED)
    assert (learnt.source, learnt.run_id) == (Lesson.Source.REFLECTION, run.pk)


def test_dismissed_lesson_is_not_learnt(lesson: Proposal) -> None:
    decide(lesson, accept=False)

    assert not Lesson.objects.exists()


# --- Saving a reflection ---


def save(run: Run, *, lessons: tuple[str, ...] = (), changes: tuple[Any, ...] = ()) -> None:
    notes = ReflectionNotes(
        text="t",
        alignment=0.5,
        strengths=(),
        problems=(),
        proposed_changes=changes,
        lessons=lessons,
    )
    reflection_step.save(run, StepResult(ReflectionOutput(notes=notes, model="m")))


def test_what_the_artist_knows_or_lies_open_is_not_proposed_again(
    run: Run, lesson: Proposal, new_run: Callable[..., Run]
) -> None:
    Lesson.objects.create(artist=run.artist, text="Shorter", status=Lesson.Status.DISMISSED)
    later = new_run(artist=run.artist)
    change = ProposedChange("style_notes", "x", BRIGHTER, "")

    save(later, lessons=("Slower, please", "Make it shorter", "More brass"), changes=(change,))

    assert [proposal.new for proposal in later.reflection.proposals.all()] == ["More brass"]


def test_reflecting_again_replaces_open_proposals_and_keeps_decided_ones(
    run: Run, change: Proposal
) -> None:
    decide(change, accept=False)

    save(run, lessons=("More brass",))
    save(run, lessons=("More strings",))

    kept = run.reflection.proposals.order_by("pk").values_list("new", "status")
    assert list(kept) == [(BRIGHTER, "dismissed"), ("More strings", "open")]


# --- Pages ---


def test_run_page_shows_the_difference_and_takes_an_edit(
    boss: Client, run: Run, change: Proposal
) -> None:
    page = reverse("admin:runs_run_change", args=[run.pk])

    shown = boss.get(page).content.decode()
    boss.post(
        reverse("admin:runs_proposal_decide", args=[change.pk]),
        {"verdict": "edit", "value": "Only a piano.", "next": page},
    )

    run.artist.refresh_from_db()
    assert "Analogue pads and a steady pulse." in shown and BRIGHTER in shown
    assert run.artist.style_notes == "Only a piano."


def test_stale_proposal_says_so_in_list_and_page(boss: Client, run: Run, change: Proposal) -> None:
    move_on(run)

    listed = boss.get(reverse("admin:runs_proposal_changelist")).content.decode()
    page = boss.get(reverse("admin:runs_proposal_change", args=[change.pk])).content.decode()

    assert "Profile moved on" in listed
    assert "has changed since" in page and "Something new" in page


def test_list_shows_open_ones_unless_asked(boss: Client, run: Run, change: Proposal) -> None:
    address = reverse("admin:runs_proposal_changelist")
    decide(change, accept=False)

    assert BRIGHTER not in boss.get(address).content.decode()
    assert BRIGHTER in boss.get(address, {"state": "decided"}).content.decode()


def test_chosen_proposals_are_dismissed_together(
    boss: Client, change: Proposal, lesson: Proposal
) -> None:
    boss.post(
        reverse("admin:runs_proposal_changelist"),
        {"action": "dismiss", "_selected_action": [change.pk, lesson.pk]},
    )

    assert set(Proposal.objects.values_list("status", flat=True)) == {"dismissed"}


def test_who_may_judge_lessons_may_not_change_the_profile(
    change: Proposal, lesson: Proposal
) -> None:
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename="change_lesson"))
    client = Client()
    client.force_login(user)

    answers = [
        client.post(reverse("admin:runs_proposal_decide", args=[one.pk]), {"verdict": "accept"})
        for one in (change, lesson)
    ]

    assert [answer.status_code for answer in answers] == [403, 302]
    assert Proposal.objects.get(pk=change.pk).status == Proposal.Status.OPEN
    assert Lesson.objects.exists()
