"""Render the lyric video in every shape, and the teasers of its hook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from media_tools.ffmpeg import Watch
from media_tools.music.base import TimedWord
from media_tools.provenance import Provenance, made_from
from media_tools.text.lrc import TimedLine
from media_tools.video.canvas import render_canvas
from media_tools.video.plan import Caption, LyricVideo, VideoSpec
from media_tools.video.probe import VideoInfo, probe
from media_tools.video.render import render_lyric_video
from media_tools.video.teaser import render_teaser, teaser_window
from runs.models import Artifact
from runs.outputs import MasterOutput, MusicOutput, VideoOutput, VisualsOutput
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.steps.visuals import silent_film, video_spec
from runs.storage import NewArtifact, StepResult

# What the teasers take of the step, at most, as progress tells it.
TEASERS_SHARE = 0.3
POEM = "a silent poem"
CANVAS_PX = 720
# A shorter song is a loop itself.
CANVAS_SONG_S = 12.0


@dataclass(frozen=True)
class Film:
    """What the videos of a run have in common."""

    context: StepContext
    video: LyricVideo
    spec: VideoSpec
    provenance: Provenance

    def watch(self, progress: Callable[[float], None]) -> Watch:
        return Watch(progress, self.context.cancelled)

    def artifact(self, kind: str, path: Path, info: VideoInfo, *, name: str = "") -> NewArtifact:
        return NewArtifact(
            path=path,
            kind=kind,
            media_type="video/mp4",
            provenance=self.provenance,
            name=name,
            duration_s=info.duration_s,
            width=info.width,
            height=info.height,
        )


def perform(context: StepContext) -> StepResult[VideoOutput]:
    film = film_of(context)
    teasers = settings.VIDEO_TEASERS_S
    shared = 1 - TEASERS_SHARE if teasers else 1.0
    info, videos = render_videos(film, lambda share: context.report(share * shared))
    cut = tuple(render_teasers(film, lambda share: context.report(shared + share * (1 - shared))))
    return StepResult(
        output=VideoOutput(info=info, teasers={new.name: new.duration_s for new in cut}),
        artifacts=(*videos, *cut, *canvases(film)),
    )


def film_of(context: StepContext) -> Film:
    """Plan, words and sound as the earlier steps stored them."""
    visuals, music = context.output(VisualsOutput), context.output(MusicOutput)
    names = visuals.plan.footage
    clips = tuple(context.file(Artifact.Kind.FOOTAGE, str(name)) for name in names)
    video = silent_film(context, replace(visuals.plan, footage=clips))
    poem = music.vocals == "none" and settings.VIDEO_POEM
    if music.vocals != "none" or poem:
        # Nobody sings on an instrumental: it shows words only as a poem, and says so.
        video = replace(
            video,
            captions=captions_of(context.output(MasterOutput).lines, music.words),
            hook=context.concept.hook,
            subtitle=POEM if poem else "",
        )
    return Film(
        context=context,
        video=video,
        spec=video_spec(),
        provenance=made_from(
            visuals.video_provenance,
            context.provenance_of(Artifact.Kind.MASTER),
            # The cover is on the end card, its picture behind the title.
            *([context.provenance_of(Artifact.Kind.COVER)] if video.cover else []),
        ),
    )


def captions_of(lines: Sequence[TimedLine], words: Sequence[TimedWord]) -> tuple[Caption, ...]:
    """The lines as captions, each with the times of its words where they were sung.

    A line is highlighted only if as many words were sung as it shows.
    """
    sung: dict[int, list[TimedWord]] = {}
    for word in sorted(words, key=lambda word: word.start_s):
        sung.setdefault(word.line, []).append(word)
    starts = {line[0].start_s: tuple(word.start_s for word in line) for line in sung.values()}
    captions = []
    for line in lines:
        times = starts.get(line.start_s, ())
        fits = len(times) == len(line.text.split())
        captions.append(Caption(line.start_s, line.end_s, line.text, times if fits else ()))
    return tuple(captions)


def render_videos(
    film: Film, progress: Callable[[float], None]
) -> tuple[VideoInfo, tuple[NewArtifact, ...]]:
    """The video in every shape, in one run; the first shape is the main one and has no name.

    Returns what the main one is, and all of them.
    """
    context = film.context
    output = context.workdir / "video.mp4"
    others = {
        shape: context.workdir / f"video-{name_of(shape)}.mp4"
        for shape in settings.VIDEO_SHAPES[1:]
    }
    info = render_lyric_video(
        film.video, output, spec=film.spec, shapes=others, watch=film.watch(progress)
    )
    main = film.artifact(Artifact.Kind.VIDEO, output, info)
    return info, (
        main,
        *(
            film.artifact(Artifact.Kind.VIDEO, path, probe(path), name=name_of(shape))
            for shape, path in others.items()
        ),
    )


def render_teasers(film: Film, progress: Callable[[float], None]) -> Iterator[NewArtifact]:
    """The teasers the settings name, in the main shape; none that the song is too short for."""
    lengths = settings.VIDEO_TEASERS_S
    for number, seconds in enumerate(lengths):
        window = teaser_window(
            film.video.audio, seconds, fps=film.spec.fps, sections=film.video.sections
        )
        if window is None:
            continue
        output = film.context.workdir / f"teaser-{seconds}.mp4"

        def report(share: float, number: int = number) -> None:
            progress((number + share) / len(lengths))

        info = render_teaser(film.video, window, output, spec=film.spec, watch=film.watch(report))
        yield film.artifact(Artifact.Kind.TEASER, output, info, name=f"{seconds}s")


def canvases(film: Film) -> Iterator[NewArtifact]:
    """The loop for streaming services, if the settings ask for one and the song is long enough."""
    length_s = film.context.output(MasterOutput).analysis.duration_s
    if not settings.VIDEO_CANVAS or length_s < CANVAS_SONG_S:
        return
    output = film.context.workdir / "canvas.mp4"
    side = min(CANVAS_PX, film.spec.width, film.spec.height)
    spec = replace(film.spec, width=side, height=side).shaped("9:16")
    info = render_canvas(film.video, output, spec=spec, watch=film.watch(lambda share: None))
    # Drawn, whatever the video shows: footage does not loop.
    plan = film.video.plan
    drawn = Provenance(
        provider="local", model=f"canvas-1/{plan.style}", licence="operator", seed=plan.seed
    )
    yield replace(film.artifact(Artifact.Kind.CANVAS, output, info), provenance=drawn)


def name_of(shape: str) -> str:
    """A shape as part of a file's name: "16x9" of "16:9"."""
    return shape.replace(":", "x")


STEP = StepDefinition(perform)
