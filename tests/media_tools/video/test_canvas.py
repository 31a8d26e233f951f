"""The loop for streaming services."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from media_tools.files import sha256_of
from media_tools.video.canvas import looped, render_canvas
from media_tools.video.plan import LyricVideo, VideoSpec, VisualPlan
from media_tools.video.probe import stream_lengths

SPEC = VideoSpec(width=270, height=480, fps=12, preset="ultrafast", crf=24)


def test_the_last_frame_leads_to_the_first() -> None:
    frames = [bytes([value]) for value in range(0, 100, 10)]

    loop = [frame[0] for frame in looped(iter(frames), 7, 3)]

    # From 30 to 60 as drawn; then 70, 80, 90 turn into 0, 10, 20, which lead to 30 again.
    assert loop[:4] == [30, 40, 50, 60]
    assert len(loop) == 7
    assert loop[4] > loop[5] > loop[6] > 20


def test_a_canvas_is_silent_upright_and_eight_seconds_long(
    song: Path, tmp_path: Path, picture_at
) -> None:
    samples, rate = soundfile.read(song)
    long = tmp_path / "song.wav"
    soundfile.write(long, np.tile(samples, (5, 1)), rate)
    video = LyricVideo(long, VisualPlan("generated", "drift", seed=3), "Midnight", "Nova")
    outputs = [tmp_path / "a.mp4", tmp_path / "b.mp4"]

    for output in outputs:
        info = render_canvas(video, output, spec=SPEC)

    assert (info.width, info.height, info.has_audio) == (270, 480, False)
    assert stream_lengths(outputs[0]).frames == 96
    assert sha256_of(outputs[0]) == sha256_of(outputs[1])
    first, second, last = (
        np.asarray(picture_at(outputs[0], at_s)).astype(int) for at_s in (0.0, 4.0, 7.9)
    )
    assert np.abs(first - last).mean() < np.abs(first - second).mean()
