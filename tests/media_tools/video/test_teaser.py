"""Teasers: their window, their sound, their own cards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_tools.files import sha256_of
from media_tools.music.base import Section
from media_tools.video.beats import Window
from media_tools.video.plan import Caption, LyricVideo, VideoSpec, VisualPlan
from media_tools.video.probe import stream_lengths
from media_tools.video.sound import cut_audio
from media_tools.video.teaser import render_teaser, teaser_window

SPEC = VideoSpec(width=270, height=480, fps=12, preset="ultrafast", crf=30)
RATE = 22_050


@pytest.fixture(scope="module")
def long_song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 s of quiet noise, loud from 10 s on."""
    noise = np.random.default_rng(1).normal(0, 1, (20 * RATE, 2))
    noise *= np.where(np.arange(20 * RATE) < 10 * RATE, 0.02, 0.2)[:, None]
    path = tmp_path_factory.mktemp("teaser") / "song.wav"
    soundfile.write(path, noise, RATE)
    return path


def render(audio: Path, output: Path) -> None:
    video = LyricVideo(
        audio=audio,
        plan=VisualPlan("generated", "drift", seed=3),
        title="Midnight",
        artist="Nova",
        captions=(Caption(2.0, 4.0, "before it"), Caption(10.0, 12.5, "Words of the hook")),
        sections=(Section("verse", 0.0, 10.0), Section("chorus", 10.0, 20.0)),
    )
    render_teaser(video, Window(8.0, 13.0), output, spec=SPEC)


def test_the_window_is_the_chorus(long_song: Path) -> None:
    window = teaser_window(
        long_song, 6.0, fps=12, sections=[Section("verse", 0, 10), Section("chorus", 10, 20)]
    )

    assert window is not None
    assert window.start_s == pytest.approx(10.0, abs=0.1)


def test_a_teaser_is_as_long_as_its_window(long_song: Path, tmp_path: Path) -> None:
    output = tmp_path / "teaser.mp4"

    render(long_song, output)

    lengths = stream_lengths(output)
    assert lengths.video_s == pytest.approx(5.0, abs=0.1)
    assert lengths.audio_s == pytest.approx(5.0, abs=0.1)


def test_captions_come_at_their_time_in_the_song(
    long_song: Path, tmp_path: Path, picture_at
) -> None:
    output = tmp_path / "teaser.mp4"
    render(long_song, output)

    shown = [
        int((np.asarray(picture_at(output, at_s))[320:400].min(axis=2) > 235).sum())
        for at_s in (1.0, 3.2)
    ]

    assert shown[0] < 5 < 50 < shown[1]


def test_the_same_teaser_has_the_same_bytes(long_song: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.mp4", tmp_path / "b.mp4"
    for output in (first, second):
        render(long_song, output)

    assert sha256_of(first) == sha256_of(second)


def test_a_cut_begins_at_its_sample_and_fades(tmp_path: Path) -> None:
    source = tmp_path / "steady.wav"
    soundfile.write(source, np.full((4 * RATE, 1), 0.5), RATE, subtype="PCM_24")

    cut = cut_audio(source, tmp_path / "cut.wav", 2.0, start_s=1.0, fade_in_s=0.1, fade_out_s=0.5)

    samples, rate = soundfile.read(cut)
    assert (len(samples), rate) == (2 * RATE, RATE)
    assert abs(samples[0]) < 0.01 and abs(samples[-1]) < 0.01
    assert samples[RATE // 2] == pytest.approx(0.5, abs=0.001)


def test_a_cut_is_exact_to_a_sample(tmp_path: Path) -> None:
    source = tmp_path / "ramp.wav"
    ramp = np.arange(2 * RATE) / (4 * RATE)
    soundfile.write(source, ramp, RATE, subtype="PCM_24")

    samples, _ = soundfile.read(cut_audio(source, tmp_path / "cut.wav", 0.5, start_s=1.0))

    assert samples[0] == pytest.approx(ramp[RATE], abs=1e-5)
