from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media_tools.errors import MediaInvalid, WorkCancelled
from media_tools.ffmpeg import run_ffmpeg
from media_tools.files import sha256_of
from media_tools.video.probe import stream_lengths
from tests.media_tools.video.conftest import X264
from tests.media_tools.video.overlays import overlaid

SMALL = {"font_size_px": 30, "stroke_px": 2, "preset": "ultrafast"}


def ink(picture) -> int:
    """Nearly white pixels: the words."""
    return int((np.asarray(picture).min(axis=2) > 235).sum())


@pytest.mark.parametrize("engine", ["ffmpeg", "moviepy"])
def test_words_show_only_while_due(flat_clip: Path, tmp_path: Path, picture_at, engine) -> None:
    output = tmp_path / "out.mp4"

    info = overlaid(
        flat_clip, output, "Hello", start_s=0.6, end_s=1.4, fade_s=0.2, engine=engine, **SMALL
    )

    assert (info.width, info.height, info.pixel_format) == (270, 480, "yuv420p")
    assert info.color_matrix == "bt709"
    before, due, after = (ink(picture_at(output, at_s)) for at_s in (0.3, 1.0, 1.7))
    assert before == 0 and after == 0 and due > 100


@pytest.mark.parametrize("engine", ["ffmpeg", "moviepy"])
def test_colors_do_not_shift(flat_clip: Path, tmp_path: Path, picture_at, engine) -> None:
    output = tmp_path / "out.mp4"

    overlaid(flat_clip, output, "Hi", engine=engine, **SMALL)

    shown = np.asarray(picture_at(output, 1.0))[5, 5].astype(int)
    assert np.abs(shown - [200, 30, 30]).max() <= 4


@pytest.mark.parametrize("engine", ["ffmpeg", "moviepy"])
def test_length_frames_and_sound_stay(clip: Path, tmp_path: Path, engine) -> None:
    output = tmp_path / "out.mp4"

    overlaid(clip, output, "Hello", engine=engine, **SMALL)

    before, after = stream_lengths(clip), stream_lengths(output)
    assert after.frames == before.frames
    assert after.audio_s == pytest.approx(before.audio_s, abs=0.03)


def test_words_fade(flat_clip: Path, tmp_path: Path, picture_at) -> None:
    output = tmp_path / "out.mp4"
    overlaid(flat_clip, output, "Hello", start_s=0.4, fade_s=0.6, box=False, **SMALL)

    pictures = [np.asarray(picture_at(output, at_s)) for at_s in (0.6, 0.8, 1.3)]
    brightness = [picture.min(axis=2).max() for picture in pictures]

    assert brightness[0] < brightness[1] < brightness[2]


def test_words_stand_where_asked(flat_clip: Path, tmp_path: Path, picture_at) -> None:
    output = tmp_path / "out.mp4"
    overlaid(flat_clip, output, "Hi", position=(20, 30), fade_s=0.0, box=False, **SMALL)

    white = np.argwhere(np.asarray(picture_at(output, 1.0)).min(axis=2) > 235)

    assert white[:, 0].min() >= 30 and white[:, 0].max() < 90
    assert white[:, 1].min() >= 20 and white[:, 1].max() < 100


