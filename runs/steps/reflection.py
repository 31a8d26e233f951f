"""Let the writer think about what came out, in the light of measured facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from experiments.models import Experiment
from media_tools.foreign import label
from media_tools.text.base import ReflectionBrief, ReflectionNotes
from media_tools.text.lessons import same_key
from runs.models import Proposal, Reflection, Review, Run
from runs.outputs import (
    CoverOutput,
    LyricsOutput,
    MasterOutput,
    MusicOutput,
    QualityOutput,
    ReflectionOutput,
    VideoOutput,
)
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.storage import StepResult

Parameter = Experiment.Parameter

RECENT_DECISIONS = 10
MODEL_LENGTH = 80  # as Reflection.model


def perform(context: StepContext) -> StepResult[ReflectionOutput]:
    writer = context.writer
    brief = ReflectionBrief(
        concept=context.concept,
        persona=context.persona,
        lyrics=context.lyrics,
        facts=facts(context),
        findings=tuple(finding.message for finding in context.output(QualityOutput).findings),
        recent_decisions=recent_decisions(context.run),
        lessons=context.lessons(),
        seed=context.seed("reflection"),
    )
    notes = writer.reflection(brief)
    foreign = set_by_experiment(context)
    changes = tuple(change for change in notes.proposed_changes if change.field not in foreign)
    return StepResult(
        output=ReflectionOutput(
            notes=replace(notes, proposed_changes=changes),
            model=label(writer.model, longest=MODEL_LENGTH),
        )
    )


def set_by_experiment(context: StepContext) -> set[str]:
    """Fields the run did not take from the profile, so that it says nothing about them."""
    fields = set()
    if Parameter.TEMPO_RANGE in context.parameters:
        fields |= {"tempo_min_bpm", "tempo_max_bpm"}
    if Parameter.VISUAL_STYLE in context.parameters:
        fields.add("visual_style")
    return fields


def facts(context: StepContext) -> dict[str, Any]:
    """Measured figures by name, the unit in the name."""
    analysis, music = context.output(MasterOutput).analysis, context.output(MusicOutput)
    return {
        "duration_s": analysis.duration_s,
        "crest_db": analysis.crest_db,
        "stereo_correlation": analysis.stereo_correlation,
        "spectral_centroid_hz": analysis.spectral_centroid_hz,
        "low_share": analysis.low_share,
        "high_share": analysis.high_share,
        "brightness": analysis.brightness,
        "loudness_range_lu": analysis.loudness_range_lu,
        "lufs": analysis.integrated_lufs,
        "true_peak_dbtp": analysis.true_peak_dbtp,
        "tempo_bpm": music.tempo_bpm or analysis.tempo_bpm or 0.0,
        "key": music.key or "",
        "lyric_lines": context.output(LyricsOutput).lines,
        "video_duration_s": context.output(VideoOutput).info.duration_s,
        "cover_text_contrast": context.output(CoverOutput).text_contrast,
    }


def recent_decisions(run: Run) -> tuple[tuple[str, str, str], ...]:
    """The artist's latest verdicts, newest first."""
    reviews = Review.objects.standing().by_people().filter(run__artist=run.artist_id)
    return tuple(
        (
            "approved" if review.decision == Review.Decision.APPROVE else "rejected",
            ", ".join(review.reasons),
            review.comment,
        )
        for review in reviews[:RECENT_DECISIONS]
    )


def save(run: Run, result: StepResult[ReflectionOutput]) -> None:
    """Write the notes' rows; runs in the transaction that marks the step as done."""
    notes = result.output.notes
    reflection, _ = Reflection.objects.update_or_create(
        run=run,
        defaults={
            "text": notes.text,
            "alignment": notes.alignment,
            "strengths": notes.strengths,
            "problems": notes.problems,
            "model": result.output.model,
        },
    )
    # What people decided stays, should an operator have the run redone.
    reflection.proposals.filter(status=Proposal.Status.OPEN).delete()
    Proposal.objects.bulk_create([*new_changes(reflection, notes), *new_lessons(reflection, notes)])


def new_changes(reflection: Reflection, notes: ReflectionNotes) -> list[Proposal]:
    """The proposed changes that no earlier reflection proposed in vain."""
    earlier = known_proposals(reflection, Proposal.Kind.CHANGE)
    known = [(proposal.field, proposal.new) for proposal in earlier]
    return [
        Proposal(
            reflection=reflection,
            kind=Proposal.Kind.CHANGE,
            field=change.field,
            old=change.old,
            new=change.new,
            why=change.why,
        )
        for change in notes.proposed_changes
        if (change.field, change.new) not in known
    ]


def new_lessons(reflection: Reflection, notes: ReflectionNotes) -> list[Proposal]:
    """The proposed lessons that the artist does not know yet, whether in force or dismissed."""
    known = set(reflection.run.artist.lessons.values_list("key", flat=True))
    earlier = known_proposals(reflection, Proposal.Kind.LESSON)
    known |= {same_key(proposal.new) for proposal in earlier}
    fresh = {same_key(text): text[:200] for text in notes.lessons}
    return [
        Proposal(reflection=reflection, kind=Proposal.Kind.LESSON, new=text)
        for key, text in fresh.items()
        if key not in known
    ]


def known_proposals(reflection: Reflection, kind: str) -> QuerySet[Proposal]:
    """What reflections on the artist proposed that lies open or was dismissed."""
    artist_id = reflection.run.artist_id
    of_artist = Proposal.objects.filter(reflection__run__artist=artist_id, kind=kind)
    return of_artist.filter(status__in=[Proposal.Status.OPEN, Proposal.Status.DISMISSED])


STEP = StepDefinition(perform, save)
