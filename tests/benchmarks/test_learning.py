"""The whole loop at once: 130 real runs, a reviewer with a taste, two weeks of schedules.

`python -m tests.benchmarks learning` rehearses 300, several times, and without learning too.
"""

from __future__ import annotations

from collections import Counter

import pytest

from artists.lifecycle.rules import Rule
from artists.models import Artist, Lesson, StatusChange
from experiments.models import Experiment, Promotion
from runs.models import LessonUse, Review, Run
from tests.benchmarks import learning, rehearsal
from tests.benchmarks.rehearsal import ROSTER, SLOW_RANGE_BPM, TASTE, UNLOVED, rehearse
from tests.factories import NOON

RUNS = 130
WINDOW = 35
# The operator comes twice as often as in the rehearsal of 300, so that less is to be made.
LESSON_DAYS = 5


@pytest.mark.timeout(900)  # half a minute of work, on a machine that may have other things to do
@pytest.mark.django_db
def test_the_roster_gets_better_because_somebody_decides(
    settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ARTIST_CREATION_PROBABILITY = 0
    monkeypatch.setattr(learning, "WINDOW", WINDOW)
    monkeypatch.setattr(rehearsal, "LESSON_DAYS", LESSON_DAYS)

    story = rehearse(seed=1, runs=RUNS, start=NOON)

    # Every run went the whole way and was decided once.
    assert Run.objects.count() == Review.objects.standing().count() == RUNS
    # Approval rose, and inside the artists too: not by those who left. Of 35 runs against 35
    # a gain is known to some eleven points; that there is one is what is certain.
    assert learning.gain_points(story) >= 25
    assert learning.inside_points(story) >= 15
    assert learning.chance_of_no_gain(story) < 1e-3
    # The reviewer's words became lessons, and the runs after them followed them.
    texts = Counter(Lesson.objects.filter(status="accepted").values_list("text", flat=True))
    assert {text for text in texts if "100 BPM" in text}
    assert {text for text in texts if TASTE.disliked_word in text}
    uses = Counter(LessonUse.objects.values_list("outcome", flat=True))
    assert uses[LessonUse.Outcome.OBEYED] > 20 * uses[LessonUse.Outcome.BROKEN]
    # The experiment came to its end. Lessons slow both arms down, so it may end without a winner;
    # if there is one, it is the slow arm, in use for the roster.
    experiment = Experiment.objects.get()
    assert experiment.status == Experiment.Status.CONCLUDED
    winners = [promotion.value for promotion in Promotion.objects.standing()]
    assert winners in ([], [list(SLOW_RANGE_BPM)])
    usual = Run.objects.filter(explores=False).order_by("-decided_at")[: WINDOW // 2]
    assert all(run.tempo_bpm < TASTE.below_bpm for run in usual)
    # Who never pleases retires after a probation; nobody else does.
    assert story.retired == [UNLOVED]
    rules = StatusChange.objects.filter(artist__name=UNLOVED).order_by("pk")
    assert list(rules.values_list("rule", flat=True))[-2:] == [
        Rule.PROBATION,
        Rule.PROBATION_FAILED,
    ]
    others = Artist.objects.exclude(name=UNLOVED).values_list("status", flat=True)
    assert len(others) == len(ROSTER) - 1
    # One may be between two ways of working when the story ends.
    assert set(others) <= {"active", "evolving"}
