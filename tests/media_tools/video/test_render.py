from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from media_tools.errors import MediaInvalid, WorkCancelled
from media_tools.ffmpeg import Watch, run_ffmpeg
from media_tools.files import sha256_of
from media_tools.music.base import Section
from media_tools.video.gates import video_findings
from media_tools.video.plan import STYLES, Caption, LyricVideo, VideoSpec, VisualPlan
from media_tools.video.probe import VideoInfo, probe, stream_lengths
from media_tools.video.render import render_lyric_video
from media_tools.video.sound import cut_audio
from media_tools.video.stills import poster_frame, render_poster
from tests.media_tools.video.conftest import X264

SPEC = VideoSpec(width=270, height=480, fps=15, preset="ultrafast", crf=24)
CAPTIONS = (Caption(1.0, 1.8, "First line of words"), Caption(1.9, 2.8, "And the second"))

DRIFT = VisualPlan("generated", "drift", seed=3)


def render(audio: Path, output: Path, plan: VisualPlan, **changes: Any) -> VideoInfo:
    watch = {name: changes.pop(name) for name in ("progress", "cancelled") if name in changes}
    where = {"spec": SPEC, "shapes": changes.pop("shapes", None), "watch": Watch(**watch)}
    if "spec" in changes:
        where["spec"] = changes.pop("spec")
    words = {"title": "Midnight", "artist": "Nova", "captions": CAPTIONS, **changes}
    return render_lyric_video(LyricVideo(audio, plan, **words), output, **where)


