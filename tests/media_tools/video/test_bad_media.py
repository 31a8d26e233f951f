"""What strangers' files do to both commands' engines: a clear refusal, or a right result."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media_tools.errors import MediaInvalid, ToolFailed
from media_tools.ffmpeg import run_ffmpeg
from media_tools.video.plan import LyricVideo, VideoSpec, VisualPlan
from media_tools.video.probe import FOOTAGE_LIMITS, probe, stream_lengths
from media_tools.video.render import render_lyric_video
from tests.media_tools.video.conftest import X264
from tests.media_tools.video.overlays import overlaid

SPEC = VideoSpec(width=270, height=480, fps=15, preset="ultrafast", crf=30)
SECRET = "root:x:0:0"


def overlay(clip: Path, song: Path, output: Path) -> None:
    overlaid(clip, output, "Hi", font_size_px=30, preset="ultrafast")


def lyric_video(clip: Path, song: Path, output: Path) -> None:
    render_lyric_video(
        LyricVideo(song, VisualPlan("footage", footage=(clip,)), "Midnight", "Nova"),
        output,
        spec=SPEC,
    )


ENGINES = pytest.mark.parametrize("engine", [overlay, lyric_video])


@pytest.fixture(scope="module")
def huge(make_clip: Callable[..., Path]) -> Path:
    """12000x12000: a frame in a small file, and 216 MB once decoded."""
    picture = "color=s=12000x12000:r=2:d=0.5"
    return make_clip(picture, None, "-c:v", "libx264", "-preset", "ultrafast")


@pytest.fixture(scope="module")
def large(make_clip: Callable[..., Path]) -> Path:
    """8k."""
    return make_clip("color=s=7680x4320:r=5:d=1", None, "-c:v", "libx264", "-preset", "ultrafast")


def refuse(engine, clip: Path, song: Path, folder: Path, cause: str) -> None:
    """The engine names the file and the cause, and leaves nothing behind."""
    output = folder / "result" / "out.mp4"

    with pytest.raises(MediaInvalid, match=cause) as refused:
        engine(clip, song, output)

    assert clip.name in str(refused.value)
    assert not output.parent.exists() or list(output.parent.iterdir()) == []


@ENGINES
@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "empty"),
        (b"ID3\x04" + bytes(500), "not an MP4"),
        (b"GIF89a" + bytes(500), "not an MP4"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "playlist"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", "playlist"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "playlist"),
    ],
    ids=["zero-length", "mp3", "gif", "ffconcat", "hls-url", "hls-file"],
)
def test_what_is_no_video_is_refused(engine, content, cause, song: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(content)

    refuse(engine, clip, song, tmp_path, cause)


@ENGINES
def test_sound_alone_is_refused(engine, make_clip, song: Path, tmp_path: Path) -> None:
    clip = make_clip(None, "sine=f=330:d=2", "-c:a", "aac")

    refuse(engine, clip, song, tmp_path, "sound but no picture")


@ENGINES
def test_a_decompression_bomb_is_refused_undecoded(
    engine, huge: Path, song: Path, tmp_path: Path
) -> None:
    assert huge.stat().st_size < 1_000_000

    refuse(engine, huge, song, tmp_path, "no known size|no video|larger|cannot be read")


@ENGINES
def test_8k_is_refused(engine, large: Path, song: Path, tmp_path: Path) -> None:
    refuse(engine, large, song, tmp_path, "no known size|no video|larger|cannot be read")


@ENGINES
def test_hardly_any_frames_a_second_are_refused(
    engine, make_clip, song: Path, tmp_path: Path
) -> None:
    clip = make_clip("color=s=270x480:r=1/4:d=8", None, *X264)

    refuse(engine, clip, song, tmp_path, "frames per second is outside")


@ENGINES
def test_a_day_of_video_is_refused(engine, make_clip, song: Path, tmp_path: Path) -> None:
    clip = make_clip("color=s=270x480:r=5:d=2,setpts=PTS*43200", None, *X264, "-fps_mode", "vfr")

    refuse(engine, clip, song, tmp_path, "s long|frames per second is outside")


@ENGINES
def test_a_truncated_file_never_becomes_a_result(
    engine, make_clip, song: Path, tmp_path: Path
) -> None:
    whole = make_clip("testsrc2=s=270x480:r=15:d=3", None, *X264, "-movflags", "+faststart")
    clip, output = tmp_path / "cut.mp4", tmp_path / "result" / "out.mp4"
    clip.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    with pytest.raises((MediaInvalid, ToolFailed)):
        engine(clip, song, output)

    assert list(output.parent.iterdir()) == []


@pytest.fixture(scope="module")
def uneven(make_clip: Callable[..., Path]) -> Path:
    """Variable frame rate: the second half has a third of the frames."""
    select = "select='lt(t,1)+not(mod(n,3))'"
    return make_clip(f"testsrc2=s=270x480:r=15:d=2,{select}", None, *X264, "-fps_mode", "vfr")


def frame_times_s(video: Path) -> list[float]:
    log = run_ffmpeg(
        ["-i", str(video), "-vf", "showinfo", "-an", "-f", "null", "-"], timeout_s=30, what="times"
    ).log
    return [float(at) for at in re.findall(r" pts_time:([\d.]+)", log)]


def test_a_variable_frame_rate_keeps_its_times(uneven: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"

    overlaid(uneven, output, "Hi", font_size_px=30, preset="ultrafast")

    times = frame_times_s(uneven)
    assert frame_times_s(output) == pytest.approx(times, abs=0.01)
    assert max(np.diff(times)) > 2 * min(np.diff(times))


def test_variable_footage_becomes_even(uneven: Path, song: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"

    lyric_video(uneven, song, output)

    assert stream_lengths(output).frames == 45


@pytest.fixture(scope="module")
def sideways(make_clip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a phone films upright: stored 480x270 with a quarter turn; red is above, blue below."""
    lying = make_clip(
        "color=c=blue:s=480x270:r=15:d=2,drawbox=x=0:w=240:h=270:t=fill:c=red", None, *X264
    )
    path = tmp_path_factory.mktemp("phone") / "phone.mp4"
    turn = ["-v", "error", "-display_rotation", "-90", "-i", str(lying), "-c", "copy", str(path)]
    run_ffmpeg(turn, timeout_s=30, what="rotation")
    return path


@ENGINES
def test_a_turned_phone_video_stands_upright(
    engine, sideways: Path, song: Path, tmp_path: Path, picture_at
) -> None:
    output = tmp_path / "out.mp4"

    engine(sideways, song, output)

    info = probe(output)
    assert (info.width, info.height, info.rotation) == (270, 480, 0)
    shown = np.asarray(picture_at(output, 1.0)).astype(int)
    assert shown[40, 135, 0] > 150 > shown[40, 135, 2]
    assert shown[470, 20, 2] > 150 > shown[470, 20, 0]


def test_a_playlist_inside_a_video_container_opens_nothing(tmp_path: Path) -> None:
    """The format whitelist, not the first bytes alone, keeps text from being followed."""
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"#\n  ftypisom\n#EXTM3U\n#EXTINF:1,\nfile://" + str(secret).encode())

    with pytest.raises(MediaInvalid) as refused:
        probe(clip, limits=FOOTAGE_LIMITS)

    assert SECRET not in str(refused.value)
