"""Lyric videos: moving picture, cards, captions and sound in one ffmpeg process.

The picture is encoded once. Generated frames come through a pipe; ffmpeg itself loops, cuts and
crops footage to fill the frame. Further shapes come from the same timeline and process, so that
footage is decoded once for all of them.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from media_tools.audio.io import complete_sound, ffmpeg_input
from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import Watch, piped_ffmpeg
from media_tools.files import atomic_output
from media_tools.video.background import Background, Picture, background, labels
from media_tools.video.beats import beat_times, on_beats
from media_tools.video.captions import Clock, Stage, caption_centre, lyric_cues, middle_centre
from media_tools.video.cards import art_cue, card_cues
from media_tools.video.encoding import AAC, MP4, TAG_BT709, h264, verify
from media_tools.video.features import LONGEST_S, AudioFeatures, features
from media_tools.video.plan import Caption, LyricVideo, VideoSpec
from media_tools.video.probe import VideoInfo
from media_tools.video.timeline import Timeline, plan_timeline
from media_tools.video.track import Track, write_track
from media_tools.video.typography import typography_of
from media_tools.video.visualizer import compositions_of

_SHORTEST_S = 1.0


def render_lyric_video(
    video: LyricVideo,
    output: Path,
    *,
    spec: VideoSpec | None = None,
    shapes: Mapping[str, Path] | None = None,
    watch: Watch | None = None,
) -> VideoInfo:
    """Render the video of a song and write an MP4 as long as the sound, to 0.1 s.

    The sound is 1..600 s long. shapes: further shapes (plan.SHAPES) and where to write them in the
    same run; their shorter side is that of `spec`. It opens with the hook, if there is one, then
    the title card, and ends with the end card. The same arguments give the same bytes. Returns the
    shape of `output`.

    Raises MediaInvalid (sound or footage), ToolFailed, WorkCancelled, TextNotDrawable,
    TextDoesNotFit; ValueError on a bad plan. Every file is written whole or not at all.
    """
    spec, watch = spec or VideoSpec(), watch or Watch()
    specs = [spec, *(spec.shaped(shape) for shape in shapes or {})]
    for each in specs:
        check_spec(each)
    music = checked_music(video.audio, spec.fps)
    what = f"video of {video.title or video.artist}"
    timeline = timeline_of(video, music)
    behind = background(picture_of(video, music, timeline), specs)
    with contextlib.ExitStack() as opened:
        sound = opened.enter_context(complete_sound(video.audio))
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="captions-")))
        outputs = [output, *(shapes or {}).values()]
        partials = [opened.enter_context(atomic_output(path)) for path in outputs]
        words = on_beats(video.captions, beat_times(music, video.tempo_bpm))
        tracks = []
        for number, each in enumerate(specs):
            clock = Clock((each.width, each.height), each.fps, music.frames)
            below = folder / str(number)
            below.mkdir()
            tracks.append(_tracks(video, below, clock, timeline, words))
        arguments = [
            *_inputs(behind, tracks, specs, sound),
            *_outputs(behind, specs, partials, tracks, music.duration_s),
        ]
        with piped_ffmpeg(
            arguments,
            timeout_s=watch.timeout_s,
            what=what,
            on_progress=watch.of_length(music.duration_s),
            cancelled=watch.cancelled,
        ) as process:
            assert process.stdin is not None
            for frame in behind.frames:
                process.stdin.write(frame)
        infos = [verify(path, what=what, expected_s=music.duration_s) for path in partials]
    watch.finished()
    return infos[0]


def checked_music(audio: Path, fps: int) -> AudioFeatures:
    """Return the sound's features. Raises MediaInvalid if it is too short or too long."""
    music = features(audio, fps)
    if not _SHORTEST_S <= music.duration_s <= LONGEST_S:
        told = (
            f"over {LONGEST_S:g} s" if music.duration_s > LONGEST_S else f"{music.duration_s:.1f} s"
        )
        raise MediaInvalid(
            audio, f"{told} of sound; a video needs {_SHORTEST_S:g} to {LONGEST_S:g} s."
        )
    return music


