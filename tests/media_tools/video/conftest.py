"""Small real media, made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from media_tools.ffmpeg import run_ffmpeg
from media_tools.video.features import AudioFeatures, features

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "15")


@pytest.fixture(scope="session")
def make_clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Build a video from lavfi sources: make_clip("testsrc2=...", "sine=...", *options)."""
    folder = tmp_path_factory.mktemp("clips")
    made = 0

    def make(picture: str | None, sound: str | None, *options: str, suffix: str = ".mp4") -> Path:
        nonlocal made
        made += 1
        path = folder / f"clip{made}{suffix}"
        sources = [source for source in (picture, sound) if source is not None]
        inputs = [part for source in sources for part in ("-f", "lavfi", "-i", source)]
        run_ffmpeg(["-v", "error", *inputs, *options, str(path)], timeout_s=60, what="test clip")
        return path

    return make


@pytest.fixture(scope="session")
def clip(make_clip: Callable[..., Path]) -> Path:
    """2 s, 270x480, 15 fps, moving, with AAC sound."""
    return make_clip("testsrc2=s=270x480:r=15:d=2", "sine=f=330:d=2", *X264, "-c:a", "aac")


@pytest.fixture(scope="session")
def flat_clip(make_clip: Callable[..., Path]) -> Path:
    """2 s of one colour, (200, 30, 30), tagged BT.709."""
    filters = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
    return make_clip(
        "color=c=0xC81E1E:s=270x480:r=15:d=2,format=rgb24",
        None,
        *("-vf", f"{filters},setparams=colorspace=bt709:range=tv", *X264, "-crf", "5"),
    )


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3 s: a steady tone, and a kick every half second from 1 s on."""
    rate = 44_100
    time = np.arange(3 * rate) / rate
    sound = 0.08 * np.sin(2 * np.pi * 880 * time)
    kick = 0.8 * np.sin(2 * np.pi * 55 * time[:8820]) * np.exp(-time[:8820] * 18)
    for start_s in (1.0, 1.5, 2.0, 2.5):
        start = int(start_s * rate)
        sound[start : start + len(kick)] += kick
    path = tmp_path_factory.mktemp("songs") / "song.wav"
    soundfile.write(path, np.stack([sound, sound], axis=1), rate, subtype="PCM_16")
    return path


@pytest.fixture(scope="session")
def music(song: Path) -> AudioFeatures:
    return features(song, 15)


@pytest.fixture
def picture_at(tmp_path: Path) -> Callable[[Path, float], Image.Image]:
    """The decoded picture of a video at a time, RGB."""

    def grab(video: Path, at_s: float) -> Image.Image:
        target = tmp_path / f"at{at_s:.3f}.png"
        run_ffmpeg(
            [
                "-v",
                "error",
                "-ss",
                f"{at_s:.3f}",
                "-i",
                str(video),
                "-frames:v",
                "1",
                "-y",
                str(target),
            ],
            timeout_s=30,
            what="test picture",
        )
        with Image.open(target) as picture:
            return picture.convert("RGB")

    return grab
