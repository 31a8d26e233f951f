"""Render the lyric video: picture, title card, captions and sound in one pass."""

from __future__ import annotations

from dataclasses import replace

from media_tools.provenance import Provenance, made_from
from media_tools.video.plan import Caption, VisualPlan
from media_tools.video.render import render_lyric_video
from runs.models import Artifact
from runs.steps.context import StepContext
from runs.steps.master import timed_lines
from runs.steps.visuals import video_spec
from runs.storage import NewArtifact, StepResult


def perform(context: StepContext) -> StepResult:
    visuals = context.output_of("visuals")
    plan = VisualPlan.from_json(visuals["plan"])
    clips = tuple(context.file(Artifact.Kind.FOOTAGE, str(name)) for name in plan.footage)
    output = context.workdir / "video.mp4"
    info = render_lyric_video(
        audio=context.file(Artifact.Kind.WAV),
        plan=replace(plan, footage=clips),
        title=context.concept.title,
        artist=context.run.artist.name,
        captions=[Caption(line.start_s, line.end_s, line.text) for line in timed_lines(context)],
        output=output,
        spec=video_spec(),
        progress=context.report,
        cancelled=context.cancelled,
    )
    return StepResult(
        output={"info": info.as_json()},
        artifacts=(
            NewArtifact(
                path=output,
                kind=Artifact.Kind.VIDEO,
                media_type="video/mp4",
                provenance=made_from(
                    Provenance(**visuals["video_provenance"]),
                    context.provenance_of(Artifact.Kind.WAV),
                ),
                duration_s=info.duration_s,
                width=info.width,
                height=info.height,
            ),
        ),
    )
