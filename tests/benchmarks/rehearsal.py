"""A rehearsal of the learning loop: real runs of an invented roster, judged by a scripted taste.

Claims, steps, checkpoints, reviews, lessons, experiments and lifecycle are the product's own; the
concept, the words and the notes come from the offline writer. Only the steps that make sound and
pictures are stand-ins that take no time, and the clock is the rehearsal's. It writes to whatever
database is configured, so it belongs into an empty one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import numpy as np
from django.contrib.auth.models import User
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model

from artists import lifecycle
from artists.lessons import decide_lesson
from artists.lifecycle.policies import default_policy
from artists.models import Artist, Lesson, LifecyclePolicy
from artists.roster import create_artist
from experiments import concluding, setup
from experiments.models import Experiment, Variant
from experiments.rules import Kind
from media_tools.audio.io import write_wav24
from media_tools.music.base import MusicProvider, MusicRequest, MusicTrack
from media_tools.provenance import Provenance
from media_tools.text.base import Persona
from media_tools.text.lessons import uses_word
from runs.learning import evolution
from runs.models import Artifact, Batch, Review, Run
from runs.outputs import LyricsOutput, MasterOutput, MusicOutput, Output, VideoOutput
from runs.providers.engines import Engines, offline_writer
from runs.reviewing import reviews
from runs.steps import quality
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.storage import NewArtifact, StepResult
from runs.work import pipeline
from runs.work.batches import create_batch
from runs.work.claims import claim_next
from tests.outputs import OUTPUTS, analysis, video_info

ACCEPTED = Lesson.Status.ACCEPTED
RUNS_A_DAY = 10
LESSON_DAYS = 10  # the operator looks at proposed lessons every so many days
NOON = timedelta(hours=4)
REVIEWER = "rehearsal"
SLOW_RANGE_BPM = (76, 96)
PLANNED_RUNS_PER_ARM = 40

# Who the reviewer has no use for, whatever is tried.
UNLOVED = "Static Parade"
# name, genre, lowest and highest tempo: all can be slow, none is by itself.
ROSTER: tuple[tuple[str, str, int, int], ...] = (
    ("Ada Overpass", "synthwave", 84, 126),
    ("Low Tide Union", "indie_pop", 82, 124),
    ("Marrow Lane", "folk", 80, 120),
    ("Grand Hotel Fog", "cinematic", 80, 118),
    ("Nine Volt Choir", "house", 84, 128),
    (UNLOVED, "trap", 84, 126),
)


# --- The reviewer ---


@dataclass(frozen=True)
class Taste:
    """What the scripted reviewer likes; chances are shares of 1.

    steady: how often a run without fault is approved. mercy: how often one with a fault is.
    comments: how often a rejection is explained in words.
    """

    below_bpm: int = 100
    disliked_word: str = "light"
    unloved: str = UNLOVED
    steady: float = 0.92
    mercy: float = 0.05
    comments: float = 0.6

    def faults(self, run: Run) -> dict[str, str]:
        """What is wrong with a run: reason of rejection to the words a person would write."""
        found: dict[str, str] = {}
        if run.artist.name == self.unloved:
            found[Review.Reason.OFF_PERSONA] = ""
        if (run.tempo_bpm or 0) >= self.below_bpm:
            found[Review.Reason.OTHER] = f"Too fast, keep the tempo below {self.below_bpm} BPM."
        if uses_word(words_of(run), frozenset({self.disliked_word})):
            found[Review.Reason.LYRIC_CLICHE] = f"Avoid the word “{self.disliked_word}”."
        return found


TASTE = Taste()


def words_of(run: Run) -> str:
    """Title and lyrics of a run, as a reviewer reads them."""
    output = run.output(LyricsOutput)
    sections = output.lyrics.sections if output else ()
    return "\n".join([run.title, *(line for section in sections for line in section.lines)])


def review(run: Run, *, taste: Taste, rng: random.Random, reviewer: User, now: datetime) -> bool:
    """Judge one run as the taste asks; True if it was approved."""
    faults = taste.faults(run)
    approved = rng.random() < (taste.mercy if faults else taste.steady)
    comment = ""
    if not approved and rng.random() < taste.comments:
        comment = rng.choice(list(faults.values()) or [""])
    reviews.decide(
        run_id=run.pk,
        decision=Review.Decision.APPROVE if approved else Review.Decision.REJECT,
        reviewer=reviewer,
        reasons=() if approved else tuple(faults) or (Review.Reason.WEAK_HOOK,),
        comment=comment,
        rating=rng.choice((4, 5) if approved else (1, 2, 3)),
        active_seconds=rng.uniform(8, 40),
        now=now,
    )
    return approved


# --- The stand-ins ---

MADE_BY = Provenance(provider="local", model="rehearsal", licence="CC0-1.0")


class SilentMusic(MusicProvider):
    """Plays nothing, in exactly the tempo, key and length it is asked for."""

    name = "local"
    model = "rehearsal"
    resubmit_safe = True

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        return idempotency_key

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack:
        audio = workdir / "mix.wav"
        noise = np.random.default_rng(request.seed).uniform(-0.5, 0.5, (64, 2))
        write_wav24(audio, noise.astype(np.float32), 44_100)
        return MusicTrack(
            audio=audio,
            duration_s=request.duration_s,
            tempo_bpm=float(request.tempo_bpm),
            key=request.key,
            sections=(),
            provenance=MADE_BY,
        )


def master(context: StepContext) -> StepResult[Output]:
    """The figures a clean master of such a track would have."""
    music = context.output(MusicOutput)
    figures = analysis(duration_s=music.duration_s, tempo_bpm=music.tempo_bpm)
    return StepResult(
        MasterOutput(analysis=figures),
        fields={
            "duration_s": figures.duration_s,
            "lufs": figures.integrated_lufs,
            "true_peak_dbtp": figures.true_peak_dbtp,
            "tempo_bpm": figures.tempo_bpm,
        },
    )


def cover(context: StepContext) -> StepResult[Output]:
    return StepResult(OUTPUTS["cover"])


def visuals(context: StepContext) -> StepResult[Output]:
    return StepResult(OUTPUTS["visuals"])


def video(context: StepContext) -> StepResult[Output]:
    path = context.workdir / "video.mp4"
    path.write_text(f"video of {context.run.pk}")
    duration_s = context.output(MasterOutput).analysis.duration_s
    return StepResult(
        VideoOutput(info=video_info(duration_s=duration_s)),
        artifacts=(NewArtifact(path, Artifact.Kind.VIDEO, "video/mp4", MADE_BY),),
    )


STAND_INS = {
    name: StepDefinition(perform)
    for name, perform in {
        "master": master,
        "cover": cover,
        "visuals": visuals,
        "video": video,
    }.items()
}


@contextmanager
def instant_media() -> Iterator[Engines]:
    """Engines whose music takes no time; the steps that render are stand-ins meanwhile."""
    step_named = pipeline.step_named
    with (
        mock.patch.object(
            pipeline, "step_named", lambda name: STAND_INS.get(name) or step_named(name)
        ),
        # There is no picture to look at; the other half of the step judges the lessons.
        mock.patch.object(quality, "video_findings", lambda *args, **options: []),
    ):
        yield Engines(writer=offline_writer, music=lambda name: SilentMusic())


# --- The weeks ---


@dataclass(frozen=True)
class Stopped:
    """A clock that stands still."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Decided:
    """One judged run. tempo_bpm: as made."""

    artist: str
    tempo_bpm: float
    approved: bool


