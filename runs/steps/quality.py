"""The last gate before a person: everything that was found, in one list."""

from __future__ import annotations

from datetime import datetime

from media_tools.findings import Finding, Severity, failures
from media_tools.music.brief import brief_findings
from media_tools.text.checks import repeated_share
from media_tools.text.lesson_checks import Judgement, Song, judge
from media_tools.video.gates import video_findings
from runs.errors import GateFailed
from runs.models import Artifact, LessonUse, Run, Step
from runs.outputs import (
    CHECKED,
    LessonOutcome,
    MasterOutput,
    MusicOutput,
    QualityOutput,
)
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.steps.visuals import video_spec
from runs.storage import StepResult

# So many songs from before a lesson tell what was usual.
EARLIER_SONGS = 20

OUTCOMES = {
    True: LessonUse.Outcome.OBEYED,
    False: LessonUse.Outcome.BROKEN,
    None: LessonUse.Outcome.UNMEASURED,
}


def perform(context: StepContext) -> StepResult[QualityOutput]:
    spec = video_spec()
    findings = video_findings(
        context.file(Artifact.Kind.VIDEO),
        audio_duration_s=context.output(MasterOutput).analysis.duration_s,
        size=(spec.width, spec.height),
    )
    if failed := failures(findings):
        raise GateFailed(failed, redo_from="visuals")
    figures = figures_of(context)
    judged = judge_lessons(context, figures)
    earlier = [finding for kind in CHECKED for finding in context.output(kind).findings]
    ignored = [broken(use, result) for use, result in judged if result.obeyed is False]
    music = context.output(MusicOutput)
    briefed = brief_findings(music.brief, music.breaches, music.unheard, vocals=music.vocals)
    return StepResult(
        output=QualityOutput(
            findings=(*earlier, *findings, *briefed, *ignored),
            figures=figures,
            lessons=tuple(
                LessonOutcome(use.position, OUTCOMES[result.obeyed], result.measured[:200])
                for use, result in judged
            ),
        )
    )


def figures_of(context: StepContext) -> dict[str, float | None]:
    """What lessons are measured by; kept, so that later runs can be compared with this one."""
    analysis = context.output(MasterOutput).analysis
    return {
        "tempo_bpm": context.output(MusicOutput).tempo_bpm or analysis.tempo_bpm,
        "duration_s": analysis.duration_s,
        "centroid_hz": analysis.spectral_centroid_hz,
        "high_share": analysis.high_share,
        "crest_db": analysis.crest_db,
        "repeated_share": round(repeated_share(context.lyrics), 4),
    }


def judge_lessons(
    context: StepContext, figures: dict[str, float | None]
) -> list[tuple[LessonUse, Judgement]]:
    """Compare the song with each lesson the run was given."""
    concept = context.concept
    song = Song(
        title=concept.title,
        key=context.output(MusicOutput).key or concept.key,
        lyrics=context.lyrics,
        figures=figures,
    )
    return [
        (use, judge(use.text, song, earlier_figures(context.run, came_up(use, context.run))))
        for use in context.run.lesson_uses.select_related("lesson")
    ]


def came_up(use: LessonUse, run: Run) -> datetime:
    """The time from which on songs may have followed the lesson."""
    return use.lesson.created_at if use.lesson else run.created_at


def earlier_figures(run: Run, before: datetime) -> list[dict[str, float | None]]:
    """Figures of the artist's last songs from before a time, without this run's."""
    steps = Step.objects.filter(
        run__artist=run.artist_id,
        run__created_at__lt=before,
        name="quality",
        status=Step.Status.DONE,
    ).exclude(run=run)
    newest = steps.order_by("-run__created_at").values_list("output__figures", flat=True)
    return [figures for figures in newest[:EARLIER_SONGS] if figures]


def broken(use: LessonUse, result: Judgement) -> Finding:
    """A warning, not a failure: whether the song is good is the reviewer's question."""
    message = f"Lesson not followed: “{use.text}”. {result.measured}"
    return Finding("lesson_broken", Severity.WARN, message, retryable=False)


def save(run: Run, result: StepResult[QualityOutput]) -> None:
    """Keep on each lesson the run was given what became of it."""
    for lesson in result.output.lessons:
        run.lesson_uses.filter(position=lesson.position).update(
            outcome=lesson.outcome, measured=lesson.measured
        )


STEP = StepDefinition(perform, save)
