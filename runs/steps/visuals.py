"""Choose the moving picture: a plan as data, the footage it is cut from, and a poster of it.

The frames themselves are drawn in the video step, in the one process that encodes them, so the
picture loses quality once only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from experiments.models import Experiment
from media_tools.findings import Finding, Severity
from media_tools.images.cover import MIN_CONTRAST
from media_tools.images.motif import motif_of
from media_tools.media_types import SNIFF_BYTES, sniff
from media_tools.provenance import Provenance
from media_tools.stock.base import Footage, FootageRequest, FootageSet, credits_of
from media_tools.stock.choose import queries_for
from media_tools.video.plan import STYLES, LyricVideo, VideoSpec, VisualPlan, choose_style
from media_tools.video.stills import render_poster
from runs.models import Artifact, Run, RunEvent
from runs.outputs import MasterOutput, MusicOutput, VisualsOutput
from runs.providers.ledger import Book
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.storage import NewArtifact, StepResult

# One clip alone would be looped all through; a video shows three at most.
CLIPS = (2, 3)
# A clip comes again after this many runs of the roster.
REUSE_AFTER_RUNS = 200


def perform(context: StepContext) -> StepResult[VisualsOutput]:
    concept, seed, spec = context.concept, context.seed("visuals"), video_spec()
    found = find_footage(context, spec)
    clips = found.clips if found else ()
    style = style_of(context, seed)
    generated = VisualPlan(kind="generated", style=style, palette=concept.palette, seed=seed)
    plan = generated
    if found and clips:
        plan = replace(generated, kind="footage", footage=found.paths, graded=True)
    poster = context.workdir / "poster.jpg"
    contrast = render_poster(silent_film(context, plan), poster, spec)
    if not clips or context.persona.visual_style not in STYLES:
        # Footage is found by the concept, which a look in words shapes and a scene does not.
        context.used(Experiment.Parameter.VISUAL_STYLE)
    made_by = Provenance(
        provider="local",
        model="montage-1" if clips else f"visualizer-2/{style}",
        licence="operator",
        prompt=concept.visual_prompt,
        seed=seed,
    )
    footage = tuple(files_of(clips))
    return StepResult(
        output=VisualsOutput(
            # The work folder ends with the step: clips go by the names of their artifacts.
            plan=replace(plan, footage=tuple(new.name for new in footage)),
            footage=found.credits() if found else None,
            findings=tuple(poster_findings(contrast)),
            video_provenance=credits_of(
                clips, made_with=replace(made_by, licence="operator; fonts OFL-1.1")
            ),
        ),
        artifacts=(
            *footage,
            NewArtifact(
                path=poster,
                kind=Artifact.Kind.POSTER,
                media_type="image/jpeg",
                provenance=credits_of(clips, made_with=made_by),
                width=spec.width,
                height=spec.height,
            ),
        ),
    )


def save(run: Run, result: StepResult[VisualsOutput]) -> None:
    """Tell the operator why a run that was to have footage has none, or not all of it."""
    footage = result.output.footage
    if not footage or not footage.troubles:
        return
    kind = RunEvent.Kind.FOOTAGE if footage.clips else RunEvent.Kind.FALLBACK
    without = "" if footage.clips else "no footage, pictures are generated. "
    message = f"visuals: {without}{' '.join(footage.troubles)}"
    RunEvent.objects.log(run.pk, kind, message, now=timezone.now())


def silent_film(context: StepContext, plan: VisualPlan) -> LyricVideo:
    """The run's video without its words. Runs of earlier versions have no cover without words."""
    music = context.output(MusicOutput)
    analysis = context.output(MasterOutput).analysis
    return LyricVideo(
        audio=context.file(Artifact.Kind.MASTER),
        plan=plan,
        title=context.concept.title,
        artist=context.run.artist.name,
        genre=context.persona.genre,
        sections=music.sections,
        tempo_bpm=music.tempo_bpm or analysis.tempo_bpm,
        call=settings.VIDEO_CALL,
        cover=context.optional_file(Artifact.Kind.COVER),
        art=context.optional_file(Artifact.Kind.ART),
        motif=motif_of(context.concept),
    )


def poster_findings(contrast: float) -> Iterator[Finding]:
    """A poster is shown small: its title must stand out."""
    if contrast < MIN_CONTRAST:
        yield Finding(
            "poster_contrast",
            Severity.WARN,
            f"The title on the poster has a contrast of {contrast:.1f}, wanted {MIN_CONTRAST}.",
        )


def find_footage(context: StepContext, spec: VideoSpec) -> FootageSet | None:
    """Clips for the song in the work folder, or None where no footage is configured."""
    chain = context.engines.footage(Book(context.run, context.step, context.clock))
    if chain is None:
        return None
    lyrics = context.lyrics
    request = FootageRequest(
        queries=queries_for(context.concept, sections=[part.lines for part in lyrics.sections]),
        duration_s=context.output(MasterOutput).analysis.duration_s,
        seed=context.seed("footage"),
        width=spec.width,
        height=spec.height,
        clips=CLIPS,
        excluded=used_lately(context.run),
    )
    return chain.find(request, context.workdir)


def used_lately(run: Run) -> frozenset[str]:
    """Keys (StockClip.key) of clips in the roster's latest runs, and of this run's earlier takes.

    Replays of the same seed are meant to match, so their clips do not count.
    """
    latest = Run.objects.order_by("-created_at", "-pk").values("pk")[:REUSE_AFTER_RUNS]
    clips = Artifact.objects.filter(kind=Artifact.Kind.FOOTAGE)
    others = clips.filter(run__in=latest).exclude(run__artist=run.artist_id, run__seed=run.seed)
    tried = clips.filter(run=run, superseded_at__isnull=False)
    return frozenset(
        f"{made_by['provider']}:{made_by['model']}"
        for query in (others, tried)
        for made_by in query.values_list("provenance", flat=True)
    )


def style_of(context: StepContext, seed: int) -> str:
    """The generated scene; an experiment may name one instead of describing a look."""
    persona = context.persona
    if persona.visual_style in STYLES:
        return persona.visual_style
    look = f"{persona.visual_style} {context.concept.visual_prompt}"
    return choose_style(persona.genre, look, seed)


def files_of(clips: tuple[Footage, ...]) -> Iterator[NewArtifact]:
    """The clips as artifacts, each with its own source and licence."""
    for number, clip in enumerate(clips, start=1):
        with clip.path.open("rb") as source:
            media = sniff(source.read(SNIFF_BYTES))
        yield NewArtifact(
            path=clip.path,
            kind=Artifact.Kind.FOOTAGE,
            media_type=media.name if media else "video/mp4",
            provenance=clip.provenance,
            name=f"clip {number}",
            duration_s=clip.info.duration_s,
            width=clip.info.width,
            height=clip.info.height,
        )


def video_spec() -> VideoSpec:
    """Size and quality of the main video, from the settings."""
    quality = dict(settings.VIDEO)
    side = quality.pop("side")
    return VideoSpec(side, side, **quality).shaped(settings.VIDEO_SHAPES[0])


STEP = StepDefinition(perform, save)