def check_spec(spec: VideoSpec) -> None:
    """Raise ValueError on a size or a rate that cannot be encoded for phones."""
    if spec.width % 2 or spec.height % 2 or min(spec.width, spec.height) < 64:
        raise ValueError(f"{spec.width}x{spec.height}: sides must be even and 64 px or more")
    if not 5 <= spec.fps <= 60:
        raise ValueError(f"{spec.fps} frames per second: use 5 to 60")


def timeline_of(video: LyricVideo, music: AudioFeatures) -> Timeline:
    """Cut the film into shots. Raises ValueError on an unknown style."""
    compositions = replace(
        compositions_of(video.plan.style),
        art=video.art is not None,
        hooked=len(video.hook.split()) > 1,
        titled=video.titled,
    )
    return plan_timeline(music, video.sections, compositions, seed=video.plan.seed)


def picture_of(video: LyricVideo, music: AudioFeatures, timeline: Timeline) -> Picture:
    """Return what is shown behind the words of a video."""
    return Picture(video.plan, music, video.sections, timeline, video.art)


def stage_of(video: LyricVideo, clock: Clock, timeline: Timeline) -> Stage:
    """Return how words are shown. Cards take the middle while they stand."""
    taken = [(0, timeline.opening), timeline.title, timeline.closing or (0, 0)]
    return Stage(
        clock,
        typography_of(video.artist, video.genre),
        video.plan.palette,
        video.sections,
        [span for span in taken if span[1]],
    )


def _tracks(
    video: LyricVideo,
    folder: Path,
    clock: Clock,
    timeline: Timeline,
    captions: Sequence[Caption],
) -> list[Track]:
    """Write cards and lyrics of one shape, leaving out tracks without words."""
    stage = stage_of(video, clock, timeline)
    if timeline.closing:
        # Nothing is sung under the end card.
        end_s = timeline.closing[0] / clock.fps
        cut = (caption.within(0.0, end_s) for caption in captions)
        captions = [caption for caption in cut if caption]
    lyrics = lyric_cues(captions, stage)
    middle = [*card_cues(video, timeline, stage), *lyrics.middle]
    if art := art_cue(video, timeline, stage, [*middle, *lyrics.foot]):
        middle.append(art)
    middle.sort(key=lambda cue: cue.first)
    written = (
        write_track(middle, folder, name="middle", clock=clock, centre=middle_centre(clock)),
        write_track(lyrics.foot, folder, name="lyric", clock=clock, centre=caption_centre(clock)),
    )
    return [track for track in written if track is not None]


def _inputs(
    behind: Background,
    tracks: Sequence[Sequence[Track]],
    specs: Sequence[VideoSpec],
    audio: Path,
) -> list[str]:
    """Return the first half of the command: the picture, each shape's words, then the sound."""
    graph = [behind.graph]
    inputs = list(behind.inputs)
    index = behind.input_count
    for number, (below, shape) in enumerate(zip(labels(specs), tracks, strict=True)):
        for track in shape:
            inputs += track.input_arguments()
            graph.append(track.overlay(index, below, f"captioned{index}"))
            below, index = f"captioned{index}", index + 1
        graph.append(f"[{below}]{TAG_BT709},format=yuv420p[out{number}]")
    arguments = ["-v", "error", "-xerror", *inputs, *ffmpeg_input(audio)]
    # One filter thread: every further one holds its own pictures.
    return [*arguments, "-filter_complex_threads", "1", "-filter_complex", ";".join(graph)]


def _outputs(
    behind: Background,
    specs: Sequence[VideoSpec],
    outputs: Sequence[Path],
    tracks: Sequence[Sequence[Track]],
    duration_s: float,
) -> list[str]:
    """Return the second half: each shape with the sound, which is the last input."""
    arguments: list[str] = []
    sound = behind.input_count + sum(len(shape) for shape in tracks)
    lean = behind.input_count > 1 or len(specs) > 1
    for number, (spec, output) in enumerate(zip(specs, outputs, strict=True)):
        arguments += ["-map", f"[out{number}]", "-map", f"{sound}:a:0"]
        arguments += [*h264(spec.preset, spec.crf, spec.fps, lean=lean), *AAC]
        arguments += ["-t", f"{duration_s:.4f}", *MP4, f"file:{output}"]
    return arguments