def test_odd_sides_become_even(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    odd = make_clip("testsrc2=s=271x481:r=15:d=1", None, "-c:v", "libx264", "-pix_fmt", "yuv444p")

    info = overlaid(odd, tmp_path / "out.mp4", "Hello", **SMALL)

    assert (info.width, info.height, info.pixel_format) == (270, 480, "yuv420p")


def test_given_audio_replaces_the_sound(flat_clip: Path, song: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"

    info = overlaid(flat_clip, output, "Hello", audio=song, **SMALL)

    assert info.audio_codec == "aac"
    assert stream_lengths(output).audio_s == pytest.approx(2.0, abs=0.05)


def test_webm_sound_becomes_aac(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    webm = make_clip(
        "testsrc2=s=240x240:r=10:d=1",
        "sine=d=1",
        *("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
        suffix=".webm",
    )

    assert overlaid(webm, tmp_path / "out.mp4", "Hello", **SMALL).audio_codec == "aac"


def test_the_same_call_gives_the_same_bytes(clip: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.mp4", tmp_path / "b.mp4"
    for output in (first, second):
        overlaid(clip, output, "Hello", **SMALL)

    assert sha256_of(first) == sha256_of(second)


def test_the_index_comes_first(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    overlaid(clip, output, "Hello", **SMALL)

    content = output.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_progress_ends_at_one(clip: Path, tmp_path: Path) -> None:
    seen: list[float] = []
    overlaid(clip, tmp_path / "out.mp4", "Hello", progress=seen.append, **SMALL)

    assert seen[-1] == 1.0 and all(0 <= share <= 1 for share in seen)


def test_cancelling_leaves_nothing_behind(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    long = make_clip("testsrc2=s=540x960:r=30:d=20", None, *X264)

    with pytest.raises(WorkCancelled):
        overlaid(long, tmp_path / "out.mp4", "Hi", cancelled=lambda: True, preset="slow")

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_clip_leaves_the_old_output(clip: Path, tmp_path: Path) -> None:
    broken, output = tmp_path / "broken.mp4", tmp_path / "out.mp4"
    broken.write_bytes(clip.read_bytes()[:9000])
    output.write_bytes(b"old")

    with pytest.raises(MediaInvalid):
        overlaid(broken, output, "Hello", **SMALL)

    assert output.read_bytes() == b"old"


def test_a_text_outside_the_video_is_refused(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not fall into"):
        overlaid(clip, tmp_path / "out.mp4", "Hello", start_s=5, **SMALL)


def test_a_missing_sound_is_refused(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaInvalid, match="missing"):
        overlaid(clip, tmp_path / "out.mp4", "Hello", audio=tmp_path / "no.wav", **SMALL)


@pytest.mark.parametrize("engine", ["ffmpeg", "moviepy"])
def test_a_replacement_without_sound_is_refused(
    clip: Path, flat_clip: Path, tmp_path: Path, engine
) -> None:
    """Its own sound would be lost, and nobody told."""
    output = tmp_path / "out.mp4"

    with pytest.raises(MediaInvalid, match="no sound, only a picture"):
        overlaid(clip, output, "Hello", audio=flat_clip, engine=engine, **SMALL)
    assert not output.exists()


def test_a_picture_as_sound_is_refused(clip: Path, tmp_path: Path) -> None:
    picture = tmp_path / "cover.mp3"
    Image.new("RGB", (64, 64)).save(picture, "PNG")

    with pytest.raises(MediaInvalid, match="could not be decoded as audio"):
        overlaid(clip, tmp_path / "out.mp4", "Hello", audio=picture, **SMALL)


def test_a_cover_inside_the_file_is_not_its_video(clip: Path, tmp_path: Path, picture_at) -> None:
    """The cover comes first in the file, and is a video stream to ffmpeg."""
    cover, covered, output = tmp_path / "c.png", tmp_path / "covered.mp4", tmp_path / "out.mp4"
    Image.new("RGB", (100, 100), "white").save(cover)
    maps = ["-map", "0:v", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic"]
    files = ["-v", "error", "-i", str(cover), "-i", str(clip)]
    run_ffmpeg([*files, *maps, str(covered)], timeout_s=30, what="cover")

    info = overlaid(covered, output, "Hello", **SMALL)

    assert (info.width, info.height, info.has_audio) == (270, 480, True)
    assert stream_lengths(covered).frames == 30


def test_an_import_that_loads_secrets_leaves_the_environment_as_it_was() -> None:
    from media_tools.video.overlay import _unchanged_environment

    os.environ["KEPT_BY_TEST"] = "before"
    try:
        with _unchanged_environment():
            os.environ["LEAKED_BY_TEST"] = "secret"
            os.environ["KEPT_BY_TEST"] = "changed"

        assert "LEAKED_BY_TEST" not in os.environ
        assert os.environ["KEPT_BY_TEST"] == "before"
    finally:
        del os.environ["KEPT_BY_TEST"]
