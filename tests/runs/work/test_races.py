"""Eight people press everything at once, beside workers and the sweep; then all is added up anew.

AAP_RACE_PRESSES and AAP_RACE_SEED make it longer, or another one.
"""

from __future__ import annotations

import os
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from django_q.brokers import get_broker

from artists import lifecycle
from artists.lessons import refresh
from artists.models import Artist, Lesson, LessonEvidence, PerformanceEntry, StatusChange
from artists.roster import ArtistNotSelectable
from experiments.models import Assignment
from media_tools.errors import MediaError
from runs import tasks
from runs.errors import ReleaseRefused, ReviewRefused, RunRefused
from runs.models import Artifact, Batch, Release, Review, Run, Step
from runs.releasing import albums, bundle, releases
from runs.releasing.file_marks import BundleMarks
from runs.reviewing import reviews
from runs.work import batches, operating, pipeline
from tests.factories import ArtistFactory, ExperimentFactory, UserFactory, VariantFactory

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        "postgres" not in site.DATABASES["default"]["ENGINE"], reason="needs row locks"
    ),
]

PRESSES = int(os.environ.get("AAP_RACE_PRESSES", "400"))
SEED = int(os.environ.get("AAP_RACE_SEED", "1"))
THREADS = 8
RUNS = 18
ARTISTS = 3
# What the product answers when somebody else was faster.
REFUSALS = (
    ReviewRefused,
    ReleaseRefused,
    RunRefused,
    lifecycle.LifecycleError,
    ArtistNotSelectable,
)
REASONS = ("weak_hook", "lyric_cliche", "audio_fault", "off_persona")
# Clocks are read before a lock is there, and that of one host is an hour behind.
LATE_MS = (0, 0, 5, 40)
BEHIND = timedelta(hours=1)

# Short runs, so that most of them are where people can press something.
STEPS = ("concept", "music", "quality")

Kind = PerformanceEntry.Kind


