"""A run on its way through steps that ask providers, who are contract servers on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from media_tools.records import to_json
from runs.models import Run, Step
from runs.outputs import LyricsOutput, MasterOutput, MusicOutput, Output
from runs.providers import engines
from runs.steps import NAMES
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.storage import NewArtifact, StepResult, artifact_row, store_file
from tests.contract_servers import media
from tests.contract_servers.base import ContractServer
from tests.factories import CONCEPT, NOON, RunFactory, StepFactory
from tests.outputs import LYRICS, MADE_BY, analysis

Keep = Callable[[Run, StepDefinition[Any], StepResult[Any]], None]


@pytest.fixture(autouse=True)
def small_and_alone(settings, tmp_path: Path) -> None:
    """Small media; folders of the test's own."""
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.COVER_PX = 400
    settings.VIDEO = {"side": 270, "fps": 12, "preset": "ultrafast", "crf": 30}


@pytest.fixture
def new_run(db) -> Callable[..., Run]:
    """A run whose texts, music and sound are there; its master has four seconds."""

    def make(**changes: object) -> Run:
        run = RunFactory(concept=dict(CONCEPT), title=CONCEPT["title"], **changes)
        done(run, LyricsOutput(lyrics=LYRICS))
        done(run, MusicOutput(provider="local"))
        done(run, MasterOutput(analysis=analysis(duration_s=4.0)))
        return run

    return make


@pytest.fixture
def run(new_run) -> Run:
    return new_run()


@pytest.fixture
def context_of(tmp_path: Path) -> Callable[..., StepContext]:
    """A step's context with the configured engines and an empty work folder."""

    def build(run: Run, step: str, after_s: float = 0.0) -> StepContext:
        workdir = tmp_path / f"work-{timezone.now().timestamp()}"
        workdir.mkdir()
        return StepContext(
            run=run,
            step=step,
            workdir=workdir,
            engines=engines.configured(),
            clock=lambda: NOON + timedelta(seconds=after_s),
            report=lambda fraction: None,
            cancelled=lambda: False,
        )

    return build


@pytest.fixture
def keep() -> Keep:
    """What the pipeline does with a step's result."""

    def commit(run: Run, step: StepDefinition[Any], result: StepResult[Any]) -> None:
        for new in result.artifacts:
            artifact_row(run, result.output.step, new, store_file(new.path)).save()
        step.save(run, result)
        done(run, result.output)

    return commit


@pytest.fixture
def add_file(tmp_path: Path) -> Callable[..., None]:
    """Give a run a stored file: add_file(run, kind, bytes, ".wav")."""

    def add(run: Run, kind: str, content: bytes, suffix: str) -> None:
        path = tmp_path / f"given-{kind}{suffix}"
        path.write_bytes(content)
        new = NewArtifact(path=path, kind=kind, media_type="x/y", provenance=MADE_BY)
        artifact_row(run, "test", new, store_file(path)).save()

    return add


@pytest.fixture
def serve() -> Iterator[Callable[[ContractServer], ContractServer]]:
    """Start a contract server for the test."""
    started: list[ContractServer] = []

    def start(server: ContractServer) -> ContractServer:
        started.append(server.start())
        return server

    yield start
    for server in started:
        server.stop()


def done(run: Run, output: Output) -> None:
    """Finish a step with its output."""
    Step.objects.filter(run=run, name=output.step).delete()
    StepFactory(
        run=run,
        name=output.step,
        position=NAMES.index(output.step),
        status=Step.Status.DONE,
        finished_at=NOON,
        output=to_json(output),
    )


def sound(seconds: float = 4.0) -> bytes:
    return media.audio(".wav", duration_s=seconds)
