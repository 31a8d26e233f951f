"""Steps that take no time, so that tests of the pipeline are about the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from runs.models import Artifact, Run
from runs.outputs import Output
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.storage import NewArtifact, StepResult
from runs.work import pipeline
from runs.work.claims import Claim, claim_run
from tests.factories import CONCEPT, NOON, RunFactory
from tests.outputs import MADE_BY, OUTPUTS
from tests.runs.releasable import approve_run, approved_run

__all__ = ["approve_run", "approved_run"]  # fixtures of every file

FILES = {
    "lyrics": [(Artifact.Kind.LYRICS, "lyrics.txt", "text/plain")],
    "music": [(Artifact.Kind.MIX, "mix.wav", "audio/wav")],
    "master": [
        (Artifact.Kind.MASTER, "master.wav", "audio/wav"),
        (Artifact.Kind.TIMED_LYRICS, "lyrics.lrc", "text/plain"),
    ],
    "cover": [(Artifact.Kind.COVER, "cover.jpg", "image/jpeg")],
    "video": [(Artifact.Kind.VIDEO, "video.mp4", "video/mp4")],
}


@dataclass
class FakeSteps:
    """Instant steps. done: their names in the order they ran. before: called at a step's start.

    takes: of the run when each step was done last. others: steps that are not instant.
    """

    done: list[str] = field(default_factory=list)
    takes: dict[str, int] = field(default_factory=dict)
    others: dict[str, StepDefinition[Any]] = field(default_factory=dict)
    before: dict[str, Callable[[StepContext], None]] = field(default_factory=dict)

    def named(self, name: str) -> StepDefinition[Any]:
        def perform(context: StepContext) -> StepResult[Output]:
            if name in self.before:
                self.before[name](context)
            self.done.append(name)
            self.takes[name] = context.run.take
            artifacts = []
            for kind, filename, media_type in FILES.get(name, []):
                path = context.workdir / filename
                path.write_text(f"{kind} of {context.run.pk} take {context.run.take}")
                artifacts.append(NewArtifact(path, kind, media_type, MADE_BY))
            fields = (
                {"concept": dict(CONCEPT), "title": CONCEPT["title"]} if name == "concept" else {}
            )
            return StepResult(OUTPUTS[name], fields=fields, artifacts=tuple(artifacts))

        return self.others.get(name) or StepDefinition(perform)


@pytest.fixture
def fake_steps(monkeypatch: pytest.MonkeyPatch) -> FakeSteps:
    """Replace every step by an instant one."""
    steps = FakeSteps()
    monkeypatch.setattr(pipeline, "step_named", steps.named)
    return steps


@pytest.fixture
def queued_run(db) -> Run:
    """A run with its steps, due at noon."""
    run = RunFactory()
    pipeline.create_steps([run])
    return run


@pytest.fixture
def work() -> Callable[..., Claim]:
    """Claim a run and do its steps at a given time, by fake engines."""

    def do(run: Run, now: datetime = NOON) -> Claim:
        claim = claim_run(run.pk, now=now)
        assert claim is not None, "the run was not due"
        pipeline.perform_steps(claim, SimpleNamespace(), clock=lambda: now)
        return claim

    return do
