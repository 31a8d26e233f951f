"""Steps that take no time, so that tests of the pipeline are about the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from media_tools.provenance import Provenance
from runs import pipeline
from runs.claims import Claim, take
from runs.models import Artifact, Run
from runs.steps.context import StepContext
from runs.storage import NewArtifact, StepResult
from tests.factories import CONCEPT, NOON, RunFactory

MADE_BY = Provenance(provider="local", model="test", licence="CC0-1.0")
FILES = {
    "lyrics": [(Artifact.Kind.LYRICS, "lyrics.txt", "text/plain")],
    "music": [(Artifact.Kind.MIX, "mix.wav", "audio/wav")],
    "master": [
        (Artifact.Kind.WAV, "master.wav", "audio/wav"),
        (Artifact.Kind.TIMED_LYRICS, "lyrics.lrc", "text/plain"),
    ],
    "cover": [(Artifact.Kind.COVER, "cover.jpg", "image/jpeg")],
    "video": [(Artifact.Kind.VIDEO, "video.mp4", "video/mp4")],
}


@dataclass
class FakeSteps:
    """Instant steps. done: their names in the order they ran. before: called at a step's start.

    outputs: what a step gives besides, by its name.
    """

    done: list[str] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: dict[str, Callable[[StepContext], None]] = field(default_factory=dict)

    def module(self, name: str) -> SimpleNamespace:
        def perform(context: StepContext) -> StepResult:
            if name in self.before:
                self.before[name](context)
            self.done.append(name)
            artifacts = []
            for kind, filename, media_type in FILES.get(name, []):
                path = context.workdir / filename
                path.write_text(f"{kind} of {context.run.pk} take {context.run.take}")
                artifacts.append(NewArtifact(path, kind, media_type, MADE_BY))
            fields = (
                {"concept": dict(CONCEPT), "title": CONCEPT["title"]} if name == "concept" else {}
            )
            return StepResult(
                output={"by": name, "take": context.run.take, **self.outputs.get(name, {})},
                fields=fields,
                artifacts=tuple(artifacts),
            )

        return SimpleNamespace(perform=perform)


@pytest.fixture
def fake_steps(monkeypatch: pytest.MonkeyPatch) -> FakeSteps:
    """Replace every step by an instant one."""
    steps = FakeSteps()
    for name in list(pipeline.ORDER):
        monkeypatch.setitem(pipeline.ORDER, name, steps.module(name))
    return steps


@pytest.fixture
def queued_run(db) -> Run:
    """A run with its steps, due at noon."""
    run = RunFactory()
    pipeline.create_steps(run)
    return run


@pytest.fixture
def work() -> Callable[..., Claim]:
    """Claim a run and do its steps at a given time, by fake engines."""

    def do(run: Run, now: datetime = NOON) -> Claim:
        claim = take(run.pk, now=now)
        assert claim is not None, "the run was not due"
        pipeline.perform_steps(claim, SimpleNamespace(), clock=lambda: now)
        return claim

    return do