@dataclass
class Story:
    """What happened, in the order of review. promoted_after: runs judged until the winner."""

    decided: list[Decided] = field(default_factory=list)
    promoted_after: int | None = None
    winner: str = ""
    lessons: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)


def rehearse(*, seed: int, runs: int, start: datetime, learns: bool = True) -> Story:
    """Make and judge so many runs, RUNS_A_DAY a day from `start` on.

    learns False: the same roster and taste, but nobody accepts lessons and nothing is tried.
    """
    rng = random.Random(seed)
    story = Story()
    number_from_one(Artist, Experiment)
    reviewer = User.objects.create_user(REVIEWER, is_staff=True)
    hire(start)
    if learns:
        start_experiment(start)
    with instant_media() as engines:
        for day in range(-(-runs // RUNS_A_DAY)):
            morning = start + timedelta(days=day)
            evening = morning + timedelta(hours=8)
            work(min(RUNS_A_DAY, runs - len(story.decided)), engines, seed=seed, now=morning)
            story.decided += judge_all(rng=rng, reviewer=reviewer, now=morning + NOON)
            lifecycle.evaluate_roster(now=evening)
            evolution.propose_due(now=evening)
            if learns:
                learn(story, day, now=evening)
    story.lessons = [str(lesson) for lesson in Lesson.objects.filter(status=ACCEPTED)]
    retired = Artist.objects.filter(status=Artist.Status.RETIRED)
    story.retired = list(retired.values_list("name", flat=True))
    return story


def number_from_one(*models: type[Model]) -> None:
    """Give the next rows of empty tables the same ids as in a new database: ids seed the arms."""
    tables = [model._meta.db_table for model in models]
    sequences = [{"table": table, "column": "id"} for table in tables]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_by_name_sql(no_style(), sequences):
            cursor.execute(statement)


def hire(now: datetime) -> None:
    """The roster, judged by the recommended policy."""
    policy = default_policy()
    policy.retirement_mode = LifecyclePolicy.RetirementMode.PROBATION
    policy.save()
    for name, genre, lowest, highest in ROSTER:
        persona = Persona(
            name=name,
            genre=genre,
            backstory="",
            voice="",
            themes=(),
            audience="",
            style_notes="",
            visual_style="",
            tempo_min_bpm=lowest,
            tempo_max_bpm=highest,
            keys=("A minor", "D minor"),
        )
        create_artist(persona=persona, now=now, reason="Hired for the rehearsal")


def start_experiment(now: datetime) -> Experiment:
    """Each artist's own tempo against a slow one, for the whole roster."""
    experiment = Experiment.objects.create(
        name="Slower tracks",
        question="Do people approve more tracks when they are slow?",
        parameter=Experiment.Parameter.TEMPO_RANGE,
        planned_runs_per_arm=PLANNED_RUNS_PER_ARM,
        salt="rehearsal",
        created_at=now,
    )
    Variant.objects.create(experiment=experiment, name="Own tempo", is_control=True)
    Variant.objects.create(experiment=experiment, name="Slow", value=list(SLOW_RANGE_BPM))
    return setup.start(experiment, now)


def work(count: int, engines: Engines, *, seed: int, now: datetime) -> None:
    """So many runs, done by one worker.

    One after the other: the ids of runs are random, and their order must not depend on them.
    """
    first = seed * 1_000_000 + Run.objects.count()
    for number in range(count):
        at = now + timedelta(minutes=number)
        origin = Batch.Origin.SCHEDULE
        create_batch(size=1, origin=origin, seed=first + number, now=at)
        while claim := claim_next(now=at):
            pipeline.perform_steps(claim, engines, clock=Stopped(at))


def judge_all(*, rng: random.Random, reviewer: User, now: datetime) -> list[Decided]:
    """Everything that waits, a minute each."""
    decided = []
    waiting = list(Run.objects.awaiting_review().select_related("artist"))
    for number, run in enumerate(waiting):
        at = now + timedelta(minutes=number)
        approved = review(run, taste=TASTE, rng=rng, reviewer=reviewer, now=at)
        decided.append(Decided(run.artist.name, run.tempo_bpm or 0.0, approved))
    return decided


def learn(story: Story, day: int, *, now: datetime) -> None:
    """What the schedule does each evening, and the operator every LESSON_DAYS."""
    for action in concluding.conclude_due(now=now):
        if action.done and action.verdict.kind == Kind.USE:
            story.promoted_after = len(story.decided)
            story.winner = str(action.experiment.promotions.get().variant.name)
    if (day + 1) % LESSON_DAYS == 0:
        accept_lessons(now)


def accept_lessons(now: datetime) -> None:
    """The operator takes what the reviewers' comments propose."""
    proposed = Lesson.objects.filter(status=Lesson.Status.PROPOSED)
    for lesson in proposed.filter(source=Lesson.Source.REJECTION):
        decide_lesson(lesson_id=lesson.pk, accept=True, now=now)
