"""Benchmark of every page of the panel at 2,000 runs: server time, queries, size."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone
from django_q.models import Task
from simple_history.utils import bulk_create_with_history

from ai_artist.benchmarks.measuring import Result, call_function, scratch_project
from artists.models import Artist, Lesson, PerformanceEntry, StatusChange
from artists.starter_roster import seed_roster
from experiments.models import Assignment
from media_tools.records import to_json
from runs.models import (
    Artifact,
    Batch,
    Proposal,
    ProviderCall,
    Reflection,
    Release,
    Review,
    Run,
    RunEvent,
    Step,
    Track,
)
from tests.addresses import addresses
from tests.factories import CONCEPT, ExperimentFactory, VariantFactory
from tests.outputs import OUTPUTS
from trends.models import Observation, Topic, TrendSource

RUNS = 2_000
ROUNDS = 6
LESSONS = 130
TOPICS = 60
DAYS = 30
# In the order of a catalogue: of every ten runs.
STATUSES = (
    *(Run.Status.APPROVED, Run.Status.REJECTED, Run.Status.RELEASED, Run.Status.APPROVED),
    *(Run.Status.REJECTED, Run.Status.FAILED, Run.Status.AWAITING_REVIEW, Run.Status.RELEASED),
    *(Run.Status.REJECTED, Run.Status.CANCELLED),
)
ENDED = (Run.Status.APPROVED, Run.Status.REJECTED, Run.Status.RELEASED, Run.Status.AWAITING_REVIEW)
JUDGED = (Run.Status.APPROVED, Run.Status.REJECTED, Run.Status.RELEASED)
OPENINGS = ("Quiet", "Paper", "Glass", "Neon", "Copper", "Winter", "Salt", "Amber", "Hollow", "Low")
NOUNS = ("Rivers", "Lanterns", "Avenue", "Harbour", "Mirrors", "Meadow", "Signal", "Static", "Tide")
FILES = (
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("cover", "image/jpeg"),
    ("thumbnail", "image/jpeg"),
    ("video", "video/mp4"),
    ("lyrics", "text/plain"),
)


@dataclass(frozen=True)
class Page:
    """What one page took: the best of the rounds, in milliseconds of wall and of CPU."""

    name: str
    ms: float
    cpu_ms: float
    queries: int
    kb: float


def pages() -> Result:
    """Print a line a page, the slowest first; the figures are the worst of each kind."""
    with scratch_project() as environment:
        rows = call_function("tests.benchmarks.pages", "measured", RUNS, environment=environment)
    pages_shown = [Page(*row) for row in rows]
    for page in sorted(pages_shown, key=lambda page: -page.cpu_ms):
        print(
            f"{page.cpu_ms:7.0f} ms CPU {page.ms:7.0f} ms {page.queries:4d} queries "
            f"{page.kb:6.0f} kB  {page.name}"
        )
    return Result(
        "pages",
        {
            "runs": RUNS,
            "pages": len(pages_shown),
            "slowest_cpu_ms": max(page.cpu_ms for page in pages_shown),
            "most_queries": max(page.queries for page in pages_shown),
            "largest_kb": max(page.kb for page in pages_shown),
        },
    )


def measured(runs: int) -> list[tuple[Any, ...]]:
    """Fill the database and open every page."""
    populate(runs)
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    with override_settings(ALLOWED_HOSTS=["testserver"], DEBUG=False):
        return [
            (page.name, page.ms, page.cpu_ms, page.queries, page.kb)
            for name, address in page_addresses()
            if (page := opened(client, name, address))
        ]


def opened(client: Client, name: str, address: str, rounds: int = ROUNDS) -> Page | None:
    """Open a page, and measure it unless it is no page; the first opening warms caches."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    # The log is emptied by the next request.
    queries = len(captured)
    html = answer.get("Content-Type", "").startswith("text/html")
    if answer.status_code != 200 or answer.streaming or not html:
        return None
    times = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        client.get(address)
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return Page(
        name,
        1000 * min((wall for wall, _ in times), default=0),
        1000 * min((cpu for _, cpu in times), default=0),
        queries,
        len(answer.content) / 1000,
    )


