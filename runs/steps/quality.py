"""The last gate before a person: everything that was found, in one list."""

from __future__ import annotations

from media_tools.findings import failures
from media_tools.video.gates import video_findings
from runs.errors import GateFailed
from runs.models import Artifact
from runs.steps.context import StepContext
from runs.steps.visuals import video_spec
from runs.storage import StepResult

# Lyrics, audio and cover were judged where they were made; a failure there never comes this far.
JUDGED_EARLIER = ("lyrics", "master", "cover")


def perform(context: StepContext) -> StepResult:
    spec = video_spec()
    findings = video_findings(
        context.file(Artifact.Kind.VIDEO),
        audio_duration_s=context.output_of("master")["analysis"]["duration_s"],
        size=(spec.width, spec.height),
    )
    if failed := failures(findings):
        raise GateFailed(failed, redo_from="visuals")
    earlier = [
        finding for step in JUDGED_EARLIER for finding in context.output_of(step)["findings"]
    ]
    return StepResult(output={"findings": [*earlier, *(finding.as_json() for finding in findings)]})
