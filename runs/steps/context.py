"""What a step may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from artists import roster
from artists.models import Lesson
from media_tools.errors import MediaInvalid
from media_tools.seeds import derive_seed
from media_tools.text.base import Concept, Lyrics, Persona, Writer
from runs.engines import Engines
from runs.ledger import Book
from runs.models import Run


@dataclass(frozen=True)
class StepContext:
    """One step's view of its run.

    workdir: empty folder of this attempt, removed afterwards. report: progress from 0 to 1.
    cancelled: true when the worker should stop; long work asks it.
    """

    run: Run
    step: str
    workdir: Path
    engines: Engines
    clock: Callable[[], datetime]
    report: Callable[[float], None]
    cancelled: Callable[[], bool]

    def seed(self, purpose: str) -> int:
        """An independent seed for one purpose in this take of the run."""
        return derive_seed(self.run.seed, self.run.take, purpose)

    def output_of(self, step: str) -> dict[str, Any]:
        """Output of an earlier step."""
        return self.run.step_output(step)

    def file(self, kind: str, name: str = "") -> Path:
        """A file an earlier step made. Raises MediaInvalid when it is not there any more."""
        artifact = self.run.artifact(kind, name)
        if artifact is None:
            raise MediaInvalid(kind, f"run {self.run.pk} has no such artifact; retry the run")
        if not artifact.path.is_file():
            raise MediaInvalid(
                artifact.path,
                f"the stored file is gone; retry the run from the step {artifact.step}",
            )
        return artifact.path

    @cached_property
    def writer(self) -> Writer:
        """Who writes the texts; its calls go into the ledger."""
        artist = self.run.artist
        return self.engines.writer(Book(self.run, self.step, self.clock), artist.temperature)

    @property
    def persona(self) -> Persona:
        """The artist's profile in the version the run uses."""
        version = self.run.profile_version
        profile = self.run.artist.history.filter(history_id=version).first()
        return roster.persona_of(profile or self.run.artist)

    @property
    def concept(self) -> Concept:
        assert self.run.concept is not None, "the concept step comes first"
        return Concept.from_json(self.run.concept)

    @property
    def lyrics(self) -> Lyrics:
        return Lyrics.from_json(self.output_of("lyrics")["lyrics"])

    def lessons(self) -> tuple[str, ...]:
        """Lessons in force for the artist, strongest first."""
        in_force = Lesson.objects.in_force(artist=self.run.artist, now=self.clock())
        return tuple(in_force.values_list("text", flat=True)[:12])
