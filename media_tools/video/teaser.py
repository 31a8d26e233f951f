"""Teasers: short videos of a song's hook, each encoded once from the same sources."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from media_tools.ffmpeg import Watch
from media_tools.music.base import Section
from media_tools.video.beats import Window, hook
from media_tools.video.plan import LyricVideo, VideoSpec
from media_tools.video.probe import VideoInfo
from media_tools.video.render import checked_music, render_lyric_video
from media_tools.video.sound import cut_audio

# Long enough to hide the cut, short enough to keep the attack of the first beat.
_FADE_IN_S, _FADE_OUT_S = 0.03, 0.35


def teaser_window(
    audio: Path, seconds: float, *, fps: int, sections: Sequence[Section] = ()
) -> Window | None:
    """Return the part of the song for a teaser of this length; None if the song is too short.

    Raises MediaInvalid.
    """
    return hook(checked_music(audio, fps), seconds, sections)


def render_teaser(
    video: LyricVideo,
    window: Window,
    output: Path,
    *,
    spec: VideoSpec | None = None,
    watch: Watch | None = None,
) -> VideoInfo:
    """Render a video of one part of a song, with its own cards.

    Its words open it; without any, the title does. The video's captions and sections have the times
    of the whole song. Raises what render_lyric_video raises.
    """
    within = [caption.within(window.start_s, window.end_s) for caption in video.captions]
    captions = tuple(caption for caption in within if caption is not None)
    with tempfile.TemporaryDirectory(prefix="teaser-") as folder:
        part = cut_audio(
            video.audio,
            Path(folder) / "part.wav",
            window.length_s,
            start_s=window.start_s,
            fade_in_s=_FADE_IN_S,
            fade_out_s=_FADE_OUT_S,
        )
        shown = replace(
            video,
            audio=part,
            captions=captions,
            hook="",
            titled=not captions,
            sections=tuple(_shifted(section, window.start_s) for section in video.sections),
        )
        return render_lyric_video(shown, output, spec=spec, watch=watch)


def _shifted(section: Section, by_s: float) -> Section:
    return replace(section, start_s=section.start_s - by_s, end_s=section.end_s - by_s)
