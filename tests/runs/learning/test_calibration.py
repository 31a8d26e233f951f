"""What a model's own scores are worth."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from experiments.statistics import interval
from runs.learning.calibration import FEWEST, calibrate, calibrations
from runs.models import Reflection, Review
from tests.factories import NOON, RunFactory, UserFactory

# By hand: Brier (0.3^2 + 0.4^2 + 0.1^2 + 0.6^2) / 4; base 0.5 * 0.5; of the four pairs of an
# approved and a rejected song the approved one leads in three.
PAIRS = [(0.7, True), (0.4, False), (0.9, True), (0.6, False)]


def judged(score: float, decision: str, *, model: str = "m", **review: object) -> Review:
    run = RunFactory()
    Reflection.objects.create(run=run, text="t", alignment=score, model=model)
    return Review.objects.create(
        run=run,
        decision=decision,
        reasons=[] if decision == "approve" else ["other"],
        content_hash="0" * 64,
        at=NOON,
        effective_at=NOON,
        **review,
    )


def test_figures_agree_with_those_by_hand() -> None:
    found = calibrate("m", PAIRS)

    assert (found.runs, found.approved) == (4, 2)
    assert found.mean_score == pytest.approx(0.65)
    assert found.brier == pytest.approx((0.09 + 0.16 + 0.01 + 0.36) / 4)
    assert found.base == pytest.approx(0.25)
    assert found.order == 1.0


@pytest.mark.parametrize(
    ("pairs", "order"),
    [
        ([(0.7, True), (0.7, False)], 0.5),
        ([(0.2, True), (0.7, False)], 0.0),
        ([(0.8, True), (0.5, True), (0.6, False), (0.5, False)], 0.625),
        ([(0.8, True)], None),
    ],
)
def test_order_is_the_share_of_pairs_in_the_right_order(
    pairs: list[tuple[float, bool]], order: float | None
) -> None:
    assert calibrate("m", pairs).order == order


def test_bins_hold_counts_and_intervals_and_none_is_empty() -> None:
    bins = calibrate("m", [(0.05, False), (0.8, True), (0.85, False), (1.0, True)]).bins

    assert [(one.low, one.runs, one.approved) for one in bins] == [
        (0.0, 1, 0),
        (0.8, 2, 1),
        (0.9, 1, 1),
    ]
    assert bins[1].interval == interval((1, 1))


@pytest.mark.parametrize(
    ("scores", "worth"),
    [
        ([(0.8, True)] * 11 + [(0.8, False)] * 9, "Says 80% on average, people approve 55%: of "
         "little worth."),
        ([(0.95, True)] * 10 + [(0.05, False)] * 10, "the scores tell good from bad."),
        ([(0.65, True)] * 10 + [(0.55, False)] * 10, "a weak hint."),
        ([(0.95, True)] * 10 + [(0.9, False)] * 10, "higher scores are approved more often."),
        ([(0.8, True)] * 20, "cannot be tested."),
        ([(0.8, True)] * (FEWEST - 1), "too few to tell."),
    ],
)  # fmt: skip
def test_one_sentence_tells_the_worth(scores: list[tuple[float, bool]], worth: str) -> None:
    assert calibrate("m", scores).sentence.endswith(worth)


@pytest.mark.django_db
def test_only_standing_decisions_of_people_count_by_model() -> None:
    judged(0.8, "approve", model="a", reviewer=UserFactory())
    judged(0.6, "reject", model="a")
    judged(0.5, "approve", model="b")
    judged(0.9, "approve", model="a", source=Review.Source.AUTOPILOT)
    judged(0.9, "approve", model="a", undone_at=NOON)

    assert [(one.model, one.runs, one.approved) for one in calibrations()] == [
        ("a", 2, 1),
        ("b", 1, 1),
    ]


@pytest.mark.django_db
def test_page_shows_curve_and_sentence_from_ten_decided_runs_on(boss: Client) -> None:
    for number in range(FEWEST):
        judged(0.8, "approve" if number % 2 else "reject", model="writer-a")
    judged(0.8, "approve", model="writer-b")

    page = boss.get(reverse("admin:runs_self_scores")).content.decode()

    assert "Says 80% on average, people approve 50%: of little worth." in page
    assert page.count("<circle") == 1
    assert "1 of 10 decided runs; too few to tell." in page


@pytest.mark.django_db
def test_page_needs_the_right(client: Client) -> None:
    client.force_login(UserFactory())

    assert client.get(reverse("admin:runs_self_scores")).status_code == 403
