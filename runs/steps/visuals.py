"""Choose the moving picture: a plan as data and a poster of it.

The frames themselves are drawn in the video step, in the one process that encodes them, so the
picture loses quality once only.
"""

from __future__ import annotations

from django.conf import settings

from experiments.models import Experiment
from media_tools.provenance import Provenance
from media_tools.video.plan import STYLES, VideoSpec, VisualPlan, choose_style
from media_tools.video.render import render_poster
from runs.models import Artifact
from runs.steps.context import StepContext
from runs.storage import NewArtifact, StepResult


def perform(context: StepContext) -> StepResult:
    concept, seed = context.concept, context.seed("visuals")
    persona = context.persona
    # An experiment may name a scene instead of describing a look.
    style = (
        persona.visual_style
        if persona.visual_style in STYLES
        else choose_style(persona.genre, f"{persona.visual_style} {concept.visual_prompt}", seed)
    )
    plan = VisualPlan(kind="generated", style=style, palette=concept.palette, seed=seed)
    spec = video_spec()
    poster = context.workdir / "poster.jpg"
    render_poster(plan, context.file(Artifact.Kind.WAV), poster, spec)
    context.used(Experiment.Parameter.VISUAL_STYLE)
    return StepResult(
        output={"plan": plan.as_json()},
        artifacts=(
            NewArtifact(
                path=poster,
                kind=Artifact.Kind.POSTER,
                media_type="image/jpeg",
                provenance=Provenance(
                    provider="local",
                    model=f"visualizer-1/{style}",
                    licence="operator",
                    prompt=concept.visual_prompt,
                    seed=seed,
                ),
                width=spec.width,
                height=spec.height,
            ),
        ),
    )


def video_spec() -> VideoSpec:
    """Size and quality of the video, from the settings."""
    return VideoSpec(**settings.VIDEO)
