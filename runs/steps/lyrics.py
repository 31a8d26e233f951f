"""Write the words."""

from __future__ import annotations

from dataclasses import asdict

from experiments.models import Experiment, Ranking
from media_tools.findings import failures
from media_tools.provenance import Provenance
from media_tools.text.base import LyricsBrief
from media_tools.text.checks import concept_findings, lyric_findings
from media_tools.text.offline import OfflineWriter
from media_tools.text.shingles import repeat_findings, shingles
from media_tools.text.song_measures import measure_song
from runs.errors import GateFailed
from runs.models import Artifact, Run
from runs.outputs import LyricsOutput
from runs.steps import wording
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.storage import NewArtifact, StepResult

Parameter = Experiment.Parameter


def perform(context: StepContext) -> StepResult[LyricsOutput]:
    writer = context.writer
    brief = LyricsBrief(
        concept=context.concept,
        persona=context.persona,
        lessons=context.lessons(),
        seed=context.seed("lyrics"),
        form=tuple(context.parameters.get(Parameter.LYRIC_FORM, ())),
        used=wording.used_words(context.run),
        taste=context.taste(Ranking.Subject.WORDS),
    )
    lyrics = writer.lyrics(brief)
    said = shingles(lyrics)
    findings = [
        *concept_findings(context.concept),
        *lyric_findings(lyrics),
        *repeat_findings(said, wording.alike(context.run, said)),
        *wording.title_findings(context.run),
    ]
    if failed := failures(findings):
        raise GateFailed(failed, redo_from="lyrics")
    if not brief.form or lyrics.form == brief.form:
        context.used(Parameter.LYRIC_FORM)
    context.note_writer()
    is_offline = writer.name == OfflineWriter.name
    path = context.workdir / "lyrics.txt"
    path.write_text(lyrics.as_text(), encoding="utf-8")
    return StepResult(
        output=LyricsOutput(
            lyrics=lyrics,
            lines=lyrics.line_count,
            findings=tuple(findings),
            writer=writer.model,
            measures=asdict(measure_song(lyrics)) if is_offline else {},
        ),
        artifacts=(
            NewArtifact(
                path=path,
                kind=Artifact.Kind.LYRICS,
                media_type="text/plain",
                provenance=Provenance(
                    provider=writer.name,
                    model=writer.model,
                    licence="operator",
                    generator="algorithm" if is_offline else "ai",
                    prompt=brief.concept.theme,
                    seed=brief.seed,
                ),
            ),
        ),
    )


def save(run: Run, result: StepResult[LyricsOutput]) -> None:
    """Remember the words for the comparison with later songs."""
    wording.remember(run, result.output.lyrics)


STEP = StepDefinition(perform, save)
