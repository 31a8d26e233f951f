from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from media_tools.video.features import BANDS, AudioFeatures
from media_tools.video.plan import DEFAULT_PALETTE, STYLES, VideoSpec, VisualPlan
from media_tools.video.timeline import Entry, Shot, Timeline
from media_tools.video.visualizer import Visualizer

SPEC = VideoSpec(width=270, height=480, fps=15)


SCENES = [(style, scene) for style in STYLES for scene in range(3)]


def drawn(
    style: str,
    music: AudioFeatures,
    frame: int,
    *,
    scene: int = 0,
    seed: int = 1,
    palette=DEFAULT_PALETTE,
    tone: float = 0.7,
):
    """All pixels of one raw frame as signed numbers."""
    plan = VisualPlan("generated", style, palette, seed)
    timeline = Timeline((Shot(0, music.frames, scene, tone=tone),))
    raw = next(Visualizer(plan, music, [SPEC], timeline).frames(frame, 1))
    return np.frombuffer(raw, np.uint8).astype(int)


@pytest.mark.parametrize("style", STYLES)
def test_a_raw_frame_has_the_size_ffmpeg_is_told(style, music: AudioFeatures) -> None:
    visualizer = Visualizer(VisualPlan("generated", style), music, [SPEC])
    arguments = visualizer.input_arguments()
    width, height = (int(side) for side in arguments[arguments.index("-s") + 1].split("x"))

    assert len(next(visualizer.frames(0, 1))) == width * height * 3


@pytest.mark.parametrize("style", STYLES)
def test_the_same_seed_draws_the_same_frame(style, music: AudioFeatures) -> None:
    assert (drawn(style, music, 16) == drawn(style, music, 16)).all()


@pytest.mark.parametrize(("style", "scene"), SCENES)
def test_another_seed_draws_another_frame(style, scene, music: AudioFeatures) -> None:
    first, other = (drawn(style, music, 16, scene=scene, seed=seed) for seed in (1, 2))

    assert np.abs(first - other).mean() > 0.5


@pytest.mark.parametrize(("style", "scene"), SCENES)
def test_a_beat_changes_the_picture_more_than_the_calm_before(
    style, scene, music: AudioFeatures
) -> None:
    before, calm, last, beat = (
        drawn(style, music, frame, scene=scene) for frame in (8, 10, 14, 16)
    )

    assert np.abs(beat - last).mean() > 1.3 * np.abs(calm - before).mean()


@pytest.mark.parametrize(("style", "scene"), SCENES)
def test_nothing_stands_still_where_the_music_is_silent(style, scene) -> None:
    frames = 20 * SPEC.fps
    still = np.zeros(frames, np.float32)
    silence = AudioFeatures(
        SPEC.fps, 20.0, np.zeros((frames, BANDS), np.float32), still, still, still, still
    )
    pictures = [drawn(style, silence, at, scene=scene, tone=0.1) for at in range(0, frames, 15)]

    # Two seconds without a change of 0.26 are what the gates refuse; a card may cover half of it.
    moves = [np.abs(later - one).mean() for one, later in pairwise(pictures)]
    assert min(moves) > 0.6


@pytest.mark.parametrize("style", STYLES)
def test_the_scenes_of_a_style_are_different_pictures(style, music: AudioFeatures) -> None:
    edges = [
        np.abs(np.diff(drawn(style, music, 20, scene=scene))).astype(float) for scene in range(3)
    ]

    for first, other in combinations(edges, 2):
        assert np.corrcoef(first, other)[0, 1] < 0.5


@pytest.mark.parametrize("style", STYLES)
def test_a_loud_shot_is_brighter_than_a_calm_one(style, music: AudioFeatures) -> None:
    calm, loud = (drawn(style, music, 16, tone=tone).mean() for tone in (0.1, 1.0))

    assert loud > 1.25 * calm


@pytest.mark.parametrize("entry", [Entry.DISSOLVE, Entry.PUSH, Entry.SLATS])
def test_a_shot_comes_in_from_the_one_before(entry: Entry, music: AudioFeatures) -> None:
    plan = VisualPlan("generated", "tunnel", seed=1)
    shots = (Shot(0, 20, 0), Shot(20, music.frames, 2, entry=entry, entry_frames=5))
    sheets = [
        np.frombuffer(raw, np.uint8).astype(int)
        for raw in Visualizer(plan, music, [SPEC], Timeline(shots)).frames(20, 6)
    ]
    last = np.frombuffer(
        next(Visualizer(plan, music, [SPEC], Timeline(shots[:1])).frames(20, 1)), np.uint8
    )

    away = [np.abs(sheet - last).mean() for sheet in sheets]
    assert away[0] < 0.9 * away[-1]


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


def test_a_shot_that_comes_nearer_begins_as_it_is(music: AudioFeatures) -> None:
    def shown(frame: int, zoom: float) -> bytes:
        shot = Shot(0, 30, 0, zoom=zoom)
        plan = VisualPlan("generated", "horizon")
        return next(Visualizer(plan, music, [SPEC], Timeline((shot,))).frames(frame, 1))

    assert shown(0, 0.06) == shown(0, 0.0)
    assert shown(29, 0.06) != shown(29, 0.0)
    shot = Shot(10, 40, 0, zoom=0.06)
    assert [shot.scale_at(at) for at in (5, 10, 25, 40, 45)] == [1.0, 1.0, 1.03, 1.06, 1.06]
