"""Let the writer think about what came out, in the light of measured facts."""

from __future__ import annotations

from typing import Any

from artists.models import Lesson
from media_tools.text.base import ReflectionBrief
from runs.models import Reflection, Review, Run
from runs.steps.context import StepContext
from runs.storage import StepResult

RECENT_DECISIONS = 10


def perform(context: StepContext) -> StepResult:
    writer = context.writer
    brief = ReflectionBrief(
        concept=context.concept,
        persona=context.persona,
        lyrics=context.lyrics,
        facts=facts(context),
        findings=tuple(finding["message"] for finding in context.output_of("quality")["findings"]),
        recent_decisions=recent_decisions(context.run),
        lessons=context.lessons(),
        seed=context.seed("reflection"),
    )
    notes = writer.reflection(brief)
    return StepResult(
        output={
            "notes": {
                "text": notes.text,
                "alignment": notes.alignment,
                "strengths": list(notes.strengths),
                "problems": list(notes.problems),
                "proposed_changes": [vars(change) for change in notes.proposed_changes],
                "lessons": list(notes.lessons),
            },
            "model": writer.model,
        }
    )


def facts(context: StepContext) -> dict[str, Any]:
    """Measured figures by name, the unit in the name."""
    analysis = context.output_of("master")["analysis"]
    music = context.output_of("music")
    measured = {
        name: analysis[name]
        for name in (
            "duration_s",
            "crest_db",
            "stereo_correlation",
            "spectral_centroid_hz",
            "low_share",
            "high_share",
            "brightness",
            "loudness_range_lu",
        )
    }
    return measured | {
        "lufs": analysis["integrated_lufs"],
        "true_peak_dbtp": analysis["true_peak_dbtp"],
        "tempo_bpm": music["tempo_bpm"] or analysis["tempo_bpm"] or 0.0,
        "key": music["key"] or "",
        "lyric_lines": context.output_of("lyrics")["lines"],
        "video_duration_s": context.output_of("video")["info"]["duration_s"],
        "cover_text_contrast": context.output_of("cover")["text_contrast"],
    }


def recent_decisions(run: Run) -> tuple[tuple[str, str, str], ...]:
    """The artist's latest verdicts, newest first."""
    reviews = Review.objects.standing().filter(run__artist=run.artist_id)
    return tuple(
        (
            "approved" if review.decision == Review.Decision.APPROVE else "rejected",
            ", ".join(review.reasons),
            review.comment,
        )
        for review in reviews[:RECENT_DECISIONS]
    )


def save(run: Run, result: StepResult) -> None:
    """Write the notes' rows; runs in the transaction that marks the step as done."""
    notes = result.output["notes"]
    Reflection.objects.update_or_create(
        run=run,
        defaults={
            "text": notes["text"],
            "alignment": notes["alignment"],
            "strengths": notes["strengths"],
            "problems": notes["problems"],
            "proposed_changes": notes["proposed_changes"],
            "model": result.output["model"],
        },
    )
    known = {text.lower() for text in run.artist.lessons.values_list("text", flat=True)}
    Lesson.objects.bulk_create(
        Lesson(artist=run.artist, text=text[:200], source=Lesson.Source.REFLECTION, run_id=run.pk)
        for text in notes["lessons"]
        if text[:200].lower() not in known
    )
