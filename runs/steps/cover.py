"""Make the cover: a painted or a drawn picture with title and artist set on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from experiments.models import Experiment
from media_tools.errors import MediaError, ProviderRejected, disk_is_full
from media_tools.findings import Finding, Severity, failures
from media_tools.images.art import Art, ArtRequest
from media_tools.images.cover import ART_PX, CoverRequest, CoverResult, render_cover, set_cover
from media_tools.images.gates import (
    art_findings,
    cover_findings,
    perceptual_hash,
    repeat_findings,
)
from media_tools.images.motif import motif_of
from media_tools.images.thumbs import make_thumbnail
from media_tools.marking.sources import keep_source
from media_tools.provenance import Provenance
from runs.errors import GateFailed
from runs.models import Artifact, Run, RunEvent, Step
from runs.outputs import CoverOutput
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.steps.jobs import give_up, have_made
from runs.steps.sources import source_of
from runs.storage import NewArtifact, StepResult

Parameter = Experiment.Parameter

PURPOSE = "cover art"
THUMBNAIL_PX = 480
# A cover must not look like one of this many before it.
COMPARED_COVERS = 500
FONTS = "fonts OFL-1.1"


@dataclass(frozen=True)
class Made:
    """A cover in the work folder. findings: on it. look: its perceptual hash, to find repeats."""

    path: Path
    result: CoverResult
    findings: list[Finding]
    look: str
    provenance: Provenance
    bare: Path  # the picture without words, for the film
    art: Art | None = None


class ArtUnfit(Exception):
    """A painted picture came, but no cover can be made of it."""


def perform(context: StepContext) -> StepResult[CoverOutput]:
    fallback = ""
    try:
        made = painted(context)
    except (ProviderRejected, ArtUnfit) as error:
        made, fallback = None, str(error)
        give_up(context, purpose=PURPOSE, why=fallback)
    if made is None:
        made = drawn(context)
        context.used(Parameter.COVER_STYLE)
    if fallback:
        made.findings.append(
            Finding(
                "cover_fallback", Severity.WARN, f"The cover was drawn, not painted: {fallback}"
            )
        )
    cover, result = made.path, made.result
    thumbnail = context.workdir / "thumbnail.jpg"
    thumbnail_px = min(THUMBNAIL_PX, settings.COVER_PX)
    bare_px = min(ART_PX, settings.COVER_PX)
    make_thumbnail(cover, thumbnail, thumbnail_px)
    return StepResult(
        output=CoverOutput(
            family=result.family,
            font=result.font,
            text_contrast=result.text_contrast,
            facts=result.facts,
            art=made.art.facts if made.art else None,
            look=made.look,
            fallback=fallback,
            findings=tuple(made.findings),
        ),
        artifacts=(
            NewArtifact(
                path=cover,
                kind=Artifact.Kind.COVER,
                media_type="image/jpeg",
                provenance=made.provenance,
                width=result.width,
                height=result.height,
            ),
            NewArtifact(
                path=thumbnail,
                kind=Artifact.Kind.THUMBNAIL,
                media_type="image/jpeg",
                provenance=made.provenance,
                width=thumbnail_px,
                height=thumbnail_px,
            ),
            NewArtifact(
                path=made.bare,
                kind=Artifact.Kind.ART,
                media_type="image/jpeg",
                provenance=made.provenance,
                width=bare_px,
                height=bare_px,
            ),
            *source_of(cover, "cover", made.provenance),
        ),
    )


def save(run: Run, result: StepResult[CoverOutput]) -> None:
    """Tell the operator why a cover that was to be painted was drawn."""
    if fallback := result.output.fallback:
        message = f"cover: the picture was drawn, not painted. {fallback}"
        RunEvent.objects.log(run.pk, RunEvent.Kind.FALLBACK, message, now=timezone.now())


def painted(context: StepContext) -> Made | None:
    """A cover on a provider's picture; None where none is configured.

    Raises ArtUnfit and ProviderRejected, after which the cover is drawn, and what have_made raises.
    """
    provider = context.engines.cover_art()
    if provider is None:
        return None
    wanted = ArtRequest(
        prompt=context.concept.visual_prompt,
        style=context.persona.visual_style,
        palette=context.concept.palette,
        seed=context.seed(PURPOSE),
    )
    art = have_made(
        context,
        provider,
        wanted,
        purpose=PURPOSE,
        unit_name="picture",
        cost_of=lambda art: art.cost_usd,
    )
    output, bare = context.workdir / "painted.jpg", context.workdir / "painted-bare.jpg"
    try:
        findings = art_findings(art.picture.path, wanted_px=settings.COVER_PX)
        result = set_cover(cover_request(context), art.picture.path, output, art=bare)
        keep_source(art.picture.path, output)
    except MediaError as error:
        if disk_is_full(error):
            raise  # the picture is paid for and may be good
        raise ArtUnfit(f"The painted picture cannot be used: {error}") from error
    licence = f"{art.provenance.licence}; {FONTS}"
    # Of a painted cover the picture counts: other words on it make it no other cover.
    look = perceptual_hash(art.picture.path)
    made_by = replace(art.provenance, licence=licence)
    made = judged(context, Made(output, result, [], look, made_by, bare, art))
    findings += made.findings
    if failed := failures(findings):
        raise ArtUnfit(" ".join(finding.message for finding in failed))
    return replace(made, findings=findings)


def drawn(context: StepContext) -> Made:
    """A cover drawn here. Raises GateFailed; another take draws another one."""
    request, output = cover_request(context), context.workdir / "cover.jpg"
    bare = context.workdir / "bare.jpg"
    result = render_cover(request, output, art=bare)
    made_by = Provenance(
        provider="local",
        model=f"cover-1/{result.family}",
        licence=f"operator; {FONTS}",
        prompt=request.style,
        seed=request.seed,
    )
    made = judged(context, Made(output, result, [], perceptual_hash(output), made_by, bare))
    if failed := failures(made.findings):
        raise GateFailed(failed, redo_from="cover")
    return made


def judged(context: StepContext, made: Made) -> Made:
    """A finished cover with everything the gates find."""
    findings = [
        *cover_findings(made.path, min_px=settings.COVER_PX, wanted_px=settings.COVER_PX),
        *repeat_findings(made.look, dict(earlier_looks(context.run))),
    ]
    return replace(made, findings=findings)


def cover_request(context: StepContext) -> CoverRequest:
    concept = context.concept
    return CoverRequest(
        title=concept.title,
        artist=context.run.artist.name,
        genre=context.persona.genre,
        palette=concept.palette,
        style=f"{context.persona.visual_style} {concept.visual_prompt}",
        seed=context.seed("cover"),
        size_px=settings.COVER_PX,
        family=context.parameters.get(Parameter.COVER_STYLE, ""),
        motif=motif_of(concept),
    )


def earlier_looks(run: Run) -> Iterator[tuple[str, str]]:
    """Names and looks of the roster's latest covers that may come to a release.

    Replays of the same seed are meant to match.
    """
    others = (
        Step.objects.filter(name="cover", status=Step.Status.DONE, output__has_key="look")
        # Of covers from before looks were taken.
        .exclude(output__look="")
        .exclude(run=run)
        .exclude(run__artist=run.artist_id, run__seed=run.seed)
        .exclude(run__status__in=[Run.Status.REJECTED, Run.Status.FAILED, Run.Status.CANCELLED])
        .order_by("-pk")
        .values_list("run", "run__title", "run__artist__name", "output__look")
    )
    for run_id, title, artist, look in others[:COMPARED_COVERS]:
        yield f"“{title}” by {artist} ({str(run_id)[:8]})", look


STEP = StepDefinition(perform, save)
