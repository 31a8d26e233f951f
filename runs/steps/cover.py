"""Draw the cover."""

from __future__ import annotations

from django.conf import settings

from experiments.models import Experiment
from media_tools.findings import failures
from media_tools.images.cover import CoverRequest, render_cover
from media_tools.images.gates import cover_findings
from media_tools.images.thumbs import make_thumbnail
from media_tools.provenance import Provenance
from runs.errors import GateFailed
from runs.models import Artifact
from runs.steps.context import StepContext
from runs.storage import NewArtifact, StepResult

Parameter = Experiment.Parameter

THUMBNAIL_PX = 480


def perform(context: StepContext) -> StepResult:
    concept = context.concept
    request = CoverRequest(
        title=concept.title,
        artist=context.run.artist.name,
        genre=context.persona.genre,
        palette=concept.palette,
        style=f"{context.persona.visual_style} {concept.visual_prompt}",
        seed=context.seed("cover"),
        size_px=settings.COVER_PX,
        family=context.parameters.get(Parameter.COVER_STYLE, ""),
    )
    cover, thumbnail = context.workdir / "cover.jpg", context.workdir / "thumbnail.jpg"
    result = render_cover(request, cover)
    findings = cover_findings(cover, min_px=settings.COVER_PX, wanted_px=settings.COVER_PX)
    if failed := failures(findings):
        raise GateFailed(failed, redo_from="cover")
    context.used(Parameter.COVER_STYLE)
    thumbnail_px = min(THUMBNAIL_PX, settings.COVER_PX)
    make_thumbnail(cover, thumbnail, thumbnail_px)
    made_by = Provenance(
        provider="local",
        model=f"cover-1/{result.family}",
        licence="operator; fonts OFL-1.1",
        prompt=request.style,
        seed=request.seed,
    )
    return StepResult(
        output={
            "family": result.family,
            "font": result.font,
            "text_contrast": result.text_contrast,
            "facts": result.facts,
            "findings": [finding.as_json() for finding in findings],
        },
        artifacts=(
            NewArtifact(
                path=cover,
                kind=Artifact.Kind.COVER,
                media_type="image/jpeg",
                provenance=made_by,
                width=result.width,
                height=result.height,
            ),
            NewArtifact(
                path=thumbnail,
                kind=Artifact.Kind.THUMBNAIL,
                media_type="image/jpeg",
                provenance=made_by,
                width=thumbnail_px,
                height=thumbnail_px,
            ),
        ),
    )
