from __future__ import annotations

import numpy as np
import pytest

from media_tools.video.features import AudioFeatures
from media_tools.video.plan import DEFAULT_PALETTE, STYLES, VideoSpec, VisualPlan
from media_tools.video.visualizer import Visualizer

SPEC = VideoSpec(width=270, height=480, fps=15)


def drawn(style: str, music: AudioFeatures, frame: int, *, seed: int = 1, palette=DEFAULT_PALETTE):
    """All pixels of one raw frame as signed numbers."""
    plan = VisualPlan("generated", style, palette, seed)
    raw = next(Visualizer(plan, music, [SPEC]).frames(frame, 1))
    return np.frombuffer(raw, np.uint8).astype(int)


@pytest.mark.parametrize("style", STYLES)
def test_a_raw_frame_has_the_size_ffmpeg_is_told(style, music: AudioFeatures) -> None:
    visualizer = Visualizer(VisualPlan("generated", style), music, [SPEC])
    arguments = visualizer.input_arguments()
    width, height = (int(side) for side in arguments[arguments.index("-s") + 1].split("x"))
    channels = {"gbrp": 3, "gbrap": 4}[arguments[arguments.index("-pix_fmt") + 1]]

    assert len(next(visualizer.frames(0, 1))) == width * height * channels


@pytest.mark.parametrize("style", STYLES)
def test_the_same_seed_draws_the_same_frame(style, music: AudioFeatures) -> None:
    assert (drawn(style, music, 16) == drawn(style, music, 16)).all()


@pytest.mark.parametrize("style", STYLES)
def test_another_seed_draws_another_frame(style, music: AudioFeatures) -> None:
    assert np.abs(drawn(style, music, 16) - drawn(style, music, 16, seed=2)).mean() > 0.5


@pytest.mark.parametrize("style", STYLES)
def test_a_beat_changes_the_picture_more_than_the_calm_before(style, music: AudioFeatures) -> None:
    calm = np.abs(drawn(style, music, 10) - drawn(style, music, 8)).mean()
    beat = np.abs(drawn(style, music, 16) - drawn(style, music, 14)).mean()

    assert beat > 1.3 * calm


@pytest.mark.parametrize("style", STYLES)
def test_the_palette_colors_the_picture(style, music: AudioFeatures) -> None:
    green = ("#04140c", "#0c4030", "#1e8a5c", "#7ddcae", "#eafff4")

    assert np.abs(drawn(style, music, 16) - drawn(style, music, 16, palette=green)).mean() > 3


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("colors", [2, 3])
def test_short_palettes_will_do(style, colors, music: AudioFeatures) -> None:
    palette = ("#101018", "#e8e8ee", "#7788aa")[:colors]

    assert drawn(style, music, 20, palette=palette).max() > 60


@pytest.mark.parametrize("style", STYLES)
def test_a_wide_frame_is_drawn_too(style, music: AudioFeatures) -> None:
    wide = VideoSpec(width=480, height=270, fps=15)

    assert next(Visualizer(VisualPlan("generated", style), music, [wide]).frames(3, 1))


def test_every_frame_of_the_song_is_drawn(music: AudioFeatures) -> None:
    visualizer = Visualizer(VisualPlan("generated", "drift"), music, [SPEC])

    assert sum(1 for _ in visualizer.frames()) == music.frames


def test_an_unknown_style_is_refused(music: AudioFeatures) -> None:
    with pytest.raises(ValueError, match="unknown visual style"):
        Visualizer(VisualPlan("generated", "plasma"), music, [SPEC])


def test_a_palette_of_one_color_is_refused(music: AudioFeatures) -> None:
    with pytest.raises(ValueError, match="two colours"):
        Visualizer(VisualPlan("generated", "aurora", ("#000000",)), music, [SPEC])