@dataclass
class Crowd:
    """What the threads share. done: presses that went through, by verb."""

    people: list[User]
    artists: list[Artist]
    done: Counter[str] = field(default_factory=Counter)
    faults: list[BaseException] = field(default_factory=list)
    keys: list[tuple[uuid.UUID, User]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass
class Presser:
    """One person at one screen."""

    crowd: Crowd
    rng: random.Random
    user: User
    behind: timedelta

    def now(self) -> datetime:
        return timezone.now() - timedelta(milliseconds=self.rng.choice(LATE_MS)) - self.behind

    def run_id(self, *statuses: str) -> uuid.UUID:
        """Mostly a run that looks as if the verb fitted; by then it may not."""
        runs = Run.objects.order_by("pk")
        fitting = runs.filter(status__in=statuses) if self.rng.random() < 0.8 else runs
        ids = list(fitting.values_list("pk", flat=True)) or list(runs.values_list("pk", flat=True))
        return self.rng.choice(ids)

    def release_id(self, *statuses: str) -> uuid.UUID:
        found = Release.objects.filter(status__in=statuses).order_by("pk")
        ids = list(found.values_list("pk", flat=True))
        return self.rng.choice(ids) if ids else uuid.uuid4()

    def press(self) -> None:
        verb = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        try:
            getattr(self, verb)()
        except REFUSALS:
            return
        self.crowd.done[verb] += 1

    def decide(self, decision: str, **more: Any) -> None:
        key = uuid.uuid4()
        reviews.decide(
            run_id=self.run_id(Run.Status.AWAITING_REVIEW),
            decision=decision,
            reviewer=self.user,
            now=self.now(),
            grace_s=self.rng.choice((0.0, 0.0, 0.05)),
            key=key,
            **more,
        )
        self.crowd.keys.append((key, self.user))

    def approve(self) -> None:
        self.decide("approve", rating=self.rng.choice((None, 3, 5)))

    def reject(self) -> None:
        reasons = self.rng.sample(REASONS, k=self.rng.randint(1, 3))
        self.decide("reject", reasons=reasons, comment=self.rng.choice(("", "Slower, please.")))

    def undo(self) -> None:
        run_id = self.run_id(*Run.DECIDED)
        reviews.undo(run_id=run_id, reviewer=self.user, now=self.now())

    def undo_own(self) -> None:
        key, user = self.rng.choice(self.crowd.keys[-RUNS:] or [(uuid.uuid4(), self.user)])
        reviews.undo_verdict(key=key, reviewer=user, now=self.now())

    def correct(self) -> None:
        key, user = self.rng.choice(self.crowd.keys[-RUNS:] or [(uuid.uuid4(), self.user)])
        reasons = self.rng.sample(REASONS, k=2)
        reviews.edit_reasons(key=key, reasons=reasons, comment="", reviewer=user, now=self.now())

    def redo(self) -> None:
        run_id, step = self.run_id(Run.Status.AWAITING_REVIEW), self.rng.choice(STEPS)
        operating.retry_run(run_id=run_id, actor=self.user, now=self.now(), from_step=step)

    def retry(self) -> None:
        run_id = self.run_id(Run.Status.FAILED)
        operating.retry_run(run_id=run_id, actor=self.user, now=self.now())

    def cancel(self) -> None:
        run_id = self.run_id(*operating.CANCELLABLE)
        operating.cancel_run(run_id=run_id, actor=self.user, now=self.now())

    def start(self) -> None:
        artist = self.rng.choice(self.crowd.artists)
        if (
            Run.objects.exclude(status__in=(Run.Status.CANCELLED, Run.Status.RELEASED)).count()
            < RUNS
        ):
            batches.create_batch(size=1, origin=Batch.Origin.PANEL, now=self.now(), artist=artist)

    def package(self) -> None:
        run_id = self.run_id(Run.Status.APPROVED)
        reviews.reopen_if_changed(run_id=run_id, now=self.now())
        single = releases.single_of(run_id)
        releases.package_release(release_id=single.pk, now=self.now())

    def publish(self) -> None:
        release_id = self.release_id(*Release.UNPUBLISHED)
        releases.publish(release_id=release_id, actor=self.user, now=self.now())

    def recall(self) -> None:
        release_id = self.release_id(Release.Status.PUBLISHED)
        releases.recall_release(
            release_id=release_id, reason="Test", actor=self.user, now=self.now()
        )

    def gather(self) -> None:
        """An EP of what is approved, or another order of one."""
        free = max((albums.runs_for_albums(one) for one in self.crowd.artists), key=len)
        chosen = [run.pk for run in self.rng.sample(free, k=min(len(free), 3))]
        open_ones = Release.objects.unpublished().exclude(kind=Release.Kind.SINGLE)
        album = open_ones.order_by("pk").first()
        if album and self.rng.random() < 0.5:
            stay = list(album.tracks.order_by("-position").values_list("run_id", flat=True))
            albums.arrange(
                release_id=album.pk, run_ids=[*stay, *chosen], actor=self.user, now=self.now()
            )
        else:
            order = albums.AlbumOrder("ep", "Night", chosen)
            made = albums.make_album(order, actor=self.user, now=self.now())
            releases.package_release(release_id=made.pk, now=self.now())

    def move(self) -> None:
        artist_id, verb = self.rng.choice(self.crowd.artists).pk, self.rng.choice(MOVES)
        verb(artist_id=artist_id, actor=self.user, reason="Test", now=self.now())

    def judge(self) -> None:
        lifecycle.evaluate_roster(now=self.now())


WEIGHTS = {
    "approve": 12,
    "reject": 12,
    "undo": 8,
    "undo_own": 4,
    "correct": 4,
    "redo": 3,
    "retry": 5,
    "cancel": 2,
    "start": 4,
    "package": 10,
    "publish": 10,
    "gather": 12,
    "recall": 8,
    "move": 4,
    "judge": 1,
}
# All of these must have gone through, or the race was none.
VERBS = [
    "approve",
    "reject",
    "undo",
    "redo",
    "retry",
    "cancel",
    "package",
    "publish",
    "recall",
    "gather",
]
MOVES = (lifecycle.pause, lifecycle.resume, lifecycle.reinstate)


@pytest.fixture
def crowd(settings: Any, fake_steps: Any, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    settings.SECOND_REVIEW_SHARE = 0.3
    settings.AB_TESTING_ENABLED = True
    settings.ARTIST_CREATION_PROBABILITY = 0.0
    settings.MIN_FREE_MB = 0
    settings.STEP_ATTEMPTS = 2
    monkeypatch.setattr(tasks.engines, "configured", lambda: None)
    monkeypatch.setattr(bundle, "contents_of", lambda release, sheet: None)
    monkeypatch.setattr(bundle, "write_bundle", write_bundle)
    for module in (pipeline, operating):
        monkeypatch.setattr(module, "NAMES", STEPS)
    fail = random.Random(SEED)

    def sometimes_fail(context: Any) -> None:
        if fail.random() < 0.15:
            raise MediaError("Too loud.")

    fake_steps.before["quality"] = sometimes_fail
    get_broker().purge_queue()
    people = [UserFactory() for _ in range(THREADS)]
    artists = [ArtistFactory() for _ in range(ARTISTS)]
    experiment = ExperimentFactory()
    VariantFactory(experiment=experiment)
    VariantFactory(experiment=experiment)
    now = timezone.now() - BEHIND - timedelta(minutes=1)
    for artist in artists:
        for _ in range(RUNS // ARTISTS):
            batches.create_batch(size=1, origin=Batch.Origin.COMMAND, now=now, artist=artist)
    return Crowd(people, artists)


def write_bundle(sheet: Any, contents: Any, folder: Path, **more: Any) -> BundleMarks:
    (folder / "metadata.json").write_text("{}")
    return BundleMarks()


@contextmanager
def thread(crowd: Crowd, work: Callable[[], None]) -> Iterator[None]:
    """Do work beside the block; what it raises is a fault of the crowd's."""

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            crowd.faults.append(error)
        finally:
            connection.close()

    working = threading.Thread(target=guarded)
    working.start()
    try:
        yield
    finally:
        working.join()


def press_all(crowd: Crowd, left: Iterator[int]) -> Callable[[int], Callable[[], None]]:
    lock = threading.Lock()

    def person(number: int) -> Callable[[], None]:
        presser = Presser(
            crowd,
            random.Random(f"{SEED}/{number}"),
            crowd.people[number],
            BEHIND if number == 0 else timedelta(0),
        )

        def work() -> None:
            while not crowd.faults:
                with lock:
                    if next(left, None) is None:
                        return
                presser.press()

        return work

    return person


def again_and_again(crowd: Crowd, task: Callable[[], Any], *, every_s: float) -> Callable[[], None]:
    def work() -> None:
        while not crowd.stop.wait(every_s):
            task()

    return work


def goes_on(crowd: Crowd, press: int) -> bool:
    """So many presses; where a busy machine does less meanwhile, until each verb went through."""
    return press < PRESSES or (press < 5 * PRESSES and not set(VERBS) <= set(crowd.done))


def test_whatever_is_pressed_at_once_adds_up(crowd: Crowd) -> None:
    person = press_all(crowd, takewhile(lambda press: goes_on(crowd, press), count()))
    with (
        thread(crowd, again_and_again(crowd, tasks.pump, every_s=0.02)),
        thread(crowd, again_and_again(crowd, tasks.pump, every_s=0.02)),
        thread(crowd, again_and_again(crowd, tasks.sweep, every_s=0.3)),
    ):
        threads = [thread(crowd, person(number)) for number in range(THREADS)]
        for one in threads:
            one.__enter__()
        for one in threads:
            one.__exit__(None, None, None)
        crowd.stop.set()
    if crowd.faults:
        raise crowd.faults[0]
    reviews.apply_due(now=timezone.now() + timedelta(hours=1))
    while tasks.pump():
        pass

    assert set(VERBS) <= set(crowd.done), crowd.done
    assert lifecycle.rebuild_counters() == 0
    for run in Run.objects.all():
        check_run(run)
    for artist in Artist.objects.all():
        check_artist(artist)
    check_lessons()


def check_run(run: Run) -> None:
    """Its state is one it may be in, and what is stored elsewhere says the same."""
    states = Run.Status
    assert run.status not in (*Run.OPEN,), run
    decisions = list(run.reviews.standing())
    out = Release.objects.filter(tracks__run=run, status=Release.Status.PUBLISHED)
    release = Release.objects.singles_of(run.pk).first()
    assert len(decisions) == (run.status in (*Run.DECIDED, states.RELEASED))
    assert (run.decided_at is not None) == bool(decisions)
    decision = decisions[0].decision if decisions else None
    assert all(review.applied_at for review in decisions)
    if decision:
        assert (decision == "reject") == (run.status == states.REJECTED)
    if run.status in (states.AWAITING_REVIEW, *Run.DECIDED, states.RELEASED):
        assert not run.steps.exclude(status=Step.Status.DONE).exists()
    if run.status == states.CANCELLED:
        assert not decisions
    assert (run.status == states.RELEASED) == out.exists()
    bundles = run.artifacts.current().filter(kind=Artifact.Kind.BUNDLE, name="")
    assert bundles.count() == bool(release and release.bundle_id)
    if release and release.bundle_id and release.status != Release.Status.RECALLED:
        assert (Path(site.MEDIA_ROOT) / release.folder / "metadata.json").is_file()

    counted = Counter(PerformanceEntry.objects.standing().filter(run_id=run.pk).values_list("kind"))
    entries = {kind for (kind,) in counted}
    assert set(counted.values()) <= {1}
    expected = {"approve": Kind.APPROVED, "reject": Kind.REJECTED}.get(decision or "")
    assert entries & {Kind.APPROVED, Kind.REJECTED} == ({expected} if expected else set())
    assert (Kind.RELEASED in entries) == (run.status == states.RELEASED)
    if run.status != states.CANCELLED:
        assert (Kind.FAILED in entries) == (run.status == states.FAILED)

    outcome = {"approve": "approved", "reject": "rejected"}.get(decision or "", "")
    if run.status in (states.FAILED, states.CANCELLED):
        outcome = run.status
    assignments = Assignment.objects.filter(run_id=run.pk)
    assert set(assignments.values_list("outcome", flat=True)) <= {outcome}
    log = list(run.events.order_by("pk").values_list("at", "kind"))
    assert [row for row in log if row[1] in PRESSED] == sorted(
        (row for row in log if row[1] in PRESSED), key=lambda row: row[0]
    )


PRESSED = ("undone", "cancelled", "packaged", "published", "recalled", "corrected", "lifecycle")


def check_artist(artist: Artist) -> None:
    """Each change begins where the one before ended, and all is in the order of the lock."""
    changes = list(StatusChange.objects.filter(artist=artist).order_by("pk"))
    status = Artist.Status.ACTIVE.value
    for change in changes:
        assert change.from_status == status
        status = change.to_status
    assert artist.status == status
    finished = artist.performance.filter(kind__in=[Kind.APPROVED, Kind.REJECTED, Kind.FAILED])
    moments = list(finished.order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments)


def check_lessons() -> None:
    """Lessons rest on the rejections that stand, and on nothing else."""
    rejected = Review.objects.verdicts().filter(decision="reject", run__status="rejected")
    taught = LessonEvidence.objects.standing().values_list("review_id", flat=True)
    assert set(taught) == set(rejected.values_list("pk", flat=True))
    for lesson in Lesson.objects.all():
        strength = lesson.strength
        refresh(lesson)
        assert lesson.strength == strength
