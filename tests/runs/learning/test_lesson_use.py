"""Lessons on their way through a run: given once, kept, measured at the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from artists.models import Artist, Lesson
from media_tools.records import from_json, to_json
from media_tools.text.base import Lyrics
from media_tools.text.lesson_checks import Judgement
from media_tools.text.offline import OfflineWriter
from runs.models import LessonUse, Run, Step
from runs.outputs import (
    LessonOutcome,
    LyricsOutput,
    MasterOutput,
    MusicOutput,
    Output,
    QualityOutput,
)
from runs.presentation import warnings_of, with_card_rows
from runs.providers import engines
from runs.steps import concept, quality
from runs.steps.context import StepContext
from runs.storage import StepResult
from tests.factories import CONCEPT, NOON, ArtistFactory, RunFactory, StepFactory
from tests.media_rows import LYRICS
from tests.outputs import analysis

pytestmark = pytest.mark.django_db

Outcome = LessonUse.Outcome


@pytest.fixture
def artist() -> Artist:
    return ArtistFactory()


@pytest.fixture
def context_of(tmp_path: Path) -> Callable[..., StepContext]:
    def make(run: Run, step: str) -> StepContext:
        def writer(*_: Any) -> OfflineWriter:
            return OfflineWriter()

        return StepContext(
            run=run,
            step=step,
            workdir=tmp_path,
            engines=engines.Engines(writer=writer, music=engines.music_provider),
            clock=lambda: NOON,
            report=lambda fraction: None,
            cancelled=lambda: False,
        )

    return make


def learn(artist: Artist, text: str, **fields: Any) -> Lesson:
    defaults = {"status": Lesson.Status.ACCEPTED, "created_at": NOON, "last_seen_at": NOON}
    return Lesson.objects.create(artist=artist, text=text, **{**defaults, **fields})


def done(run: Run, output: Output) -> None:
    StepFactory(
        run=run,
        name=output.step,
        status=Step.Status.DONE,
        finished_at=NOON,
        output=to_json(output),
    )


def figures(**changes: float) -> dict[str, float]:
    return {
        "tempo_bpm": 104.0,
        "duration_s": 80.0,
        "centroid_hz": 2000.0,
        "high_share": 0.1,
        "crest_db": 12.0,
        "repeated_share": 0.3,
        **changes,
    }


def finished(artist: Artist, *lessons: str, tempo_bpm: float = 104.0) -> Run:
    """A run before its quality step, given these lessons."""
    run = RunFactory(artist=artist, concept=dict(CONCEPT), created_at=NOON + timedelta(days=1))
    done(run, LyricsOutput(lyrics=from_json(Lyrics, LYRICS)))
    done(run, MusicOutput(tempo_bpm=tempo_bpm, key="A minor"))
    done(run, MasterOutput(analysis=analysis(tempo_bpm=None)))
    for position, text in enumerate(lessons):
        LessonUse.objects.create(run=run, lesson=learn(artist, text), text=text, position=position)
    return run


def judged(context: StepContext) -> dict[str, str]:
    found = quality.judge_lessons(context, quality.figures_of(context))
    return {use.text: quality.OUTCOMES[result.obeyed] for use, result in found}


# --- Given ---


def test_run_keeps_which_lessons_it_was_given_and_which_the_writer_used(
    artist: Artist, context_of: Callable[..., StepContext]
) -> None:
    run = RunFactory(artist=artist)
    slow = learn(artist, "Keep the tempo below 100 BPM")
    learn(artist, "More cowbell", last_seen_at=NOON - timedelta(days=10))

    concept.save(run, concept.perform(context_of(run, "concept")))

    assert list(run.lesson_uses.values_list("lesson_id", "text", "claimed")) == [
        (slow.pk, "Keep the tempo below 100 BPM", True),
        (Lesson.objects.get(text="More cowbell").pk, "More cowbell", False),
    ]


def test_what_is_learnt_in_the_middle_of_a_run_waits_for_the_next(
    artist: Artist, context_of: Callable[..., StepContext]
) -> None:
    run = RunFactory(artist=artist)
    learn(artist, "More brass")
    result = concept.perform(context_of(run, "concept"))
    done(run, result.output)

    learn(artist, "More cowbell")

    assert context_of(run, "lyrics").lessons() == ("More brass",)
    assert len(context_of(RunFactory(artist=artist), "concept").lessons()) == 2


def test_replay_is_given_the_lessons_of_its_original(
    artist: Artist, context_of: Callable[..., StepContext]
) -> None:
    original = RunFactory(artist=artist)
    learn(artist, "More brass")
    done(original, concept.perform(context_of(original, "concept")).output)
    learn(artist, "More cowbell")

    replay = RunFactory(artist=artist, replay_of=original)

    assert context_of(replay, "lyrics").lessons() == ("More brass",)


def test_lesson_deleted_meanwhile_leaves_its_words(
    artist: Artist, context_of: Callable[..., StepContext]
) -> None:
    run = RunFactory(artist=artist)
    learn(artist, "More brass")
    result = concept.perform(context_of(run, "concept"))
    Lesson.objects.all().delete()

    concept.save(run, result)

    assert list(run.lesson_uses.values_list("lesson_id", "text")) == [(None, "More brass")]


# --- Measured ---


def test_lessons_are_compared_with_the_song(
    artist: Artist, context_of: Callable[..., StepContext]
) -> None:
    run = finished(artist, "Keep the tempo below 100 BPM", "Avoid the word rain", "More cowbell")

    assert judged(context_of(run, "quality")) == {
        "Keep the tempo below 100 BPM": Outcome.BROKEN,
        "Avoid the word rain": Outcome.OBEYED,
        "More cowbell": Outcome.UNMEASURED,
    }


def test_a_direction_is_compared_with_songs_from_before_the_lesson(
    artist: Artist, context_of: Callable[..., StepContext]
) -> None:
    for days, tempo in ((-3, 110.0), (-2, 112.0), (-1, 114.0), (0.5, 80.0), (0.6, 80.0)):
        earlier = RunFactory(artist=artist, created_at=NOON + timedelta(days=days))
        done(earlier, QualityOutput(findings=(), figures=figures(tempo_bpm=tempo)))
    run = finished(artist, "Make it slower", tempo_bpm=100.0)

    assert judged(context_of(run, "quality")) == {"Make it slower": Outcome.OBEYED}


def test_what_became_of_a_lesson_is_kept_and_a_broken_one_is_a_warning(artist: Artist) -> None:
    run = finished(artist, "Keep the tempo below 100 BPM")
    use = run.lesson_uses.get()
    message = "104 BPM; at most 99 is asked for."
    finding = quality.broken(use, Judgement(False, message))
    output = QualityOutput(
        findings=(finding,), lessons=(LessonOutcome(0, Outcome.BROKEN, message),)
    )
    done(run, output)

    quality.save(run, StepResult(output))

    use.refresh_from_db()
    assert (use.outcome, use.measured) == (Outcome.BROKEN, message)
    [shown] = warnings_of(with_card_rows(Run.objects.all()).get())
    assert "Keep the tempo below 100 BPM" in shown.message
