"""What a step may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from artists import roster
from artists.lessons import lessons_for
from experiments import ranking
from experiments.assignment import mark_exposed, parameters_for
from experiments.models import Experiment, Ranking
from media_tools.errors import MediaInvalid
from media_tools.provenance import Provenance
from media_tools.seeds import derive_seed
from media_tools.taste import Taste
from media_tools.text.base import Concept, Lyrics, Persona, Writer
from media_tools.text.offline import OfflineWriter
from runs.models import Artifact, Run, Step
from runs.outputs import AnOutput, ConceptOutput, LessonGiven, LyricsOutput
from runs.providers.engines import Engines
from runs.providers.ledger import Book
from runs.storage.artifacts import artifact_storage

Parameter = Experiment.Parameter


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

    def output(self, kind: type[AnOutput]) -> AnOutput:
        """What an earlier step left, read once. Raises Unreadable."""
        output: AnOutput | None = self._outputs.get(kind) or self._read(kind)
        assert output is not None, f"the {kind.step} step comes first"
        self._outputs[kind] = output
        return output

    @cached_property
    def _outputs(self) -> dict[type[Any], Any]:
        return {}

    @cached_property
    def _done(self) -> dict[str, Step]:
        """The steps that are finished, by name: one query for all that this step reads."""
        return {step.name: step for step in self.run.steps.filter(status=Step.Status.DONE)}

    def _read(self, kind: type[AnOutput]) -> AnOutput | None:
        """What an earlier step left; None if it is not finished. Raises Unreadable."""
        step = self._done.get(kind.step)
        return step.read(kind) if step else None

    def file(self, kind: str, name: str = "") -> Path:
        """A file an earlier step made. Raises MediaInvalid when it is not there any more."""
        artifact = self.run.artifact(kind, name)
        if artifact is None:
            raise MediaInvalid(kind, f"run {self.run.pk} has no such artifact; retry the run")
        path = self._held(artifact)
        if not path.is_file():
            raise MediaInvalid(
                path, f"the stored file is gone; retry the run from the step {artifact.step}"
            )
        return path

    def optional_file(self, kind: str) -> Path | None:
        """A file an earlier step made; None if there is none."""
        artifact = self.run.artifact(kind)
        path = self._held(artifact) if artifact else None
        return path if path and path.is_file() else None

    def _held(self, artifact: Artifact) -> Path:
        return artifact_storage().hold(str(artifact.file), self.workdir / "inputs")

    def provenance_of(self, kind: str, name: str = "") -> Provenance:
        """Where a file of an earlier step came from. Raises MediaInvalid as file() does."""
        self.file(kind, name)
        artifact = self.run.artifact(kind, name)
        assert artifact is not None
        return Provenance(**artifact.provenance)

    @cached_property
    def _chosen(self) -> ConceptOutput:
        """What the run's concept step chose, or that of the run it replays; empty before that."""
        if chosen := self._read(ConceptOutput):
            return chosen
        replayed = self.run.replay_of
        return (replayed and replayed.output(ConceptOutput)) or ConceptOutput()

    def taste(self, subject: Ranking.Subject) -> Taste:
        """What people preferred when the run began; empty if nothing was known."""
        return self._chosen.tastes.get(subject, Taste())

    @property
    def tastes(self) -> dict[str, Taste]:
        """The tastes the concept step chooses: of the run it replays, else those in use now."""
        return self._chosen.tastes if self.run.replay_of else ranking.tastes_in_use()

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """What experiments, promoted winners and the operator set for this run, by parameter.

        Chosen once, by the concept step: a promotion in the middle of a run changes nothing.
        """
        chosen = self._chosen.parameters
        if chosen is None:
            chosen = parameters_for(run_id=self.run.pk, artist=self.run.artist)
            chosen |= self.run.overrides
        return chosen

    def used(self, *parameters: str) -> None:
        """Note that this step really used the parameters, or left them as they are."""
        for parameter in parameters:
            mark_exposed(run_id=self.run.pk, parameter=parameter, now=self.clock())

    @cached_property
    def writer(self) -> Writer:
        """Who writes the texts; its calls go into the ledger."""
        temperature = self.parameters.get(Parameter.TEMPERATURE, self.run.artist.temperature)
        make = self.engines.writer
        if model := self.parameters.get(Parameter.LLM_MODEL):
            make = self.engines.writer_led_by(model)
        return make(Book(self.run, self.step, self.clock), temperature)

    def note_writer(self) -> None:
        """Note the parameters of the language model that answered, if one did.

        Not when another model or the offline writer stood in: the run then says nothing of them.
        """
        if self.writer.name == OfflineWriter.name:
            return
        self.used(Parameter.TEMPERATURE)
        wanted = self.parameters.get(Parameter.LLM_MODEL)
        if wanted in (None, f"{self.writer.name}:{self.writer.model}"):
            self.used(Parameter.LLM_MODEL)

    @cached_property
    def persona(self) -> Persona:
        """The artist's profile in the version the run uses, as far as nothing else is set."""
        return self.persona_in(self.run.profile_version)

    def persona_in(self, version: int | None) -> Persona:
        """The artist's profile in one of its versions, as far as nothing else is set."""
        profile = self.run.artist.history.filter(history_id=version).first()
        persona = roster.persona_of(profile or self.run.artist)
        if tempo := self.parameters.get(Parameter.TEMPO_RANGE):
            persona = replace(persona, tempo_min_bpm=tempo[0], tempo_max_bpm=tempo[1])
        if look := self.parameters.get(Parameter.VISUAL_STYLE):
            persona = replace(persona, visual_style=look)
        return persona

    @property
    def concept(self) -> Concept:
        assert self.run.concept is not None, "the concept step comes first"
        return Concept.from_json(self.run.concept)

    @property
    def lyrics(self) -> Lyrics:
        return self.output(LyricsOutput).lyrics

    @cached_property
    def lessons_given(self) -> tuple[LessonGiven, ...]:
        """The lessons of the whole run, strongest first.

        Chosen once, by the concept step: what is learnt in the middle of a run waits for the next.
        """
        given = self._chosen.lessons
        if given is None:
            choice = lessons_for(self.run.artist, now=self.clock())
            given = tuple(LessonGiven(id=lesson.pk, text=lesson.text) for lesson in choice.given)
        return given

    def lessons(self) -> tuple[str, ...]:
        """The lessons' words, for the writer's briefs."""
        return tuple(lesson.text for lesson in self.lessons_given)
