"""From decisions on songs to the choice among the candidates of the next ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from artists.models import Artist
from experiments.models import Ranking
from experiments.ranking import tastes_in_use
from media_tools.music.local.engine import order_of
from media_tools.records import to_json
from media_tools.taste import Taste
from media_tools.text.offline import OfflineWriter
from media_tools.text.write_song import WRITINGS
from runs.learning.preferences import NAMES, learn_preferences
from runs.models import Review, Run, Step
from runs.outputs import ConceptOutput, LyricsOutput
from runs.providers import engines
from runs.steps import concept, lyrics
from runs.steps.context import StepContext
from runs.steps.music import music_request
from runs.storage import StepResult
from tests.factories import NOON, ArtistFactory, BatchFactory, RunFactory, StepFactory
from tests.media_rows import LYRICS

pytestmark = pytest.mark.django_db

TASTE = Taste({"singable": -30.0})
DONE = {"status": Step.Status.DONE, "finished_at": NOON}


@pytest.fixture
def context_of(tmp_path: Path) -> Callable[[Run, str], StepContext]:
    def make(run: Run, step: str) -> StepContext:
        return StepContext(
            run=run,
            step=step,
            workdir=tmp_path,
            engines=engines.Engines(
                writer=lambda *_: OfflineWriter(), music=engines.music_provider
            ),
            clock=lambda: NOON,
            report=lambda fraction: None,
            cancelled=lambda: False,
        )

    return make


def decide_songs(count: int, *, pull: float) -> None:
    """Decisions on songs by their melody's range, and by nothing in their words."""
    rng = np.random.default_rng(7)
    artists: list[Artist] = ArtistFactory.create_batch(4)
    batch = BatchFactory()
    runs = [RunFactory.build(artist=artists[n % 4], batch=batch) for n in range(count)]
    Run.objects.bulk_create(runs)
    steps, reviews = [], []
    for number, run in enumerate(runs):
        own = float(rng.normal())
        good = bool(rng.random() < 1 / (1 + np.exp(-pull * own)))
        outputs = {
            "music": {"facts": {"features": {"range": 12 + own, "step_share": rng.random()}}},
            "lyrics": {"measures": {"even": rng.random(), "varied": rng.random()}},
        }
        for name, output in outputs.items():
            steps.append(Step(run=run, name=name, position=1, output=output, **DONE))
        reviews.append(
            Review(
                run=run,
                decision="approve" if good else "reject",
                reasons=[] if good else ["other"],
                content_hash="0" * 64,
                at=NOON + timedelta(minutes=number),
                effective_at=NOON + timedelta(minutes=number),
            )
        )
    Step.objects.bulk_create(steps)
    Review.objects.bulk_create(reviews)


def use(subject: Ranking.Subject, taste: Taste) -> None:
    Ranking.objects.create(
        subject=subject,
        trained_at=NOON,
        songs=100,
        approved=50,
        order=0.7,
        order_low=0.6,
        weights=taste.weights,
        halves={},
        in_use=True,
    )


def keep(run: Run, result: StepResult) -> Run:
    """Store a concept as the pipeline does."""
    StepFactory(run=run, name="concept", output=to_json(result.output), **DONE)
    Run.objects.filter(pk=run.pk).update(**result.fields)
    return Run.objects.get(pk=run.pk)


def test_what_people_prefer_is_learnt_shown_and_used(boss: Client) -> None:
    decide_songs(240, pull=2.0)

    assert learn_preferences(now=NOON + timedelta(days=1)) == 1

    tastes = tastes_in_use()
    assert set(tastes) == {"music"}
    assert tastes["music"].weights["range"] > 0.5
    page = boss.get(reverse("admin:what_works")).content.decode()
    assert NAMES["range"] in page and NAMES["varied"] in page
    assert page.count("<td>preferred</td>") == 1


def test_decisions_without_a_preference_change_nothing(boss: Client) -> None:
    decide_songs(240, pull=0.0)

    assert learn_preferences(now=NOON + timedelta(days=1)) == 0
    assert tastes_in_use() == {} and Ranking.objects.count() == 2
    assert "<td>preferred</td>" not in boss.get(reverse("admin:what_works")).content.decode()


def test_undone_decisions_and_those_of_the_autopilot_teach_nothing() -> None:
    decide_songs(240, pull=2.0)
    Review.objects.filter(decision="approve").update(source="autopilot")
    Review.objects.filter(decision="reject").update(undone_at=NOON)

    assert learn_preferences(now=NOON + timedelta(days=1)) == 0
    assert not Ranking.objects.exists()


def test_a_run_and_its_replay_use_what_was_known_when_it_began(
    context_of: Callable[[Run, str], StepContext],
) -> None:
    use(Ranking.Subject.MUSIC, Taste({"range": 0.5}))
    run = RunFactory(title="", concept=None)
    run = keep(run, concept.perform(context_of(run, "concept")))
    Ranking.objects.all().delete()
    StepFactory(run=run, name="lyrics", output=to_json(LyricsOutput(lyrics=LYRICS)), **DONE)
    replay = RunFactory(artist=run.artist, replay_of=run, title="", concept=None)
    replay = keep(replay, concept.perform(context_of(replay, "concept")))
    context = context_of(run, "music")

    request = music_request(context, engines.music_provider("local"))

    assert request.taste == order_of(request).taste == Taste({"range": 0.5})
    assert replay.output(ConceptOutput).tastes == {"music": Taste({"range": 0.5})}


def test_the_replay_of_a_run_from_before_stays_without(
    context_of: Callable[[Run, str], StepContext],
) -> None:
    run = RunFactory(title="", concept=None)
    run = keep(run, concept.perform(context_of(run, "concept")))
    use(Ranking.Subject.MUSIC, Taste({"range": 0.5}))

    replay = RunFactory(artist=run.artist, replay_of=run, title="", concept=None)

    assert concept.perform(context_of(replay, "concept")).output.tastes == {}


def test_words_are_chosen_by_the_taste_and_their_measures_kept(
    context_of: Callable[[Run, str], StepContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OfflineWriter, "writings", WRITINGS)
    run = RunFactory(title="", concept=None, seed=4)
    run = keep(run, concept.perform(context_of(run, "concept")))

    def written(taste: Taste) -> LyricsOutput:
        output = to_json(ConceptOutput(tastes={Ranking.Subject.WORDS: taste}))
        Step.objects.filter(run=run, name="concept").update(output=output)
        return lyrics.perform(context_of(run, "lyrics")).output

    plain, chosen = written(Taste()), written(TASTE)

    assert chosen.lyrics == written(TASTE).lyrics != plain.lyrics
    assert TASTE.liking(chosen.measures) > TASTE.liking(plain.measures)