def page_addresses() -> Iterator[tuple[str, str]]:
    """Each page once, lists also searched."""
    yield "dashboard", reverse("admin:index")
    yield "palette", f"{reverse('admin:search')}?s=quiet+paper&extended=1"
    for address in addresses():
        yield address.name.removeprefix("admin:"), address.url
        if address.name.endswith("_changelist"):
            yield f"{address.name.removeprefix('admin:')} search", f"{address.url}?q=quiet"


# --- Rows ---


def populate(count: int) -> None:
    """Runs over the starter roster with all that pages show of them, one an hour up to now."""
    now = timezone.now()
    seed_roster(now=now)
    artists = list(Artist.objects.all())
    batch = Batch.objects.create(origin="command", size=count, seed=1)
    with transaction.atomic():
        runs = Run.objects.bulk_create(
            new_run(batch, artists[number % len(artists)], number, count, now)
            for number in range(count)
        )
        finished = [run for run in runs if run.status in ENDED]
        Step.objects.bulk_create(step for run in runs for step in steps_of(run))
        Artifact.objects.bulk_create(file for run in finished for file in files_of(run))
        ProviderCall.objects.bulk_create(call for run in runs for call in calls_of(run))
        RunEvent.objects.bulk_create(
            RunEvent(run=run, kind="queued", message="Queued.", at=run.created_at) for run in runs
        )
        judge([run for run in runs if run.status in JUDGED])
        reflect(finished)
        release([run for run in runs if run.status == Run.Status.RELEASED])
        observe(artists)
        experiment([run for run in runs if run.status in JUDGED])
        batches_and_tasks(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def new_run(batch: Batch, artist: Artist, number: int, count: int, now: Any) -> Run:
    status = STATUSES[number % len(STATUSES)]
    at = now - timedelta(minutes=20 * (count - number))
    failed = status == Run.Status.FAILED
    return Run(
        batch=batch,
        artist=artist,
        seed=number,
        status=status,
        concept=CONCEPT,
        title=f"{OPENINGS[number % len(OPENINGS)]} {NOUNS[number % len(NOUNS)]} {number}",
        duration_s=81.21,
        lufs=-14.02,
        tempo_bpm=104.0,
        cost_usd="0.1104",
        error="music: suno: no answer" if failed else "",
        failure_kind=Run.FailureKind.PROVIDER_DOWN if failed else "",
        failure_subject="suno" if failed else "",
        created_at=at,
        finished_at=at + timedelta(minutes=4),
        decided_at=at + timedelta(minutes=9),
    )


def steps_of(run: Run) -> Iterator[Step]:
    for position, (name, output) in enumerate(OUTPUTS.items()):
        yield Step(
            run=run,
            name=name,
            position=position,
            status=Step.Status.DONE,
            output=to_json(output),
            started_at=run.created_at,
            finished_at=run.finished_at,
        )


def files_of(run: Run) -> Iterator[Artifact]:
    for number, (kind, media_type) in enumerate(FILES):
        yield Artifact(
            run=run,
            step="master",
            kind=kind,
            file=f"artifacts/{kind}",
            sha256=f"{run.pk.int:062x}{number:02x}",
            media_type=media_type,
            bytes=21_482_528,
            duration_s=81.21 if media_type[:5] in ("audio", "video") else None,
            provenance={"provider": "local", "model": "test-1", "licence": "CC0-1.0"},
            created_at=run.finished_at,
        )


def calls_of(run: Run) -> Iterator[ProviderCall]:
    for provider, purpose in (("openai", "concept"), ("suno", "music")):
        yield ProviderCall(
            run=run,
            purpose=purpose,
            provider=provider,
            model="test-1",
            idempotency_key=f"{run.pk}:{purpose}",
            status=ProviderCall.Status.SUCCEEDED,
            units=81.21,
            unit_name="s",
            cost_usd="0.055218",
            committed_usd="0.055218",
            latency_ms=11_320,
            created_at=run.created_at,
        )


def judge(runs: list[Run]) -> None:
    """What decisions leave: verdicts, performance, status changes now and then."""
    good = [run.status != Run.Status.REJECTED for run in runs]
    Review.objects.bulk_create(
        Review(
            run=run,
            decision="approve" if approved else "reject",
            reasons=[] if approved else ["weak_hook", "too_similar"],
            comment="" if approved else "The chorus never arrives.",
            active_seconds=67.12,
            content_hash="0" * 64,
            at=run.decided_at,
            effective_at=run.decided_at,
            applied_at=run.decided_at,
        )
        for run, approved in zip(runs, good, strict=True)
    )
    PerformanceEntry.objects.bulk_create(
        PerformanceEntry(
            artist=run.artist,
            run_id=run.pk,
            kind="approved" if approved else "rejected",
            at=run.decided_at,
        )
        for run, approved in zip(runs, good, strict=True)
    )
    PerformanceEntry.objects.bulk_create(
        PerformanceEntry(
            artist=run.artist,
            run_id=run.pk,
            kind="audience",
            metric="plays",
            value=446.0,
            series="channel",
            at=run.decided_at,
        )
        for run in runs
    )
    StatusChange.objects.bulk_create(
        StatusChange(
            artist=run.artist,
            from_status="candidate",
            to_status="active",
            rule="promoted",
            reason="First good evaluation",
            figures={"approval_rate": 0.5, "reviewed": 10},
            at=run.decided_at,
        )
        for run in runs[::20]
    )


def reflect(runs: list[Run]) -> None:
    notes = Reflection.objects.bulk_create(
        Reflection(
            run=run,
            text="The chorus carries the idea; the verses could move more.",
            alignment=0.82,
            strengths=["A hook that stays"],
            problems=["Verses circle one image"],
            model="offline-writer",
        )
        for run in runs
    )
    Proposal.objects.bulk_create(
        Proposal(
            reflection=note,
            kind=Proposal.Kind.CHANGE,
            field="style_notes",
            old="Analogue pads.",
            new="Analogue pads, brighter drums.",
            why="The mix was dark.",
        )
        for note in notes[::4]
    )


def release(runs: list[Run]) -> None:
    singles = Release.objects.bulk_create(
        Release(artist=run.artist, title=run.title, created_at=run.decided_at) for run in runs
    )
    Track.objects.bulk_create(
        Track(release=single, run=run, title=run.title)
        for single, run in zip(singles, runs, strict=True)
    )


def observe(artists: list[Artist]) -> None:
    now = timezone.now()
    source = TrendSource.objects.create(name="charts")
    topics = Topic.objects.bulk_create(
        Topic(name=f"paper topic {number}", score=number / TOPICS, scored_at=now)
        for number in range(TOPICS)
    )
    Observation.objects.bulk_create(
        Observation(
            source=source,
            topic=topic,
            observed_at=now - timedelta(days=day),
            volume=100 + 7 * day,
        )
        for topic in topics
        for day in range(DAYS)
    )
    lessons = [
        Lesson(
            artist=artists[number % len(artists)],
            text=f"Let the chorus arrive before second {number}, without the drums",
            key=f"chorus {number}",
            status=("proposed", "accepted", "dismissed")[number % 3],
        )
        for number in range(LESSONS)
    ]
    bulk_create_with_history(lessons, Lesson)


def experiment(runs: list[Run]) -> None:
    trial = ExperimentFactory()
    arms = [VariantFactory(experiment=trial, is_control=first) for first in (True, False)]
    places: dict[int, int] = {}
    rows = []
    for run in runs:
        place = places.setdefault(run.artist_id, 0)
        places[run.artist_id] = place + 1
        rows.append(
            Assignment(
                experiment=trial,
                variant=arms[place % 2],
                artist=run.artist,
                run_id=run.pk,
                position=place,
                block=place // 2,
                probability=0.5,
                exposed_at=run.created_at,
                outcome="rejected" if run.status == Run.Status.REJECTED else "approved",
                outcome_at=run.decided_at,
            )
        )
    Assignment.objects.bulk_create(rows)


def batches_and_tasks(count: int) -> None:
    now = timezone.now()
    Batch.objects.bulk_create(
        Batch(origin="schedule", size=4, seed=number) for number in range(count // 8)
    )
    Task.objects.bulk_create(
        Task(
            id=f"{number:032x}",
            name=f"july-mirror-queen-{number}",
            func="runs.tasks.sweep",
            started=now,
            stopped=now,
            success=number % 9 != 0,
            result={"requeued": number},
        )
        for number in range(count)
    )
