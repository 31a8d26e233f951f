"""What the desk's benchmark does inside its scratch project.

Each function runs in a process of its own, with arguments and answers as JSON.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from artists.models import Artist, PerformanceEntry
from artists.starter_roster import seed_roster
from media_tools.audio.figures import AudioAnalysis
from media_tools.music.base import Section
from media_tools.provenance import Provenance
from media_tools.records import to_json
from media_tools.text.base import Lyrics, LyricsSection
from runs.models import Artifact, Batch, Review, Run, Step
from runs.outputs import LyricsOutput, MasterOutput, MusicOutput, Output, QualityOutput
from runs.reviewing import reviews
from runs.storage import NewArtifact, artifact_row, store_file

MEDIA_TYPES = {"mp3": "audio/mpeg", "video": "video/mp4", "cover": "image/jpeg"}
BOOKKEEPING = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
FIGURES: dict[str, Any] = {figure.name: 0 for figure in fields(AudioAnalysis)}
OUTPUTS: tuple[Output, ...] = (
    LyricsOutput(lyrics=Lyrics((LyricsSection("verse", ("A line", "Another") * 8),))),
    MusicOutput(sections=(Section("intro", 0.0, 4.0), Section("chorus", 4.0, 8.0))),
    MasterOutput(
        analysis=AudioAnalysis(**FIGURES | {"silences": ()}),
        peaks=tuple((37 * n % 100) / 100 for n in range(1200)),
    ),
    QualityOutput(findings=()),
)


def populate(count: int, reviewers: int, media: dict[str, str]) -> None:
    """Create runs that await review, and reviewers. media: files by kind; may be empty."""
    now = timezone.now()
    seed_roster(now=now)
    artists = list(Artist.objects.all())
    for number in range(reviewers):
        User.objects.create_superuser(f"reviewer{number}", password="benchmark")  # noqa: S106
    batch = Batch.objects.create(origin="command", size=count, seed=1)
    runs = [
        Run(
            batch=batch,
            artist=artists[n % len(artists)],
            seed=n,
            status=Run.Status.AWAITING_REVIEW,
            concept={"theme": "night"},
            title=f"Track {n}",
            duration_s=8.0,
            finished_at=now - timedelta(seconds=count - n),
        )
        for n in range(count)
    ]
    Run.objects.bulk_create(runs, batch_size=1000)
    Step.objects.bulk_create(
        (
            Step(
                run=run,
                name=output.step,
                position=position,
                status=Step.Status.DONE,
                output=to_json(output),
                finished_at=now,
            )
            for run in runs
            for position, output in enumerate(OUTPUTS)
        ),
        batch_size=2000,
    )
    stored = {kind: store_file(Path(path)) for kind, path in media.items()}
    made_by = Provenance(provider="local", model="benchmark", licence="CC0-1.0")
    Artifact.objects.bulk_create(
        artifact_row(
            run, kind, NewArtifact(Path(path), kind, MEDIA_TYPES[kind], made_by), stored[kind]
        )
        for run in runs
        for kind, path in media.items()
    )


def browser_of(number: int) -> Client:
    """Return a client signed in as a reviewer."""
    # A fault of the server becomes an answer with status 500, as the desk's page sees it.
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)
    client.force_login(User.objects.get(username=f"reviewer{number}"))
    return client


def session(number: int) -> str:
    """Return the cookie of a signed-in reviewer."""
    return browser_of(number).cookies["sessionid"].value


def open_desk(times: int) -> dict[str, Any]:
    """Make the two requests that open the desk, each time by a reviewer who holds nothing.

    Returns {seconds: of each opening, queries: of the last one, both requests together}; the first
    one counts anew what the bell tells.
    """
    client, page, following = browser_of(0), reverse("admin:desk"), reverse("admin:desk_next")
    seconds: list[float] = []
    asked: list[Any] = []
    for _ in range(times):
        Run.objects.exclude(review_until=None).update(review_until=None, reviewed_by=None)
        started = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            replies = (
                client.get(page),
                client.post(following, '{"want": 4}', "application/json"),
            )
        seconds.append(time.perf_counter() - started)
        for reply, address in zip(replies, (page, following), strict=True):
            expect(reply.status_code == 200, f"{address} answered {reply.status_code}")
        asked = [query for query in captured if query["sql"].split()[0] not in BOOKKEEPING]
    return {"seconds": seconds, "queries": len(asked)}


def judge(number: int, wanted: int, failing: float) -> dict[str, Any]:
    """Act as one reviewer on a bad line, who sends every decision again until it is answered.

    failing: share of requests that fail, a third each: the server fails before its work, the answer
    is lost, the request comes twice. Returns {seconds, shown, decided: ids of runs}.
    """
    rng = random.Random(number)
    client = browser_of(number)

    def ask(name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask until the server answers."""
        while True:
            address = reverse(f"admin:desk_{name}")
            reply = client.post(address, json.dumps(body), "application/json")
            if reply.status_code < 500:
                break
        expect(reply.status_code == 200, f"{name} answered {reply.status_code}")
        answer: dict[str, Any] = reply.json()
        return answer

    def surely(name: str, body: dict[str, Any]) -> None:
        while True:
            chance = rng.random()
            if chance < failing / 3:
                continue
            key = ask(name, body)["verdict"]["key"]
            if chance < 2 * failing / 3:
                continue
            if chance < failing:
                expect(ask(name, body)["verdict"]["key"] == key, "a repetition was another one")
            return

    shown: list[str] = []
    decided: list[str] = []
    started = time.perf_counter()
    while len(decided) < wanted:
        items = ask("next", {"want": 4})["items"]
        shown += [item["id"] for item in items]
        for item in items[: wanted - len(decided)]:
            approve = rng.random() < 0.5
            surely(
                "decide",
                {
                    "key": str(uuid4()),
                    "run": item["id"],
                    "content_hash": item["content_hash"],
                    "decision": "approve" if approve else "reject",
                    "reasons": [] if approve else ["weak_hook"],
                    "comment": "",
                },
            )
            decided.append(item["id"])
    return {"seconds": time.perf_counter() - started, "shown": shown, "decided": decided}


def count() -> dict[str, int]:
    """Apply all due decisions, then return {standing: decisions, entries: in the history}."""
    while reviews.apply_due(now=timezone.now() + timedelta(minutes=5)):
        pass
    return {
        "standing": Review.objects.standing().count(),
        "entries": PerformanceEntry.objects.count(),
    }


def expect(holds: bool, otherwise: str) -> None:
    """Raise RuntimeError, which ends the benchmark, because its figures would mean nothing."""
    if not holds:
        raise RuntimeError(otherwise)