@pytest.fixture(scope="module")
def rendered(song: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("rendered") / "drift.mp4"
    render(song, output, DRIFT)
    return output


def words(picture: Image.Image, top: float, bottom: float) -> int:
    """Nearly white pixels between two heights (shares of the frame)."""
    pixels = np.asarray(picture)
    height = len(pixels)
    return int((pixels[round(top * height) : round(bottom * height)].min(axis=2) > 235).sum())


@pytest.mark.parametrize("style", STYLES)
def test_every_style_passes_the_gates_in_every_shape(style, song: Path, tmp_path: Path) -> None:
    output, wide = tmp_path / "out.mp4", tmp_path / "wide.mp4"

    info = render(song, output, VisualPlan("generated", style, seed=3), shapes={"16:9": wide})

    assert (info.width, info.height, info.fps) == (270, 480, 15.0)
    assert (info.video_codec, info.audio_codec, info.pixel_format) == ("h264", "aac", "yuv420p")
    assert info.color_matrix == "bt709"
    assert video_findings(output, audio_duration_s=3.0, size=(270, 480)) == []
    assert video_findings(wide, audio_duration_s=3.0, size=(480, 270)) == []


def test_picture_and_sound_are_as_long_as_the_song(rendered: Path) -> None:
    lengths = stream_lengths(rendered)

    assert lengths.frames == 45
    assert lengths.video_s == pytest.approx(3.0, abs=0.1)
    assert lengths.audio_s == pytest.approx(3.0, abs=0.1)


def test_captions_come_and_go_in_time(rendered: Path, picture_at) -> None:
    seen = [words(picture_at(rendered, at_s), 0.66, 0.82) for at_s in (0.5, 1.4, 2.4)]

    assert seen[0] < 5 < 50 < min(seen[1:])


def test_captions_fade_in(rendered: Path, picture_at) -> None:
    fading, shown = (words(picture_at(rendered, at_s), 0.66, 0.82) for at_s in (1.0, 1.4))

    assert fading < shown / 4


def test_the_title_card_stands_in_the_middle_from_the_first_frame(
    rendered: Path, picture_at
) -> None:
    assert words(picture_at(rendered, 0.0), 0.36, 0.56) > 50


def test_the_same_plan_gives_the_same_bytes(song: Path, rendered: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.mp4"
    render(song, again, VisualPlan("generated", "drift", seed=3))

    assert sha256_of(again) == sha256_of(rendered)


def test_footage_is_looped_and_cropped_to_fill(
    song: Path, make_clip: Callable[..., Path], tmp_path: Path, picture_at
) -> None:
    wide = make_clip("color=c=green:s=640x360:r=25:d=1,format=yuv420p", None, *X264)
    output = tmp_path / "out.mp4"

    info = render(song, output, VisualPlan("footage", footage=(wide,)), captions=())

    assert (info.width, info.height) == (270, 480)
    assert stream_lengths(output).frames == 45
    late = np.asarray(picture_at(output, 2.7)).astype(int)
    assert np.abs(late[2:10, 2:10] - late[-10:-2, -10:-2]).max() <= 4
    assert late[4, 4, 1] > 100 > late[4, 4, 0]


def test_the_next_clip_comes_with_the_next_section(
    song: Path, make_clip: Callable[..., Path], tmp_path: Path, picture_at
) -> None:
    sections = (Section("verse", 0.0, 1.5), Section("chorus", 1.5, 3.0))
    red = make_clip("color=c=red:s=320x480:r=24:d=1", None, *X264)
    blue = make_clip("color=c=blue:s=480x320:r=30:d=2", None, *X264)
    output = tmp_path / "out.mp4"

    plan = VisualPlan("footage", footage=(red, str(blue)))
    render(song, output, plan, captions=(), sections=sections)

    first, last = (np.asarray(picture_at(output, at_s))[470, 100] for at_s in (1.0, 2.5))
    assert first[0] > 150 > first[2] and last[2] > 150 > last[0]


def test_a_clip_that_comes_again_goes_on_where_it_was_left(
    song: Path, make_clip: Callable[..., Path], tmp_path: Path, picture_at
) -> None:
    """The first clip grows brighter all the time; its second part is brighter than the first."""
    growing = make_clip("color=c=black:s=270x480:r=15:d=4,geq=lum='16+N*3':cb=128:cr=128", None)
    blue = make_clip("color=c=blue:s=270x480:r=15:d=4", None, *X264)
    audio = tmp_path / "song.wav"
    noise = np.random.default_rng(1).normal(0, 0.1, (6 * 22_050, 1))
    soundfile.write(audio, noise, 22_050)
    sections = [Section("verse", start, start + 2.0) for start in (0.0, 2.0, 4.0)]
    output = tmp_path / "out.mp4"

    plan = VisualPlan("footage", footage=(growing, blue))
    render(audio, output, plan, captions=(), sections=sections)

    first, second, third = (
        np.asarray(picture_at(output, at_s))[460, 20].astype(int) for at_s in (1.8, 3.0, 4.4)
    )
    assert second[2] > 150 > second[0]
    assert first[0] == pytest.approx(first[2], abs=12)
    assert 0 < third[0] - first[0] < 60


def test_further_shapes_come_from_the_same_run(
    song: Path, make_clip: Callable[..., Path], tmp_path: Path, picture_at
) -> None:
    green = make_clip("color=c=green:s=640x360:r=25:d=1", None, *X264)
    shapes = {"16:9": tmp_path / "wide.mp4", "1:1": tmp_path / "square.mp4"}

    render(song, tmp_path / "out.mp4", VisualPlan("footage", footage=(green,)), shapes=shapes)

    sizes = {"16:9": (480, 270), "1:1": (270, 270)}
    for shape, path in shapes.items():
        info = probe(path)
        assert (info.width, info.height, info.has_audio) == (*sizes[shape], True)
        assert stream_lengths(path).video_s == pytest.approx(3.0, abs=0.1)
        assert words(picture_at(path, 1.4), 0.6, 1.0) > 50


def test_more_clips_than_can_be_open_are_refused(song: Path, clip: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="4 clips of footage: a video is cut from 1 to 3"):
        render(song, tmp_path / "out.mp4", VisualPlan("footage", footage=(clip,) * 4))


def test_many_captions_are_one_input_and_progress_ends_at_one(song: Path, tmp_path: Path) -> None:
    captions = [Caption(n * 0.3, n * 0.3 + 0.3, f"word {n}") for n in range(10)]
    seen: list[float] = []

    plan = VisualPlan("generated", "drift")
    render(song, tmp_path / "out.mp4", plan, captions=captions, progress=seen.append)

    assert stream_lengths(tmp_path / "out.mp4").frames == 45
    assert seen[-1] == 1.0 and all(0 <= share <= 1 for share in seen)


def test_footage_beyond_the_limits_is_refused(
    song: Path, make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    tiny = make_clip("color=s=100x100:r=15:d=1", None, *X264)

    with pytest.raises(MediaInvalid, match="smaller"):
        render(song, tmp_path / "out.mp4", VisualPlan("footage", footage=(tiny,)))


def test_lyrics_that_cannot_be_shown_are_left_out(song: Path, tmp_path: Path) -> None:
    captions = (
        Caption(0.5, 0.6, "too short"),
        Caption(2.9, 9.0, "behind the end"),
        Caption(1.0, 2.0, "👋"),
    )

    render(song, tmp_path / "out.mp4", VisualPlan("generated", "drift"), captions=captions)

    assert stream_lengths(tmp_path / "out.mp4").frames == 45


def test_a_song_that_is_too_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.wav"
    soundfile.write(path, np.zeros((4410, 2)), 44_100)

    with pytest.raises(MediaInvalid, match=r"0\.1 s of sound"):
        render(path, tmp_path / "out.mp4", VisualPlan("generated"))


@pytest.mark.parametrize("format", ["WAV", "AIFF", "W64"])
def test_sound_that_does_not_tell_its_length_is_used_whole(
    format: str, song: Path, tmp_path: Path
) -> None:
    samples, rate = soundfile.read(song)
    streamed = tmp_path / "song"
    soundfile.write(streamed, samples, rate, subtype="PCM_16", format=format)
    content = bytearray(streamed.read_bytes())
    at = content.index(b"SSND" if format == "AIFF" else b"data") + (16 if format == "W64" else 4)
    content[at : at + 4] = b"\x7f\xff\xf0\x00" if format == "AIFF" else b"\x00\xf0\xff\x7f"
    streamed.write_bytes(content)

    assert render(streamed, tmp_path / "video.mp4", DRIFT).duration_s == pytest.approx(3.0, abs=0.1)


def test_a_picture_as_song_is_refused(flat_clip: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaInvalid, match="no sound, only a picture"):
        render(flat_clip, tmp_path / "video.mp4", DRIFT)
    with pytest.raises(MediaInvalid, match="no sound, only a picture"):
        cut_audio(flat_clip, tmp_path / "cut.wav", 1.0)


def test_a_song_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    source = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "1200"]
    run_ffmpeg([*source, str(path)], timeout_s=60, what="silence")

    with pytest.raises(MediaInvalid, match="over 600 s"):
        render(path, tmp_path / "video.mp4", DRIFT)


def test_odd_sizes_are_refused(song: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be even"):
        render(song, tmp_path / "o.mp4", VisualPlan("generated"), spec=VideoSpec(271, 480))


def test_cancelling_leaves_nothing_behind(song: Path, tmp_path: Path) -> None:
    large = VideoSpec(preset="slow")

    with pytest.raises(WorkCancelled):
        render(
            song,
            tmp_path / "out.mp4",
            VisualPlan("generated", "drift"),
            spec=large,
            cancelled=lambda: True,
        )

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["generated", "footage"])
def test_ffmpeg_does_not_outlive_a_killed_worker(
    kind, song: Path, make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    clip = make_clip("testsrc2=s=540x960:r=30:d=2", None, *X264)
    script = (
        "from pathlib import Path\n"
        "from media_tools.video.plan import LyricVideo, VideoSpec, VisualPlan\n"
        "from media_tools.video.render import render_lyric_video\n"
        f"plan = VisualPlan({kind!r}, 'drift', footage=({str(clip)!r},))\n"
        f"render_lyric_video(LyricVideo(Path({str(song)!r}), plan, 'a', 'b'),"
        f" Path({str(tmp_path / 'out.mp4')!r}),"
        " spec=VideoSpec(preset='veryslow'))\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", script])
    encoder = _wait_for(lambda: _encoder_writing_below(tmp_path))
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()

    assert _wait_for(lambda: not Path(f"/proc/{encoder}").exists())


def _encoder_writing_below(folder: Path) -> int | None:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if f"file:{folder}" in command and "\0-filter_complex\0" in command:
                return int(entry.name)
    return None


def _wait_for(look: Callable[[], Any]) -> Any:
    """The first true answer of `look`, or its last answer after a minute."""
    deadline = time.monotonic() + 60
    while not (answer := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


@pytest.mark.parametrize("kind", ["generated", "footage"])
def test_a_poster_fills_the_frame_and_its_title_stands_out(
    kind, song: Path, clip: Path, tmp_path: Path
) -> None:
    plan = VisualPlan(kind, "aurora", seed=3, footage=(clip,) if kind == "footage" else ())
    video = LyricVideo(song, plan, "Midnight", "Nova")

    contrast = render_poster(video, tmp_path / "poster.jpg", VideoSpec(540, 960, fps=15))

    with Image.open(tmp_path / "poster.jpg") as poster:
        assert poster.size == (540, 960)
        assert words(poster.convert("RGB"), 0.35, 0.55) > 50
    assert contrast >= 4.5


def test_a_poster_frame_is_taken_at_its_time(clip: Path, tmp_path: Path, picture_at) -> None:
    poster_frame(clip, tmp_path / "p.jpg", 1.0)

    with Image.open(tmp_path / "p.jpg") as saved:
        taken = np.asarray(saved.convert("L"), dtype=int)
    at_one = np.asarray(picture_at(clip, 1.0).convert("L"), dtype=int)
    at_start = np.asarray(picture_at(clip, 0.0).convert("L"), dtype=int)
    assert np.abs(taken - at_one).mean() < np.abs(taken - at_start).mean()


def test_a_poster_frame_behind_the_end_is_the_last(clip: Path, tmp_path: Path) -> None:
    assert poster_frame(clip, tmp_path / "p.jpg", 99.0).is_file()


def test_sound_is_cut_to_its_start(song: Path, tmp_path: Path) -> None:
    cut = cut_audio(song, tmp_path / "cut.wav", 1.5)

    assert soundfile.info(cut).duration == pytest.approx(1.5, abs=0.001)


def test_a_cut_of_no_length_is_refused(song: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="above 0"):
        cut_audio(song, tmp_path / "cut.wav", 0)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("palette", "strongest"),
    [
        (("#100000", "#700000", "#ff3010"), 0),
        (("#000010", "#000070", "#3010ff"), 2),
    ],
)
def test_pictures_have_the_colors_the_palette_names(
    style: str, palette: tuple[str, ...], strongest: int, song: Path, tmp_path: Path
) -> None:
    plan = VisualPlan("generated", style, palette)
    render_poster(LyricVideo(song, plan, "Midnight", "Nova"), tmp_path / "poster.jpg", SPEC)

    with Image.open(tmp_path / "poster.jpg") as poster:
        means = np.asarray(poster.convert("RGB"), dtype=float).mean(axis=(0, 1))

    assert means.argmax() == strongest
    assert means[strongest] > 1.5 * np.delete(means, strongest).max()


def test_a_clip_of_the_frames_size_keeps_its_colors(
    make_clip: Callable[..., Path], song: Path, tmp_path: Path, picture_at
) -> None:
    filters = "scale=out_color_matrix=smpte170m:out_range=pc,format=yuvj420p"
    clip = make_clip(
        "color=c=0xC81E1E:s=270x480:r=15:d=4,format=rgb24",
        None,
        *("-vf", f"{filters},setparams=colorspace=smpte170m:range=pc", *X264, "-crf", "5"),
    )
    output = tmp_path / "video.mp4"
    render(song, output, VisualPlan("footage", footage=(clip,)), captions=())

    below_the_words = np.asarray(picture_at(output, 1.0), dtype=float)[-60:]
    red, green, blue = below_the_words.mean(axis=(0, 1))

    # Read with the wrong matrix it would be off by 15 and more.
    assert (red, green, blue) == pytest.approx((200, 30, 30), abs=8)


def test_a_covers_picture_is_behind_the_title_and_then_is_not(
    song: Path, tmp_path: Path, picture_at
) -> None:
    """A green picture in a film of a violet palette."""
    long, art = tmp_path / "song.wav", tmp_path / "art.jpg"
    samples, rate = soundfile.read(song)
    soundfile.write(long, np.tile(samples, (5, 1)), rate)
    Image.new("RGB", (300, 300), "#108020").save(art)
    sections = (Section("verse", 0.0, 8.0), Section("chorus", 8.0, 15.0))
    output = tmp_path / "film.mp4"

    plan = VisualPlan("generated", "horizon", seed=3)
    render(long, output, plan, captions=(), sections=sections, art=art, cover=art, call="Listen")

    title, chorus, end = (
        np.asarray(picture_at(output, at_s)).astype(int) for at_s in (2.0, 9.0, 14.0)
    )
    corner = title[20, 20]
    assert corner[1] > 100 > max(corner[0], corner[2])
    assert chorus[20, 20, 1] < 60
    # The end card shows the cover in its middle.
    assert end[150:200, 120:150, 1].mean() > 100


def test_graded_footage_goes_towards_the_palette(
    song: Path, make_clip: Callable[..., Path], tmp_path: Path, picture_at
) -> None:
    grey = make_clip("color=c=0x808080:s=270x480:r=15:d=4", None, *X264)
    output = tmp_path / "out.mp4"

    plan = VisualPlan("footage", palette=("#100000", "#ff2010"), footage=(grey,), graded=True)
    render(song, output, plan, captions=())

    red, green, blue = np.asarray(picture_at(output, 1.0), dtype=float)[-40:].mean(axis=(0, 1))
    assert red > max(green, blue) + 15
